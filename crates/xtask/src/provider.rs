//! A mail provider on this machine, in the shape of Resend's API, which delivers nothing and
//! remembers all: what it has taken, when, and how often it was asked.

use crate::progress::now;
use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Longest request: a mail is some 20 kB.
const MAX_BYTES: usize = 256 * 1024;
/// Headers of a request; the Worker sends fewer than twenty.
const MAX_HEADERS: usize = 64;

/// A mail that it has taken.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) text: String,
    /// When the first byte of the request came that brought it.
    pub(crate) came: Instant,
}

/// All that it knows.
#[derive(Debug, Default)]
struct Books {
    /// By address.
    mails: HashMap<String, Vec<Mail>>,
    /// What each `Idempotency-Key` was used for: the body.
    keys: HashMap<String, Vec<u8>>,
    /// Requests whose key came before with another body.
    changed: usize,
    requests: usize,
    silent: usize,
}

#[derive(Debug)]
struct Inside {
    /// Of a hundred requests whose mail it takes, to how many it says nothing.
    silent_percent: u32,
    /// How long it takes to answer, in milliseconds.
    answers_after: AtomicU64,
    books: Mutex<Books>,
    rng: Mutex<Rng>,
    /// Mails taken.
    taken: AtomicUsize,
    closed: AtomicBool,
}

/// A running provider; dropped, it takes no more.
#[derive(Debug)]
pub(crate) struct Provider {
    address: SocketAddr,
    inside: Arc<Inside>,
}

/// What it has seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) requests: usize,
    /// Requests that it took and never answered.
    pub(crate) silent: usize,
    /// Requests whose key came before with other words.
    pub(crate) changed: usize,
}

impl Provider {
    /// Opens one on a free port. What it is silent about, `seed` says.
    pub(crate) fn open(silent_percent: u32, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let inside = Arc::new(Inside {
            silent_percent,
            answers_after: AtomicU64::new(0),
            books: Mutex::default(),
            rng: Mutex::new(Rng::with_seed(seed)),
            taken: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let shared = Arc::clone(&inside);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                let inside = Arc::clone(&shared);
                // A connection that breaks off, as at a kill, says nothing of the next.
                thread::spawn(move || drop(inside.serve(stream)));
            }
        });
        Ok(Self { address, inside })
    }

    /// From now on it takes so long to answer.
    pub(crate) fn answer_after(&self, ms: u64) {
        self.inside.answers_after.store(ms, Ordering::SeqCst);
    }

    /// Where mails are sent.
    pub(crate) fn api(&self) -> String {
        format!("http://{}/emails", self.address)
    }

    /// How many mails it has taken so far.
    pub(crate) fn taken(&self) -> usize {
        self.inside.taken.load(Ordering::SeqCst)
    }

    /// What is found in the first mail to this address that has it.
    pub(crate) fn find<T>(&self, address: &str, look: impl Fn(&Mail) -> Option<T>) -> Option<T> {
        self.inside.books().mails.get(address)?.iter().find_map(look)
    }

    /// The mails to this address, in the order in which they came.
    pub(crate) fn to(&self, address: &str) -> Vec<Mail> {
        self.inside.books().mails.get(address).cloned().unwrap_or_default()
    }

    /// When the last mail came.
    pub(crate) fn last_came(&self) -> Option<Instant> {
        self.inside.books().mails.values().flatten().map(|mail| mail.came).max()
    }

    pub(crate) fn seen(&self) -> Seen {
        let books = self.inside.books();
        Seen { requests: books.requests, silent: books.silent, changed: books.changed }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.inside.closed.store(true, Ordering::SeqCst);
        // It hears of it by one more connection.
        drop(TcpStream::connect(self.address));
    }
}

/// As much of a mail as matters here.
#[derive(Deserialize)]
struct Sent {
    to: [String; 1],
    text: String,
}

/// A request, as it came.
struct Request {
    came: Instant,
    key: Option<String>,
    body: Vec<u8>,
}

impl Inside {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request after the other.
    fn serve(&self, mut stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut read = Vec::new();
        while let Some(request) = next(&mut stream, &mut read)? {
            if !self.take(request)? {
                // It says nothing for as long as anybody listens.
                while stream.read(&mut [0; 1024])? > 0 {}
                return Ok(());
            }
            thread::sleep(Duration::from_millis(self.answers_after.load(Ordering::SeqCst)));
            let body = r#"{"id":"taken"}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
            write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        }
        Ok(())
    }

    /// Takes a mail, and says whether that is answered.
    fn take(&self, request: Request) -> Result<bool> {
        let sent: Sent = serde_json::from_slice(&request.body)?;
        let [to] = sent.to;
        let answers = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            rng.u32(..100) >= self.silent_percent
        };
        let mut books = self.books();
        books.requests += 1;
        books.silent += usize::from(!answers);
        let before = request.key.and_then(|key| match books.keys.get(&key) {
            Some(before) => Some(*before == request.body),
            None => {
                books.keys.insert(key, request.body);
                None
            }
        });
        match before {
            Some(same) => books.changed += usize::from(!same),
            None => {
                let mail = Mail { text: sent.text, came: request.came };
                books.mails.entry(to).or_default().push(mail);
                self.taken.fetch_add(1, Ordering::SeqCst);
            }
        }
        Ok(answers)
    }
}

/// The next request on a connection, or nothing if that is closed; what came after it stays in
/// `read`.
fn next(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<Option<Request>> {
    let mut came = (!read.is_empty()).then(now);
    loop {
        if let Some((key, head, length)) = head(read)?
            && read.len() >= head + length
        {
            let rest = read.split_off(head + length);
            let body = std::mem::replace(read, rest).split_off(head);
            let came = came.context("a request that never came")?;
            return Ok(Some(Request { came, key, body }));
        }
        ensure!(read.len() < MAX_BYTES, "a request that is too long");
        let mut chunk = [0; 16 * 1024];
        let length = match stream.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read?,
        };
        came = came.or_else(|| Some(now()));
        if length == 0 {
            return Ok(None);
        }
        read.extend(chunk.iter().take(length));
    }
}

/// The key, the length of the head and that of the body, once the head is there.
fn head(read: &[u8]) -> Result<Option<(Option<String>, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(read)? else { return Ok(None) };
    let found: BTreeMap<String, &[u8]> =
        request.headers.iter().map(|it| (it.name.to_ascii_lowercase(), it.value)).collect();
    let text =
        |name: &str| found.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
    let length = text("content-length").context("a request without a length")?.parse()?;
    Ok(Some((text("idempotency-key"), head, length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::Agent;

    fn send(provider: &Provider, key: &str, to: &str) {
        let body = format!(r#"{{"to":["{to}"],"text":"hello"}}"#);
        let agent = Agent::new_with_defaults();
        let sent = agent.post(provider.api()).header("Idempotency-Key", key).send(body);
        assert_eq!(sent.expect("an answer").status().as_u16(), 200);
    }

    #[test]
    fn a_key_that_comes_again_delivers_nothing_more() {
        let provider = Provider::open(0, 0).expect("a port");
        for _ in 0..2 {
            send(&provider, "one", "a@example.com");
        }
        send(&provider, "two", "a@example.com");
        send(&provider, "two", "b@example.com");
        assert_eq!((provider.to("a@example.com").len(), provider.taken()), (2, 2));
        let Seen { requests, silent, changed } = provider.seen();
        assert_eq!((requests, silent, changed), (4, 0, 1));
    }

    #[test]
    fn what_it_is_silent_about_it_has_taken() {
        let provider = Provider::open(100, 0).expect("a port");
        let mut stream = TcpStream::connect(provider.address).expect("it listens");
        let body = r#"{"to":["a@example.com"],"text":"hello"}"#;
        write!(stream, "POST /emails HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            .expect("sent");
        stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        assert!(stream.read(&mut [0; 1]).is_err(), "nobody says anything");
        assert_eq!(provider.taken(), 1);
    }
}
