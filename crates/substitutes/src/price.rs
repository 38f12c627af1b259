//! Comparing prices.

use std::collections::BTreeMap;

/// What one unit costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price<'a> {
    /// In the currency's minor unit.
    pub minor: i64,
    /// ISO 4217.
    pub currency: &'a str,
}

/// What the substitute costs more than what was wanted, in minor units; negative if it costs
/// less. `None` if the currencies differ or the difference is beyond an `i64`.
pub fn price_difference(wanted: Price<'_>, substitute: Price<'_>) -> Option<i64> {
    if wanted.currency != substitute.currency {
        return None;
    }
    substitute.minor.checked_sub(wanted.minor)
}

/// How near two prices are: the lower as a part of the higher, 0 to 1; 0 if they cannot be
/// compared.
pub(crate) fn nearness(one: Option<Price<'_>>, other: Option<Price<'_>>) -> f32 {
    let Some((one, other)) = one.zip(other) else { return 0.0 };
    if one.currency != other.currency {
        return 0.0;
    }
    let (low, high) = (one.minor.min(other.minor), one.minor.max(other.minor));
    match low {
        _ if low == high => 1.0,
        1.. => low as f32 / high as f32,
        _ => 0.0,
    }
}

/// How high each price is among those of its currency: the logarithm of its ratio to their
/// geometric mean. `None` without a price above zero.
pub(crate) fn levels<'a>(prices: impl Iterator<Item = Option<Price<'a>>>) -> Vec<Option<f32>> {
    let logs: Vec<_> = prices
        .map(|price| price.filter(|price| price.minor > 0))
        .map(|price| price.map(|price| (price.currency, (price.minor as f64).ln())))
        .collect();
    let mut sums = BTreeMap::<&str, (f64, f64)>::new();
    for (currency, log) in logs.iter().flatten() {
        let (sum, count) = sums.entry(currency).or_default();
        *sum += log;
        *count += 1.0;
    }
    let level = |(currency, log): (&str, f64)| {
        let (sum, count) = sums.get(currency)?;
        Some((log - sum / count) as f32)
    };
    logs.into_iter().map(|log| log.and_then(level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro(minor: i64) -> Price<'static> {
        Price { minor, currency: "EUR" }
    }

    #[test]
    fn a_difference_is_what_the_substitute_costs_more() {
        assert_eq!(price_difference(euro(1_200), euro(1_000)), Some(-200));
        assert_eq!(price_difference(euro(1_000), euro(1_200)), Some(200));
        assert_eq!(price_difference(euro(1_000), Price { minor: 900, currency: "USD" }), None);
    }

    #[test]
    fn no_price_overflows() {
        assert_eq!(price_difference(euro(i64::MIN), euro(i64::MAX)), None);
        assert_eq!(price_difference(euro(i64::MAX), euro(i64::MAX)), Some(0));
        for one in [i64::MIN, -1, 0, 1, i64::MAX] {
            for other in [i64::MIN, -1, 0, 1, i64::MAX] {
                let near = nearness(Some(euro(one)), Some(euro(other)));
                assert!((0.0..=1.0).contains(&near), "{one} {other}: {near}");
            }
        }
    }

    #[test]
    fn levels_are_within_a_currency() {
        let yen = |minor| Some(Price { minor, currency: "JPY" });
        let prices = [Some(euro(100)), Some(euro(400)), yen(300), None, Some(euro(-1)), yen(300)];
        let levels = levels(prices.into_iter());
        let twice = std::f32::consts::LN_2;
        let expected = [Some(-twice), Some(twice), Some(0.0), None, None, Some(0.0)];
        for (level, expected) in levels.into_iter().zip(expected) {
            let difference = level.zip(expected).map(|(one, other)| (one - other).abs());
            assert!(level == expected || difference < Some(1e-6), "{level:?} {expected:?}");
        }
    }

    #[test]
    fn what_is_near() {
        assert_eq!(nearness(Some(euro(500)), Some(euro(1_000))), 0.5);
        assert_eq!(nearness(Some(euro(0)), Some(euro(0))), 1.0);
        assert_eq!(nearness(Some(euro(0)), Some(euro(1))), 0.0);
        assert_eq!(nearness(Some(euro(1)), None), 0.0);
        assert_eq!(nearness(Some(euro(1)), Some(Price { minor: 1, currency: "USD" })), 0.0);
    }
}
