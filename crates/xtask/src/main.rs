//! Builds, runs, tests and measures Backroom: `cargo xtask help`.

mod api;
mod bench_cost;
mod bench_hold;
mod bench_notify;
mod bench_overload;
mod bench_page;
mod bench_read;
mod bench_receipt;
mod build;
mod client;
mod data;
mod dev;
mod docs;
mod files;
mod history;
mod inbox;
mod kill;
mod load;
mod mailing;
mod measure;
mod open_loop;
mod peers;
mod pin;
mod process;
mod progress;
mod proof;
mod proof_controls;
mod proof_crash;
mod proof_linearize;
mod proof_notify;
mod proof_oversell;
mod proof_sign_ups;
mod proof_unsubscribe;
mod provider;
mod server;
mod shop;
mod size;
#[cfg(test)]
mod states;
mod test;
mod tools;
mod trial;
mod wasm;
mod workerd;

use anyhow::Result;
use build::Mode;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use tools::Tools;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs, tests and measures Backroom.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing: the WebAssembly target, Node, the npm packages.
    Setup,
    /// Build the Worker and its assets into build/.
    Build {
        /// Compile sooner and larger, without optimising.
        #[arg(long)]
        dev: bool,
    },
    /// Build, and run the Worker here with a demo shop in it; ctrl-C ends it.
    Dev,
    /// Run every part of the test, or those named.
    Test {
        /// In whatever order they are named, they run in this one.
        parts: Vec<test::Part>,
    },
    /// Print what a page downloads; fails above the limits.
    Size {
        /// Beside it what other widgets download, from their npm packages.
        #[arg(long)]
        peers: bool,
    },
    /// Measure; prints figures and judges nothing.
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
    /// Show what the ledger promises, on the built Worker; fails where a promise is broken.
    Proof {
        #[command(subcommand)]
        proof: proof::Proof,
    },
    /// Run wrangler, the pinned one: `cargo xtask wrangler deploy`.
    Wrangler {
        /// What it is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Derive tests/data from the full data set.
    Data {
        /// The set, as online_retail.csv.gz.
        #[arg(default_value = data::FULL_SET)]
        source: PathBuf,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// The two reads, beside a Worker written by hand in JavaScript.
    Read,
    /// A product page with the widget and without.
    Page,
    /// Holds and orders, beside a Durable Object written by hand in JavaScript.
    Hold,
    /// A purchase order that ten thousand orders wait for.
    Receipt,
    /// A restock that ten thousand wait for, with the mails to them.
    Notify,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            // Causes on one line; a backtrace of this program would help nobody.
            progress::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Setup => {
            Tools::set_up()?;
            progress::say("ready");
        }
        Task::Build { dev } => {
            // xtask itself built everything and then started the wrangler that asks for this.
            if std::env::var_os("BACKROOM_BUILT").is_some() {
                return Ok(ExitCode::SUCCESS);
            }
            let tools = Tools::set_up()?;
            build::build(&tools, if dev { Mode::Dev } else { Mode::Release })?;
            build::report(&tools)?;
        }
        Task::Dev => dev::dev(&built()?)?,
        // Its last line is the summary, so it has no error to print.
        Task::Test { parts } => return test::test(&parts),
        Task::Size { peers } => size::size(&built()?, peers)?,
        Task::Bench { what: Bench::Read } => bench_read::read()?,
        Task::Bench { what: Bench::Page } => bench_page::page(&built()?)?,
        Task::Bench { what: Bench::Hold } => bench_hold::hold()?,
        Task::Bench { what: Bench::Receipt } => bench_receipt::receipt()?,
        Task::Bench { what: Bench::Notify } => bench_notify::notify(&built()?)?,
        Task::Proof { proof } => proof.run(&built()?)?,
        Task::Wrangler { arguments } => wrangler(&arguments)?,
        Task::Data { source } => data::write(&tools::root()?, &source)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn wrangler(arguments: &[OsString]) -> Result<()> {
    let tools = Tools::set_up()?;
    process::run(tools.npm_program("wrangler").args(arguments))?;
    let asked_to = |what: &str| arguments.iter().any(|argument| argument == what);
    if asked_to("deploy") && !asked_to("--dry-run") {
        pin::keep(&tools.root)?;
    }
    Ok(())
}

/// The tools, with everything built.
fn built() -> Result<Tools> {
    let tools = Tools::set_up()?;
    build::build(&tools, Mode::Release)?;
    build::report(&tools)?;
    Ok(tools)
}
