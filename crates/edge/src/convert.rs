//! Between the public types and the ledger's, by hand: neither side knows the other.

use crate::{
    clock::rfc3339,
    failure::{Failure, reject},
    limits::{MAX_ID_BYTES, MAX_REASON_BYTES},
};
use jiff::civil::Date;
use ledger::{
    Ahead, AheadKind, BadName, Balance, CountLine, Decision, Kind, Line, Location, Reject, Sku,
};
use std::fmt::Display;
use store::{Fault, Item, Level, Shown, ShownState};
use wire::{
    Applied, Code, CommandKind, Precision, Price, Restock, Shortfall, Snapshot, State, StockLevel,
};

/// What is published of a SKU. Of one that is hidden: that it is.
pub(crate) fn snapshot(shown: Shown) -> Result<Snapshot, Fault> {
    let Shown { item, state, was, candidates, version, changed_at } = shown;
    let Item { sku, product_id, title, options, price, url, image, .. } = item;
    let hidden = Snapshot {
        sku: sku.as_str().to_owned(),
        product_id: None,
        title: String::new(),
        options: None,
        state: State::Hidden,
        quantity: None,
        restock: None,
        restock_was: None,
        free_at: None,
        price: None,
        url: None,
        image: None,
        substitutes: Vec::new(),
        version: u64::try_from(version).map_err(|_| Fault::Corrupt("a version is negative"))?,
        changed_at: rfc3339(changed_at),
    };
    let price = price.map(|price| Price { amount_minor: price.minor, currency: price.currency });
    let substitutes = candidates.iter().map(Sku::to_string).collect();
    let shown =
        Snapshot { product_id, title, options, price, url, image, substitutes, ..hidden.clone() };
    let shown = Snapshot {
        restock: state.date().map(date_to_wire),
        restock_was: was.map(date_to_wire),
        ..shown
    };
    Ok(match state {
        ShownState::InStock => Snapshot { state: State::InStock, ..shown },
        ShownState::Low(units) => Snapshot { state: State::Low, quantity: Some(units), ..shown },
        ShownState::AllHeld(free_at) => {
            Snapshot { state: State::AllHeld, free_at: Some(rfc3339(free_at)), ..shown }
        }
        ShownState::Ahead(kind, _) => Snapshot {
            state: match kind {
                AheadKind::Backorder => State::Backorder,
                AheadKind::Preorder => State::Preorder,
            },
            ..shown
        },
        ShownState::Out(_) => Snapshot { state: State::Out, ..shown },
        ShownState::Hidden => hidden,
    })
}

/// A date as it is told.
pub(crate) fn date_to_wire(restock: ledger::Restock) -> Restock {
    let precision = match restock.precision() {
        ledger::Precision::Day => Precision::Day,
        ledger::Precision::Week => Precision::Week,
        ledger::Precision::Month => Precision::Month,
        ledger::Precision::Range => Precision::Range,
    };
    Restock {
        date: restock.first().to_string(),
        until: (precision == Precision::Range).then(|| restock.last().to_string()),
        precision,
    }
}

/// An id that a sender chose, in the field of this name.
pub(crate) fn check_id(field: &str, id: &str) -> Result<(), Failure> {
    if !id.is_empty() && id.len() <= MAX_ID_BYTES && !id.chars().any(char::is_control) {
        return Ok(());
    }
    let detail = format!(
        "`{field}` is 1 to {MAX_ID_BYTES} bytes without control characters; this one has {}.",
        id.len()
    );
    Err(reject(Code::BadValue, detail))
}

/// A reason for the books.
pub(crate) fn check_reason(reason: Option<&str>) -> Result<(), Failure> {
    if reason.is_some_and(|reason| reason.len() > MAX_REASON_BYTES) {
        let detail = format!("`reason` has at most {MAX_REASON_BYTES} bytes.");
        return Err(reject(Code::BadValue, detail));
    }
    Ok(())
}

/// A kind of movement.
pub(crate) fn kind(kind: CommandKind) -> Kind {
    match kind {
        CommandKind::Receive => Kind::Receive,
        CommandKind::Adjust => Kind::Adjust,
        CommandKind::Sell => Kind::Sell,
        CommandKind::Sold => Kind::Sold,
        CommandKind::Returned => Kind::Returned,
    }
}

/// Lines as they were sent.
pub(crate) fn lines(lines: &[wire::Line]) -> Result<Vec<Line>, Failure> {
    let line = |(at, line): (usize, &wire::Line)| {
        let location = line.location.as_deref().map(Location::new).transpose();
        Ok(Line {
            sku: Sku::new(line.sku.as_str()).map_err(|why| bad_name(at, "sku", why))?,
            location: location.map_err(|why| bad_name(at, "location", why))?,
            quantity: line.quantity,
        })
    };
    lines.iter().enumerate().map(line).collect()
}

/// The line of a count at this place in it.
pub(crate) fn count_line((at, line): (usize, &wire::CountLine)) -> Result<CountLine, Failure> {
    Ok(CountLine {
        sku: Sku::new(line.sku.as_str()).map_err(|why| bad_name(at, "sku", why))?,
        location: location_or_main(line.location.as_deref())
            .map_err(|why| bad_name(at, "location", why))?,
        counted: line.counted,
        expected: line.expected,
    })
}

fn bad_name(line: usize, field: &str, why: BadName) -> Failure {
    reject(Code::BadValue, format!("`lines[{line}].{field}`: {why}."))
}

/// The location of this name, or that of a shop that names none.
pub(crate) fn location_or_main(name: Option<&str>) -> Result<Location, BadName> {
    name.map_or_else(|| Ok(Location::main()), Location::new)
}

/// As what a SKU may be ordered that is not there.
pub(crate) fn ahead(sent: wire::Ahead) -> Ahead {
    Ahead {
        kind: match sent.kind {
            wire::AheadKind::Backorder => AheadKind::Backorder,
            wire::AheadKind::Preorder => AheadKind::Preorder,
        },
        limit: sent.limit.map(i64::from),
        limit_per_buyer: sent.limit_per_buyer.map(i64::from),
    }
}

/// A date as it was sent, in the field of this name.
pub(crate) fn date_from_wire(field: &str, sent: &Restock) -> Result<ledger::Restock, Failure> {
    let precision = match sent.precision {
        Precision::Day => ledger::Precision::Day,
        Precision::Week => ledger::Precision::Week,
        Precision::Month => ledger::Precision::Month,
        Precision::Range => ledger::Precision::Range,
    };
    let day = |text: &str| -> Result<Date, Failure> {
        text.parse().map_err(|_| {
            reject(Code::BadValue, format!("`{field}`: `{text}` is no day as in 2026-12-01."))
        })
    };
    let until = sent.until.as_deref().map(day).transpose()?;
    ledger::Restock::new(day(&sent.date)?, until, precision)
        .map_err(|why| reject(Code::BadValue, format!("`{field}`: {why}.")))
}

/// The SKU in a path.
pub(crate) fn sku_named(name: &str) -> Result<Sku, Failure> {
    Sku::new(name).map_err(|why| reject(Code::BadValue, format!("The SKU: {why}.")))
}

/// The shop has no such SKU.
pub(crate) fn unknown_sku(sku: &Sku) -> Failure {
    reject(Code::UnknownSku, format!("The shop has no SKU `{sku}`."))
}

/// The ledger's refusal as the caller hears it.
pub(crate) fn rejected(why: &Reject) -> Failure {
    let code = match why {
        Reject::LineCount(_)
        | Reject::Quantity(_)
        | Reject::CountedTwice(..)
        | Reject::OutOfBounds(..)
        | Reject::Lifetime { .. } => Code::BadValue,
        Reject::UnknownSku(_) => Code::UnknownSku,
        Reject::IsBundle(_) => Code::IsBundle,
        Reject::InsufficientStock(_) => Code::InsufficientStock,
        Reject::BelowZero(_) => Code::BelowZero,
        Reject::CountStale { .. } => Code::CountStale,
        Reject::Mirror => Code::MirrorShop,
        Reject::BuyerLimit { .. } | Reject::NetworkLimit | Reject::BrowserShare(_) => {
            Code::HeldLimit
        }
        Reject::CannotPromise { .. } => Code::CannotPromise,
        Reject::AheadLimit { .. } => Code::AheadLimit,
        Reject::MixedCart => Code::MixedCart,
        // It is not answered: see `Fault::Busy`.
        Reject::Settling(_) => Code::TryAgain,
        Reject::NotAllThere | Reject::NothingReady | Reject::NotReady { .. } => Code::NotReady,
        Reject::PromiseMoved(_) => Code::PromiseMoved,
        Reject::NothingOpen | Reject::NotOpen { .. } => Code::NotOpen,
        Reject::NotShipped { .. } => Code::NotShipped,
        Reject::NotInOrder(_) => Code::NotInOrder,
        Reject::UnknownLine(_) => Code::UnknownLine,
        Reject::LineClosed { .. } | Reject::PartlyReceived(_) => Code::LineClosed,
        Reject::AlreadyCommitted => Code::AlreadyCommitted,
        Reject::AlreadyReleased => Code::AlreadyReleased,
        Reject::Expired => Code::Expired,
    };
    reject(code, nothing_changed(why))
}

/// Why something was refused, as sentences.
pub(crate) fn nothing_changed(why: &impl Display) -> String {
    let why = why.to_string();
    let mut letters = why.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}. Nothing was changed.", letters.as_str())
}

/// What a command did.
pub(crate) fn applied(id: &str, decision: &Decision) -> Applied {
    Applied {
        id: id.to_owned(),
        stock: decision
            .effects
            .iter()
            .map(|effect| stock_level(&effect.sku, &effect.location, effect.balance))
            .collect(),
        shortfalls: decision
            .effects
            .iter()
            .filter(|effect| effect.shortfall > 0)
            .map(|effect| Shortfall {
                sku: effect.sku.to_string(),
                location: effect.location.to_string(),
                units: effect.shortfall,
            })
            .collect(),
    }
}

/// The truth of one SKU at one location.
pub(crate) fn level(level: &Level) -> StockLevel {
    stock_level(&level.sku, &level.location, level.balance)
}

fn stock_level(sku: &Sku, location: &Location, balance: Balance) -> StockLevel {
    StockLevel {
        sku: sku.to_string(),
        location: location.to_string(),
        on_hand: balance.on_hand(),
        shortfall: balance.shortfall(),
        held: balance.held(),
        committed: balance.committed(),
        safety_stock: balance.safety_stock(),
        available: balance.available(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Money;

    #[test]
    fn of_what_is_hidden_nothing_is_published_but_that_it_is() {
        let item = Item {
            sku: Sku::new("mug").unwrap(),
            product_id: Some("mugs".to_owned()),
            title: "Mug".to_owned(),
            category: None,
            options: Some("Red".to_owned()),
            price: Some(Money { minor: 450, currency: "GBP".to_owned() }),
            url: Some("/mug".to_owned()),
            image: Some("/mug.png".to_owned()),
            restock: None,
            chosen: vec![],
        };
        let published = |state| {
            let candidates = vec![Sku::new("cup").unwrap()];
            let item = item.clone();
            let was = None;
            let shown = Shown { item, state, was, candidates, version: 3, changed_at: 0 };
            crate::failure::json(&snapshot(shown).unwrap())
        };
        assert_eq!(
            published(ShownState::Hidden),
            r#"{"sku":"mug","title":"","state":"hidden","version":3,"changed_at":"1970-01-01T00:00:00.000Z"}"#
        );
        let all_held = published(ShownState::AllHeld(1_000));
        assert!(all_held.contains(r#""state":"all_held","free_at":"1970-01-01T00:00:01.000Z""#));
        assert!(all_held.contains(r#""image":"/mug.png","substitutes":["cup"],"version":3"#));
    }

    #[test]
    fn a_refusal_is_told_in_sentences() {
        let told = nothing_changed(&Reject::Expired);
        assert_eq!(told, "This hold has expired. Nothing was changed.");
    }
}
