//! Finds the tools that the build needs, and installs what is missing: the WebAssembly target and
//! the standard library's sources by rustup, Node and the npm packages by npm at the versions that
//! the lock files pin. What is there already is left alone, so this costs a fraction of a second
//! the second time.

use crate::files::{read, sha256, write};
use crate::process::{ask, run, run_quiet};
use crate::progress::say;
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// What wrangler (22.12) and `node:sqlite` in the tests (22.13) ask for.
const NODE_MIN: (u32, u32) = (22, 13);
/// What is installed where the machine's Node is older; pinned in `node/package.json`.
const NODE_VERSION: &str = "26.10.0";
const NODE_PACKAGE: &str = include_str!("../node/package.json");
const NODE_LOCK: &str = include_str!("../node/package-lock.json");

/// Where the usual packages put Chromium or Chrome.
const CHROMIUM_NAMES: &[&str] =
    &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const CHROMIUM_ON_MACOS: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The tools, ready to be used.
pub(crate) struct Tools {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    pub(crate) target: PathBuf,
    /// `PATH` with the right Node first.
    path: OsString,
}

impl Tools {
    /// Finds or installs everything that building and running the Worker needs.
    pub(crate) fn set_up() -> Result<Self> {
        let root = root()?;
        let target = target(&root)?;
        wasm_target()?;
        rust_src()?;
        let path = node(&target)?;
        let tools = Self { root, target, path };
        tools.npm_packages()?;
        Ok(tools)
    }

    /// A command in the repository with the right Node on its `PATH`.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command
            .current_dir(&self.root)
            .env("PATH", &self.path)
            // No reports home, and no look-up of this machine's place at each start.
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
        command
    }

    /// A program of the npm packages in `tests/`.
    pub(crate) fn npm_program(&self, name: &str) -> Command {
        self.command(self.root.join("tests/node_modules/.bin").join(name))
    }

    /// The Cargo that runs this.
    pub(crate) fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// Installs the npm packages if they are not those of the lock file.
    fn npm_packages(&self) -> Result<()> {
        let folder = self.root.join("tests");
        npm_install(&folder, "wrangler, esbuild, binaryen and playwright-core")
    }

    /// Installs what only one task needs, by the lock file of this folder of xtask's, and returns
    /// where its packages are: below the target directory.
    pub(crate) fn npm_extra(&self, name: &str) -> Result<PathBuf> {
        let from = self.root.join("crates/xtask").join(name);
        let folder = self.target.join("tools").join(name);
        for file in ["package.json", "package-lock.json"] {
            write(&folder.join(file), &read(&from.join(file))?)?;
        }
        npm_install(&folder, name)?;
        Ok(folder.join("node_modules"))
    }

    /// The browser of the tests: `CHROMIUM`, or found, or installed where that may be done.
    pub(crate) fn chromium(&self) -> Result<PathBuf> {
        if let Some(named) = env::var_os("CHROMIUM") {
            return Ok(named.into());
        }
        if let Some(found) = find_chromium() {
            return Ok(found);
        }
        let may_install =
            ask("id", &["-u"]).as_deref() == Some("0") && ask("apt-get", &["--version"]).is_some();
        if may_install {
            say("installing Chromium by apt-get");
            let install: [&[&str]; 2] =
                [&["update"], &["install", "-y", "--no-install-recommends", "chromium"]];
            for arguments in install {
                let mut apt_get = self.command("apt-get");
                apt_get.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
                // Whatever it says, what counts is whether there is one then.
                let _ = run_quiet(&mut apt_get);
            }
        }
        find_chromium().context(
            "The browser tests need Chromium: install it (`apt-get install chromium` on Debian) \
             or give its path in the environment variable CHROMIUM.",
        )
    }

    /// clippy and rustfmt, which a minimal toolchain lacks.
    pub(crate) fn rust_components(&self) -> Result<()> {
        if ask("cargo-clippy", &["--version"]).is_some() && ask("rustfmt", &["--version"]).is_some()
        {
            return Ok(());
        }
        say("installing clippy and rustfmt by rustup");
        run(self.command("rustup").args(["component", "add", "clippy", "rustfmt"]))
            .context("clippy and rustfmt are needed: `rustup component add clippy rustfmt`")
    }
}

/// The repository, from where Cargo says that this crate is.
pub(crate) fn root() -> Result<PathBuf> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR")
        .context("CARGO_MANIFEST_DIR is not set: run this as `cargo xtask`")?;
    let root = Path::new(&manifest).ancestors().nth(2);
    Ok(root.context("crates/xtask is not inside a repository")?.to_owned())
}

/// Cargo's target directory: `CARGO_TARGET_DIR`, as Cargo itself reads it, or `target`.
fn target(root: &Path) -> Result<PathBuf> {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(named) => Ok(std::path::absolute(named)?),
        None => Ok(root.join("target")),
    }
}

/// Adds the WebAssembly target to the toolchain. rustup reads `rust-toolchain.toml`, but installs
/// by itself only where RUSTUP_AUTO_INSTALL allows it, so it is asked.
fn wasm_target() -> Result<()> {
    let libraries = ask("rustc", &["--print", "target-libdir", "--target", WASM_TARGET]);
    if libraries.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    say("installing Rust's WebAssembly target by rustup");
    run(Command::new("rustup").args(["target", "add", WASM_TARGET])).with_context(|| {
        format!("Rust's {WASM_TARGET} target is missing and rustup could not add it: get rustup from https://rustup.rs")
    })
}

/// Adds the sources of the standard library, which the widget compiles anew.
fn rust_src() -> Result<()> {
    let there = ask("rustc", &["--print", "sysroot"]).is_some_and(|sysroot| {
        Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
    });
    if there {
        return Ok(());
    }
    say("installing the standard library's sources by rustup");
    run(Command::new("rustup").args(["component", "add", "rust-src"]))
        .context("the widget needs `rustup component add rust-src`")
}

/// The `PATH` for children: as it is if the machine's Node is new enough, else with the pinned
/// one first.
fn node(target: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let own = ask("node", &["--version"]);
    if own.as_deref().and_then(node_version).is_some_and(|version| version >= NODE_MIN) {
        return Ok(path);
    }
    let folder = target.join("tools").join(format!("node-{NODE_VERSION}"));
    let programs = folder.join("node_modules/.bin");
    if !programs.join("node").exists() {
        say(&format!(
            "installing Node {NODE_VERSION} by npm (this machine's is {})",
            own.as_deref().unwrap_or("missing")
        ));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), NODE_PACKAGE)?;
        fs::write(folder.join("package-lock.json"), NODE_LOCK)?;
        npm_ci(&folder)?;
    }
    if !programs.join("node").exists() {
        bail!(
            "npm has no Node {NODE_VERSION} for this machine: install Node 22.13 or newer from https://nodejs.org"
        );
    }
    let paths = std::iter::once(programs).chain(env::split_paths(&path));
    Ok(env::join_paths(paths)?)
}

/// `v24.1.0` as (24, 1).
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Installs a folder's npm packages, `what`, if they are not those of its lock file.
fn npm_install(folder: &Path, what: &str) -> Result<()> {
    let stamp = folder.join("node_modules/.backroom-lock");
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock)
        .with_context(|| format!("{} cannot be read: is this a whole clone?", lock.display()))?;
    let hash = sha256(&[&lock]);
    if fs::read_to_string(&stamp).is_ok_and(|was| was == hash) {
        return Ok(());
    }
    say(&format!("installing {what} by npm"));
    npm_ci(folder)?;
    fs::write(&stamp, hash)?;
    Ok(())
}

/// Installs exactly what a folder's lock file says. No package's own script is run: none of those
/// used here needs one.
fn npm_ci(folder: &Path) -> Result<()> {
    if ask("npm", &["--version"]).is_none() {
        bail!("npm was not found: install Node.js, which brings it, from https://nodejs.org");
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    run_quiet(&mut npm).with_context(|| {
        format!(
            "npm (7 or newer) could not install the packages of {} from its registry",
            folder.display()
        )
    })?;
    Ok(())
}

fn find_chromium() -> Option<PathBuf> {
    let folders: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let on_path =
        folders.iter().flat_map(|folder| CHROMIUM_NAMES.iter().map(move |name| folder.join(name)));
    on_path.chain(CHROMIUM_ON_MACOS.iter().map(PathBuf::from)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::{NODE_MIN, NODE_PACKAGE, NODE_VERSION, node_version};

    #[test]
    fn node_versions_are_read() {
        assert_eq!(node_version("v22.13.0"), Some(NODE_MIN));
        assert_eq!(node_version("v8.1"), Some((8, 1)));
        assert_eq!(node_version("deno 2"), None);
    }

    #[test]
    fn every_platform_gets_the_same_node() {
        let package: serde_json::Value = serde_json::from_str(NODE_PACKAGE).expect("JSON");
        let pinned = package["optionalDependencies"].as_object().expect("an object");
        assert!(pinned.values().all(|version| version == NODE_VERSION), "{pinned:?}");
    }

    /// wasm-bindgen's glue fits only the WebAssembly that the same version compiled.
    #[test]
    fn the_glue_generator_is_the_version_of_wasm_bindgen() {
        let lock: toml::Table = include_str!("../../../Cargo.lock").parse().expect("TOML");
        let versions = |name: &str| -> Vec<String> {
            let packages = lock["package"].as_array().expect("an array").iter();
            packages
                .filter(|package| package["name"].as_str() == Some(name))
                .map(|package| package["version"].to_string())
                .collect()
        };
        assert_eq!(versions("wasm-bindgen").len(), 1, "one wasm-bindgen in Cargo.lock");
        assert_eq!(versions("wasm-bindgen"), versions("wasm-bindgen-cli-support"));
    }
}
