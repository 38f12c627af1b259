//! Commands and what follows from them.

use crate::{Balance, Location, Sku};
use std::collections::{BTreeMap, BTreeSet};

/// Most lines of one command; far above a household's basket, and small enough that a command
/// stays a fraction of a millisecond of the object's one thread.
pub const MAX_LINES: usize = 100;

/// Most units of one line; with [`MAX_LINES`] a command moves at most 10^8, so no sum of one
/// command comes near [`crate::MAX_NET`].
pub const MAX_QUANTITY: i64 = 1_000_000;

/// What somebody wants or reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Of which kind.
    pub kind: Kind,
    /// The units moved; lines of one SKU and location are summed.
    pub lines: Vec<Line>,
}

/// The kinds of command. [`Kind::Sell`] and [`Kind::Adjust`] are requests; the others are facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Units came in.
    Receive,
    /// The count was wrong by this many units, either way.
    Adjust,
    /// May these units be sold? All of them or none.
    Sell,
    /// These units were sold, whether they were there or not.
    Sold,
    /// These units came back into stock.
    Returned,
}

/// Units of one SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// How many; above zero, but for [`Kind::Adjust`], where it is not zero.
    pub quantity: i64,
}

/// What is so, of the SKUs that a command names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Those that the shop has.
    pub known: BTreeSet<Sku>,
    /// What there is of them; a missing entry is nothing, and nothing owed.
    pub balances: BTreeMap<(Sku, Location), Balance>,
}

/// What follows from a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// One entry for each SKU and location that the command named, in their order.
    pub effects: Vec<Effect>,
}

/// A movement and the balance it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// The movement: units in, or out if negative.
    pub quantity: i64,
    /// The balance after it.
    pub balance: Balance,
    /// Units by which this movement went beyond the stock; 0 for a request.
    pub shortfall: i64,
}

/// Units beyond the stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// How many were asked for.
    pub wanted: i64,
    /// How many there are.
    pub on_hand: i64,
}

/// Why a command is refused. Nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reject {
    /// None, or more than [`MAX_LINES`].
    #[error("a command has 1 to {MAX_LINES} lines, and this one has {0}")]
    LineCount(usize),
    /// Zero, negative where it may not be, or beyond [`MAX_QUANTITY`].
    #[error("a quantity of {0} is not allowed here")]
    Quantity(i64),
    /// The shop has no such SKU.
    #[error("the shop has no SKU `{0}`")]
    UnknownSku(Sku),
    /// A request for more than there is.
    #[error(
        "{} of `{}` were asked for at `{}` and {} can be sold",
        .0.wanted, .0.sku, .0.location, .0.on_hand
    )]
    InsufficientStock(Shortfall),
    /// An adjustment that would leave less than nothing.
    #[error(
        "`{}` at `{}` has {} on hand and cannot be adjusted down by {}",
        .0.sku, .0.location, .0.on_hand, .0.wanted
    )]
    BelowZero(Shortfall),
    /// A balance beyond [`crate::MAX_NET`].
    #[error("no balance of `{0}` at `{1}` can be that large")]
    OutOfBounds(Sku, Location),
}

/// Decides `command` on `stock`.
///
/// # Errors
/// A [`Reject`], by name; nothing follows from a refused command.
pub fn decide(stock: &Stock, command: &Command) -> Result<Decision, Reject> {
    let effects = totals(command)?
        .into_iter()
        .map(|((sku, location), quantity)| effect(stock, command.kind, sku, location, quantity))
        .collect::<Result<_, _>>()?;
    Ok(Decision { effects })
}

/// The signed movement of each SKU and location: lines that repeat one are one movement, so that
/// no two lines can each be allowed what only one of them can have.
fn totals(command: &Command) -> Result<BTreeMap<(Sku, Location), i64>, Reject> {
    if command.lines.is_empty() || command.lines.len() > MAX_LINES {
        return Err(Reject::LineCount(command.lines.len()));
    }
    let mut totals = BTreeMap::new();
    for line in &command.lines {
        let allowed = match command.kind {
            Kind::Adjust => line.quantity != 0 && line.quantity >= -MAX_QUANTITY,
            _ => line.quantity > 0,
        };
        if !allowed || line.quantity > MAX_QUANTITY {
            return Err(Reject::Quantity(line.quantity));
        }
        let quantity = match command.kind {
            Kind::Receive | Kind::Adjust | Kind::Returned => line.quantity,
            Kind::Sell | Kind::Sold => line.quantity.saturating_neg(),
        };
        let total = totals.entry((line.sku.clone(), line.location.clone())).or_insert(0_i64);
        *total = total.saturating_add(quantity);
    }
    Ok(totals)
}

fn effect(
    stock: &Stock,
    kind: Kind,
    sku: Sku,
    location: Location,
    quantity: i64,
) -> Result<Effect, Reject> {
    if !stock.known.contains(&sku) {
        return Err(Reject::UnknownSku(sku));
    }
    let position = (sku, location);
    let before = stock.balances.get(&position).copied().unwrap_or_default();
    let (sku, location) = position;
    let Some(balance) = before.moved(quantity) else {
        return Err(Reject::OutOfBounds(sku, location));
    };
    let shortfall = balance.shortfall().saturating_sub(before.shortfall()).max(0);
    if shortfall > 0 {
        let wanted = quantity.saturating_neg();
        let beyond = |sku, location| Shortfall { sku, location, wanted, on_hand: before.on_hand() };
        match kind {
            Kind::Sell => return Err(Reject::InsufficientStock(beyond(sku, location))),
            Kind::Adjust => return Err(Reject::BelowZero(beyond(sku, location))),
            Kind::Receive | Kind::Sold | Kind::Returned => {}
        }
    }
    Ok(Effect { sku, location, quantity, balance, shortfall })
}

/// The movement that makes a balance what was counted, and the balance it leaves; `None` when it
/// is so already. A count settles a shortfall too: what was owed beyond the books was a wrong book.
pub fn count(before: Option<Balance>, counted: Balance) -> Option<(i64, Balance)> {
    match before {
        None => Some((counted.net(), counted)),
        Some(before) if before == counted => None,
        Some(before) => Some((counted.net().saturating_sub(before.net()), counted)),
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may overflow: that fails it")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sku(text: &str) -> Sku {
        Sku::new(text).unwrap()
    }

    fn line(text: &str, quantity: i64) -> Line {
        Line { sku: sku(text), location: Location::main(), quantity }
    }

    fn stock(entries: &[(&str, i64)]) -> Stock {
        let mut stock = Stock::default();
        for &(text, net) in entries {
            stock.known.insert(sku(text));
            stock.balances.insert((sku(text), Location::main()), Balance::from_net(net).unwrap());
        }
        stock
    }

    fn run(entries: &[(&str, i64)], kind: Kind, lines: &[(&str, i64)]) -> Result<Decision, Reject> {
        let lines = lines.iter().map(|&(text, quantity)| line(text, quantity)).collect();
        decide(&stock(entries), &Command { kind, lines })
    }

    #[test]
    fn the_last_unit_sells_once_even_on_two_lines_of_one_call() {
        assert!(run(&[("a", 1)], Kind::Sell, &[("a", 1)]).is_ok());
        assert!(matches!(
            run(&[("a", 5)], Kind::Sell, &[("a", 5), ("a", 5)]),
            Err(Reject::InsufficientStock(Shortfall { wanted: 10, on_hand: 5, .. }))
        ));
    }

    #[test]
    fn a_sale_takes_all_lines_or_none() {
        assert!(matches!(
            run(&[("a", 9), ("b", 0)], Kind::Sell, &[("a", 1), ("b", 1)]),
            Err(Reject::InsufficientStock(_))
        ));
    }

    #[test]
    fn a_fact_beyond_the_stock_opens_a_shortfall_that_the_next_receipt_covers() {
        let decision = run(&[("a", 3)], Kind::Sold, &[("a", 5)]).unwrap();
        let effect = &decision.effects[0];
        assert_eq!(
            (effect.shortfall, effect.balance.on_hand(), effect.balance.shortfall()),
            (2, 0, 2)
        );
        let decision = run(&[("a", -2)], Kind::Receive, &[("a", 10)]).unwrap();
        assert_eq!(decision.effects[0].balance, Balance::from_net(8).unwrap());
        assert_eq!(decision.effects[0].shortfall, 0);
    }

    #[test]
    fn an_adjustment_never_leaves_less_than_nothing() {
        assert!(matches!(run(&[("a", 3)], Kind::Adjust, &[("a", -4)]), Err(Reject::BelowZero(_))));
        assert!(run(&[("a", 3)], Kind::Adjust, &[("a", -3)]).is_ok());
    }

    #[test]
    fn quantities_and_lines_have_bounds() {
        for (kind, quantity) in [
            (Kind::Sell, 0),
            (Kind::Sell, -1),
            (Kind::Receive, -1),
            (Kind::Returned, MAX_QUANTITY + 1),
            (Kind::Adjust, 0),
            (Kind::Adjust, -MAX_QUANTITY - 1),
            (Kind::Adjust, i64::MIN),
        ] {
            assert_eq!(run(&[("a", 9)], kind, &[("a", quantity)]), Err(Reject::Quantity(quantity)));
        }
        assert_eq!(run(&[], Kind::Sell, &[]), Err(Reject::LineCount(0)));
        assert_eq!(run(&[("a", 999)], Kind::Sell, &[("a", 1); 101]), Err(Reject::LineCount(101)));
    }

    #[test]
    fn an_unknown_sku_is_named() {
        assert_eq!(run(&[], Kind::Receive, &[("a", 1)]), Err(Reject::UnknownSku(sku("a"))));
    }

    #[test]
    fn a_count_opens_corrects_or_changes_nothing() {
        let counted = Balance::from_net(7).unwrap();
        assert_eq!(count(None, counted), Some((7, counted)));
        assert_eq!(count(Some(counted), counted), None);
        assert_eq!(count(Balance::from_net(-2), counted), Some((9, counted)));
    }

    fn kinds() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::Receive),
            Just(Kind::Adjust),
            Just(Kind::Sell),
            Just(Kind::Sold),
            Just(Kind::Returned)
        ]
    }

    proptest! {
        /// Whatever is thrown at it: the books balance, nothing is below zero, and a request
        /// never takes what is not there.
        #[test]
        fn the_books_balance(
            commands in prop::collection::vec(
                (kinds(), prop::collection::vec((0..3_usize, -4..12_i64), 1..5)), 1..60),
        ) {
            let names = ["a", "b", "c"];
            let mut state = stock(&[("a", 0), ("b", 0), ("c", 0)]);
            let mut moved = [0_i64; 3];
            for (kind, lines) in commands {
                let lines: Vec<Line> =
                    lines.into_iter().map(|(at, quantity)| line(names[at], quantity)).collect();
                let before = state.clone();
                let Ok(decision) = decide(&state, &Command { kind, lines }) else { continue };
                for effect in decision.effects {
                    let at = names.iter().position(|name| *name == effect.sku.as_str()).unwrap();
                    moved[at] += effect.quantity;
                    let position = (effect.sku, effect.location);
                    let was = before.balances[&position];
                    let is = effect.balance;
                    prop_assert_eq!(is.net(), moved[at]);
                    prop_assert!(is.on_hand() >= 0 && is.shortfall() >= 0);
                    prop_assert!(is.on_hand() == 0 || is.shortfall() == 0);
                    prop_assert_eq!(effect.shortfall, (is.shortfall() - was.shortfall()).max(0));
                    if matches!(kind, Kind::Sell) {
                        prop_assert!(was.on_hand() + effect.quantity >= 0);
                    }
                    state.balances.insert(position, is);
                }
            }
        }
    }
}
