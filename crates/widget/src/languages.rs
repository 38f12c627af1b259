//! The languages that the widget speaks. A text that one of them lacks does not compile; that dates,
//! prices and plurals are as CLDR has them, `tests/languages.test.mjs` checks against `Intl`.

mod ar;
mod cs;
mod da;
mod de;
mod en;
mod en_us;
mod es;
mod fi;
mod fr;
mod he;
mod it;
mod ja;
mod ko;
mod nl;
mod order_words;
mod page_words;
mod per_language;
mod pl;
mod plural;
mod pt;
mod replies;
mod sv;
mod tr;
mod uk;
mod zh;

pub use order_words::OrderWords;
pub use per_language::PerLanguage;
use plural::Plural;
pub use replies::Replies;

/// A language's words and forms. In a text `{}` stands for a date, in a form `{d}`, `{m}` and
/// `{y}` for its day, month and year, `{d2}`, `{m2}` and `{y2}` for those of a second one.
#[derive(Debug)]
pub struct Language {
    /// BCP 47.
    pub tag: &'static str,
    pub(crate) right_to_left: bool,
    /// Which of a text's forms goes with a number.
    plural: fn(u32) -> Plural,
    /// Between thousands.
    pub(crate) group: &'static str,
    /// Spanish and Polish set four digits without a gap.
    pub(crate) groups_four_digits: bool,
    /// Before the fraction.
    pub(crate) decimal: &'static str,
    /// An amount `{n}` with its currency's sign `{s}`.
    pub(crate) money: &'static str,
    /// Signs of currencies; any other has its ISO 4217 code.
    pub(crate) signs: &'static [(&'static str, &'static str)],
    /// As in a date with a day.
    months: [&'static str; 12],
    /// As without one, where that differs.
    months_alone: Option<[&'static str; 12]>,
    /// A date.
    pub(crate) day: &'static str,
    /// A date without its year.
    pub(crate) day_and_month: &'static str,
    /// A month with its year.
    pub(crate) month: &'static str,
    /// From a day to another of the same month.
    pub(crate) days: &'static str,
    /// From a day to one of another month of the same year.
    pub(crate) days_of_months: &'static str,
    /// From a day to one of another year.
    pub(crate) days_of_years: &'static str,
    /// A date `{}` and a time of that day: its hour as `{hh}` with two digits or as `{h}`, or as
    /// `{h12}` with `{half}` of the day, and `{mm}` minutes.
    pub(crate) moment: &'static str,
    /// There are plenty.
    pub(crate) in_stock: &'static str,
    /// There are few; how few is not said.
    pub(crate) few_left: &'static str,
    /// There are `{n}`: a form for each plural that differs, [`Plural::Other`] last.
    only_left: &'static [(Plural, &'static str)],
    /// There are some, in the carts of others.
    pub(crate) all_held: &'static str,
    /// Some of those may be free again soon.
    pub(crate) free_soon: &'static str,
    /// None, but it can be ordered; it was sold before.
    pub(crate) backorder: &'static str,
    /// Not released yet, but it can be ordered.
    pub(crate) preorder: &'static str,
    /// None.
    pub(crate) out: &'static str,
    /// None, and nobody knows until when.
    pub(crate) out_undated: &'static str,
    /// None, and there will be none.
    pub(crate) discontinued: &'static str,
    /// There will be some again.
    pub(crate) back: Dated,
    /// What is ordered now will be sent.
    pub(crate) ships: Dated,
    /// The date was another before.
    pub(crate) moved: &'static str,
    pub(crate) labels: Labels,
}

/// What stands on and beside what a shopper can press, and why a substitute would do.
#[derive(Debug)]
pub(crate) struct Labels {
    /// A button: put it into the basket.
    pub(crate) buy: &'static str,
    /// A button: order it before it is released.
    pub(crate) preorder: &'static str,
    /// A button: order it although there is none.
    pub(crate) backorder: &'static str,
    /// A field: how many.
    pub(crate) quantity: &'static str,
    /// Opens the form below.
    pub(crate) notify: &'static str,
    /// A field: where to write to.
    pub(crate) email: &'static str,
    /// A box to tick: without it nobody is written to.
    pub(crate) consent: &'static str,
    /// Another, for whoever wants more.
    pub(crate) marketing: &'static str,
    /// A button: send the form.
    pub(crate) send: &'static str,
    /// The network is down, or the edge does not answer.
    pub(crate) unreachable: &'static str,
    /// Over the substitutes.
    pub(crate) instead: &'static str,
    /// It shares the option `{}` with what was wanted.
    pub(crate) also: &'static str,
    /// It costs `{}` less.
    pub(crate) less: &'static str,
    /// It costs `{}` more.
    pub(crate) more: &'static str,
}

/// A text with a date in it, for each precision.
#[derive(Debug)]
pub(crate) struct Dated {
    /// Of that day.
    pub(crate) day: &'static str,
    /// Of the week that begins on that day.
    pub(crate) week: &'static str,
    /// Of that month.
    pub(crate) month: &'static str,
    /// Of some day from one to another.
    pub(crate) range: &'static str,
}

/// English first: it is spoken where nothing else is understood.
pub const LANGUAGES: [&Language; 20] = [
    &en::EN,
    &en_us::EN_US,
    &ar::AR,
    &cs::CS,
    &da::DA,
    &de::DE,
    &es::ES,
    &fi::FI,
    &fr::FR,
    &he::HE,
    &it::IT,
    &ja::JA,
    &ko::KO,
    &nl::NL,
    &pl::PL,
    &pt::PT,
    &sv::SV,
    &tr::TR,
    &uk::UK,
    &zh::ZH,
];

impl Language {
    /// The language of a BCP 47 tag such as `de-AT`: that very one, or one with the same first
    /// subtag.
    pub fn of(tag: &str) -> Option<&'static Self> {
        let is =
            |wanted: &str| LANGUAGES.into_iter().find(|own| own.tag.eq_ignore_ascii_case(wanted));
        is(tag).or_else(|| is(tag.split('-').next().unwrap_or_default()))
    }

    /// The one that is spoken where nothing else is understood.
    pub fn english() -> &'static Self {
        &en::EN
    }

    /// As it stands in `dir`.
    pub fn direction(&self) -> &'static str {
        if self.right_to_left { "rtl" } else { "ltr" }
    }

    /// That so many are left.
    pub(crate) fn only_left(&self, units: u32) -> String {
        let plural = (self.plural)(units);
        let fits = |(form, _): &&(Plural, &str)| *form == plural || *form == Plural::Other;
        let text = self.only_left.iter().find(fits).map_or(self.few_left, |(_, text)| text);
        text.replace("{n}", &units.to_string())
    }

    /// A month's name, 1 to 12, as in a date with a day.
    pub(crate) fn month_of_day(&self, month: i8) -> &'static str {
        named(&self.months, month)
    }

    /// The same without a day.
    pub(crate) fn month_alone(&self, month: i8) -> &'static str {
        named(self.months_alone.as_ref().unwrap_or(&self.months), month)
    }
}

fn named(months: &[&'static str; 12], month: i8) -> &'static str {
    let at = usize::try_from(month).unwrap_or_default().wrapping_sub(1);
    months.get(at).copied().unwrap_or_default()
}
