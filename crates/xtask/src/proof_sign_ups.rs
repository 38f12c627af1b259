//! `cargo xtask proof sign-ups`: whoever knows somebody's address cannot have it flooded, over all
//! shops, and does not learn by the answer whether anybody has signed it up before.

use crate::api::{Api, in_words, settings};
use crate::client::Client;
use crate::inbox::Inbox;
use crate::progress::{now, timed};
use crate::proof::Violation;
use crate::server::{Options, Server, ephemeral_state, random_secret};
use crate::tools::Tools;
use anyhow::{Context, Result, anyhow, bail, ensure};
use fastrand::Rng;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, sleep};
use std::time::Duration;
use tempfile::TempDir;
use ureq::Agent;
use wire::{CreateShop, Settings};

const SHOPS: usize = 4;
/// Of each shop: two more than those for which one address is asked there in a day.
const SKUS: usize = 12;
const CLIENTS: usize = 8;
const VICTIM: &str = "somebody@example.com";
/// What a Worker is told a client's address by: nothing that stands before it here sets it.
const CLIENT_HEADER: &str = "x-client";
const ORIGIN: &str = "https://shop.example";
/// Within which one address has one mail.
const GAP: Duration = Duration::from_secs(10 * 60);
const MOST_A_DAY: u64 = 3;
/// How long a mail may take that nothing holds up.
const MAIL_LIMIT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What differs from one answer to the next, whoever asks.
const PASSING_HEADERS: &[&str] = &["date"];
const RESAMPLES: usize = 1_000;

/// How much is done.
struct Size {
    sign_ups: usize,
    /// So many that none has more than 20: a shop takes 30 of each.
    networks: usize,
    /// Sign-ups of each kind whose time is taken.
    timed: usize,
}

const SHORT: Size = Size { sign_ups: 300, networks: 15, timed: 50 };
const LONG: Size = Size { sign_ups: 10_000, networks: 500, timed: 1_000 };

/// Shows it on the built Worker, or on the one in this folder with this bug.
pub(crate) fn run(tools: &Tools, with_bug: Option<(&Path, &str)>, long: bool) -> Result<()> {
    let size = if long { LONG } else { SHORT };
    let stand = Stand::new(tools, with_bug)?;
    stand.flood(&size)?;
    stand.tell_apart(&size)
}

/// A Worker that sends to an inbox, and its shops.
struct Stand {
    server: Server,
    inbox: Inbox,
    shops: Vec<String>,
    _state: TempDir,
}

impl Stand {
    fn new(tools: &Tools, with_bug: Option<(&Path, &str)>) -> Result<Self> {
        let (state, inbox) = (ephemeral_state()?, Inbox::start(tools)?);
        let operator_secret = random_secret()?;
        let (worker, bug) = with_bug.unzip();
        let variables =
            [("CLIENT_ADDRESS_HEADER", CLIENT_HEADER), ("BUG", bug.unwrap_or_default())];
        let options = Options {
            port: 0,
            state: state.path(),
            operator_secret: &operator_secret,
            watch: false,
            contact_keys: &format!("1:{}{}", random_secret()?, random_secret()?),
            signing_secret: &random_secret()?,
            mail_api: &inbox.api(),
            worker,
            variables: &variables,
            checkout: None,
        };
        let server = Server::start(tools, &options, channel().0)?;
        let api = Api::new(&server.url);
        // The last is for what is timed alone.
        let shops: Vec<_> = (0..=SHOPS).map(|shop| format!("flooded-{shop}")).collect();
        for shop in &shops {
            open(&api, &server.url, &operator_secret, shop)?;
        }
        Ok(Self { server, inbox, shops, _state: state })
    }

    /// One address is signed up at all shops, for all their SKUs, from many networks.
    fn flood(&self, size: &Size) -> Result<()> {
        let started = now();
        let next = AtomicUsize::new(0);
        let (signed_up, took) = timed(|| {
            thread::scope(|scope| {
                let clients: Vec<_> = (0..CLIENTS)
                    .map(|_| {
                        scope.spawn(|| {
                            let door = self.door();
                            loop {
                                let at = next.fetch_add(1, Ordering::Relaxed);
                                if at >= size.sign_ups {
                                    return Ok(());
                                }
                                let (shop, sku) = (&self.shops[at % SHOPS], at / SHOPS % SKUS);
                                let network = at % size.networks;
                                door.take(VICTIM, shop, sku, network)?;
                            }
                        })
                    })
                    .collect();
                clients.into_iter().try_for_each(|client| {
                    client.join().unwrap_or_else(|_| bail!("a client's thread panicked"))
                })
            })
        });
        signed_up?;
        // A mail to somebody else, signed up last at each shop, shows that all before were handled.
        for (at, shop) in self.shops.iter().take(SHOPS).enumerate() {
            let last = format!("last-{at}@example.com");
            self.door().take(&last, shop, 0, size.networks)?;
            self.wait_for_mail(&last)?;
        }
        let mails = self.mails_to(VICTIM)?;
        let most = (1 + started.elapsed().as_secs() / GAP.as_secs()).min(MOST_A_DAY);
        let what = format!(
            "{} sign-ups of one address from {} networks at {SHOPS} shops, {:.0} a second",
            size.sign_ups,
            size.networks,
            f64::from(u32::try_from(size.sign_ups)?) / took.as_secs_f64()
        );
        ensure!(mails > 0, "{what}: nothing came, so nothing was shown");
        ensure!(
            u64::try_from(mails)? <= most,
            Violation(format!("{what}: {mails} mails, and there may be {most}"))
        );
        println!("{what}: {mails} mail of at most {most}; others had theirs meanwhile");
        Ok(())
    }

    /// Addresses that nobody has signed up before, one that is here unconfirmed, and one that has
    /// confirmed, in a random order: the answers must be the same, and their times are told.
    fn tell_apart(&self, size: &Size) -> Result<()> {
        let shop = self.shops.last().context("there is no shop")?;
        let (door, mut rng) = (self.door(), Rng::new());
        let asked = [address(size.timed), address(size.timed + 1)];
        for address in &asked {
            door.take(address, shop, 0, size.networks + 1)?;
            self.wait_for_mail(address)?;
        }
        self.confirm(&asked[1])?;
        let mut answers = Vec::new();
        let mut times: [Vec<f64>; 3] = Default::default();
        for round in 0..size.timed {
            let fresh = address(round);
            let mut kinds = [(0, &fresh), (1, &asked[0]), (2, &asked[1])];
            rng.shuffle(&mut kinds);
            for (at, (kind, address)) in kinds.into_iter().enumerate() {
                // 20 of each network, as above.
                let network = size.networks + 2 + (3 * round + at) / 20;
                let (answer, took) = timed(|| door.take(address, shop, 0, network));
                answers.push(answer?);
                times[kind].push(took.as_secs_f64() * 1_000.0);
            }
        }
        if let Some(other) = answers.iter().find(|answer| **answer != answers[0]) {
            bail!(Violation(format!("{:?} and {other:?} tell apart who was here", answers[0])));
        }
        println!("known or not, confirmed or not: {} answers, all the same", answers.len());
        let [unknown, unconfirmed, confirmed] = times;
        for (name, known) in [("unconfirmed", unconfirmed), ("confirmed", confirmed)] {
            println!("{}", Compared::new(&unknown, &known, &mut rng).said(name));
        }
        Ok(())
    }

    /// Confirms as whoever has this address would.
    fn confirm(&self, address: &str) -> Result<()> {
        let list = self.read_inbox("/")?;
        let row = list.split("<tr>").find(|row| row.contains(address)).context("no mail")?;
        let mail = self.read_inbox(between(row, "href=\"", "\"")?)?;
        let token = between(&mail, "/v1/confirm?token=", "\"")?;
        let token: String = token.chars().take_while(|char| is_of_token(*char)).collect();
        let url = format!("{}/v1/confirm", self.server.url);
        let answered = agent().post(url).send_form([("token", token.as_str())])?;
        ensure!(answered.status() == 200, "a confirmation was answered {}", answered.status());
        Ok(())
    }

    fn wait_for_mail(&self, address: &str) -> Result<()> {
        let started = now();
        while self.mails_to(address)? == 0 {
            ensure!(started.elapsed() < MAIL_LIMIT, "no mail came to {address}");
            sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// How many of the latest mails went to this address.
    fn mails_to(&self, address: &str) -> Result<usize> {
        Ok(self.read_inbox("/")?.matches(&format!("<td>{address}<td>")).count())
    }

    fn read_inbox(&self, path: &str) -> Result<String> {
        let url = format!("{}{path}", self.inbox.url);
        Ok(agent().get(url).call()?.body_mut().read_to_string()?)
    }

    fn door(&self) -> Door {
        Door { agent: agent(), url: format!("{}/v1/notify", self.server.url) }
    }
}

/// Makes a shop with its SKUs, none of which is there, and waits until all are published.
fn open(api: &Api, url: &str, operator_secret: &str, shop: &str) -> Result<()> {
    let settings = Settings { origins: vec![ORIGIN.to_owned()], ..settings() };
    let shop = CreateShop { id: Some(shop.to_owned()), settings };
    let created = api.create_shop(operator_secret, &shop)?;
    let key = created.map_err(|problem| anyhow!(in_words(&problem)))?.secret_key;
    let rows: String = (0..SKUS).map(|sku| format!("S{sku},Mug {sku},0\n")).collect();
    api.take_in(&key, &format!("sku,title,on_hand\n{rows}"))?;
    let client = Client::new(url, &key);
    while client.outbox_rows()? > 0 {
        sleep(LOOK_EVERY);
    }
    Ok(())
}

/// One of many addresses, each as long as the others.
fn address(number: usize) -> String {
    format!("person-{number:06}@example.com")
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

fn is_of_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || "_-".contains(char)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str> {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.map(|(found, _)| found).with_context(|| format!("there is no {before}"))
}

/// A page's way to sign somebody up, with a connection of its own.
struct Door {
    agent: Agent,
    url: String,
}

/// What came back: all that tells anything.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Door {
    /// Signs an address up, which must be taken.
    fn take(&self, email: &str, shop: &str, sku: usize, network: usize) -> Result<Answer> {
        let sku = format!("S{sku}");
        let form = [("shop", shop), ("sku", &sku), ("email", email), ("consent", "yes")];
        let request = self
            .agent
            .post(&self.url)
            .header("origin", ORIGIN)
            .header(CLIENT_HEADER, format!("2001:db8:0:{network:x}::1"));
        let mut response = request.send_form(form)?;
        let headers = response.headers().iter();
        let headers = headers.filter(|(name, _)| !PASSING_HEADERS.contains(&name.as_str()));
        let mut headers: Vec<_> = headers
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into())
            })
            .collect();
        headers.sort();
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_string()?;
        ensure!(status == 202, "a sign-up was answered {status}: {body}");
        Ok(Answer { status, headers, body })
    }
}

/// How long two kinds of sign-ups take, in milliseconds.
struct Compared {
    medians: [f64; 2],
    /// 95 of 100 resamples have the difference of the medians in between.
    difference: [f64; 2],
    /// How likely one of the second kind takes longer than one of the first (Mann and Whitney's
    /// U / nm): at 0.5 the time says nothing.
    longer: f64,
    /// By so much chance has it off from 0.5, 95 times of 100.
    chance: f64,
}

impl Compared {
    fn new(one: &[f64], other: &[f64], rng: &mut Rng) -> Self {
        let [one, other] = [one, other].map(sorted);
        let mut resampled = |times: &[f64]| {
            median(&sorted(
                &times.iter().map(|_| times[rng.usize(..times.len())]).collect::<Vec<_>>(),
            ))
        };
        let differences: Vec<_> =
            (0..RESAMPLES).map(|_| resampled(&other) - resampled(&one)).collect();
        let differences = sorted(&differences);
        let at = |part: usize| differences[RESAMPLES * part / 1_000];
        let longer: f64 = other
            .iter()
            .map(|time| {
                let below = one.partition_point(|than| than < time);
                let not_above = one.partition_point(|than| than <= time);
                count(below + not_above) / 2.0
            })
            .sum();
        let (n, m) = (count(one.len()), count(other.len()));
        Self {
            medians: [median(&one), median(&other)],
            difference: [at(25), at(975)],
            longer: longer / (n * m),
            chance: 1.96 * ((n + m + 1.0) / (12.0 * n * m)).sqrt(),
        }
    }

    fn said(&self, name: &str) -> String {
        let Self { medians: [one, other], difference: [from, to], longer, chance } = self;
        format!(
            "time of one that is new {one:.2} ms, and {name} {other:.2} ms (medians; 95 %: {from:+.2} \
             to {to:+.2}); the latter takes longer {longer:.3} of the time (0.5 ± {chance:.3} is chance)"
        )
    }
}

fn sorted(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_as_long_is_not_told_apart_and_what_takes_longer_is() {
        let times: Vec<_> = (0..1_000).map(|ms| f64::from(ms) / 100.0).collect();
        let slower: Vec<_> = times.iter().map(|ms| ms + 2.0).collect();
        let mut rng = Rng::with_seed(1);
        let same = Compared::new(&times, &times, &mut rng);
        assert!((same.longer - 0.5).abs() < 1e-9 && same.difference[0] < 0.0);
        assert!(same.difference[1] > 0.0 && same.chance < 0.03, "{}", same.said("it"));
        let apart = Compared::new(&times, &slower, &mut rng);
        assert!(apart.longer > 0.6 && apart.difference[0] > 1.0, "{}", apart.said("it"));
        assert!((apart.medians[1] - apart.medians[0] - 2.0).abs() < 1e-9);
    }
}
