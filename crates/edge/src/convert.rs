//! Between the public types and the ledger's, by hand: neither side knows the other.

use crate::{
    clock::rfc3339,
    failure::{Failure, reject},
    limits::{MAX_COMMAND_ID_BYTES, MAX_REASON_BYTES},
};
use ledger::{Command, Kind, Line, Location, Reject, Sku};
use store::{Fault, Item, Level, Shown, ShownState};
use wire::{
    Applied, Code, CommandKind, Precision, Price, Restock, Shortfall, Snapshot, State, StockLevel,
};

/// What is published of a SKU.
pub(crate) fn snapshot(shown: Shown) -> Result<Snapshot, Fault> {
    let Shown { item, state, version, changed_at } = shown;
    let Item { sku, product_id, title, options, price, url, image, restock, .. } = item;
    let (state, quantity, restock) = match state {
        ShownState::InStock => (State::InStock, None, None),
        ShownState::Low(units) => (State::Low, Some(units), None),
        ShownState::Out => (State::Out, None, None),
        ShownState::OutDated => (State::Out, None, restock.map(restock_to_wire)),
    };
    Ok(Snapshot {
        sku: sku.as_str().to_owned(),
        product_id,
        title,
        options,
        state,
        quantity,
        restock,
        price: price.map(|price| Price { amount_minor: price.minor, currency: price.currency }),
        url,
        image,
        version: u64::try_from(version).map_err(|_| Fault::Corrupt("a version is negative"))?,
        changed_at: rfc3339(changed_at)?,
    })
}

fn restock_to_wire(restock: ledger::Restock) -> Restock {
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

/// The command that was sent.
pub(crate) fn command(sent: &wire::Command) -> Result<Command, Failure> {
    if sent.id.is_empty()
        || sent.id.len() > MAX_COMMAND_ID_BYTES
        || sent.id.chars().any(char::is_control)
    {
        let detail = format!(
            "`id` is 1 to {MAX_COMMAND_ID_BYTES} bytes without control characters; this one has {}.",
            sent.id.len()
        );
        return Err(reject(Code::BadValue, detail));
    }
    if sent.reason.as_ref().is_some_and(|reason| reason.len() > MAX_REASON_BYTES) {
        let detail = format!("`reason` has at most {MAX_REASON_BYTES} bytes.");
        return Err(reject(Code::BadValue, detail));
    }
    let lines = sent.lines.iter().enumerate().map(line).collect::<Result<_, _>>()?;
    Ok(Command { kind: kind(sent.kind), lines })
}

fn kind(kind: CommandKind) -> Kind {
    match kind {
        CommandKind::Receive => Kind::Receive,
        CommandKind::Adjust => Kind::Adjust,
        CommandKind::Sell => Kind::Sell,
        CommandKind::Sold => Kind::Sold,
        CommandKind::Returned => Kind::Returned,
    }
}

fn line((at, line): (usize, &wire::Line)) -> Result<Line, Failure> {
    let bad = |name: &str, why: ledger::BadName| {
        reject(Code::BadValue, format!("`lines[{at}].{name}`: {why}."))
    };
    let location = match &line.location {
        None => Location::main(),
        Some(location) => Location::new(location.as_str()).map_err(|why| bad("location", why))?,
    };
    Ok(Line {
        sku: Sku::new(line.sku.as_str()).map_err(|why| bad("sku", why))?,
        location,
        quantity: line.quantity,
    })
}

/// The ledger's refusal as the caller hears it.
pub(crate) fn rejected(why: &Reject) -> Failure {
    let code = match why {
        Reject::LineCount(_) | Reject::Quantity(_) | Reject::OutOfBounds(..) => Code::BadValue,
        Reject::UnknownSku(_) => Code::UnknownSku,
        Reject::InsufficientStock(_) => Code::InsufficientStock,
        Reject::BelowZero(_) => Code::BelowZero,
    };
    reject(code, format!("{why}. Nothing was changed."))
}

/// What a command did.
pub(crate) fn applied(id: &str, decision: &ledger::Decision) -> Applied {
    Applied {
        id: id.to_owned(),
        stock: decision
            .effects
            .iter()
            .map(|effect| StockLevel {
                sku: effect.sku.to_string(),
                location: effect.location.to_string(),
                on_hand: effect.balance.on_hand(),
                shortfall: effect.balance.shortfall(),
            })
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
    StockLevel {
        sku: level.sku.to_string(),
        location: level.location.to_string(),
        on_hand: level.balance.on_hand(),
        shortfall: level.balance.shortfall(),
    }
}
