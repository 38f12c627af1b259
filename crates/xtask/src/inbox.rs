//! What `cargo dev` runs beside the Worker: the inbox, where the demo shop's mails go and can be read,
//! and the shop's checkout.

use crate::tools::Tools;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

const INBOX: &str = "crates/xtask/inbox/inbox.mjs";
const CHECKOUT: &str = "crates/xtask/checkout/checkout.mjs";

/// A running inbox; dropped, it ends.
pub(crate) struct Inbox {
    _node: Beside,
    /// `http://127.0.0.1:PORT`: its page.
    pub(crate) url: String,
}

impl Inbox {
    /// Starts one on a free port, and waits until it listens.
    pub(crate) fn start(tools: &Tools) -> Result<Self> {
        let mut node = tools.command("node");
        node.arg(tools.root.join(INBOX));
        let (node, url) = Beside::start(node).context("the inbox")?;
        Ok(Self { _node: node, url })
    }

    /// Where mails are sent.
    pub(crate) fn api(&self) -> String {
        format!("{}/emails", self.url)
    }
}

/// A running checkout; dropped, it ends.
pub(crate) struct Checkout {
    _node: Beside,
}

impl Checkout {
    /// Starts it on this port, and waits until it listens. It sells by the API at `backroom`, with
    /// the shop's secret key.
    pub(crate) fn start(tools: &Tools, port: u16, backroom: &str, key: &str) -> Result<Self> {
        let mut node = tools.command("node");
        node.arg(tools.root.join(CHECKOUT)).arg(port.to_string());
        // What stands among the arguments, others on this machine can read.
        node.env("BACKROOM_URL", backroom).env("BACKROOM_KEY", key);
        let (node, _) = Beside::start(node).context("the checkout")?;
        Ok(Self { _node: node })
    }
}

/// A program that says its address in its first line, and then serves.
struct Beside(Child);

impl Beside {
    fn start(mut node: Command) -> Result<(Self, String)> {
        // It ends when this end of it goes, whatever this program dies of.
        node.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A key press at the terminal is for this program.
            .process_group(0);
        let mut node = node.spawn().context("it did not start")?;
        let output = node.stdout.take().context("it has no output")?;
        let node = Self(node);
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        url.truncate(url.trim_end().len());
        if url.is_empty() {
            bail!("it ended before it listened");
        }
        Ok((node, url))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
