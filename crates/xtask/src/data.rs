//! Derives `tests/data` from the UCI Online Retail set, the same bytes each time;
//! `tests/data/README.md` says what the files hold and what was changed.

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

/// Where the full set lies, seen from the repository.
pub(crate) const FULL_SET: &str = "../shared/data/online_retail/online_retail.csv.gz";
const GOODS: &str = "tests/data/goods.csv";
const TRADING_DAY: &str = "tests/data/trading-day.csv";

/// Units of each SKU traded that day which are left when all its sales are through.
const LEFT_OVER: i64 = 5;

/// Writes the files of `tests/data` that are derived from the full set, which is at `source`.
pub(crate) fn write(repo: &Path, source: &Path) -> Result<()> {
    let derived = derive(source)?;
    fs::write(repo.join(GOODS), derived.goods)?;
    fs::write(repo.join(TRADING_DAY), derived.trading_day)?;
    println!("Wrote {GOODS} and {TRADING_DAY}.");
    Ok(())
}

struct Derived {
    goods: Vec<u8>,
    trading_day: Vec<u8>,
}

#[derive(Deserialize)]
struct OrderLine {
    #[serde(rename = "InvoiceNo")]
    invoice: String,
    #[serde(rename = "StockCode")]
    sku: String,
    #[serde(rename = "Description")]
    description: String,
    #[serde(rename = "Quantity")]
    quantity: i64,
    #[serde(rename = "InvoiceDate")]
    date: String,
    #[serde(rename = "UnitPrice")]
    unit_price: String,
}

/// What the whole set tells of one stock code.
#[derive(Default)]
struct Good {
    titles: BTreeMap<String, u32>,
    /// The last positive price, as it should stand in an import; empty without one.
    price: String,
    /// The stock at the opening of the trading day.
    opening: i64,
}

fn derive(source: &Path) -> Result<Derived> {
    let mut goods: BTreeMap<String, Good> = BTreeMap::new();
    let mut days: BTreeMap<String, Vec<OrderLine>> = BTreeMap::new();
    let file = File::open(source).with_context(|| format!("cannot open {}", source.display()))?;
    for line in csv::Reader::from_reader(GzDecoder::new(file)).deserialize() {
        let line: OrderLine = line?;
        learn(goods.entry(line.sku.clone()).or_default(), &line)?;
        let day = line.date.split(' ').next().unwrap_or_default().to_owned();
        days.entry(day).or_default().push(line);
    }
    // Backwards, because `max_by_key` keeps the last of equals and the earliest day is wanted.
    let busiest = days.into_values().rev().max_by_key(Vec::len).context("the set is empty")?;
    open(&mut goods, &busiest);
    Ok(Derived { goods: goods_file(&goods)?, trading_day: day_file(&busiest)? })
}

/// Takes title and price from one order line. Lines without a price are not sales and carry
/// the staff's notes ("damages", "found"), so they tell neither.
fn learn(good: &mut Good, line: &OrderLine) -> Result<()> {
    let price: f64 = line.unit_price.parse()?;
    if price <= 0.0 {
        return Ok(());
    }
    if let Some(price) = in_pence(&line.unit_price) {
        good.price = price;
    }
    let title = line.description.trim();
    if !title.is_empty() {
        let seen = good.titles.entry(title.to_owned()).or_default();
        *seen = seen.saturating_add(1);
    }
    Ok(())
}

/// The price with exactly two decimals, or nothing if it is finer than a penny.
fn in_pence(price: &str) -> Option<String> {
    let (pounds, fraction) = price.split_once('.').unwrap_or((price, ""));
    let pence = fraction.trim_end_matches('0');
    (pence.len() <= 2).then(|| format!("{pounds}.{pence:0<2}"))
}

/// Stocks every SKU of the day with what it will sell and [`LEFT_OVER`] more.
fn open(goods: &mut BTreeMap<String, Good>, day: &[OrderLine]) {
    for line in day {
        let Some(good) = goods.get_mut(&line.sku) else { continue };
        good.opening = good.opening.max(LEFT_OVER).saturating_add(line.quantity.max(0));
    }
}

fn goods_file(goods: &BTreeMap<String, Good>) -> Result<Vec<u8>> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["sku", "title", "category", "price", "currency", "location", "on_hand"])?;
    for (sku, good) in goods {
        let title = commonest(&good.titles);
        let category = category(sku, title);
        let currency = if good.price.is_empty() { "" } else { "GBP" };
        let on_hand = good.opening.to_string();
        file.write_record([sku, title, category, &good.price, currency, "main", &on_hand])?;
    }
    Ok(file.into_inner()?)
}

fn day_file(day: &[OrderLine]) -> Result<Vec<u8>> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["invoice", "sku", "quantity", "unit_price"])?;
    for line in day {
        let price =
            in_pence(&line.unit_price).context("a price of that day is finer than a penny")?;
        file.write_record([&line.invoice, &line.sku, &line.quantity.to_string(), &price])?;
    }
    Ok(file.into_inner()?)
}

/// The title seen most often, the first in byte order of equally common ones, empty without any.
fn commonest(titles: &BTreeMap<String, u32>) -> &str {
    let most = titles.iter().rev().max_by_key(|(_, seen)| **seen);
    most.map_or("", |(title, _)| title)
}

/// Categories by the words of a title; the first that has one of them is taken.
const CATEGORIES: [(&str, &[&str]); 10] = [
    ("Christmas", &["CHRISTMAS", "XMAS", "ADVENT", "SANTA", "REINDEER", "BAUBLE", "SNOWFLAKE"]),
    ("Jewellery", &["NECKLACE", "BRACELET", "EARRINGS", "RING", "CHARM", "HAIR", "BROOCH"]),
    ("Lights", &["LIGHT", "LIGHTS", "LANTERN", "CANDLE", "CANDLES", "LAMP", "CANDLESTICK"]),
    ("Bags", &["BAG", "BAGS", "SHOPPER", "HANDBAG", "PURSE", "WALLET", "UMBRELLA", "PARASOL"]),
    ("Party", &["PARTY", "BUNTING", "BIRTHDAY", "BALLOONS", "GARLAND", "CHAIN"]),
    (
        "Paper",
        &["CARD", "CARDS", "WRAP", "NOTEBOOK", "PENCILS", "PEN", "STICKERS", "TISSUES", "TAPE"],
    ),
    (
        "Kitchen",
        &[
            "CAKE", "MUG", "BOWL", "PLATE", "CUP", "TEACUP", "TEAPOT", "JAR", "JAM", "CUTLERY",
            "APRON",
        ],
    ),
    ("Garden", &["GARDEN", "WATERING", "PLANT", "SEEDS", "PICNIC", "BIRDHOUSE", "TROWEL"]),
    ("Toys", &["TOY", "DOLL", "JIGSAW", "FELTCRAFT", "KIT", "PLAYHOUSE", "SKITTLES", "BINGO"]),
    (
        "Home",
        &[
            "CUSHION", "CLOCK", "FRAME", "MIRROR", "SIGN", "HOOK", "DOORMAT", "DRAWER", "WALL",
            "HEART",
        ],
    ),
];

fn category(sku: &str, title: &str) -> &'static str {
    if !is_goods(sku, title) {
        return "non-goods";
    }
    let has = |words: &[&str]| {
        title.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word))
    };
    CATEGORIES.iter().find(|(_, words)| has(words)).map_or("", |(name, _)| name)
}

/// Goods have codes of five digits with or without letters after them, or codes of the shop's
/// own site (`DCGS…`). The rest are postage, fees, samples, corrections and gift vouchers.
fn is_goods(sku: &str, title: &str) -> bool {
    let digits = sku.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 5 || sku.starts_with("DCGS")) && !title.contains("Gift Voucher")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    fn repo() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn records(name: &str) -> Vec<BTreeMap<String, String>> {
        let mut file = csv::Reader::from_path(repo().join(name)).unwrap();
        file.deserialize().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn committed_files_are_what_the_full_set_gives() {
        let source = repo().join(FULL_SET);
        if !source.exists() {
            println!("The full set is not at {FULL_SET}: tests/data was not derived again.");
            return;
        }
        let derived = derive(&source).unwrap();
        assert!(derived.goods == fs::read(repo().join(GOODS)).unwrap(), "{GOODS} differs");
        assert!(
            derived.trading_day == fs::read(repo().join(TRADING_DAY)).unwrap(),
            "{TRADING_DAY} differs"
        );
        println!("tests/data was derived again from the full set: every byte is the same.");
    }

    #[test]
    fn goods_keep_the_codes_that_differ_only_by_case() {
        let goods = records(GOODS);
        let codes: BTreeSet<_> = goods.iter().map(|good| &good["sku"]).collect();
        let folded: BTreeSet<_> = codes.iter().map(|sku| sku.to_lowercase()).collect();
        assert_eq!((goods.len(), codes.len(), folded.len()), (4070, 4070, 3958));
    }

    #[test]
    fn the_day_opens_with_what_it_sells_and_five_more() {
        let mut sold: BTreeMap<String, i64> = BTreeMap::new();
        let day = records(TRADING_DAY);
        for line in &day {
            let quantity: i64 = line["quantity"].parse().unwrap();
            *sold.entry(line["sku"].clone()).or_default() += quantity.max(0);
        }
        assert_eq!((day.len(), sold.len()), (5331, 1774));
        for good in records(GOODS) {
            let opening = sold.get(&good["sku"]).map_or(0, |units| units + LEFT_OVER);
            assert_eq!(good["on_hand"], opening.to_string(), "{}", good["sku"]);
        }
    }

    #[test]
    fn prices_are_whole_pence_or_left_out() {
        assert_eq!(in_pence("2.5").as_deref(), Some("2.50"));
        assert_eq!(in_pence("18.0").as_deref(), Some("18.00"));
        assert_eq!(in_pence("7").as_deref(), Some("7.00"));
        assert_eq!(in_pence("0.001"), None);
    }

    #[test]
    fn what_is_not_goods_is_marked() {
        assert_eq!(category("POST", "POSTAGE"), "non-goods");
        assert_eq!(category("22016", "Dotcomgiftshop Gift Voucher £100.00"), "non-goods");
        assert_eq!(category("85123A", "WHITE HANGING HEART T-LIGHT HOLDER"), "Lights");
        assert_eq!(category("DCGS0069", "OOH LA LA DOGS COLLAR"), "");
    }
}
