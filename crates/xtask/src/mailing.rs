//! A Worker that sends mail to a provider on this machine, and people who sign up in its shops by
//! the API. It can be killed under them, and started again on its state.

use crate::api::{Api, Reply, in_words, settings};
use crate::progress::{now, say};
use crate::proof::Violation;
use crate::provider::Provider;
use crate::server::random_secret;
use crate::tools::Tools;
use crate::workerd::{Config, Setup, Workerd};
use anyhow::{Context, Result, anyhow, bail, ensure};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::{self, sleep};
use std::time::Duration;
use wire::{CreateShop, Mode, Settings, Waitlist, WaitlistPolicy, WaitlistsPage};

/// The shop's site, from which sign-ups come.
const ORIGIN: &str = "https://shop.example";
/// What everybody waits for, and what nobody does.
pub(crate) const AWAITED: &str = "AWAITED";
pub(crate) const PLENTY: &str = "PLENTY";
/// People on one network: the Worker takes 30 sign-ups of it an hour, and who was not answered asks
/// again.
const PER_NETWORK: u32 = 10;
/// People who act at the same time.
const AT_ONCE: usize = 8;
/// The pause before something is looked at or tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(10);
/// How long something may take of which nothing is seen: a hundred times what it does.
const LIMIT: Duration = Duration::from_secs(120);

/// Mails that are not held up come sooner after one another, whatever else goes on.
const NO_MORE_MAILS: Duration = Duration::from_secs(20);

/// How the Worker is run.
pub(crate) struct Options<'a> {
    pub(crate) config: Config,
    /// The folder with its two files.
    pub(crate) worker: &'a Path,
    /// How many times as fast as others its clock goes.
    pub(crate) haste: u32,
    /// How long the queue waits for more: a second at Cloudflare, by `wrangler.toml`.
    pub(crate) queue_wait: Duration,
    pub(crate) bug: Option<&'a str>,
    /// Of the mails that it has taken, the provider says nothing of so many in a hundred, and of
    /// which ones, the seed says.
    pub(crate) silent_percent: u32,
    pub(crate) seed: u64,
}

/// The Worker and its provider.
pub(crate) struct Mailing {
    setup: Setup,
    workerd: Mutex<Option<Workerd>>,
    url: RwLock<String>,
    pub(crate) provider: Provider,
    /// Answers that came: with the mails taken, how far all is.
    answered: AtomicUsize,
    people: AtomicU32,
}

/// A shop with something that everybody waits for.
pub(crate) struct Shop {
    pub(crate) id: String,
    pub(crate) key: String,
}

/// Somebody who waits.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) number: u32,
    pub(crate) email: String,
    network: String,
}

impl Mailing {
    pub(crate) fn start(tools: &Tools, options: Options<'_>) -> Result<Self> {
        let provider = Provider::open(options.silent_percent, options.seed)?;
        let contact_keys = format!("1:{}{}", random_secret()?, random_secret()?);
        let variables = vec![
            ("BUG", options.bug.unwrap_or_default().to_owned()),
            ("CONTACT_KEYS", contact_keys),
            ("SIGNING_SECRET", random_secret()?),
            ("MAIL_API_URL", provider.api()),
            ("HASTE", options.haste.to_string()),
            ("HASTE_FROM", Timestamp::now().as_millisecond().to_string()),
            ("QUEUE_WAIT_MS", options.queue_wait.as_millis().to_string()),
        ];
        let setup = Setup::new(tools, options.config, options.worker, variables)?;
        let mailing = Self {
            setup,
            workerd: Mutex::new(None),
            url: RwLock::default(),
            provider,
            answered: AtomicUsize::new(0),
            people: AtomicU32::new(0),
        };
        mailing.restart()?;
        Ok(mailing)
    }

    /// `kill -9`, if it runs, and a start on what it left.
    pub(crate) fn restart(&self) -> Result<()> {
        let mut running = self.workerd.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(workerd) = running.take() {
            workerd.kill();
        }
        let workerd = self.setup.start()?;
        let url = format!("http://{}", workerd.address("backroom")?);
        *self.url.write().unwrap_or_else(PoisonError::into_inner) = url;
        *running = Some(workerd);
        Ok(())
    }

    /// Where it listens now.
    pub(crate) fn url(&self) -> String {
        self.url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The process that does the work.
    pub(crate) fn pid(&self) -> Option<u32> {
        let running = self.workerd.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(Workerd::pid)
    }

    /// Something has happened: so many answers and mails.
    pub(crate) fn events(&self) -> usize {
        self.answered.load(Ordering::SeqCst) + self.provider.taken()
    }

    /// Makes a shop with its SKUs, and waits until they are published.
    pub(crate) fn open_shop(&self, id: &str, mode: Mode, waitlist: WaitlistPolicy) -> Result<Shop> {
        let origins = vec![ORIGIN.to_owned()];
        let settings = Settings { mode, waitlist, origins, ..settings() };
        let shop = CreateShop { id: Some(id.to_owned()), settings };
        let api = Api::new(&self.url());
        let made = api.create_shop(&self.setup.operator_secret, &shop)?;
        let key = made.map_err(|problem| anyhow!(in_words(&problem)))?.secret_key;
        api.take_in(&key, &format!("sku,title,on_hand\n{AWAITED},Mug,0\n{PLENTY},Cup,1000000\n"))?;
        let shop = Shop { id: id.to_owned(), key };
        self.until("the SKUs are published", |_| {
            let health: wire::Health = self.read(&shop, "/v1/health")?;
            Ok(health.outbox.is_some_and(|outbox| outbox.rows == 0).then_some(()))
        })?;
        Ok(shop)
    }

    /// So many people that nobody has seen before.
    pub(crate) fn people(&self, count: u32) -> Vec<Person> {
        let first = self.people.fetch_add(count, Ordering::SeqCst);
        (first..first + count)
            .map(|number| {
                let [.., a, b, c] = (number / PER_NETWORK).to_be_bytes();
                let network = format!("10.{a}.{b}.{c}");
                Person { number, email: format!("person-{number}@example.com"), network }
            })
            .collect()
    }

    /// Tries until it gives something. An error of the connection is that of a kill; a violation
    /// ends it.
    pub(crate) fn until<T>(
        &self,
        what: &str,
        mut tried: impl FnMut(&Api) -> Result<Option<T>>,
    ) -> Result<T> {
        let (mut url, mut started, mut events) = (self.url(), now(), self.events());
        let mut api = Api::new(&url);
        let mut last = None;
        loop {
            match tried(&api) {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => {}
                Err(error) if error.is::<Violation>() => return Err(error),
                Err(error) => last = Some(error),
            }
            if self.events() != events {
                (started, events) = (now(), self.events());
            }
            ensure!(
                started.elapsed() < LIMIT,
                Violation(format!("{what}: not in {LIMIT:?}, the last error was {last:?}"))
            );
            sleep(AGAIN_AFTER);
            if self.url() != url {
                url = self.url();
                api = Api::new(&url);
            }
        }
    }

    /// Sends until there is an answer that is a decision: below 500, and not to come again later.
    fn insist(&self, what: &str, send: impl Fn(&Api) -> Result<Reply>) -> Result<Reply> {
        let reply = self.until(what, |api| {
            let reply = send(api)?;
            Ok((reply.status < 500 && reply.status != 429).then_some(reply))
        })?;
        self.answered.fetch_add(1, Ordering::SeqCst);
        Ok(reply)
    }

    /// A form that somebody's browser or mail program sends.
    pub(crate) fn form(&self, path: &str, form: &str) -> Result<Reply> {
        self.insist(path, |api| api.post_form(path, &[], form))
    }

    /// A page that somebody, or a program, looks at.
    pub(crate) fn look(&self, path: &str) -> Result<Reply> {
        self.insist(path, |api| api.get(path, ""))
    }

    pub(crate) fn sign_up(&self, shop: &Shop, person: &Person) -> Result<()> {
        let Shop { id, .. } = shop;
        let Person { email, network, .. } = person;
        let form = format!("shop={id}&sku={AWAITED}&email={email}&consent=yes&lang=en");
        let headers = [("origin", ORIGIN), ("x-client", network.as_str())];
        let reply = self.insist("a sign-up", |api| api.post_form("/v1/notify", &headers, &form))?;
        ensure!(reply.status == 202, Violation(format!("a sign-up was refused: {reply:?}")));
        Ok(())
    }

    /// The token of the link to this page, if a mail with one has come to somebody.
    pub(crate) fn token_to(&self, person: &Person, page: &str) -> Option<String> {
        self.provider.find(&person.email, |mail| token(&mail.text, page))
    }

    /// Presses the button that the mail of a sign-up leads to, if it is there; was it?
    pub(crate) fn confirm(&self, person: &Person) -> Result<bool> {
        let Some(token) = self.token_to(person, "confirm") else { return Ok(false) };
        let reply = self.form("/v1/confirm", &format!("token={token}"))?;
        ensure!(reply.status == 200, Violation(format!("not confirmed: {reply:?}")));
        Ok(true)
    }

    /// Signs people up, and lets them confirm as their mails come; gives those who then wait. To
    /// the Limiter some of ten thousand are the same by chance, and are not asked for ten minutes.
    pub(crate) fn fill(&self, shop: &Shop, people: Vec<Person>) -> Result<Vec<Person>> {
        let before = self.provider.taken();
        self.sweep(&people, |person| self.sign_up(shop, person).map(|()| true))?;
        let (mut taken, mut last) = (before, now());
        while self.provider.taken() < before + people.len() && last.elapsed() < NO_MORE_MAILS {
            if self.provider.taken() != taken {
                (taken, last) = (self.provider.taken(), now());
            }
            sleep(AGAIN_AFTER);
        }
        let is_asked = |person: &Person| self.token_to(person, "confirm").is_some();
        let (asked, not_yet): (Vec<_>, Vec<_>) = people.into_iter().partition(is_asked);
        if !not_yet.is_empty() {
            say(&format!("{} of them are as one to the Limiter, and left out", not_yet.len()));
        }
        ensure!(
            not_yet.len() <= asked.len() / 500 + 1,
            Violation(format!("{} were not asked", not_yet.len()))
        );
        self.sweep(&asked, |person| self.confirm(person))?;
        let all = i64::try_from(asked.len())?;
        self.until("all of them wait", |_| {
            Ok((self.waitlist(shop)?.waiting.places == all).then_some(()))
        })?;
        Ok(asked)
    }

    /// Does this for each of them, several at a time, and again where it could not be done yet;
    /// the first error ends it.
    pub(crate) fn sweep(
        &self,
        people: &[Person],
        act: impl Fn(&Person) -> Result<bool> + Sync,
    ) -> Result<()> {
        let (broken, act) = (&AtomicBool::new(false), &act);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE)
                .map(|first| {
                    let mut left: Vec<&Person> =
                        people.iter().skip(first).step_by(AT_ONCE).collect();
                    scope.spawn(move || {
                        let done = self.until("what everybody waits for", |_| {
                            let mut later = Vec::new();
                            for person in left.drain(..) {
                                if broken.load(Ordering::SeqCst) {
                                    return Ok(Some(()));
                                }
                                if !act(person)? {
                                    later.push(person);
                                }
                            }
                            left = later;
                            Ok(left.is_empty().then_some(()))
                        });
                        broken.fetch_or(done.is_err(), Ordering::SeqCst);
                        done
                    })
                })
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|_| bail!("a person's thread panicked"))
            })
        })
    }

    /// Sends a command or an order under its id until it is taken.
    pub(crate) fn send(&self, shop: &Shop, path: &str, body: &impl serde::Serialize) -> Result<()> {
        let reply = self.insist(path, |api| api.post_json(path, &shop.key, body))?;
        ensure!(reply.status == 200, Violation(format!("{path}: {reply:?}")));
        Ok(())
    }

    /// How many wait, and what became of those who did.
    pub(crate) fn waitlist(&self, shop: &Shop) -> Result<Waitlist> {
        let page: WaitlistsPage = self.read(shop, "/v1/waitlists")?;
        Ok(page.waitlists.into_iter().find(|list| list.sku == AWAITED).unwrap_or_default())
    }

    /// Wakes both objects of a shop, as whatever comes next would.
    pub(crate) fn wake(&self, shop: &Shop) -> Result<()> {
        self.until("a shop wakes", |_| self.waitlist(shop).map(Some))?;
        let dead: wire::MessagesPage =
            self.until("a shop wakes", |_| self.read(shop, "/v1/messages?state=dead").map(Some))?;
        ensure!(dead.messages.is_empty(), Violation(format!("given up: {:?}", dead.messages)));
        Ok(())
    }

    /// What the shop answers at once.
    pub(crate) fn read<T: DeserializeOwned>(&self, shop: &Shop, path: &str) -> Result<T> {
        let answer = Api::new(&self.url()).get(path, &shop.key)?.read()?;
        answer.map_err(|problem| anyhow!(in_words(&problem)))
    }
}

/// The token of the link in a mail that leads to this page.
pub(crate) fn token(text: &str, page: &str) -> Option<String> {
    let (_, link) = text.split_once(&format!("/v1/{page}?token="))?;
    let end = link.find(|char: char| !(char.is_ascii_alphanumeric() || "_-".contains(char)));
    Some(link[..end.unwrap_or(link.len())].to_owned())
}

/// The time and the subject that a token names: `{purpose}_{shop}_{expiry}_{subject}_{MAC}`.
pub(crate) fn parts(token: &str) -> Result<(i64, &str)> {
    let parts: Vec<&str> = token.split('_').collect();
    let [_, _, expires_at, subject, _] = parts[..] else { bail!("no token: {token}") };
    Ok((expires_at.parse().context("a token without a time")?, subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_where_its_token_does() {
        let text = "Buy it\nhttps://x.example/v1/claim?token=wt_shop-1_17_ab_cd\n\n---";
        let found = token(text, "claim").expect("a link");
        assert_eq!(found, "wt_shop-1_17_ab_cd");
        assert_eq!(parts(&found).expect("its parts"), (17, "ab"));
        assert_eq!(token(text, "confirm"), None);
    }
}
