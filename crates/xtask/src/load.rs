//! HTTP load: keep-alive connections, each with one request under way.

use anyhow::{Result, bail, ensure};
use std::net::SocketAddr;
use std::thread;
use ureq::Agent;

/// How much.
pub(crate) struct Load {
    /// Connections at once.
    pub(crate) connections: u32,
    /// Requests on each, one after the other.
    per_connection: u32,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: String,
}

impl Load {
    /// A second or two of one core.
    pub(crate) const ROUND: Self = Self { connections: 4, per_connection: 2_000 };

    /// Requests in all.
    pub(crate) const fn requests(&self) -> u32 {
        self.connections * self.per_connection
    }

    /// Runs it; every answer must be a success.
    pub(crate) fn run(&self, address: SocketAddr, path: &str) -> Result<()> {
        thread::scope(|scope| {
            let connections: Vec<_> = (0..self.connections)
                .map(|_| scope.spawn(|| requests(address, path, self.per_connection)))
                .collect();
            connections.into_iter().try_for_each(|connection| {
                connection.join().unwrap_or_else(|_| bail!("a connection's thread panicked"))
            })
        })
    }
}

fn requests(address: SocketAddr, path: &str, count: u32) -> Result<()> {
    // An agent of its own keeps a connection of its own.
    let agent = Agent::new_with_defaults();
    for _ in 0..count {
        let status = request(&agent, address, path)?.status;
        ensure!(status == 200, "{path} was answered {status}");
    }
    Ok(())
}

/// One request on a connection of its own.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Response> {
    let config = Agent::config_builder().http_status_as_error(false);
    request(&config.build().into(), address, path)
}

fn request(agent: &Agent, address: SocketAddr, path: &str) -> Result<Response> {
    let mut response = agent.get(format!("http://{address}{path}")).call()?;
    let etag = response.headers().get("etag").and_then(|etag| etag.to_str().ok());
    Ok(Response {
        status: response.status().as_u16(),
        etag: etag.map(str::to_owned),
        body: response.body_mut().read_to_string()?,
    })
}
