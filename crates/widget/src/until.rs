//! Until when something is kept, to the minute.

use crate::{dates::Due, languages::Language};
use jiff::civil::DateTime;

/// A moment as the shop's zone has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until {
    /// The date and the time there.
    pub at: DateTime,
    /// The zone's abbreviation or offset, such as `CET` or `GMT+1`: a reader may live in another.
    pub zone: String,
}

impl Until {
    /// In a language's words: `7 March 2026 at 09:05 CET`.
    pub fn said(&self, language: &Language) -> String {
        let (hour, minute) = (self.at.hour(), self.at.minute());
        // Midnight is twelve o'clock, and so is noon.
        let twelve = match hour % 12 {
            0 => 12,
            hour => hour,
        };
        let moment = language
            .moment
            .replace("{hh}", &format!("{hour:02}"))
            .replace("{h}", &hour.to_string())
            .replace("{h12}", &twelve.to_string())
            .replace("{mm}", &format!("{minute:02}"))
            .replace("{half}", if hour < 12 { "AM" } else { "PM" })
            .replace("{}", &Due::Day(self.at.date()).written(language));
        let gap = if self.zone.is_empty() { "" } else { "\u{a0}" };
        [moment.as_str(), gap, &self.zone].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn said(tag: &str, hour: i8, minute: i8) -> String {
        let at = date(2026, 3, 7).at(hour, minute, 59, 0);
        Until { at, zone: "CET".to_owned() }.said(Language::of(tag).unwrap())
    }

    #[test]
    fn it_says_the_zone_and_never_a_later_minute() {
        assert_eq!(said("en", 9, 5), "7 March 2026 at 09:05\u{a0}CET");
        assert_eq!(said("fi", 9, 5), "7. maaliskuuta 2026 klo 9.05\u{a0}CET");
    }

    #[test]
    fn a_clock_of_twelve_hours_says_which_half_of_the_day() {
        for (hour, written) in
            [(0, "12:07\u{202f}AM"), (12, "12:07\u{202f}PM"), (23, "11:07\u{202f}PM")]
        {
            assert_eq!(said("en-US", hour, 7), format!("March 7, 2026 at {written}\u{a0}CET"));
        }
    }
}
