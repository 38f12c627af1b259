//! Decisions, through the crate's door.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use ledger::{
    Balance, BrowserLimit, BuyerLimit, Cart, Command, Component, CountLine, Decision, Hold,
    HoldState, Kind, Line, Location, MAX_LIFETIME_MS, MAX_QUANTITY, Reject, Shortage, Sku, Stock,
    Way, decide,
};
use std::collections::BTreeMap;

const NOW: i64 = 1_795_253_400_000;
const TEN_MINUTES: i64 = 600_000;

fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

fn location(text: &str) -> Location {
    Location::new(text).unwrap()
}

/// `2 a` or `2 a@attic`.
fn line(text: &str) -> Line {
    let (quantity, place) = text.split_once(' ').unwrap();
    let (name, at) = place.split_once('@').unzip();
    Line {
        sku: sku(name.unwrap_or(place)),
        location: at.map(location),
        quantity: quantity.parse().unwrap(),
    }
}

fn lines(texts: &[&str]) -> Vec<Line> {
    texts.iter().map(|text| line(text)).collect()
}

/// Stock of SKUs at locations, each by its net.
fn stock(entries: &[(&str, &str, i64)]) -> Stock {
    let mut stock = Stock::default();
    for (name, at, net) in entries {
        stock.put(&sku(name), &location(at), Balance::from_net(*net).unwrap());
    }
    stock
}

/// With a kit of these components.
fn with_kit(mut stock: Stock, kit: &str, parts: &[(&str, i64)]) -> Stock {
    let components =
        parts.iter().map(|(name, quantity)| Component { sku: sku(name), quantity: *quantity });
    stock.skus.entry(sku(kit)).or_default().components = components.collect();
    stock
}

fn moves(stock: &Stock, kind: Kind, texts: &[&str]) -> Result<Decision, Reject> {
    decide(stock, &Command::Move(kind, lines(texts)), NOW)
}

fn cart(texts: &[&str]) -> Cart {
    Cart {
        id: "cart".to_owned(),
        lines: lines(texts),
        lifetime_ms: TEN_MINUTES,
        region: None,
        buyer: None,
        browser: None,
    }
}

fn holds(stock: &Stock, texts: &[&str]) -> Result<Decision, Reject> {
    decide(stock, &Command::Hold(cart(texts)), NOW)
}

fn resolve(stock: &Stock, hold: &Hold, way: Way, now: i64) -> Result<Decision, Reject> {
    decide(stock, &Command::Resolve(hold.clone(), way), now)
}

/// The stock as the decision leaves it.
fn after(stock: &Stock, decision: &Decision) -> Stock {
    let mut after = stock.clone();
    for effect in &decision.effects {
        after.put(&effect.sku, &effect.location, effect.balance);
    }
    after
}

fn short(name: &str, at: Option<&str>, wanted: i64, available: i64) -> Reject {
    let (sku, location) = (sku(name), at.map(location));
    Reject::InsufficientStock(Shortage { sku, location, wanted, available })
}

#[test]
fn the_last_unit_goes_once_even_on_two_lines_of_one_call() {
    let stock = stock(&[("a", "main", 5)]);
    for texts in [&["5 a", "5 a"][..], &["5 a", "5 a@main"], &["5 a@main", "5 a@main"]] {
        assert_eq!(moves(&stock, Kind::Sell, texts), Err(short("a", None, 10, 5)));
        assert_eq!(holds(&stock, texts), Err(short("a", None, 10, 5)));
    }
    assert!(moves(&stock, Kind::Sell, &["5 a"]).is_ok());
}

#[test]
fn a_request_takes_all_lines_or_none() {
    let stock = stock(&[("a", "main", 9), ("b", "main", 0)]);
    assert_eq!(moves(&stock, Kind::Sell, &["1 a", "1 b"]), Err(short("b", None, 1, 0)));
    assert_eq!(holds(&stock, &["1 a", "1 b"]), Err(short("b", None, 1, 0)));
}

#[test]
fn what_is_shown_over_all_locations_can_be_sold() {
    let stock = stock(&[("a", "attic", 3), ("a", "cellar", 4), ("a", "main", 2)]);
    assert_eq!(stock.available_to_sell(&sku("a")), 9);
    let sold = moves(&stock, Kind::Sell, &["9 a"]).unwrap();
    assert!(after(&stock, &sold).skus[&sku("a")].balances.values().all(|left| left.net() == 0));
    assert_eq!(moves(&stock, Kind::Sell, &["10 a"]), Err(short("a", None, 10, 9)));
}

#[test]
fn what_one_location_owes_no_other_can_sell_twice() {
    let stock = stock(&[("a", "attic", 3), ("a", "main", -2)]);
    assert_eq!(stock.available_to_sell(&sku("a")), 1);
    assert_eq!(moves(&stock, Kind::Sell, &["2 a@attic"]), Err(short("a", None, 2, 1)));
    assert!(moves(&stock, Kind::Sell, &["1 a@attic"]).is_ok());
}

#[test]
fn a_pinned_line_is_served_from_there_alone() {
    let stock = stock(&[("a", "attic", 3), ("a", "main", 4)]);
    assert_eq!(moves(&stock, Kind::Sell, &["5 a@main"]), Err(short("a", Some("main"), 5, 4)));
    let sold = moves(&stock, Kind::Sell, &["4 a@main", "3 a"]).unwrap();
    let left: Vec<_> = sold.effects.iter().map(|effect| effect.balance.on_hand()).collect();
    assert_eq!(left, [0, 0]);
}

#[test]
fn safety_stock_is_for_facts_only() {
    let mut stock = stock(&[("a", "main", 5)]);
    let kept = Balance::from_net(5).unwrap().with_safety_stock(3).unwrap();
    stock.put(&sku("a"), &location("main"), kept);
    assert_eq!(moves(&stock, Kind::Sell, &["3 a"]), Err(short("a", None, 3, 2)));
    assert_eq!(holds(&stock, &["3 a"]), Err(short("a", None, 3, 2)));
    let sold = moves(&stock, Kind::Sold, &["5 a"]).unwrap();
    assert_eq!((sold.effects[0].balance.on_hand(), sold.effects[0].shortfall), (0, 0));
}

#[test]
fn a_fact_beyond_the_stock_opens_a_shortfall_that_the_next_receipt_covers() {
    let owed = moves(&stock(&[("a", "main", 3)]), Kind::Sold, &["5 a"]).unwrap();
    let effect = &owed.effects[0];
    let balance = effect.balance;
    assert_eq!((effect.shortfall, balance.on_hand(), balance.shortfall()), (2, 0, 2));
    let covered = moves(&stock(&[("a", "main", -2)]), Kind::Receive, &["10 a"]).unwrap();
    assert_eq!((covered.effects[0].balance.net(), covered.effects[0].shortfall), (8, 0));
}

#[test]
fn a_fact_without_a_place_spares_what_is_held() {
    let stock = stock(&[("a", "attic", 3), ("a", "main", 3)]);
    let held = holds(&stock, &["3 a@attic"]).unwrap();
    let stock = after(&stock, &held);
    let sold = after(&stock, &moves(&stock, Kind::Sold, &["3 a"]).unwrap());
    assert_eq!(sold.balance(&sku("a"), &location("main")).on_hand(), 0);
    // Beyond that it takes what is held, and the commit finds the units gone.
    let sold = after(&stock, &moves(&stock, Kind::Sold, &["5 a"]).unwrap());
    assert_eq!(sold.available_to_sell(&sku("a")), 0);
    let hold = held.hold.unwrap();
    let committed = resolve(&sold, &hold, Way::Commit, NOW).unwrap();
    assert_eq!(committed.effects[0].shortfall, 2);
    assert_eq!(committed.hold.unwrap().lines[0].shortfall, 2);
}

#[test]
fn a_fact_without_a_place_looks_for_units_beside_the_pinned_ones() {
    let stock = stock(&[("a", "attic", 5), ("a", "main", 5)]);
    let sold = moves(&stock, Kind::Sold, &["5 a@attic", "5 a"]).unwrap();
    assert!(sold.effects.iter().all(|effect| effect.shortfall == 0));
}

#[test]
fn in_a_mirror_facts_are_booked_and_nothing_is_asked_for() {
    let mirror = Stock { mirror: true, ..stock(&[("a", "main", 9)]) };
    assert_eq!(moves(&mirror, Kind::Sell, &["1 a"]), Err(Reject::Mirror));
    assert_eq!(holds(&mirror, &["1 a"]), Err(Reject::Mirror));
    for kind in [Kind::Receive, Kind::Adjust, Kind::Sold, Kind::Returned] {
        assert!(moves(&mirror, kind, &["1 a"]).is_ok(), "{kind:?}");
    }
}

#[test]
fn an_adjustment_never_leaves_less_than_nothing() {
    let stock = stock(&[("a", "main", 3)]);
    assert!(matches!(moves(&stock, Kind::Adjust, &["-4 a"]), Err(Reject::BelowZero(_))));
    assert!(moves(&stock, Kind::Adjust, &["-3 a"]).is_ok());
}

#[test]
fn quantities_lines_and_lifetimes_have_bounds() {
    let stock = stock(&[("a", "main", 999)]);
    let one = |quantity| vec![Line { sku: sku("a"), location: None, quantity }];
    for (kind, quantity) in [
        (Kind::Sell, 0),
        (Kind::Sold, -1),
        (Kind::Receive, -1),
        (Kind::Returned, MAX_QUANTITY + 1),
        (Kind::Adjust, 0),
        (Kind::Adjust, -MAX_QUANTITY - 1),
        (Kind::Adjust, i64::MIN),
    ] {
        let command = Command::Move(kind, one(quantity));
        assert_eq!(decide(&stock, &command, NOW), Err(Reject::Quantity(quantity)));
    }
    assert_eq!(moves(&stock, Kind::Sell, &[]), Err(Reject::LineCount(0)));
    assert_eq!(moves(&stock, Kind::Sell, &["1 a"; 101]), Err(Reject::LineCount(101)));
    assert_eq!(holds(&stock, &[]), Err(Reject::LineCount(0)));
    for lifetime_ms in [0, 999, MAX_LIFETIME_MS + 1, i64::MIN, i64::MAX] {
        let refused = decide(&stock, &Command::Hold(Cart { lifetime_ms, ..cart(&["1 a"]) }), NOW);
        assert!(matches!(refused, Err(Reject::Lifetime { .. })), "{lifetime_ms}");
    }
}

#[test]
fn an_unknown_sku_is_named() {
    for kind in [Kind::Receive, Kind::Adjust, Kind::Sell, Kind::Sold, Kind::Returned] {
        let refused = moves(&stock(&[("a", "main", 9)]), kind, &["1 a", "1 A"]);
        assert_eq!(refused, Err(Reject::UnknownSku(sku("A"))));
    }
}

#[test]
fn a_kit_lives_by_its_components() {
    let parts = [("cup", 2), ("saucer", 1)];
    let stock = with_kit(stock(&[("cup", "main", 5), ("saucer", "attic", 9)]), "set", &parts);
    assert_eq!(stock.available_to_sell(&sku("set")), 2);
    // The sum of what a cart wants of a component counts, by whatever name it is asked.
    assert_eq!(holds(&stock, &["2 set", "2 cup"]), Err(short("cup", None, 6, 5)));
    let held = holds(&stock, &["2 set", "1 cup"]).unwrap();
    let lines = held.hold.as_ref().unwrap().lines.iter();
    let lines: Vec<_> = lines.map(|line| (line.sku.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("cup", 5), ("saucer", 2)]);
    assert_eq!(after(&stock, &held).available_to_sell(&sku("set")), 0);
    assert_eq!(after(&stock, &held).available_unheld(&sku("set")), 2);
    for kind in [Kind::Receive, Kind::Adjust, Kind::Returned] {
        assert_eq!(moves(&stock, kind, &["1 set"]), Err(Reject::IsBundle(sku("set"))));
    }
    let count =
        CountLine { sku: sku("set"), location: Location::main(), counted: 1, expected: None };
    let refused = decide(&stock, &Command::Count(vec![count]), NOW);
    assert_eq!(refused, Err(Reject::IsBundle(sku("set"))));
}

#[test]
fn a_count_goes_over_the_books_only_if_they_are_as_expected() {
    let stock = stock(&[("a", "main", 7), ("b", "main", -2)]);
    let count = |name: &str, counted, expected| {
        let line = CountLine { sku: sku(name), location: Location::main(), counted, expected };
        decide(&stock, &Command::Count(vec![line]), NOW)
    };
    assert_eq!(count("a", 9, Some(7)).unwrap().effects[0].quantity, 2);
    assert_eq!(count("a", 9, None).unwrap().effects[0].balance.on_hand(), 9);
    assert_eq!(count("a", 7, Some(7)).unwrap().effects[0].quantity, 0);
    assert_eq!(
        count("a", 9, Some(8)),
        Err(Reject::CountStale {
            sku: sku("a"),
            location: Location::main(),
            expected: 8,
            on_hand: 7
        })
    );
    // A count settles what was owed.
    let settled = count("b", 4, Some(0)).unwrap();
    assert_eq!((settled.effects[0].quantity, settled.effects[0].balance.shortfall()), (6, 0));
    assert_eq!(count("a", -1, None), Err(Reject::Quantity(-1)));
    let twice = ["a", "a"].map(|name| CountLine {
        sku: sku(name),
        location: Location::main(),
        counted: 1,
        expected: None,
    });
    let refused = decide(&stock, &Command::Count(twice.to_vec()), NOW);
    assert_eq!(refused, Err(Reject::CountedTwice(sku("a"), Location::main())));
}

#[test]
fn a_hold_keeps_its_units_until_it_ends() {
    let before = stock(&[("a", "main", 5)]);
    let made = holds(&before, &["3 a"]).unwrap();
    let hold = made.hold.clone().unwrap();
    assert_eq!((hold.state, hold.expires_at), (HoldState::Open, NOW + TEN_MINUTES));
    let stock = after(&before, &made);
    assert_eq!(moves(&stock, Kind::Sell, &["3 a"]), Err(short("a", None, 3, 2)));
    for (way, on_hand, state) in [
        (Way::Commit, 2, HoldState::Committed),
        (Way::Release, 5, HoldState::Released),
        (Way::Expire, 5, HoldState::Expired),
    ] {
        let ended = resolve(&stock, &hold, way, NOW + 1).unwrap();
        let left = after(&stock, &ended).balance(&sku("a"), &Location::main());
        assert_eq!((left.on_hand(), left.held()), (on_hand, 0));
        let hold = ended.hold.unwrap();
        assert_eq!((hold.state, hold.resolved_at), (state, Some(NOW + 1)));
    }
    for way in [Way::Commit, Way::Release] {
        assert_eq!(resolve(&stock, &hold, way, hold.expires_at), Err(Reject::Expired));
    }
}

#[test]
fn one_buyer_and_all_browsers_have_limits() {
    let stock = stock(&[("a", "main", 10)]);
    let held = BTreeMap::from([(sku("a"), 1)]);
    let ask = |texts: &[&str], buyer, browser| {
        decide(&stock, &Command::Hold(Cart { buyer, browser, ..cart(texts) }), NOW)
    };
    let buyer = || Some(BuyerLimit { most: 3, held: held.clone() });
    assert!(ask(&["2 a"], buyer(), None).is_ok());
    let refused = ask(&["1 a", "2 a"], buyer(), None);
    assert_eq!(refused, Err(Reject::BuyerLimit { sku: sku("a"), most: 3, held: 1, wanted: 3 }));
    let browser = |holds_of_network| Some(BrowserLimit { holds_of_network, held: held.clone() });
    assert!(ask(&["1 a"], None, browser(2)).is_ok());
    assert_eq!(ask(&["2 a"], None, browser(0)), Err(Reject::BrowserShare(sku("a"))));
    assert_eq!(ask(&["1 a"], None, browser(3)), Err(Reject::NetworkLimit));
    let long = Cart { lifetime_ms: TEN_MINUTES + 1, browser: browser(0), ..cart(&["1 a"]) };
    let refused = decide(&stock, &Command::Hold(long), NOW);
    assert!(matches!(refused, Err(Reject::Lifetime { .. })));
}
