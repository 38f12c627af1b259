//! One value for each language.

use super::Language;

/// A table with one value for each language: one that lacks a language does not compile.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is named by its language's tag")]
pub struct PerLanguage<T> {
    pub en: T,
    pub en_us: T,
    pub ar: T,
    pub cs: T,
    pub da: T,
    pub de: T,
    pub es: T,
    pub fi: T,
    pub fr: T,
    pub he: T,
    pub it: T,
    pub ja: T,
    pub ko: T,
    pub nl: T,
    pub pl: T,
    pub pt: T,
    pub sv: T,
    pub tr: T,
    pub uk: T,
    pub zh: T,
}

impl<T> PerLanguage<T> {
    /// The value of this language.
    pub fn of(&self, language: &Language) -> &T {
        match language.tag {
            "en-US" => &self.en_us,
            "ar" => &self.ar,
            "cs" => &self.cs,
            "da" => &self.da,
            "de" => &self.de,
            "es" => &self.es,
            "fi" => &self.fi,
            "fr" => &self.fr,
            "he" => &self.he,
            "it" => &self.it,
            "ja" => &self.ja,
            "ko" => &self.ko,
            "nl" => &self.nl,
            "pl" => &self.pl,
            "pt" => &self.pt,
            "sv" => &self.sv,
            "tr" => &self.tr,
            "uk" => &self.uk,
            "zh" => &self.zh,
            _ => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LANGUAGES;

    #[test]
    fn each_language_finds_its_own() {
        let tags = PerLanguage {
            en: "en",
            en_us: "en-US",
            ar: "ar",
            cs: "cs",
            da: "da",
            de: "de",
            es: "es",
            fi: "fi",
            fr: "fr",
            he: "he",
            it: "it",
            ja: "ja",
            ko: "ko",
            nl: "nl",
            pl: "pl",
            pt: "pt",
            sv: "sv",
            tr: "tr",
            uk: "uk",
            zh: "zh",
        };
        for language in LANGUAGES {
            assert_eq!(*tags.of(language), language.tag);
        }
    }
}
