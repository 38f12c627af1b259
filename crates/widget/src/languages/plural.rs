//! CLDR's plural rules for whole numbers up to a million, one for each family of languages.

/// CLDR's name of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plural {
    /// The form of 1, and of whatever goes like it.
    One,
    /// The dual.
    Two,
    /// The paucal.
    Few,
    /// In Arabic from 11 on, in Slavic languages from 5 on.
    Many,
    /// Every other number; in a list of forms the last, for all that have none of their own.
    Other,
}

/// Japanese, Korean, Chinese.
pub(super) fn none(_: u32) -> Plural {
    Plural::Other
}

/// English and most of its neighbours.
pub(super) fn one_or_other(number: u32) -> Plural {
    if number == 1 { Plural::One } else { Plural::Other }
}

/// French, and Portuguese as in Brazil: none is like one.
pub(super) fn french(number: u32) -> Plural {
    if number <= 1 { Plural::One } else { Plural::Other }
}

pub(super) fn czech(number: u32) -> Plural {
    match number {
        1 => Plural::One,
        2..=4 => Plural::Few,
        _ => Plural::Other,
    }
}

pub(super) fn polish(number: u32) -> Plural {
    match (number, number % 10, number % 100) {
        (1, _, _) => Plural::One,
        (_, 2..=4, tens) if !(12..=14).contains(&tens) => Plural::Few,
        _ => Plural::Many,
    }
}

pub(super) fn ukrainian(number: u32) -> Plural {
    match (number % 10, number % 100) {
        (1, tens) if tens != 11 => Plural::One,
        (2..=4, tens) if !(12..=14).contains(&tens) => Plural::Few,
        _ => Plural::Many,
    }
}

/// Its form of none is not needed here: of none it is never said how many are left.
pub(super) fn arabic(number: u32) -> Plural {
    match (number, number % 100) {
        (1, _) => Plural::One,
        (2, _) => Plural::Two,
        (_, 3..=10) => Plural::Few,
        (_, 11..=99) => Plural::Many,
        _ => Plural::Other,
    }
}

pub(super) fn hebrew(number: u32) -> Plural {
    match number {
        1 => Plural::One,
        2 => Plural::Two,
        _ => Plural::Other,
    }
}
