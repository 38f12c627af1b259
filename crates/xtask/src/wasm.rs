//! From a crate to WebAssembly with its JavaScript glue: cargo, wasm-bindgen (as a library, so it
//! is always the version in `Cargo.lock`), binaryen's wasm-opt and esbuild.

use crate::files::{fresh_folder, read, sha256};
use crate::process::{run, run_quiet};
use crate::progress::say;
use crate::tools::{Tools, WASM_TARGET};
use anyhow::{Context, Result};
use std::fs;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// The features of WebAssembly that rustc turns on for `wasm32-unknown-unknown`. Named one by
/// one, so that binaryen never writes an encoding that workerd or a browser does not know yet.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What is built and how.
pub(crate) struct Module<'a> {
    /// The crate, and the name of its `cdylib`.
    pub(crate) krate: &'a str,
    /// What the outputs are called: `{name}.js` and `{name}_bg.wasm`.
    pub(crate) name: &'a str,
    /// The folder under `target/xtask/` to work in: no other build's.
    pub(crate) folder: &'a str,
    /// The Cargo profile.
    pub(crate) profile: &'a str,
    /// Arguments to cargo besides package, target and profile.
    pub(crate) cargo: &'a [&'a str],
    /// Environment of the compilation.
    pub(crate) env: &'a [(&'a str, &'a str)],
    /// wasm-bindgen's target and options.
    pub(crate) bindgen: fn(&mut Bindgen) -> Result<&mut Bindgen>,
    /// Arguments to wasm-opt; `None` skips it.
    pub(crate) wasm_opt: Option<&'a [&'a str]>,
    /// The JavaScript that is bundled with the glue and becomes `{name}.js`, if it is not the
    /// glue itself.
    pub(crate) entry: Option<&'a Path>,
    /// Whether the JavaScript is minified.
    pub(crate) minify: bool,
}

/// Builds a module and returns the folder with its two files. All after cargo is skipped when
/// cargo's output, the entry and the way are those of the last time.
pub(crate) fn build(tools: &Tools, module: &Module) -> Result<PathBuf> {
    let compiled = compile(tools, module)?;
    let work = tools.target.join("xtask").join(module.folder);
    let done = work.join("done");
    let stamp = work.join("stamp");
    let inputs = inputs(tools, module, &compiled)?;
    if fs::read_to_string(&stamp).is_ok_and(|last| last == inputs) {
        return Ok(done);
    }
    say(&format!("packing {}", module.krate));
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    let glue = work.join("glue");
    fresh_folder(&glue)?;
    fresh_folder(&done)?;
    generate_glue(module, &compiled, &glue)?;
    optimise(tools, module, &glue, &done)?;
    bundle(tools, module, &glue, &done)?;
    fs::write(&stamp, inputs)?;
    Ok(done)
}

fn compile(tools: &Tools, module: &Module) -> Result<PathBuf> {
    let mut cargo = tools.cargo();
    cargo
        .args(["build", "--package", module.krate, "--target", WASM_TARGET])
        .args(["--profile", module.profile])
        .args(module.cargo)
        .envs(module.env.iter().copied());
    if !stderr().is_terminal() {
        // A log wants no line for each of three hundred crates; somebody who waits does.
        cargo.arg("--quiet");
    }
    say(&format!("compiling {}", module.krate));
    run(&mut cargo)?;
    // Cargo's one exception: the profile `dev` has the folder `debug`.
    let folder = if module.profile == "dev" { "debug" } else { module.profile };
    let file = format!("{}.wasm", module.krate);
    Ok(tools.target.join(WASM_TARGET).join(folder).join(file))
}

/// A hash of everything that decides what the steps after cargo make. The time at which this very
/// program was compiled stands for the options in its source.
fn inputs(tools: &Tools, module: &Module, compiled: &Path) -> Result<String> {
    let wasm = read(compiled)?;
    let lock = read(&tools.root.join("tests/package-lock.json"))?;
    let entry = module.entry.map(read).transpose()?.unwrap_or_default();
    let program = fs::metadata(std::env::current_exe()?)?.modified()?;
    let way = format!("{program:?} {:?} {}", module.wasm_opt, module.minify);
    Ok(sha256(&[&wasm, &lock, &entry, way.as_bytes()]))
}

fn generate_glue(module: &Module, compiled: &Path, glue: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).typescript(false);
    (module.bindgen)(&mut bindgen)?.generate(glue).context("wasm-bindgen failed")?;
    let script = glue.join(format!("{}.js", module.name));
    let text = fs::read_to_string(&script)?;
    // workerd gives a compiled module to a plain import; it has no `import source`.
    fs::write(&script, text.replace("import source ", "import "))?;
    Ok(())
}

fn optimise(tools: &Tools, module: &Module, glue: &Path, done: &Path) -> Result<()> {
    let file = format!("{}_bg.wasm", module.name);
    let (from, to) = (glue.join(&file), done.join(&file));
    let Some(arguments) = module.wasm_opt else {
        fs::copy(from, to)?;
        return Ok(());
    };
    let mut wasm_opt = tools.npm_program("wasm-opt");
    wasm_opt.arg(from).arg("-o").arg(to).args(WASM_FEATURES).args(arguments);
    run_quiet(&mut wasm_opt)?;
    Ok(())
}

fn bundle(tools: &Tools, module: &Module, glue: &Path, done: &Path) -> Result<()> {
    let script = format!("{}.js", module.name);
    let entry = match module.entry {
        None => glue.join(&script),
        Some(entry) => {
            let beside_glue = glue.join("entry.js");
            fs::copy(entry, &beside_glue)?;
            beside_glue
        }
    };
    let mut esbuild = tools.npm_program("esbuild");
    esbuild
        .arg(entry)
        .arg(format!("--outfile={}", done.join(&script).display()))
        .arg(format!("--external:./{}_bg.wasm", module.name))
        .args(["--bundle", "--format=esm", "--external:cloudflare:*", "--log-level=warning"]);
    if module.minify {
        esbuild.arg("--minify");
    }
    run_quiet(&mut esbuild)?;
    Ok(())
}
