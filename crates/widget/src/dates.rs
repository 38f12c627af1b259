//! Civil dates, as far as a restock date needs them: a date library would cost the shopper more
//! bytes than the rest of this crate.

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
