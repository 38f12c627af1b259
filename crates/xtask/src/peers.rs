//! What other widgets make a page download, by the files of their npm packages.

use crate::files::read;
use crate::process::run_quiet;
use crate::size::Row;
use crate::tools::Tools;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// A widget, and the file of its package that a page loads.
struct Peer {
    package: &'static str,
    file: &'static str,
    form: Form,
    /// What it is, and what it loads besides, which is not counted.
    note: &'static str,
}

/// How its maker publishes that file.
#[derive(PartialEq, Eq)]
enum Form {
    /// Whole and minified, for a script tag.
    Ready,
    /// For a bundler: esbuild puts in what it imports, and minifies it.
    Source,
}

const PEERS: &[Peer] = &[
    Peer {
        package: "@shopify/buy-button-js",
        file: "dist/buybutton.min.js",
        form: Form::Ready,
        note: "products to buy; prices come by API",
    },
    Peer {
        package: "@algolia/autocomplete-js",
        file: "dist/umd/index.production.js",
        form: Form::Ready,
        note: "search box; a client for the API comes besides",
    },
    Peer {
        package: "alpinejs",
        file: "dist/cdn.min.js",
        form: Form::Ready,
        note: "framework for small parts of a page",
    },
    Peer {
        package: "@calcom/embed-core",
        file: "dist/embed/embed.js",
        form: Form::Ready,
        note: "booking; its content is an iframe besides",
    },
    Peer {
        package: "giscus",
        file: "dist/giscus.mjs",
        form: Form::Source,
        note: "comments, with lit; their content is an iframe besides",
    },
    Peer {
        package: "@plausible-analytics/tracker",
        file: "plausible.js",
        form: Form::Ready,
        note: "page counts; shows nothing",
    },
    Peer {
        package: "@stripe/stripe-js",
        file: "dist/index.mjs",
        form: Form::Source,
        note: "loader only; all of Stripe.js comes besides",
    },
];

/// Installs them, and prints a row for each below ours.
pub(crate) fn print(tools: &Tools, before: &Row, awake: &Row) -> Result<()> {
    let packages = tools.npm_extra("peers")?;
    println!("\nPeers, from their npm packages, packed in the same way");
    println!(
        "{before}  loader, fragment with its CSS, forms\n{awake}  and the widget: all there is"
    );
    for peer in PEERS {
        let folder = packages.join(peer.package);
        let name = format!("{} {}", peer.package, version(&folder)?);
        let row = Row::of(&name, &bytes(tools, peer, &folder)?)?;
        let form = match peer.form {
            Form::Ready => "as published",
            Form::Source => "bundled by esbuild",
        };
        println!("{row}  {}, {form}: {}", peer.file, peer.note);
    }
    Ok(())
}

fn version(folder: &Path) -> Result<String> {
    let package: Value = serde_json::from_slice(&read(&folder.join("package.json"))?)?;
    Ok(package["version"].as_str().context("a package without a version")?.to_owned())
}

fn bytes(tools: &Tools, peer: &Peer, folder: &Path) -> Result<Vec<u8>> {
    let file = folder.join(peer.file);
    if peer.form == Form::Ready {
        return read(&file);
    }
    let mut esbuild = tools.npm_program("esbuild");
    esbuild.arg(file).args(["--bundle", "--format=esm", "--minify", "--target=es2022"]);
    Ok(run_quiet(esbuild.arg("--log-level=warning"))?.into_bytes())
}
