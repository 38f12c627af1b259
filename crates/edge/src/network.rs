//! Which network a client calls from.

use crate::{
    failure::{Failure, Reject, reject},
    limits::FENCE_SECONDS,
    log,
};
use std::net::IpAddr;
use wire::Code;
use worker::{Env, Request};

/// What stands for the network: the client's address, IPv4, or the 64 bits of IPv6 that one
/// household has to itself. Where it is not known, the request is refused with this code.
pub(crate) fn prefix(request: &Request, env: &Env, unknown: Code) -> Result<Vec<u8>, Failure> {
    client_address(request, env, unknown).map(prefix_of)
}

/// Refuses a request with this code if the platform says that its network has just sent too many.
///
/// That is a first fence and no limit: the platform counts about, and at each of its places for
/// itself, so nothing rests on it. Where it does not count, or clients cannot be told apart, there
/// is no fence.
pub(crate) async fn fence(
    request: &Request,
    env: &Env,
    binding: &str,
    code: Code,
) -> Result<(), Failure> {
    let (Ok(fence), Ok(prefix)) = (env.rate_limiter(binding), prefix(request, env, code)) else {
        return Ok(());
    };
    match fence.limit(hex::encode(prefix)).await {
        Ok(outcome) if !outcome.success => Err(Failure::Reject(Reject {
            code,
            detail: format!("Nothing was stored. It may come again in {FENCE_SECONDS} s."),
            cells: Vec::new(),
            retry_after: Some(FENCE_SECONDS),
        })),
        Ok(_) => Ok(()),
        Err(error) => {
            log::Entry::new("fence").hindered(&error.into());
            Ok(())
        }
    }
}

/// The client's address, as the one header says that the Worker was told to trust.
fn client_address(request: &Request, env: &Env, unknown: Code) -> Result<IpAddr, Failure> {
    let header = env.var("CLIENT_ADDRESS_HEADER").map(|name| name.to_string()).unwrap_or_default();
    let refused = |why: &str| reject(unknown, why);
    if header.is_empty() {
        return Err(refused(
            "This Worker cannot tell clients apart: its variable CLIENT_ADDRESS_HEADER names the \
             header in which a proxy in front of it puts the client's address.",
        ));
    }
    let address = request.headers().get(&header)?.unwrap_or_default();
    address.trim().parse().map_err(|_| refused("The client's address is not known."))
}

fn prefix_of(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_network() {
        let prefix = |text: &str| prefix_of(text.parse().unwrap());
        assert_eq!(prefix("192.0.2.1"), prefix("::ffff:192.0.2.1"));
        assert_ne!(prefix("192.0.2.1"), prefix("192.0.2.2"));
        assert_eq!(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:2:ffff::9"));
        assert_ne!(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:3::1"));
    }
}
