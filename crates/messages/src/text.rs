//! A letter as plain text.

use crate::letter::{Letter, Part};
use textwrap::{Options, WordSplitter, WrapAlgorithm, fill};
use widget::{link, printable};

/// RFC 5322 asks for at most 78 characters in a line; six are left for what a reply puts before
/// them.
const COLUMNS: usize = 72;

/// These are written without spaces, and a mail program knows best where they may be broken.
const UNSPACED: [&str; 2] = ["ja", "zh"];

/// Between what the message says and its foot.
const RULE: &str = "---";

/// Sets a letter.
pub(crate) fn text(letter: &Letter<'_>) -> String {
    let wraps = !UNSPACED.contains(&letter.language.tag);
    let wrap = |said: &str| if wraps { wrapped(said) } else { said.to_owned() };
    let mut paragraphs = vec![wrap(letter.heading)];
    paragraphs.extend(letter.parts.iter().map(|one| part(one, wrap)));
    paragraphs.push(RULE.to_owned());
    paragraphs.extend(letter.why.map(wrap));
    paragraphs.extend(letter.links.iter().map(|(said, to)| under(said, to)));
    let name = printable(letter.sender.name);
    paragraphs.push(match link::absolute(letter.sender.site) {
        Some(site) => under(&name, site),
        None => name,
    });
    paragraphs.join("\n\n") + "\n"
}

fn part(part: &Part, wrap: impl Fn(&str) -> String) -> String {
    match part {
        Part::Product { units, title, url, .. } => {
            let title = match units {
                Some(units) => wrap(&format!("{units} × {title}")),
                None => wrap(title),
            };
            match url {
                Some(url) => under(&title, url),
                None => title,
            }
        }
        Part::Text(said) => wrap(said),
        Part::When { label, said } => under(label, &wrap(said)),
        Part::Button { said, to } | Part::Link { said, to } => under(said, to),
    }
}

fn under(one: &str, other: &str) -> String {
    [one, "\n", other].concat()
}

/// Broken between words into lines that are not too long; a word that is, such as an address, is
/// left whole.
fn wrapped(said: &str) -> String {
    let options = Options::new(COLUMNS)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    fill(said, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_breaks_between_words_and_nowhere_else() {
        let long = "E-mail ".repeat(30);
        let wrapped_long = wrapped(long.trim());
        assert!(wrapped_long.lines().all(|line| line.len() <= COLUMNS && line.ends_with("E-mail")));
        assert_eq!(wrapped_long.replace('\n', " "), long.trim());
        let address = format!("https://shop.example/{}", "a-b/".repeat(50));
        assert_eq!(wrapped(&address), address);
    }
}
