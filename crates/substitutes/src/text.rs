//! Text as it is compared.
//!
//! Case is folded and so are accents, because shops type the same word with and without them:
//! `CAFÉ`, `Cafe`; `ΚΕΡΙΑ`, `κεριά`. Only the accents of Latin, Greek and Cyrillic are: in other
//! scripts a mark may be a vowel, and without it another word is left.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// How much of a title is compared, in characters; more is not an error. Feeds take 150 too
/// (Google Merchant Center, "Title \[title\]"). As a title has no more n-grams than characters,
/// 10,000 titles come to 1.5 million, 24 MB of a Worker's 128 while the index is made, and 6 MB
/// once it is.
pub const MAX_TITLE_CHARS: usize = 150;

/// How much of a category or an options text is compared, in characters.
pub const MAX_DETAIL_CHARS: usize = 200;

/// Three characters of a word, its beginning and its end seen as spaces.
pub(crate) type Gram = [char; 3];

/// At most so many of the text's characters, folded.
fn folded(text: &str, most: usize) -> impl Iterator<Item = char> {
    // Upper case first: it makes ß and SS, ς and σ the same.
    let cases = |c: char| c.to_uppercase().flat_map(char::to_lowercase);
    // The limit stands twice: one character can stand for eighteen.
    let shown = text.chars().filter(|c| !is_invisible(*c)).take(most);
    let parts = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(shown);
    parts.flat_map(cases).filter(|c| !is_accent(*c)).take(most)
}

/// Joiners, soft hyphens, marks of direction: they are not seen and part no words.
fn is_invisible(c: char) -> bool {
    let ranges = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    matches!(c, '\u{ad}' | '\u{feff}') || ranges.iter().any(|range| range.contains(&c))
}

/// Unicode's block "Combining Diacritical Marks".
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// What two texts have in common if a reader would call them equal; empty if there is nothing to
/// read.
pub(crate) fn key(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = folded(text, MAX_DETAIL_CHARS).map(plain).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The n-grams of a title's words, each once, in their order.
pub(crate) fn grams(title: &str) -> Vec<Gram> {
    // Signs that stand on a letter are of its word, even those that are no letters themselves.
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let word = |c: char| c.is_alphanumeric() || classes.get_u8(c) != 0;
    let spaced = folded(title, MAX_TITLE_CHARS).map(|c| if word(c) { c } else { ' ' });
    let mut grams = Vec::new();
    let mut last = [' ', ' '];
    for next in spaced.chain([' ']) {
        let [first, middle] = last;
        // A space in the middle is between two words.
        if middle != ' ' {
            grams.push([first, middle, next]);
        }
        last = [middle, next];
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(title: &str) -> Vec<String> {
        grams(title).iter().map(String::from_iter).collect()
    }

    #[test]
    fn words_are_padded() {
        assert_eq!(shown("Tea-cup"), [" cu", " te", "cup", "ea ", "tea", "up "]);
        assert_eq!(shown("a b"), [" a ", " b "]);
        assert_eq!(shown(" tea\u{0}\n\"TEA\" "), [" te", "ea ", "tea"]);
    }

    #[test]
    fn what_reads_alike_is_alike() {
        for (one, other) in [
            ("Café crème", "CAFE CREME"),
            ("Cafe\u{301}", "Caf\u{e9}"),
            ("Straße", "STRASSE"),
            ("κεριά ΧΡΥΣΌΣ", "ΚΕΡΙΑ χρυσος"),
            ("ＴＥＡ", "tea"),
            ("Herz\u{ad}kerze \u{200f}", "herzkerze"),
            ("İstanbul", "istanbul"),
        ] {
            assert_eq!(grams(one), grams(other), "{one}");
            assert_eq!(key(one), key(other), "{one}");
        }
    }

    #[test]
    fn every_script_has_words() {
        // A vowel sign is part of its word, and not an accent.
        assert_ne!(grams("किताब"), grams("कतब"));
        for title in ["किताब", "मोमबत्ती", "הַבַּיִת"] {
            let parts = grams(title).into_iter().filter(|[first, ..]| *first == ' ');
            assert_eq!(parts.count(), 1, "{title}");
        }
        for title in ["נר שעווה", "شمعة حمراء", "キャンドル", "蜡烛", "เทียน"]
        {
            assert!(!grams(title).is_empty(), "{title}");
        }
        assert_eq!(grams("🎁 🎀!"), grams(""));
    }

    #[test]
    fn no_title_is_too_long() {
        let long = |chars| ('a'..='z').cycle().take(chars).collect::<String>();
        assert_eq!(grams(&long(10_000)), grams(&long(MAX_TITLE_CHARS)));
        for c in ["\u{fdfa}", "\u{301}", "ﬃ", "\u{390}", "각"] {
            assert!(grams(&c.repeat(10_000)).len() <= MAX_TITLE_CHARS, "{c}");
        }
    }

    #[test]
    fn keys_keep_what_words_drop() {
        assert_eq!(key("  1/2\t Inch\n"), "1/2 inch");
        assert_ne!(key("1/2"), key("12"));
        assert_eq!(key("\u{0} \u{200b}"), "");
    }
}
