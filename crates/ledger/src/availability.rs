//! What a shopper sees of one SKU.

use crate::{AheadKind, Restock};
use jiff::civil::Date;

/// The shopper-facing state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// More than the low mark: plenty, however many.
    InStock,
    /// This many, at or under the low mark: each unit counts.
    Low(u32),
    /// Every unit is in a hold; the first may be free again then, UTC milliseconds.
    AllHeld(i64),
    /// None, but it can be ordered; when the next are expected.
    Ahead(AheadKind, Restock),
    /// None, and when the next are expected, if that is known and still ahead.
    Out(Option<Restock>),
    /// The merchant shows it to nobody.
    Hidden,
}

/// What decides about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// Available-to-sell.
    pub available: i64,
    /// When the first held units may be free again; `None` if no hold has what is missing.
    pub free_at: Option<i64>,
    /// At or under so many each unit counts.
    pub low_mark: u32,
    /// As what it can be ordered that is not there, and when the first line that could serve it is
    /// expected.
    pub ahead: Option<(AheadKind, Restock)>,
    /// When more come in.
    pub restock: Option<Restock>,
    /// Hidden by hand.
    pub hidden: bool,
    /// The shop hides what is out and has no date.
    pub hide_undated: bool,
}

/// What a shopper sees on the civil day `today` of the shop's zone. A restock date that has passed
/// is no longer a promise and is not shown.
pub fn availability(shelf: Shelf, today: Date) -> Availability {
    if shelf.hidden {
        return Availability::Hidden;
    }
    if shelf.available > 0 {
        return match u32::try_from(shelf.available) {
            Ok(units) if units <= shelf.low_mark => Availability::Low(units),
            _ => Availability::InStock,
        };
    }
    if let Some(free_at) = shelf.free_at {
        return Availability::AllHeld(free_at);
    }
    if let Some((kind, restock)) = shelf.ahead {
        return Availability::Ahead(kind, restock);
    }
    match shelf.restock.filter(|restock| !restock.has_passed(today)) {
        None if shelf.hide_undated => Availability::Hidden,
        restock => Availability::Out(restock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precision;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 21);

    const EMPTY: Shelf = Shelf {
        available: 0,
        free_at: None,
        low_mark: 5,
        ahead: None,
        restock: None,
        hidden: false,
        hide_undated: false,
    };

    #[test]
    fn every_unit_counts_at_or_under_the_low_mark() {
        let shown = |available| availability(Shelf { available, ..EMPTY }, TODAY);
        assert_eq!(shown(i64::MAX), Availability::InStock);
        assert_eq!(shown(6), Availability::InStock);
        assert_eq!(shown(5), Availability::Low(5));
        assert_eq!(shown(1), Availability::Low(1));
        assert_eq!(shown(0), Availability::Out(None));
        assert_eq!(shown(-3), Availability::Out(None));
        let plenty = Shelf { available: 1, low_mark: 0, ..EMPTY };
        assert_eq!(availability(plenty, TODAY), Availability::InStock);
    }

    #[test]
    fn a_date_is_shown_until_it_has_passed() {
        let restock = Restock::new(date(2026, 11, 16), None, Precision::Week).ok();
        let shown = |today| availability(Shelf { restock, ..EMPTY }, today);
        assert_eq!(shown(date(2026, 11, 22)), Availability::Out(restock));
        assert_eq!(shown(date(2026, 11, 23)), Availability::Out(None));
    }

    #[test]
    fn what_is_held_is_not_gone() {
        let restock = Restock::new(TODAY, None, Precision::Day).ok();
        let held = Shelf { free_at: Some(7), restock, hide_undated: true, ..EMPTY };
        assert_eq!(availability(held, TODAY), Availability::AllHeld(7));
        assert_eq!(availability(Shelf { available: 1, ..held }, TODAY), Availability::Low(1));
    }

    #[test]
    fn what_can_be_ordered_is_not_out() {
        let restock = Restock::new(TODAY, None, Precision::Day).unwrap();
        let ahead = Some((AheadKind::Preorder, restock));
        let shelf = Shelf { ahead, restock: None, hide_undated: true, ..EMPTY };
        let shown = Availability::Ahead(AheadKind::Preorder, restock);
        assert_eq!(availability(shelf, TODAY), shown);
        assert_eq!(availability(Shelf { available: 1, ..shelf }, TODAY), Availability::Low(1));
        let held = Shelf { free_at: Some(7), ..shelf };
        assert_eq!(availability(held, TODAY), Availability::AllHeld(7));
    }

    #[test]
    fn what_is_hidden_shows_nothing() {
        let by_hand = Shelf { available: 99, hidden: true, ..EMPTY };
        assert_eq!(availability(by_hand, TODAY), Availability::Hidden);
        let rule = Shelf { hide_undated: true, ..EMPTY };
        assert_eq!(availability(rule, TODAY), Availability::Hidden);
        let restock = Restock::new(TODAY, None, Precision::Day).ok();
        let dated = Shelf { restock, ..rule };
        assert_eq!(availability(dated, TODAY), Availability::Out(restock));
    }
}
