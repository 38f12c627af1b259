//! Builds what is deployed, into `build/`: the Worker, and the assets beside it.

use crate::docs;
use crate::files::{fresh_folder, list, mirror, read, sha256, write};
use crate::pin::{self, Pin};
use crate::process::run_quiet;
use crate::progress::say;
use crate::shop;
use crate::tools::Tools;
use crate::wasm::{self, Module};
use anyhow::Result;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The browser downloads it, so the fewest bytes after brotli: flattened and put together again
/// it packs 1 % better than by `-Oz` alone. Names and producers are of no use to it.
const WIDGET_WASM_OPT: &[&str] =
    &["-Os", "--flatten", "--rereloop", "-Os", "--converge", "--strip-debug", "--strip-producers"];
/// The widget's standard library is compiled with it, so that a panic is one trap and nothing more:
/// no message is ever made, and the code that would make it is 9 of 50 kB. These options are not
/// stable, so the pinned stable compiler is told to allow them.
const WIDGET_CARGO: &[&str] =
    &["--no-default-features", "--features", "hydrate", "-Zbuild-std=std,panic_abort"];
const WIDGET_ENV: &[(&str, &str)] = &[
    ("RUSTC_BOOTSTRAP", "1"),
    (
        "RUSTFLAGS",
        "-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none",
    ),
];
/// While developing, sooner and with messages.
const WIDGET_CARGO_DEV: &[&str] = &["--no-default-features", "--features", "hydrate"];
/// Speed before bytes; `-g` keeps the names of functions, which stack traces show. wasm-bindgen's
/// abort handler catches traps with WebAssembly's exceptions.
const WORKER_WASM_OPT: &[&str] = &["-O3", "-g", "--enable-exception-handling"];

/// The loader has one address for ever, so it is kept for minutes, as is what to pin; the address
/// of a pinned loader and of a widget holds its hash, so that is kept for good. All are loaded by
/// strangers' pages, which may ask for CORP, and a shop may measure them (Timing-Allow-Origin).
const HEADERS: &str = "\
/place.js
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Timing-Allow-Origin: *
  X-Content-Type-Options: nosniff
/backroom.js
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Timing-Allow-Origin: *
  X-Content-Type-Options: nosniff
/backroom.json
  Cache-Control: public, max-age=300, stale-while-revalidate=86400
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Timing-Allow-Origin: *
  X-Content-Type-Options: nosniff
/b/*
  Cache-Control: public, max-age=31536000, immutable
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Timing-Allow-Origin: *
  X-Content-Type-Options: nosniff
/w/*
  Cache-Control: public, max-age=31536000, immutable
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Timing-Allow-Origin: *
  X-Content-Type-Options: nosniff
";

/// How it is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As it is deployed.
    Release,
    /// Compiled sooner, and large.
    Dev,
}

/// Builds everything, and returns the name of the widget's build.
pub(crate) fn build(tools: &Tools, mode: Mode) -> Result<String> {
    let _held_until_built = wait_for_other_builds(tools)?;
    let widget = widget(tools, mode)?;
    let worker = worker(tools, mode, &widget.build)?;
    let assets = assets(tools, &widget)?;
    // One after the other without a pause: whoever looks in between should find a Worker and a
    // widget of one build.
    let build = tools.root.join("build");
    mirror(&assets, &build.join("assets"))?;
    mirror(&worker, &build.join("worker"))?;
    Ok(widget.build)
}

/// A running `cargo dev` builds at each change, perhaps in the middle of a test run's build; both
/// work in the same folders, so one waits.
fn wait_for_other_builds(tools: &Tools) -> Result<File> {
    let folder = tools.target.join("xtask");
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// The widget as the browser gets it.
struct Widget {
    /// Names this build in addresses: 12 hexadecimal digits over its files and the view's sources.
    build: String,
    script: Vec<u8>,
    wasm: Vec<u8>,
    /// By name, the files of `www/loader` that belong to the view, whose forms they serve.
    actions: Vec<(&'static str, Vec<u8>)>,
}

fn widget(tools: &Tools, mode: Mode) -> Result<Widget> {
    let (profile, cargo, env) = match mode {
        Mode::Release => ("widget", WIDGET_CARGO, WIDGET_ENV),
        Mode::Dev => ("dev", WIDGET_CARGO_DEV, &[][..]),
    };
    let done = wasm::build(
        tools,
        &Module {
            krate: "widget",
            name: "widget",
            folder: "widget",
            profile,
            cargo,
            env,
            // The loader gives no address: the glue finds the module beside itself.
            bindgen: |bindgen| Ok(bindgen.web(true)?.omit_default_module_path(false)),
            wasm_opt: (mode == Mode::Release).then_some(WIDGET_WASM_OPT),
            entry: None,
            minify: true,
        },
    )?;
    let script = read(&done.join("widget.js"))?;
    let wasm = read(&done.join("widget_bg.wasm"))?;
    // What writes the fragment too: it changes with its style sheet, and so must its name.
    let sources = ["crates/widget/src", "crates/substitutes/src"].map(|name| tools.root.join(name));
    let mut text = Vec::new();
    for folder in &sources {
        for name in list(folder)? {
            text.extend(read(&folder.join(name))?);
        }
    }
    let mut actions = Vec::new();
    for name in ["actions.js", "claim.js", "challenge.js"] {
        let to = done.join(name);
        self::script(tools, name, "esm", &to)?;
        let bytes = read(&to)?;
        text.extend(&bytes);
        actions.push((name, bytes));
    }
    let mut build = sha256(&[&wasm, &script, &text]);
    build.truncate(12);
    Ok(Widget { build, script, wasm, actions })
}

/// Gathers everything that Workers Assets serves, and returns where.
fn assets(tools: &Tools, widget: &Widget) -> Result<PathBuf> {
    let gathered = tools.target.join("xtask/assets");
    fresh_folder(&gathered)?;
    let folder = gathered.join("w").join(&widget.build);
    write(&folder.join("widget.js"), &widget.script)?;
    write(&folder.join("widget_bg.wasm"), &widget.wasm)?;
    for (name, bytes) in &widget.actions {
        write(&folder.join(name), bytes)?;
    }
    script(tools, "backroom.js", "iife", &gathered.join("backroom.js"))?;
    script(tools, "place.js", "esm", &gathered.join("place.js"))?;
    pin::publish(&tools.root, &gathered)?;
    let types = read(&tools.root.join("www/loader/backroom.d.ts"))?;
    write(&gathered.join("backroom.d.ts"), &types)?;
    shop::render(&tools.root, &gathered)?;
    docs::render(&tools.root.join("www/docs"), &gathered.join("docs"))?;
    mirror(&tools.root.join("www/states"), &gathered.join("states"))?;
    write(&gathered.join("_headers"), HEADERS.as_bytes())?;
    Ok(gathered)
}

/// One of the loader's files, made small.
fn script(tools: &Tools, name: &str, format: &str, to: &Path) -> Result<()> {
    let mut esbuild = tools.npm_program("esbuild");
    esbuild
        .arg(tools.root.join("www/loader").join(name))
        .arg(format!("--outfile={}", to.display()))
        .arg(format!("--format={format}"))
        // What few pages need stays a file of its own.
        .args(["--bundle", "--minify", "--target=es2022", "--log-level=warning"])
        .args(["--external:./claim.js", "--external:./challenge.js"]);
    run_quiet(&mut esbuild)?;
    Ok(())
}

fn worker(tools: &Tools, mode: Mode, build: &str) -> Result<PathBuf> {
    let profile = if mode == Mode::Dev { "dev" } else { "release" };
    let optimised = mode == Mode::Release;
    variant(tools, &Variant { folder: "edge", profile, cargo: &[], build, optimised })
}

/// Builds the Worker with bugs in it, for the proofs that must find them, and returns its folder,
/// which is not the real one's.
pub(crate) fn with_bugs(tools: &Tools) -> Result<PathBuf> {
    let _held_until_built = wait_for_other_builds(tools)?;
    let cargo = &["--features", "bugs"];
    let (folder, profile, build) = ("bugs", "bugs", "bugs");
    variant(tools, &Variant { folder, profile, cargo, build, optimised: false })
}

/// A way to build the Worker.
struct Variant<'a> {
    /// See [`Module`], as for the next two.
    folder: &'a str,
    profile: &'a str,
    cargo: &'a [&'a str],
    /// The name of the widget's build.
    build: &'a str,
    optimised: bool,
}

fn variant(tools: &Tools, variant: &Variant<'_>) -> Result<PathBuf> {
    let shim = tools.root.join("crates/edge/shim.js");
    wasm::build(
        tools,
        &Module {
            krate: "edge",
            name: "index",
            folder: variant.folder,
            profile: variant.profile,
            cargo: variant.cargo,
            env: &[("BACKROOM_BUILD", variant.build)],
            bindgen: |bindgen| {
                let bindgen = bindgen.module(true)?;
                Ok(bindgen.reset_state_function(true).force_enable_abort_handler(true))
            },
            wasm_opt: variant.optimised.then_some(WORKER_WASM_OPT),
            entry: Some(&shim),
            minify: variant.optimised,
        },
    )
}

/// Says what was built, largest worry first.
pub(crate) fn report(tools: &Tools) -> Result<()> {
    let build = tools.root.join("build");
    let files = list(&build)?.len();
    let worker = read(&build.join("worker/index_bg.wasm"))?.len();
    say(&format!("built {files} files into build/ (the Worker: {} kB)", worker / 1000));
    let Pin { src, integrity } = Pin::built(tools)?;
    say(&format!("the loader, pinned: src=\"{src}\" integrity=\"{integrity}\""));
    Ok(())
}
