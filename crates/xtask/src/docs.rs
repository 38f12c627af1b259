//! Renders `www/docs/*.md` into pages.

use crate::files::{read, write};
use anyhow::{Context, Result};
use minijinja::{Environment, context};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::ffi::OsStr;
use std::path::Path;

/// Writes a page for each document, and what they need besides, into `out`.
pub(crate) fn render(docs: &Path, out: &Path) -> Result<()> {
    let template = String::from_utf8(read(&docs.join("page.html"))?)?;
    let mut pages = Environment::new();
    pages.add_template("page.html", &template)?;
    let page = pages.get_template("page.html")?;
    for entry in docs.read_dir().with_context(|| format!("{} cannot be read", docs.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        match path.extension().and_then(OsStr::to_str) {
            Some("md") => {
                let text = String::from_utf8(read(&path)?)?;
                let html = page.render(context! {
                    title => title(&text),
                    body => minijinja::Value::from_safe_string(body(&text)),
                })?;
                write(&out.join(name).with_extension("html"), html.as_bytes())?;
            }
            Some("css" | "json" | "png" | "svg") => write(&out.join(name), &read(&path)?)?,
            _ => {}
        }
    }
    Ok(())
}

/// The text of the first heading.
fn title(text: &str) -> String {
    let mut title = String::new();
    let mut inside = false;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => inside = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => break,
            Event::Text(part) | Event::Code(part) if inside => title.push_str(&part),
            _ => {}
        }
    }
    title
}

fn body(text: &str) -> String {
    let mut body = String::new();
    html::push_html(&mut body, parser(text));
    body
}

fn parser(text: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    Parser::new_ext(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::root;
    use std::fs::read_to_string;
    use wire::Code;

    #[test]
    fn every_problem_is_documented_in_order_with_its_status() {
        let text =
            read_to_string(root().unwrap().join("www/docs/problems.md")).expect("problems.md");
        let documented: Vec<_> = text
            .split("\n## ")
            .skip(1)
            .map(|part| part.lines().take(2).collect::<Vec<_>>().join(" "))
            .map(|part| part.split_inclusive('.').next().unwrap_or_default().to_owned())
            .collect();
        let expected: Vec<_> = Code::ALL
            .iter()
            .map(|code| format!("{0} {{#{0}}} {1}.", code.as_str(), code.status()))
            .collect();
        assert_eq!(documented, expected);
    }

    #[test]
    fn links_between_documents_lead_somewhere() {
        let docs = root().unwrap().join("www/docs");
        for entry in docs.read_dir().expect("www/docs") {
            let path = entry.expect("an entry").path();
            if path.extension() != Some(OsStr::new("md")) {
                continue;
            }
            let text = read_to_string(&path).expect("a document");
            for event in parser(&text) {
                let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
                if dest_url.contains("://") {
                    continue;
                }
                let (page, anchor) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
                let target = match page.strip_suffix(".html") {
                    // What lies beside the documents is copied as it is, from the folder of its kind.
                    _ if page == "/backroom.d.ts" => docs.join("../loader/backroom.d.ts"),
                    _ if page.starts_with('/') => docs.join(format!("..{page}index.html")),
                    Some(stem) => docs.join(stem).with_extension("md"),
                    None if page.is_empty() => path.clone(),
                    None => docs.join(page),
                };
                let there = read_to_string(&target)
                    .unwrap_or_else(|_| panic!("{}: {dest_url} leads nowhere", path.display()));
                assert!(
                    anchor.is_empty() || there.contains(&format!("{{#{anchor}}}")),
                    "{}: {dest_url} has no such heading",
                    path.display()
                );
            }
        }
    }
}
