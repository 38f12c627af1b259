//! The dates of a restock, as finely as they are known and as a language writes them.

use crate::languages::{Dated, Language};
use wire::{Precision, Restock};

/// A day, as wire's `2026-12-01` gives it. The edge has checked that it exists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: u16,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
}

impl Date {
    /// Nothing, if the text is no date.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let date = Self {
            year: text.get(..4)?.parse().ok()?,
            month: text.get(5..7)?.parse().ok()?,
            day: text.get(8..10)?.parse().ok()?,
        };
        let plausible = text.len() == 10
            && date.year > 0
            && (1..=12).contains(&date.month)
            && (1..=31).contains(&date.day);
        plausible.then_some(date)
    }

    /// The ISO year and week that begins on this day, a Monday.
    ///
    /// A week belongs to the year that its Thursday is in, and week 1 has the first Thursday.
    #[expect(clippy::arithmetic_side_effects, reason = "a day of the year is at most 366")]
    pub(crate) fn iso_week(self) -> (u16, u16) {
        const DAYS_BEFORE_MONTH: [u16; 12] =
            [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let every = |years| self.year.is_multiple_of(years);
        let leap = every(4) && (!every(100) || every(400));
        let before = DAYS_BEFORE_MONTH.get(usize::from(self.month) - 1).copied().unwrap_or(0);
        let thursday = before + u16::from(leap && self.month > 2) + u16::from(self.day) + 3;
        if thursday > 365 + u16::from(leap) {
            (self.year + 1, 1)
        } else {
            (self.year, (thursday - 1) / 7 + 1)
        }
    }
}

/// When something comes.
#[derive(Clone, Copy)]
pub(crate) enum Due {
    Day(Date),
    /// The week that begins on this Monday.
    Week(Date),
    /// The month that this day is in.
    Month(Date),
    Range(Date, Date),
}

impl Due {
    /// Nothing, if it cannot be read.
    pub(crate) fn of(restock: &Restock) -> Option<Self> {
        let date = Date::parse(&restock.date)?;
        Some(match restock.precision {
            Precision::Day => Self::Day(date),
            Precision::Week => Self::Week(date),
            Precision::Month => Self::Month(date),
            Precision::Range => Self::Range(date, Date::parse(restock.until.as_deref()?)?),
        })
    }

    /// `text` with this date in it.
    pub(crate) fn within(self, text: &Dated, language: &Language) -> String {
        let text = match self {
            Self::Day(_) => text.day,
            Self::Week(_) => text.week,
            Self::Month(_) => text.month,
            Self::Range(..) => text.range,
        };
        text.replace("{}", &self.written(language))
    }

    /// The date alone: of a week its first day.
    pub(crate) fn written(self, language: &Language) -> String {
        match self {
            Self::Day(on) => one(language.day, on, language.month_of_day(on.month)),
            Self::Week(monday) => {
                one(language.day_and_month, monday, language.month_of_day(monday.month))
            }
            Self::Month(month) => one(language.month, month, language.month_alone(month.month)),
            Self::Range(from, to) => {
                let form = if from.year != to.year {
                    language.days_of_years
                } else if from.month != to.month {
                    language.days_of_months
                } else {
                    language.days
                };
                let from = one(form, from, language.month_of_day(from.month));
                from.replace("{d2}", &to.day.to_string())
                    .replace("{m2}", language.month_of_day(to.month))
                    .replace("{y2}", &to.year.to_string())
            }
        }
    }

    /// For `<time datetime>`. That knows no ranges, so a range becomes the month or the year that
    /// it lies in: coarser than what is known, never finer.
    pub(crate) fn datetime(self) -> Option<String> {
        match self {
            Self::Day(on) => Some(format!("{:04}-{:02}-{:02}", on.year, on.month, on.day)),
            Self::Week(monday) => {
                let (year, week) = monday.iso_week();
                Some(format!("{year:04}-W{week:02}"))
            }
            Self::Range(from, to) if from.year != to.year => None,
            Self::Range(from, to) if from.month != to.month => Some(format!("{:04}", to.year)),
            Self::Month(month) | Self::Range(month, _) => {
                Some(format!("{:04}-{:02}", month.year, month.month))
            }
        }
    }
}

fn one(form: &str, date: Date, month: &str) -> String {
    form.replace("{d}", &date.day.to_string())
        .replace("{m}", month)
        .replace("{y}", &date.year.to_string())
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn reads_dates_and_nothing_else() {
        let date = Date::parse("2026-12-01").unwrap();
        assert_eq!((date.year, date.month, date.day), (2026, 12, 1));
        for text in [
            "",
            "soon",
            "2026",
            "2026-12",
            "2026-13-01",
            "2026-12-00",
            "2026-12-32",
            "2026-12-01-02",
            "26-12-1",
        ] {
            assert!(Date::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn knows_the_iso_week_of_a_monday() {
        for (monday, week) in [
            ("2026-11-30", (2026, 49)),
            ("2026-12-28", (2026, 53)),
            ("2027-01-04", (2027, 1)),
            ("2024-02-26", (2024, 9)),
            ("2024-12-30", (2025, 1)),
            ("2025-12-29", (2026, 1)),
            ("2023-01-02", (2023, 1)),
            ("2024-03-04", (2024, 10)),
        ] {
            assert_eq!(Date::parse(monday).unwrap().iso_week(), week, "{monday}");
        }
    }
}
