//! A Worker that runs here: `wrangler dev`, started and stopped.

use crate::progress::now;
use crate::shop;
use crate::tools::Tools;
use anyhow::{Context, Result, bail};
use rustix::fs::statvfs;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use std::{fs, thread};

/// wrangler starts in about a second; two loaded cores made it twelve.
const START_LIMIT: Duration = Duration::from_secs(60);
/// workerd ends in milliseconds when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Memory that state may take: the longest bench writes some 100 MB of it. A container often has
/// no more than 64.
const STATE_BYTES: u64 = 512 * 1024 * 1024;
/// Lines of wrangler's that are shown if it does not start.
const LINES_KEPT: usize = 40;

/// How to start it.
pub(crate) struct Options<'a> {
    /// 0 for any that is free.
    pub(crate) port: u16,
    /// Where KV and the Durable Objects keep their state.
    pub(crate) state: &'a Path,
    /// What `POST /v1/shops` asks for.
    pub(crate) operator_secret: &'a str,
    /// Whether each change is built and taken over, and each request said.
    pub(crate) watch: bool,
    /// What addresses are encrypted under.
    pub(crate) contact_keys: &'a str,
    /// What links and pages' tokens are signed with.
    pub(crate) signing_secret: &'a str,
    /// Where mails are sent; nowhere, if it is empty.
    pub(crate) mail_api: &'a str,
    /// The folder of another build of the Worker than the one in `build/`.
    pub(crate) worker: Option<&'a Path>,
    /// Further variables.
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// Where the demo shop's pages, when they are built, are to send orders.
    pub(crate) checkout: Option<&'a str>,
}

/// A running Worker; dropped, it ends.
pub(crate) struct Server {
    wrangler: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

impl Server {
    /// Starts a Worker and waits until it answers. After that its lines go to standard error, if
    /// it watches; `ended` is sent to when it ends by itself.
    pub(crate) fn start(tools: &Tools, options: &Options, ended: Sender<()>) -> Result<Self> {
        let mut wrangler = wrangler(tools, options).spawn().context("wrangler did not start")?;
        let (sender, lines) = channel();
        let output = wrangler.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let errors = wrangler.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        for pipe in [output, errors].into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || read_lines(pipe, &sender));
        }
        drop(sender);
        let mut server = Self { wrangler, url: String::new() };
        server.url = wait_until_ready(&lines)?;
        let watch = options.watch;
        thread::spawn(move || {
            for line in lines {
                if watch {
                    eprintln!("{line}");
                }
            }
            // Nobody listens when the program is ending anyway.
            let _ = ended.send(());
        });
        Ok(server)
    }

    fn stop(&mut self) -> Result<()> {
        let group = i32::try_from(self.wrangler.id()).ok().and_then(Pid::from_raw);
        let group = group.context("a process id out of range")?;
        kill_process_group(group, Signal::TERM)?;
        let asked = now();
        while self.wrangler.try_wait()?.is_none() {
            if asked.elapsed() > STOP_LIMIT {
                kill_process_group(group, Signal::KILL)?;
            }
            thread::sleep(Duration::from_millis(20));
        }
        // What wrangler may have left behind.
        let _ = kill_process_group(group, Signal::KILL);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, or by the same key press.
        let _ = self.stop();
    }
}

fn wrangler(tools: &Tools, options: &Options) -> std::process::Command {
    let mut wrangler = tools.npm_program("wrangler");
    wrangler.arg("dev");
    if let Some(folder) = options.worker {
        // Before any `--var`: that takes whatever follows it for one more.
        wrangler.arg(folder.join("index.js"));
        // Else it looks for one beside the Worker.
        wrangler.arg("--config").arg(tools.root.join("wrangler.toml"));
    }
    for (name, value) in options.variables {
        wrangler.args(["--var", &format!("{name}:{value}")]);
    }
    wrangler
        .args(["--ip", "127.0.0.1", "--inspector-port", "0"])
        .args(["--port", &options.port.to_string()])
        .arg("--persist-to")
        .arg(options.state)
        .args(["--var", &format!("OPERATOR_SECRET:{}", options.operator_secret)])
        .args(["--var", &format!("CONTACT_KEYS:{}", options.contact_keys)])
        .args(["--var", &format!("SIGNING_SECRET:{}", options.signing_secret)])
        .args(["--var", &format!("MAIL_API_URL:{}", options.mail_api)])
        .args(["--var", "MAIL_API_KEY:none"])
        .args(["--var", "MAIL_FROM:backroom@example.com"])
        .args(["--var", &format!("PUBLIC_URL:http://127.0.0.1:{}", options.port)])
        .arg("--show-interactive-dev-session=false")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Its own group: it ends with everything it started, and when we say so.
        .process_group(0);
    if let Some(checkout) = options.checkout {
        wrangler.env(shop::CHECKOUT, checkout);
    }
    if !options.watch {
        // Its builds do nothing then.
        wrangler.env("BACKROOM_BUILT", "1");
    }
    wrangler
}

fn read_lines(pipe: Box<dyn Read + Send>, sender: &Sender<String>) {
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        if sender.send(line).is_err() {
            return;
        }
    }
}

fn wait_until_ready(lines: &Receiver<String>) -> Result<String> {
    let started = now();
    let mut last = VecDeque::new();
    loop {
        let left = START_LIMIT.saturating_sub(started.elapsed());
        let line = match lines.recv_timeout(left) {
            Ok(line) => line,
            Err(error) => {
                let said = last.make_contiguous().join("\n");
                match error {
                    RecvTimeoutError::Timeout => bail!("the Worker did not start in time:\n{said}"),
                    RecvTimeoutError::Disconnected => bail!("the Worker did not start:\n{said}"),
                }
            }
        };
        if let Some((_, url)) = line.split_once("Ready on ") {
            return Ok(url.trim().to_owned());
        }
        if last.len() == LINES_KEPT {
            last.pop_front();
        }
        last.push_back(line);
    }
}

/// A secret nobody can guess: 128 random bits.
pub(crate) fn random_secret() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A folder for state that nobody needs afterwards: in memory where the system has such a place
/// and room in it.
pub(crate) fn ephemeral_state() -> Result<tempfile::TempDir> {
    let memory = PathBuf::from("/dev/shm");
    let writable = fs::metadata(&memory).is_ok_and(|about| !about.permissions().readonly());
    let room = statvfs(&memory).is_ok_and(|about| about.f_bavail * about.f_frsize >= STATE_BYTES);
    let parent = if writable && room { memory } else { std::env::temp_dir() };
    Ok(tempfile::Builder::new().prefix("backroom-").tempdir_in(parent)?)
}
