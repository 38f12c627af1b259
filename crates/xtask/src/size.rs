//! `cargo xtask size`: what a page downloads, and the limits on it.

use crate::files::{list, read};
use crate::peers;
use crate::process::run_quiet;
use crate::tools::Tools;
use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::{self, Display, Formatter};
use std::io::Write;
use std::path::Path;

// In bytes after brotli; 1 kB is 1000 bytes.

/// A shop's page pays for the loader whatever becomes of it.
const LOADER_LIMIT: usize = 2_000;
/// The loader, the first fragment, CSS included, and a product's actions, in three requests: what
/// everybody downloads.
const BEFORE_INTERACTION_LIMIT: usize = 8_000;
/// Who comes by a claim's link downloads it besides.
const CLAIM_LIMIT: usize = 1_000;
/// Who signs up downloads it besides, where the Worker asks for a challenge.
const CHALLENGE_LIMIT: usize = 1_000;
/// The WebAssembly and its glue: who touches the widget downloads them.
const AWAKE_LIMIT: usize = 50_000;
/// Where the last should be.
const AWAKE_AIM: usize = 40_000;

/// One thing that a page downloads.
pub(crate) struct Row {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Row {
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Result<Self> {
        let name = name.to_owned();
        Ok(Self { name, raw: bytes.len(), gzip: gzip(bytes)?, brotli: brotli(bytes)? })
    }

    /// Several that a page downloads, each packed by itself.
    fn sum<'a>(name: &str, rows: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self { name: name.to_owned(), raw: 0, gzip: 0, brotli: 0 };
        for row in rows {
            sum.raw += row.raw;
            sum.gzip += row.gzip;
            sum.brotli += row.brotli;
        }
        sum
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:<34}{:>10}{:>10}{:>10}", self.name, self.raw, self.gzip, self.brotli)
    }
}

/// Prints the table, with the peers' beside it if they are asked for, and fails if a limit is
/// passed.
pub(crate) fn size(tools: &Tools, peers: bool) -> Result<()> {
    let assets = tools.root.join("build/assets");
    let fragment = fragment(tools)?;
    let style = fragment.split_once("</style>").context("the fragment has no style")?.0;
    let loader = Row::of("loader", &read(&assets.join("backroom.js"))?)?;
    let fragment_row = Row::of("fragment, one SKU, with its CSS", fragment.as_bytes())?;
    let style = Row::of("  of it CSS", style.as_bytes())?;
    let widget = widget(&assets.join("w"))?;

    println!("{:<34}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip -9", "brotli 11");
    for row in [&loader, &fragment_row, &style].into_iter().chain(&widget) {
        println!("{row}");
    }
    // What a product's page needs for its forms comes beside the fragment; the rest is the widget.
    let (actions, widget): (Vec<&Row>, Vec<&Row>) =
        widget.iter().partition(|row| row.name == "actions.js");
    let (claim, widget): (Vec<&Row>, Vec<&Row>) =
        widget.into_iter().partition(|row| row.name == "claim.js");
    // Asked for by the few Backrooms that have one, when somebody signs up.
    let (challenge, widget): (Vec<&Row>, Vec<&Row>) =
        widget.into_iter().partition(|row| row.name == "challenge.js");
    let before = [&loader, &fragment_row].into_iter().chain(actions);
    let before = Row::sum("Backroom, before interaction", before);
    if peers {
        let all = [&before].into_iter().chain(widget.iter().copied());
        peers::print(tools, &before, &Row::sum("Backroom, awake", all))?;
    }
    let awake = Row::sum("awake besides", widget).brotli;
    let claim = Row::sum("a claim's page besides", claim).brotli;
    let challenge = Row::sum("a challenge besides", challenge).brotli;
    println!("\nLimits after brotli (1 kB = 1000 bytes)");
    let kept = [
        within("loader", loader.brotli, LOADER_LIMIT),
        within(
            "before interaction (loader + fragment + actions)",
            before.brotli,
            BEFORE_INTERACTION_LIMIT,
        ),
        within("a claim's page besides", claim, CLAIM_LIMIT),
        within("a challenge besides", challenge, CHALLENGE_LIMIT),
        within("awake besides (all else of /w/)", awake, AWAKE_LIMIT),
    ];
    let aim = if awake <= AWAKE_AIM { "reached" } else { "not reached" };
    println!("  the last one's aim, {AWAKE_AIM} bytes: {aim}");
    if kept.contains(&false) {
        bail!("a page would download too much");
    }
    Ok(())
}

/// A sample of what `/v1/fragment` answers, by the code that answers it.
fn fragment(tools: &Tools) -> Result<String> {
    let mut cargo = tools.cargo();
    cargo.args(["run", "--quiet", "--package", "widget"]);
    run_quiet(cargo.args(["--features", "ssr", "--example", "fragment"]))
}

/// Every file of the widget's folder: whatever lies there, a page can fetch.
fn widget(folder: &Path) -> Result<Vec<Row>> {
    let files = list(folder)?;
    let rows = files.iter().map(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        Row::of(&name, &read(&folder.join(file))?)
    });
    rows.collect()
}

fn within(name: &str, bytes: usize, limit: usize) -> bool {
    let verdict = if bytes <= limit { "ok" } else { "TOO LARGE" };
    println!("  {name}: {bytes} bytes of at most {limit}: {verdict}");
    bytes <= limit
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed.len())
}

#[cfg(test)]
mod tests {
    use super::{brotli, gzip};

    #[test]
    fn what_repeats_packs() {
        let text = "stock ".repeat(1000);
        assert!(gzip(text.as_bytes()).expect("in memory") < 100);
        assert!(brotli(text.as_bytes()).expect("in memory") < 50);
    }
}
