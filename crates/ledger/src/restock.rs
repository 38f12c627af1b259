//! When stock comes back: civil days, never finer than what is known.

use jiff::{ToSpan, civil::Date};

/// How finely a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// That day.
    Day,
    /// Some day of that ISO week, Monday to Sunday.
    Week,
    /// Some day of that month.
    Month,
    /// Some day from a first to a last.
    Range,
}

/// When stock comes back: some day from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restock {
    first: Date,
    last: Date,
    precision: Precision,
}

/// Why days make no restock date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRestock {
    /// A range without a last day.
    #[error("a range needs two days, as in 2026-12-01/2026-12-10")]
    RangeWithoutEnd,
    /// A day, week or month with a last day.
    #[error("two days make a range; its precision must say `range`")]
    EndWithoutRange,
    /// The last day comes before the first.
    #[error("the last day comes before the first")]
    Backwards,
    /// A week or a month that the calendar does not hold whole.
    #[error("the calendar ends there")]
    OutOfCalendar,
}

impl Restock {
    /// The days that `precision` makes of `date`: itself, its week or its month; of a range,
    /// `date` to `until`.
    ///
    /// # Errors
    /// When the two days and the precision do not fit together.
    pub fn new(date: Date, until: Option<Date>, precision: Precision) -> Result<Self, BadRestock> {
        let (first, last) = match (precision, until) {
            (Precision::Range, None) => return Err(BadRestock::RangeWithoutEnd),
            (Precision::Range, Some(until)) if until < date => return Err(BadRestock::Backwards),
            (Precision::Range, Some(until)) => (date, until),
            (_, Some(_)) => return Err(BadRestock::EndWithoutRange),
            (Precision::Day, None) => (date, date),
            (Precision::Week, None) => week_of(date)?,
            (Precision::Month, None) => (date.first_of_month(), date.last_of_month()),
        };
        Ok(Self { first, last, precision })
    }

    /// The first day it may be.
    pub fn first(&self) -> Date {
        self.first
    }

    /// The last day it may be.
    pub fn last(&self) -> Date {
        self.last
    }

    /// How finely it is known.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Is even the last day over?
    pub fn has_passed(&self, today: Date) -> bool {
        self.last < today
    }
}

fn week_of(date: Date) -> Result<(Date, Date), BadRestock> {
    let since_monday = i64::from(date.weekday().to_monday_zero_offset());
    let monday = date.checked_sub(since_monday.days()).map_err(|_| BadRestock::OutOfCalendar)?;
    let sunday = monday.checked_add(6.days()).map_err(|_| BadRestock::OutOfCalendar)?;
    Ok((monday, sunday))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_week_runs_from_monday_to_sunday_and_a_month_from_end_to_end() {
        let week = Restock::new(date(2026, 12, 3), None, Precision::Week);
        assert_eq!(
            week.map(|week| (week.first(), week.last())),
            Ok((date(2026, 11, 30), date(2026, 12, 6)))
        );
        let month = Restock::new(date(2028, 2, 14), None, Precision::Month);
        assert_eq!(
            month.map(|month| (month.first(), month.last())),
            Ok((date(2028, 2, 1), date(2028, 2, 29)))
        );
    }

    #[test]
    fn days_and_precision_must_fit() {
        let (early, late) = (date(2026, 12, 1), date(2026, 12, 10));
        let made = |date, until, precision| Restock::new(date, until, precision).err();
        assert_eq!(made(early, None, Precision::Range), Some(BadRestock::RangeWithoutEnd));
        assert_eq!(made(early, Some(late), Precision::Day), Some(BadRestock::EndWithoutRange));
        assert_eq!(made(late, Some(early), Precision::Range), Some(BadRestock::Backwards));
        assert_eq!(made(Date::MAX, None, Precision::Week), Some(BadRestock::OutOfCalendar));
    }
}
