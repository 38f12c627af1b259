//! `cargo dev`: the Worker on this machine, with a demo shop in it.

use crate::api::{Answer, Api, Reply, in_words, settings};
use crate::inbox::{Checkout, Inbox};
use crate::progress::{say, today};
use crate::server::{Options, Server, random_secret};
use crate::shop;
use crate::tools::Tools;
use anyhow::{Context, Result, bail};
use jiff::{ToSpan, civil::Date};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use wire::{
    Ahead, AheadKind, Code, CreateShop, NewPurchaseLine, Precision, PurchaseLineChange,
    PurchaseOrderChange, PurchaseOrderRequest, Restock, Settings, SettingsChange, SkuChange,
};

/// Where wrangler keeps local state of its own accord, so a plain `wrangler dev` sees it too.
const STATE: &str = ".wrangler/state";
const KEY_FILE: &str = ".wrangler/demo.key";
/// What addresses are encrypted under: kept, for they stay in the state from one start to the next.
const CONTACT_KEYS_FILE: &str = ".wrangler/contact.keys";
/// What buyers' links are signed with: kept, so that they work after the next start.
const SIGNING_SECRET_FILE: &str = ".wrangler/signing.secret";
const CATALOGUE: &str = "www/shop/catalogue.csv";
const SHOP: &str = "demo";
/// What it sells that is not there, and in how many days it comes.
const AHEAD: &[(&str, AheadKind, i64)] =
    &[("15056P", AheadKind::Preorder, 60), ("22699", AheadKind::Backorder, 16)];
/// wrangler's own.
const PORT: u16 = 8787;
const CHECKOUT_PORT: u16 = 8788;

/// Runs the Worker with its demo shop until ctrl-C.
pub(crate) fn dev(tools: &Tools) -> Result<()> {
    let (stop, stopped) = until_interrupted()?;
    let operator_secret = random_secret()?;
    let fresh_key = || Ok(format!("1:{}{}", random_secret()?, random_secret()?));
    let contact_keys = kept(&tools.root.join(CONTACT_KEYS_FILE), fresh_key)?;
    let signing_secret = kept(&tools.root.join(SIGNING_SECRET_FILE), random_secret)?;
    let inbox = Inbox::start(tools)?;
    let checkout_port = free_port(CHECKOUT_PORT)?;
    let checkout = format!("http://127.0.0.1:{checkout_port}/");
    let options = Options {
        port: free_port(PORT)?,
        state: &tools.root.join(STATE),
        operator_secret: &operator_secret,
        watch: true,
        contact_keys: &contact_keys,
        signing_secret: &signing_secret,
        mail_api: &inbox.api(),
        worker: None,
        variables: &[],
        checkout: Some(&checkout),
    };
    say("starting the Worker");
    let server = Server::start(tools, &options, stop)?;
    let api = Api::new(&server.url);
    let key = demo_key(&api, &operator_secret, &tools.root.join(KEY_FILE))?;
    set_up(&api, &key, &server.url, &checkout)?;
    let sku = import(&api, &key, &shop::catalogue(&tools.root, today())?)?;
    supply(&api, &key, today())?;
    let _checkout = Checkout::start(tools, checkout_port, &server.url, &key)?;
    greet(&server.url, &inbox.url, &sku);
    stopped.recv()?;
    say("stopping");
    Ok(())
}

/// This port, or another if that is taken: links in mails and pages have it in them, so it is known
/// before anything starts.
fn free_port(wanted: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", wanted));
    let listener = listener.or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?;
    Ok(listener.local_addr()?.port())
}

/// The demo shop's key: a new shop's, or the one kept from an earlier start.
fn demo_key(api: &Api, operator_secret: &str, file: &Path) -> Result<String> {
    let shop = CreateShop { id: Some(SHOP.to_owned()), settings: settings() };
    match api.create_shop(operator_secret, &shop)? {
        Ok(created) => {
            say("made the shop `demo`");
            if file.exists() {
                fs::remove_file(file)?;
            }
            keep_secret(file, &created.secret_key)?;
            Ok(created.secret_key)
        }
        Err(problem) if problem.code == Code::ShopExists => {
            let key = fs::read_to_string(file).with_context(|| {
                format!("the key of the demo shop is gone from {KEY_FILE}: delete {STATE} for a new shop")
            })?;
            Ok(key.trim().to_owned())
        }
        Err(problem) => bail!("the demo shop could not be made: {}", in_words(&problem)),
    }
}

/// Lets the demo shop's own pages sign people up, and its checkout sell what is kept for them, at
/// whatever ports they are today.
fn set_up(api: &Api, key: &str, url: &str, checkout: &str) -> Result<()> {
    let origins = vec![url.to_owned(), url.replace("127.0.0.1", "localhost")];
    let template = format!("{checkout}?sku={{sku}}&quantity={{quantity}}&hold={{hold}}");
    let change = SettingsChange {
        origins: Some(origins),
        name: Some(Some("Pennywick".to_owned())),
        checkout_url: Some(Some(template)),
        ..SettingsChange::default()
    };
    match api.patch_json("/v1/shop", key, &change)?.read::<Settings>()? {
        Ok(_) => Ok(()),
        Err(problem) => bail!("the demo shop's settings were refused: {}", in_words(&problem)),
    }
}

/// The secret of an earlier start, or a new one.
fn kept(file: &Path, make: impl FnOnce() -> Result<String>) -> Result<String> {
    if file.exists() {
        return Ok(fs::read_to_string(file)?.trim().to_owned());
    }
    let secret = make()?;
    keep_secret(file, &secret)?;
    Ok(secret)
}

/// Writes a secret into a new file, for nobody else to read.
fn keep_secret(file: &Path, secret: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{secret}")?;
    Ok(())
}

/// Imports the catalogue, which changes nothing the second time, and returns its first SKU.
fn import(api: &Api, key: &str, catalogue: &str) -> Result<String> {
    let report = match api.import(key, catalogue.as_bytes())? {
        Answer::Ok(report) => report,
        Answer::Err(problem) => bail!("{CATALOGUE} was refused: {}", in_words(&problem)),
    };
    say(&format!(
        "imported {CATALOGUE}: {} rows, {} SKUs new, {} changed",
        report.rows, report.created, report.updated
    ));
    first_sku(catalogue)
}

/// What is on its way to the demo shop: one SKU can be pre-ordered and one back-ordered. Like the
/// catalogue's dates, theirs count from today.
fn supply(api: &Api, key: &str, today: Date) -> Result<()> {
    for (sku, kind, days) in AHEAD {
        let expected = Restock {
            date: today.checked_add(days.days())?.to_string(),
            until: None,
            precision: Precision::Day,
        };
        let change = SkuChange {
            ahead: Some(Some(Ahead { kind: *kind, limit: None, limit_per_buyer: Some(4) })),
            ..SkuChange::default()
        };
        accepted(&api.patch_json(&format!("/v1/skus/{sku}"), key, &change)?)?;
        let po = format!("demo-{sku}");
        let line = NewPurchaseLine {
            sku: (*sku).to_owned(),
            location: None,
            quantity: 24,
            expected: None,
        };
        let placed =
            PurchaseOrderRequest { id: po.clone(), supplier: "Demo".to_owned(), lines: vec![line] };
        accepted(&api.post_json("/v1/purchase-orders", key, &placed)?)?;
        let line = PurchaseLineChange { line: 1, expected: Some(Some(expected)), cancel: false };
        let id = format!("{po}-{today}");
        let moved = PurchaseOrderChange { id, lines: vec![line], reason: None };
        let path = format!("/v1/purchase-orders/{po}/changes");
        let moved = api.post_json(&path, key, &moved)?;
        // Whoever tries the demo may have received or cancelled it.
        if moved.status != 409 {
            accepted(&moved)?;
        }
    }
    Ok(())
}

fn accepted(reply: &Reply) -> Result<()> {
    match reply.read::<serde_json::Value>()? {
        Ok(_) => Ok(()),
        Err(problem) => bail!("the demo shop's supply was refused: {}", in_words(&problem)),
    }
}

fn first_sku(catalogue: &str) -> Result<String> {
    let mut reader = csv::Reader::from_reader(catalogue.as_bytes());
    let column = reader.headers()?.iter().position(|name| name == "sku");
    let column = column.with_context(|| format!("{CATALOGUE} has no column `sku`"))?;
    let first = reader.records().next().with_context(|| format!("{CATALOGUE} has no rows"))??;
    Ok(first.get(column).unwrap_or_default().to_owned())
}

fn greet(url: &str, inbox: &str, sku: &str) {
    println!(
        "
The demo shop is open:  {url}/
Its mails come here:    {inbox}/

Ask what is in stock:
  curl '{url}/v1/availability?shop={SHOP}&sku={sku}'
Sell one, and watch a page that shows it:
  curl {url}/v1/commands -H \"Authorization: Bearer $(cat {KEY_FILE})\" \\
    -d '{{\"id\":\"'$(date +%s)'\",\"type\":\"sell\",\"lines\":[{{\"sku\":\"{sku}\",\"quantity\":1}}]}}'

What is on its way, and who waits for it:
  curl {url}/v1/purchase-orders -H \"Authorization: Bearer $(cat {KEY_FILE})\"

Changes under crates/ and www/ are built and taken over. Ctrl-C ends it.
"
    );
}

/// A channel that gets a message at ctrl-C and when somebody asks the program to end.
fn until_interrupted() -> Result<(Sender<()>, Receiver<()>)> {
    let (stop, stopped) = channel();
    let at_signal = stop.clone();
    ctrlc::set_handler(move || {
        let _ = at_signal.send(());
    })?;
    Ok((stop, stopped))
}
