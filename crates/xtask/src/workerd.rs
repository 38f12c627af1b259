//! workerd itself, without wrangler around it: what the proofs kill and the bench measures.
//!
//! It is never left behind: it ends when its handle is dropped, and also when this program dies,
//! whatever it dies of.

use crate::files;
use crate::server::{ephemeral_state, random_secret};
use crate::tools::Tools;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const CONFIG_FILE: &str = "crates/xtask/workerd/config.capnp";

/// Becomes the program in its arguments, but for the first, which is a folder. When standard input
/// ends, as it does when whoever holds its other end dies, it kills that program and removes the
/// folder. The program has this one's standard output as descriptor 3; what the Worker logs, an
/// entry a request, is dropped.
const LEASH: &str = r#"
exec 3<&0
(cat <&3; kill -9 $$; rm -rf "$0") >/dev/null 2>&1 &
exec "$@" 3>&1 </dev/null >/dev/null
"#;

/// A constant of the configuration's file, and the sockets that it opens.
pub(crate) struct Config {
    constant: &'static str,
    sockets: &'static [&'static str],
}

/// Backroom alone.
pub(crate) const BACKROOM: Config = Config { constant: "alone", sockets: &["backroom"] };
/// Backroom alone, on a storage that fails now and then.
pub(crate) const FAULTY: Config = Config { constant: "faulty", sockets: &["backroom"] };
/// Backroom beside the Workers that it is measured against.
pub(crate) const BENCH: Config =
    Config { constant: "bench", sockets: &["backroom", "read", "hold"] };

/// Backroom and the Worker that its holds are measured against, each with a meter around it.
pub(crate) const METER: Config = Config { constant: "meter", sockets: &["backroom", "hold"] };
/// Backroom with an object that is as slow as at Cloudflare.
pub(crate) const DISTANT: Config = Config { constant: "distant", sockets: &["backroom"] };

/// Backroom with mail: its queue, its provider, and a clock that may go faster.
pub(crate) const MAILING: Config = Config { constant: "mailing", sockets: &["backroom"] };
/// The same with a meter around it, and the clock as it is.
pub(crate) const MAIL_METER: Config = Config { constant: "mailMeter", sockets: &["backroom"] };

/// What workerd runs, and on which state: it can be started again after a kill.
pub(crate) struct Setup {
    binary: PathBuf,
    root: PathBuf,
    config: Config,
    worker: PathBuf,
    state: TempDir,
    variables: Vec<(&'static str, String)>,
    /// What workerd and the Worker complain of, from each start.
    log: PathBuf,
    /// What `POST /v1/shops` asks for.
    pub(crate) operator_secret: String,
}

impl Setup {
    /// `worker` is the folder with the Worker's two files; `variables` are the environment from
    /// which the configuration takes the Workers' variables. The state is new and empty, in
    /// memory where the system allows that.
    pub(crate) fn new(
        tools: &Tools,
        config: Config,
        worker: &Path,
        variables: Vec<(&'static str, String)>,
    ) -> Result<Self> {
        let log = tools.target.join(format!("xtask/workerd-{}.log", config.constant));
        files::write(&log, b"")?;
        Ok(Self {
            binary: binary(tools)?,
            root: tools.root.clone(),
            config,
            worker: worker.to_owned(),
            state: ephemeral_state()?,
            variables,
            log,
            operator_secret: random_secret()?,
        })
    }

    /// Starts workerd and waits until it listens.
    pub(crate) fn start(&self) -> Result<Workerd> {
        let mut child = self.command()?.spawn().context("workerd's shell did not start")?;
        let reports = child.stdout.take().context("workerd has no control channel")?;
        let mut workerd = Workerd { child, sockets: BTreeMap::new() };
        for line in BufReader::new(reports).lines() {
            let listening: Listening = serde_json::from_str(&line?)?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, listening.port));
            workerd.sockets.insert(listening.socket, address);
            if self.config.sockets.iter().all(|name| workerd.sockets.contains_key(*name)) {
                return Ok(workerd);
            }
        }
        bail!("workerd ended before it listened; why, stands in {}", self.log.display())
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new("sh");
        command
            .args(["-c", LEASH])
            .arg(self.state.path())
            .arg(&self.binary)
            .args(["serve", CONFIG_FILE, self.config.constant, "--control-fd=3"])
            // The queue's flag is one of an experiment.
            .arg("--experimental")
            .arg(format!("--import-path={}", self.worker.display()))
            .arg(format!("--directory-path=state={}", self.state.path().display()))
            .env("OPERATOR_SECRET", &self.operator_secret)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.root)
            // Its own group: a kill takes the leash with it, and a key press at the terminal is
            // for this program.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::options().append(true).open(&self.log)?);
        Ok(command)
    }
}

/// A running workerd; dropped, it is killed.
pub(crate) struct Workerd {
    child: Child,
    sockets: BTreeMap<String, SocketAddr>,
}

impl Workerd {
    /// Where this socket listens: one that the configuration names.
    pub(crate) fn address(&self, socket: &str) -> Result<SocketAddr> {
        self.sockets.get(socket).copied().with_context(|| format!("there is no socket {socket}"))
    }

    /// The process that does the work.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits until it is dead.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// What workerd says on its control channel.
#[derive(Deserialize)]
struct Listening {
    socket: String,
    port: u16,
}

/// npm's `workerd` is a script that starts this; the process that works is the one to kill and to
/// measure.
fn binary(tools: &Tools) -> Result<PathBuf> {
    let packages = tools.root.join("tests/node_modules/@cloudflare");
    for entry in fs::read_dir(packages)? {
        let binary = entry?.path().join("bin/workerd");
        if binary.is_file() {
            return Ok(binary);
        }
    }
    bail!("npm installed no workerd for this machine")
}
