//! What two variants have in common: `Red / XL` and `Blue / XL`.

use crate::text::key;
use std::collections::{BTreeMap, BTreeSet};

/// Options of a SKU that are compared; platforms have three or so.
pub const MAX_OPTIONS: usize = 8;

/// Between options. A slash or a comma within `1/2`, `36/38` or `0,75 l` parts nothing, so
/// these want their spaces.
const SPACED: [&str; 2] = [" / ", ", "];
const ALONE: [char; 5] = ['|', ';', '\n', '、', '،'];

/// Between an option's name and its value; `16:9` has none.
const NAMED: &str = ": ";

/// An option that two SKUs share, in the words of the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedOption<'a> {
    /// `Size`, if the text says.
    pub name: Option<&'a str>,
    /// `XL`.
    pub value: &'a str,
}

/// An option as it is compared: its texts folded, or their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key<Text> {
    value: Text,
    name: Option<Text>,
}

/// Numbers for texts, so that comparing two takes no time.
#[derive(Debug, Default)]
pub(crate) struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    /// The same for what [`key`] makes the same.
    pub(crate) fn of(&mut self, key: String) -> usize {
        let next = self.0.len();
        *self.0.entry(key).or_insert(next)
    }

    /// The options in a text, each once.
    pub(crate) fn options(&mut self, text: &str) -> Vec<Key<usize>> {
        let keys: BTreeSet<_> = read(text).map(|(_, key)| key).collect();
        let mut numbered = |key: Key<String>| Key {
            value: self.of(key.value),
            name: key.name.map(|name| self.of(name)),
        };
        keys.into_iter().map(&mut numbered).collect()
    }
}

/// How many of these the others have too.
pub(crate) fn count_shared(wanted: &[Key<usize>], others: &[Key<usize>]) -> usize {
    wanted.iter().filter(|key| others.iter().any(|other| same(key, other))).count()
}

/// The options that a substitute shares with what was wanted, from the texts of both, in the
/// order of the wanted one's. Case, accents and spaces make no difference; where both texts name
/// an option, the names must be the same too.
pub fn shared_options<'a>(wanted: &'a str, substitute: &str) -> Vec<SharedOption<'a>> {
    let theirs: Vec<_> = read(substitute).map(|(_, key)| key).collect();
    let mut seen = BTreeSet::new();
    let shared = read(wanted).filter(|(_, key)| theirs.iter().any(|their| same(key, their)));
    shared.filter(|(_, key)| seen.insert(key.clone())).map(|(option, _)| option).collect()
}

fn same<Text: PartialEq>(one: &Key<Text>, other: &Key<Text>) -> bool {
    let names = one.name.as_ref().zip(other.name.as_ref());
    one.value == other.value && names.is_none_or(|(one, other)| one == other)
}

fn read(text: &str) -> impl Iterator<Item = (SharedOption<'_>, Key<String>)> {
    let [slash, comma] = SPACED;
    let parts = text.split(slash).flat_map(move |part| part.split(comma));
    let parts = parts.flat_map(|part| part.split(ALONE)).map(str::trim_start);
    let options = parts.map(|part| match part.split_once(NAMED) {
        Some((name, value)) => SharedOption { name: Some(name.trim()), value: value.trim() },
        None => SharedOption { name: None, value: part.trim() },
    });
    let keyed = options.map(|option| {
        let name = option.name.map(key).filter(|name| !name.is_empty());
        (option, Key { value: key(option.value), name })
    });
    keyed.filter(|(_, key)| !key.value.is_empty()).take(MAX_OPTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(wanted: &str, substitute: &str) -> Vec<String> {
        shared_options(wanted, substitute)
            .iter()
            .map(|option| match option.name {
                Some(name) => format!("{name}={}", option.value),
                None => option.value.to_owned(),
            })
            .collect()
    }

    #[test]
    fn what_is_shared_is_told_in_the_wanted_ones_words() {
        assert_eq!(values("Red / XL", "Blue / XL"), ["XL"]);
        assert_eq!(values("XL / ROSÉ", "rose, xl"), ["XL", "ROSÉ"]);
        assert_eq!(values("Size: XL, Colour: Red", "colour: red | size: M"), ["Colour=Red"]);
        assert_eq!(values("Size: XL", "Red / XL"), ["Size=XL"]);
        assert_eq!(values("Red / M", "Blue / XL"), [""; 0]);
    }

    #[test]
    fn options_with_other_names_are_others() {
        assert_eq!(values("Waist: 32, Length: 34", "Waist: 34, Length: 32"), [""; 0]);
        assert_eq!(values("Waist: 32, Length: 32", "Waist: 32, Length: 34"), ["Waist=32"]);
    }

    #[test]
    fn numbers_are_left_in_one_piece() {
        assert_eq!(values("1/2 in / 0,75 l / 16:9", "3/2 in / 2,75 l / 1:9"), [""; 0]);
        assert_eq!(values("1/2 in / 0,75 l / 16:9", "16:9; 0,75 L; 1/2  in").len(), 3);
    }

    #[test]
    fn nothing_is_shared_twice_or_made_of_nothing() {
        assert_eq!(values("Red / Red / red", "Red"), ["Red"]);
        assert_eq!(values(" / , ;;Size: |\u{0}; \u{200b}", " / , ;;Size: |\u{0}"), [""; 0]);
        assert_eq!(values("", ""), [""; 0]);
    }

    #[test]
    fn texts_have_at_most_so_many_options() {
        let long = (0..10_000).map(|at| at.to_string()).collect::<Vec<_>>().join("; ");
        assert_eq!(shared_options(&long, &long).len(), MAX_OPTIONS);
        assert_eq!(Numbers::default().options(&long).len(), MAX_OPTIONS);
    }

    #[test]
    fn counting_agrees_with_telling() {
        let texts = ["Red / XL", "red, Size: XL", "Size: M; Red", "M / Red / Red", "", "Cut: XL"];
        let mut numbers = Numbers::default();
        for (one, other) in texts.iter().flat_map(|one| texts.map(|other| (one, other))) {
            let (these, those) = (numbers.options(one), numbers.options(other));
            assert_eq!(
                count_shared(&these, &those),
                shared_options(one, other).len(),
                "{one} {other}"
            );
        }
    }
}
