//! The inbox of `cargo dev`: where the demo shop's mails go, and can be read.

use crate::tools::Tools;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

const SCRIPT: &str = "crates/xtask/inbox/inbox.mjs";

/// A running inbox; dropped, it ends.
pub(crate) struct Inbox {
    node: Child,
    /// `http://127.0.0.1:PORT`: its page.
    pub(crate) url: String,
}

impl Inbox {
    /// Starts one on a free port, and waits until it listens.
    pub(crate) fn start(tools: &Tools) -> Result<Self> {
        let mut node = tools.command("node");
        node.arg(tools.root.join(SCRIPT))
            // It ends when this end of it goes, whatever this program dies of.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A key press at the terminal is for this program.
            .process_group(0);
        let mut node = node.spawn().context("the inbox did not start")?;
        let output = node.stdout.take().context("the inbox has no output")?;
        let mut inbox = Self { node, url: String::new() };
        BufReader::new(output).read_line(&mut inbox.url)?;
        inbox.url.truncate(inbox.url.trim_end().len());
        if inbox.url.is_empty() {
            bail!("the inbox ended before it listened");
        }
        Ok(inbox)
    }

    /// Where mails are sent.
    pub(crate) fn api(&self) -> String {
        format!("{}/emails", self.url)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
