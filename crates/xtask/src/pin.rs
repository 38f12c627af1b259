//! The loader at an address that holds its hash, for pages that let nothing run which they have
//! not seen. A deployment serves only what its own build made, so each loader that was deployed is
//! kept in `www/loader/released`, and every build publishes them all.

use crate::files::{list, read, sha256, write};
use crate::progress::say;
use crate::tools::Tools;
use anyhow::{Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha384};
use std::path::Path;

const RELEASED: &str = "www/loader/released";
/// What of a hash names a loader: as many hexadecimal digits as name a widget.
const NAME_DIGITS: usize = 12;

/// What a page pastes to get this loader and no other.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Pin {
    /// The path on the Worker's origin.
    pub(crate) src: String,
    /// As the attribute `integrity` takes it.
    pub(crate) integrity: String,
}

impl Pin {
    fn of(loader: &[u8]) -> Self {
        let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(loader)));
        Self { src: format!("/b/{}/backroom.js", name(loader)), integrity }
    }

    /// That of the loader that was built last.
    pub(crate) fn built(tools: &Tools) -> Result<Self> {
        Ok(Self::of(&read(&tools.root.join("build/assets/backroom.js"))?))
    }
}

fn name(loader: &[u8]) -> String {
    let mut name = sha256(&[loader]);
    name.truncate(NAME_DIGITS);
    name
}

/// Puts the loader in `assets`, and those that were kept, where they can be pinned, and says in
/// `backroom.json` what to paste for the first.
pub(crate) fn publish(root: &Path, assets: &Path) -> Result<()> {
    let publish = |loader: &[u8]| {
        let pin = Pin::of(loader);
        write(&assets.join(pin.src.trim_start_matches('/')), loader)?;
        anyhow::Ok(pin)
    };
    let released = root.join(RELEASED);
    for file in list(&released)?.iter().filter(|file| file.extension().is_some_and(|e| e == "js")) {
        let loader = read(&released.join(file))?;
        ensure!(
            file.as_os_str() == format!("{}.js", name(&loader)).as_str(),
            "{RELEASED}/{} is not what was deployed: pages that pin it would get nothing. Restore it.",
            file.display()
        );
        publish(&loader)?;
    }
    let pin = publish(&read(&assets.join("backroom.js"))?)?;
    write(&assets.join("backroom.json"), &serde_json::to_vec(&pin)?)
}

/// Keeps the loader that was built last, since it has been deployed.
pub(crate) fn keep(root: &Path) -> Result<()> {
    let loader = read(&root.join("build/assets/backroom.js"))?;
    let file = format!("{RELEASED}/{}.js", name(&loader));
    if !root.join(&file).exists() {
        write(&root.join(&file), &loader)?;
        say(&format!("kept {file}: commit it, and later deployments go on serving it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Pin, RELEASED, keep, publish};
    use crate::files::{list, read, write};
    use std::path::Path;

    const PINNED: &str = "/b/ba7816bf8f01/backroom.js";

    /// A repository whose build has made this loader.
    fn build(root: &Path, loader: &[u8]) -> anyhow::Result<()> {
        let assets = root.join("build/assets");
        std::fs::create_dir_all(root.join(RELEASED))?;
        crate::files::fresh_folder(&assets)?;
        write(&assets.join("backroom.js"), loader)?;
        publish(root, &assets)
    }

    /// The hashes are those of FIPS 180-4's example.
    #[test]
    fn a_pin_is_the_hash_of_the_bytes() {
        let integrity = "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn";
        let (src, integrity) = (PINNED.to_owned(), integrity.to_owned());
        assert_eq!(Pin::of(b"abc"), Pin { src, integrity });
    }

    #[test]
    fn what_was_deployed_is_published_by_every_later_build() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let pinned = |name: &str| root.path().join("build/assets/b").join(name).join("backroom.js");
        build(root.path(), b"abc")?;
        keep(root.path())?;
        build(root.path(), b"never deployed")?;
        build(root.path(), b"newest")?;
        assert_eq!(read(&pinned("ba7816bf8f01"))?, b"abc");
        let newest = Pin::of(b"newest");
        assert_eq!(list(&root.path().join("build/assets/b"))?.len(), 2);
        let said = read(&root.path().join("build/assets/backroom.json"))?;
        assert_eq!(said, serde_json::to_vec(&newest)?);
        Ok(())
    }

    #[test]
    fn a_kept_loader_that_was_changed_is_not_published() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        build(root.path(), b"abc")?;
        keep(root.path())?;
        write(&root.path().join(RELEASED).join("ba7816bf8f01.js"), b"abd")?;
        let refused = build(root.path(), b"newest").expect_err("it was published");
        assert!(refused.to_string().contains("ba7816bf8f01.js is not what was deployed"));
        Ok(())
    }
}
