//! What a shopper sees of one SKU.

use crate::Restock;
use jiff::civil::Date;

/// The shopper-facing state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// More than the low mark: plenty, however many.
    InStock,
    /// This many, at or under the low mark: each unit counts.
    Low(u32),
    /// None, and when the next are expected, if that is known and still ahead.
    Out(Option<Restock>),
}

/// What a shopper sees when `available` units can be sold (all locations together, shortfalls
/// taken off), on the civil day `today` of the shop's zone. A restock date that has passed is no
/// longer a promise and is not shown.
pub fn availability(
    available: i64,
    low_mark: u32,
    restock: Option<Restock>,
    today: Date,
) -> Availability {
    match u32::try_from(available) {
        Err(_) if available > 0 => Availability::InStock,
        Ok(0) | Err(_) => Availability::Out(restock.filter(|restock| !restock.has_passed(today))),
        Ok(units) if units <= low_mark => Availability::Low(units),
        Ok(_) => Availability::InStock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precision;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 21);

    #[test]
    fn every_unit_counts_at_or_under_the_low_mark() {
        let shown = |available| availability(available, 5, None, TODAY);
        assert_eq!(shown(i64::MAX), Availability::InStock);
        assert_eq!(shown(6), Availability::InStock);
        assert_eq!(shown(5), Availability::Low(5));
        assert_eq!(shown(1), Availability::Low(1));
        assert_eq!(shown(0), Availability::Out(None));
        assert_eq!(shown(-3), Availability::Out(None));
        assert_eq!(availability(1, 0, None, TODAY), Availability::InStock);
    }

    #[test]
    fn a_date_is_shown_until_it_has_passed() {
        let restock = Restock::new(date(2026, 11, 16), None, Precision::Week).ok();
        let shown = |today| availability(0, 5, restock, today);
        assert_eq!(shown(date(2026, 11, 22)), Availability::Out(restock));
        assert_eq!(shown(date(2026, 11, 23)), Availability::Out(None));
    }
}
