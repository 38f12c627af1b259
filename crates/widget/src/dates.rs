//! The dates of a restock, as finely as they are known and as a language writes them.

use crate::languages::{Dated, Language};
use jiff::civil::Date;
use wire::{Precision, Restock};

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
        let day = |text: &str| text.parse().ok();
        let date = day(&restock.date)?;
        Some(match restock.precision {
            Precision::Day => Self::Day(date),
            Precision::Week => Self::Week(date),
            Precision::Month => Self::Month(date),
            Precision::Range => Self::Range(date, day(restock.until.as_deref()?)?),
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
            Self::Day(on) => one(language.day, on, language.month_of_day(on.month())),
            Self::Week(monday) => {
                one(language.day_and_month, monday, language.month_of_day(monday.month()))
            }
            Self::Month(month) => one(language.month, month, language.month_alone(month.month())),
            Self::Range(from, to) => {
                let form = if from.year() != to.year() {
                    language.days_of_years
                } else if from.month() != to.month() {
                    language.days_of_months
                } else {
                    language.days
                };
                let from = one(form, from, language.month_of_day(from.month()));
                from.replace("{d2}", &to.day().to_string())
                    .replace("{m2}", language.month_of_day(to.month()))
                    .replace("{y2}", &to.year().to_string())
            }
        }
    }

    /// For `<time datetime>`. That knows no ranges, so a range becomes the month or the year that
    /// it lies in: coarser than what is known, never finer.
    pub(crate) fn datetime(self) -> Option<String> {
        match self {
            Self::Day(on) => Some(on.to_string()),
            Self::Week(monday) => {
                let week = monday.iso_week_date();
                Some(format!("{:04}-W{:02}", week.year(), week.week()))
            }
            Self::Range(from, to) if from.year() != to.year() => None,
            Self::Range(from, to) if from.month() != to.month() => {
                Some(format!("{:04}", to.year()))
            }
            Self::Month(month) | Self::Range(month, _) => {
                Some(format!("{:04}-{:02}", month.year(), month.month()))
            }
        }
    }
}

impl Language {
    /// That what was ordered is sent then, as finely as it is known; nothing, if the date cannot be
    /// read.
    pub fn ships_on(&self, restock: &Restock) -> Option<String> {
        Some(Due::of(restock)?.within(&self.ships, self))
    }
}

fn one(form: &str, date: Date, month: &str) -> String {
    form.replace("{d}", &date.day().to_string())
        .replace("{m}", month)
        .replace("{y}", &date.year().to_string())
}
