//! What a shopper reads of a SKU. Every word is written here, at the edge, the changes too: the
//! browser only puts them in their places.

use crate::{dates::Due, languages::Language, link, money::money};
use wire::{Snapshot, State, Words};

/// Says a snapshot in a language; what would do instead, [`crate::substitutes`] says.
pub fn words(snapshot: &Snapshot, language: &Language) -> Words {
    let due = due(snapshot);
    Words {
        title: title(snapshot),
        href: snapshot.url.as_deref().and_then(link::safe).map(str::to_owned),
        price: price(snapshot, language),
        state: state(snapshot, due, language),
        detail: detail(snapshot, due, language),
        datetime: due.and_then(Due::datetime),
        moved: moved(snapshot, due, language),
        free_at: snapshot.free_at.clone().filter(|_| snapshot.state == State::AllHeld),
        order: order(snapshot, language).to_owned(),
        most: snapshot.quantity.filter(|_| snapshot.state == State::Low).map(|n| n.to_string()),
        substitutes: Vec::new(),
    }
}

/// What stands on the button.
fn order(snapshot: &Snapshot, language: &Language) -> &'static str {
    match snapshot.state {
        State::InStock | State::Low => language.labels.buy,
        State::Preorder => language.labels.preorder,
        State::Backorder => language.labels.backorder,
        State::AllHeld | State::Out | State::Discontinued | State::Hidden => "",
    }
}

/// As it stands in `data-state`, for the style sheet, and in the JSON.
pub(crate) fn state_name(snapshot: &Snapshot) -> &'static str {
    match snapshot.state {
        State::InStock => "in_stock",
        State::Low => "low",
        State::AllHeld => "all_held",
        State::Backorder => "backorder",
        State::Preorder => "preorder",
        State::Out => "out",
        State::Discontinued => "discontinued",
        State::Hidden => "hidden",
    }
}

/// The merchant's title; without one the SKU, since a link needs a name. Nothing of what is hidden.
pub(crate) fn title(snapshot: &Snapshot) -> String {
    let title = snapshot.title.trim();
    let named = !title.is_empty() || snapshot.state == State::Hidden;
    printable(if named { title } else { &snapshot.sku })
}

/// What can be had now.
fn state(snapshot: &Snapshot, due: Option<Due>, language: &Language) -> String {
    match (snapshot.state, snapshot.quantity) {
        (State::Low, Some(units)) => return language.only_left(units),
        (State::InStock, _) => language.in_stock,
        (State::Low, None) => language.few_left,
        (State::AllHeld, _) => language.all_held,
        (State::Backorder, _) => language.backorder,
        (State::Preorder, _) => language.preorder,
        (State::Out, _) if due.is_none() => language.out_undated,
        (State::Out, _) => language.out,
        (State::Discontinued, _) => language.discontinued,
        (State::Hidden, _) => "",
    }
    .to_owned()
}

/// When more can be had; empty if it is there, or if nobody knows.
fn detail(snapshot: &Snapshot, due: Option<Due>, language: &Language) -> String {
    let text = if snapshot.state == State::Out { &language.back } else { &language.ships };
    match due {
        Some(due) => due.within(text, language),
        None if snapshot.state == State::AllHeld => language.free_soon.to_owned(),
        None => String::new(),
    }
}

/// That the date was another before.
fn moved(snapshot: &Snapshot, due: Option<Due>, language: &Language) -> String {
    let was = due.and(snapshot.restock_was.as_ref()).and_then(Due::of);
    was.map(|was| language.moved.replace("{}", &was.written(language))).unwrap_or_default()
}

/// What tells this variant from its siblings, and what it costs: `Red / XL · £24.50`.
pub(crate) fn price(snapshot: &Snapshot, language: &Language) -> String {
    let options = printable(snapshot.options.as_deref().unwrap_or_default());
    let price = snapshot.price.as_ref().map(|price| money(price, language)).unwrap_or_default();
    let between = if options.is_empty() || price.is_empty() { "" } else { " · " };
    [options.as_str(), between, &price].concat()
}

/// When it comes, in the states in which that can be said.
fn due(snapshot: &Snapshot) -> Option<Due> {
    let says = matches!(snapshot.state, State::Out | State::Backorder | State::Preorder);
    snapshot.restock.as_ref().filter(|_| says).and_then(Due::of)
}

/// The text with spaces for control characters: HTML drops some of them and changes others, and
/// then the browser would not find the text that the Worker wrote. For those that direct text
/// too: with them an option could turn round the price that follows it.
pub fn printable(text: &str) -> String {
    let directs = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(|c: char| c.is_control() || directs(c), " ")
}
