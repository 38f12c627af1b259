//! What would do instead: of the candidates those that are in stock, each with its reason.

use crate::{
    languages::Language,
    link,
    money::money,
    view::PLACES,
    words::{price, printable, title},
};
use substitutes::{Price, SharedOption, price_difference, shared_options};
use wire::{Snapshot, State, Substitute};

/// Shared options that are said; more is no reason any more but a list.
const MAX_SHARED: usize = 2;

/// The candidates of this SKU, the best first, if it is in a state in which a shopper may look for
/// another: when none can be had now.
pub fn candidates(wanted: &Snapshot) -> &[String] {
    if is_missed(wanted) { &wanted.substitutes } else { &[] }
}

fn is_missed(wanted: &Snapshot) -> bool {
    match wanted.state {
        State::AllHeld | State::Backorder | State::Out | State::Discontinued => true,
        State::InStock | State::Low | State::Preorder | State::Hidden => false,
    }
}

/// As they are shown, of its candidates in their order; without those that cannot be had now.
pub fn substitutes<'a>(
    wanted: &Snapshot,
    candidates: impl IntoIterator<Item = &'a Snapshot>,
    language: &Language,
) -> Vec<Substitute> {
    let can_be_had = |candidate: &&Snapshot| {
        is_missed(wanted)
            && matches!(candidate.state, State::InStock | State::Low)
            && candidate.sku != wanted.sku
    };
    let shown = |candidate: &Snapshot| Substitute {
        sku: candidate.sku.clone(),
        version: candidate.version,
        title: title(candidate),
        href: candidate.url.as_deref().and_then(link::safe).map(str::to_owned),
        image: candidate.image.as_deref().and_then(link::safe).map(str::to_owned),
        price: price(candidate, language),
        reason: reason(wanted, candidate, language),
    };
    candidates.into_iter().filter(can_be_had).take(PLACES).map(shown).collect()
}

/// `Also XL · In stock · £2.00 less`
fn reason(wanted: &Snapshot, candidate: &Snapshot, language: &Language) -> String {
    let options = wanted.options.as_deref().zip(candidate.options.as_deref());
    let shared = options.map(|(wanted, own)| shared_options(wanted, own)).unwrap_or_default();
    let shared: Vec<_> = shared.iter().take(MAX_SHARED).map(named).collect();
    let mut reasons = Vec::new();
    if !shared.is_empty() {
        reasons.push(language.labels.also.replace("{}", &printable(&shared.join(", "))));
    }
    reasons.push(language.in_stock.to_owned());
    reasons.extend(difference(wanted, candidate, language));
    reasons.join(" · ")
}

fn named(option: &SharedOption<'_>) -> String {
    match option.name {
        Some(name) => format!("{name}: {}", option.value),
        None => option.value.to_owned(),
    }
}

/// What it costs less, or more; nothing if it costs the same, or in another currency.
fn difference(wanted: &Snapshot, candidate: &Snapshot, language: &Language) -> Option<String> {
    let (wanted, own) = (wanted.price.as_ref()?, candidate.price.as_ref()?);
    let of = |price: &wire::Price| price.amount_minor;
    let difference = price_difference(
        Price { minor: of(wanted), currency: &wanted.currency },
        Price { minor: of(own), currency: &own.currency },
    )?;
    let text = match difference {
        0 => return None,
        ..0 => language.labels.less,
        1.. => language.labels.more,
    };
    let amount_minor = difference.checked_abs()?;
    Some(text.replace("{}", &money(&wire::Price { amount_minor, ..own.clone() }, language)))
}
