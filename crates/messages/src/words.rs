//! What the messages say, in every language. The shop writes, and it is polite; nothing is promised
//! that is not so. Dates of orders, the widget's own words say.

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
mod pl;
mod pt;
mod sv;
mod tr;
mod uk;
mod zh;

use widget::PerLanguage;

/// A language's words. In a subject `{}` stands for the product's title, elsewhere for a time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) confirm_subject: &'static str,
    pub(crate) confirm_heading: &'static str,
    /// Somebody gave this address: was it they?
    pub(crate) confirm_text: &'static str,
    /// A button: it was they.
    pub(crate) confirm_button: &'static str,
    /// If it was somebody else.
    pub(crate) confirm_not: &'static str,
    pub(crate) claim_subject: &'static str,
    pub(crate) claim_heading: &'static str,
    /// Until when it is kept for them, and what then.
    pub(crate) claim_text: &'static str,
    /// A button: to the page where it is bought or passed on.
    pub(crate) claim_button: &'static str,
    pub(crate) back_subject: &'static str,
    pub(crate) back_heading: &'static str,
    /// It can be ordered; nothing is said of any being kept.
    pub(crate) back_text: &'static str,
    /// A button: to the product.
    pub(crate) back_button: &'static str,
    pub(crate) moved_subject: &'static str,
    pub(crate) moved_heading: &'static str,
    /// Earlier or later, or nobody knows any more: another date than was said.
    pub(crate) moved_text: &'static str,
    /// Over when it is to be sent now.
    pub(crate) now: &'static str,
    /// What they can do about it.
    pub(crate) moved_choice: &'static str,
    /// A button: to the page where they do.
    pub(crate) moved_button: &'static str,
    pub(crate) ready_subject: &'static str,
    pub(crate) ready_heading: &'static str,
    /// It is there and will be sent.
    pub(crate) ready_text: &'static str,
    /// A button: to their order.
    pub(crate) ready_button: &'static str,
    /// Of several products, `{}` is the first.
    pub(crate) digest_subject: &'static str,
    /// Over several products.
    pub(crate) digest_text: &'static str,
    /// Under one of those.
    pub(crate) kept_until: &'static str,
    /// At the foot: why somebody who waits is written to.
    pub(crate) why: &'static str,
    /// At the foot: why somebody who ordered is written to.
    pub(crate) why_order: &'static str,
    /// A link: no more of these.
    pub(crate) unsubscribe: &'static str,
    /// A link: all that they wait for.
    pub(crate) alerts: &'static str,
}

/// The words of each language.
pub(crate) static WORDS: PerLanguage<Words> = PerLanguage {
    en: en::EN,
    en_us: en_us::EN_US,
    ar: ar::AR,
    cs: cs::CS,
    da: da::DA,
    de: de::DE,
    es: es::ES,
    fi: fi::FI,
    fr: fr::FR,
    he: he::HE,
    it: it::IT,
    ja: ja::JA,
    ko: ko::KO,
    nl: nl::NL,
    pl: pl::PL,
    pt: pt::PT,
    sv: sv::SV,
    tr: tr::TR,
    uk: uk::UK,
    zh: zh::ZH,
};
