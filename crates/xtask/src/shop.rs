//! The demo shop: its pages, drawn from `www/shop`, and its catalogue as a file to import.

use anyhow::{Context, Result, bail, ensure};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

const SOURCE: &str = "www/shop";

/// The variable with the address of the shop's checkout. Without one, orders end at its basket.
pub(crate) const CHECKOUT: &str = "BACKROOM_CHECKOUT";
const BASKET: &str = "/shop/basket.html";

/// Other goods that a product's page shows: one row of four on a wide screen.
const RELATED: usize = 4;

/// The product that has a second page, `json-ld.html`: without an element, with its JSON-LD.
const JSON_LD_ONLY: &str = "teapot";

/// A record of the catalogue, which has the columns of an import.
#[derive(Clone, Deserialize, Serialize)]
struct Variant {
    sku: String,
    product_id: String,
    title: String,
    category: String,
    options: String,
    price: String,
    currency: String,
    url: String,
    image: String,
    substitutes: String,
    location: String,
    on_hand: String,
    restock_date: String,
    precision: String,
}

/// What `goods.toml` says of a product.
#[derive(Deserialize, Serialize)]
struct Story {
    lead: String,
    about: String,
    facts: Vec<String>,
    alt: String,
    /// By variant, the colours of the picture and what takes their place.
    #[serde(default, skip_serializing)]
    paint: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Serialize)]
struct Product {
    variants: Vec<Variant>,
    story: Story,
}

/// The products of one category.
#[derive(Serialize)]
struct Shelf<'a> {
    name: &'a str,
    products: &'a [Product],
}

/// The catalogue as a file to import. Its dates count from today, `+9d`, so that the demo never
/// promises goods for a day that is over.
pub(crate) fn catalogue(repo: &Path, today: Date) -> Result<String> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for mut variant in variants(repo)? {
        variant.restock_date = restock_date(&variant, today)
            .with_context(|| format!("catalogue.csv, SKU {}", variant.sku))?;
        file.serialize(variant)?;
    }
    Ok(String::from_utf8(file.into_inner()?)?)
}

fn restock_date(variant: &Variant, today: Date) -> Result<String> {
    let resolved = |text: &str| -> Result<Date> { Ok(today.checked_add(days(text)?)?) };
    let text = variant.restock_date.as_str();
    Ok(match (variant.precision.as_str(), text.split_once('/')) {
        ("", None) if text.is_empty() => String::new(),
        ("day", None) => resolved(text)?.to_string(),
        ("week", None) => {
            let day = resolved(text)?;
            day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days())?.to_string()
        }
        ("month", None) => resolved(text)?.first_of_month().to_string(),
        ("range", Some((from, to))) => format!("{}/{}", resolved(from)?, resolved(to)?),
        (precision, _) => bail!("`{text}` is no date of the precision `{precision}`"),
    })
}

/// `+9d` is nine days.
fn days(text: &str) -> Result<Span> {
    let number = text.strip_prefix('+').and_then(|text| text.strip_suffix('d'));
    let number: i64 = number.with_context(|| format!("`{text}` is not like `+9d`"))?.parse()?;
    Ok(number.days())
}

/// Writes the shop's pages and pictures into `out`, the folder that the Worker serves.
pub(crate) fn render(repo: &Path, out: &Path) -> Result<()> {
    let source = repo.join(SOURCE);
    let products = products(repo)?;
    fs::create_dir_all(out.join("shop/pictures"))?;
    for name in ["shop.css", "shop.js", "icon.svg"] {
        fs::copy(source.join(name), out.join("shop").join(name)).context(name)?;
    }
    fs::copy(source.join("pictures/shelf.svg"), out.join("shop/pictures/shelf.svg"))?;
    for product in &products {
        paint(&source, out, product)?;
    }
    let checkout = env::var(CHECKOUT).unwrap_or_else(|_| BASKET.to_owned());
    pages(&templates(&source)?, out, &products, &checkout)
}

fn pages(
    templates: &Environment<'_>,
    out: &Path,
    products: &[Product],
    checkout: &str,
) -> Result<()> {
    let shelves = value(shelves(products));
    let write = |url: &str, template: &str, page: Value| -> Result<()> {
        let page = context! { shelves => shelves.clone(), ..page };
        let html = templates.get_template(template)?.render(page)?;
        fs::write(out.join(url.trim_start_matches('/')), html).with_context(|| url.to_owned())
    };
    write("index.html", "index.html", context! {})?;
    write("shop/basket.html", "basket.html", context! { products => value(products) })?;
    for (index, product) in products.iter().enumerate() {
        let related = value(related(products, index));
        for variant in &product.variants {
            let page = context! {
                product => value(product),
                variant => value(variant),
                related => related.clone(),
                checkout,
            };
            if variant.product_id == JSON_LD_ONLY {
                write("shop/json-ld.html", "product.html", page.clone())?;
            }
            write(&variant.url, "product.html", context! { element => true, ..page })?;
        }
    }
    Ok(())
}

fn value(data: impl Serialize) -> Value {
    Value::from(Serde(data))
}

fn templates(source: &Path) -> Result<Environment<'static>> {
    let mut templates = Environment::new();
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for file in fs::read_dir(source.join("templates"))? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        templates.add_template_owned(name, fs::read_to_string(file.path())?)?;
    }
    Ok(templates)
}

fn variants(repo: &Path) -> Result<Vec<Variant>> {
    let mut file = csv::Reader::from_path(repo.join(SOURCE).join("catalogue.csv"))?;
    Ok(file.deserialize().collect::<Result<_, _>>()?)
}

/// The catalogue's products, in its order, each with its variants and its story.
fn products(repo: &Path) -> Result<Vec<Product>> {
    let stories = fs::read_to_string(repo.join(SOURCE).join("goods.toml"))?;
    let mut stories: BTreeMap<String, Story> = toml::from_str(&stories)?;
    let mut products: Vec<Product> = Vec::new();
    for variant in variants(repo)? {
        match products.last_mut() {
            Some(last) if first(last).product_id == variant.product_id => {
                last.variants.push(variant)
            }
            _ => {
                let story = stories.remove(&variant.product_id);
                let story = story.with_context(|| format!("no story of {}", variant.product_id))?;
                products.push(Product { variants: vec![variant], story });
            }
        }
    }
    ensure!(stories.is_empty(), "stories of no product: {:?}", stories.keys());
    Ok(products)
}

fn first(product: &Product) -> &Variant {
    &product.variants[0]
}

/// The products by category, in the catalogue's order.
fn shelves(products: &[Product]) -> Vec<Shelf<'_>> {
    let by_category = products.chunk_by(|a, b| first(a).category == first(b).category);
    by_category.map(|products| Shelf { name: &first(&products[0]).category, products }).collect()
}

/// The rest of the product's shelf, then what follows it.
fn related(products: &[Product], index: usize) -> Vec<&Product> {
    let category = &first(&products[index]).category;
    let (after, before) = (&products[index + 1..], &products[..index]);
    let mut others: Vec<_> = after.iter().chain(before).collect();
    others.sort_by_key(|other| first(other).category != *category);
    others.truncate(RELATED);
    others
}

/// Writes a product's pictures: as drawn, and in the colours of its variants.
fn paint(source: &Path, out: &Path, product: &Product) -> Result<()> {
    for variant in &product.variants {
        let colours = product.story.paint.get(&variant.options);
        let drawn = if colours.is_some() { first(product) } else { variant };
        let name = drawn.image.trim_start_matches("/shop/");
        let mut picture = fs::read_to_string(source.join(name)).with_context(|| name.to_owned())?;
        for (from, to) in colours.into_iter().flatten() {
            picture = picture.replace(from, to);
        }
        fs::write(out.join(variant.image.trim_start_matches('/')), picture)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    fn repo() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn restock_dates(today: Date) -> Vec<(String, String)> {
        let text = catalogue(&repo(), today).unwrap();
        let mut file = csv::Reader::from_reader(text.as_bytes());
        let variants = file.deserialize().collect::<Result<Vec<Variant>, _>>().unwrap();
        variants.into_iter().map(|v| (v.precision, v.restock_date)).collect()
    }

    #[test]
    fn restock_dates_count_from_today() {
        let dates = restock_dates(jiff::civil::date(2026, 11, 21));
        let has = |precision: &str, date: &str| dates.contains(&(precision.into(), date.into()));
        assert!(has("day", "2026-11-30"));
        assert!(has("week", "2026-12-07"), "the Monday of that week");
        assert!(has("month", "2027-01-01"), "the first of that month");
        assert!(has("range", "2026-12-06/2026-12-13"));
    }

    #[test]
    fn no_restock_date_is_ever_over() {
        let start = jiff::civil::date(2027, 1, 1);
        for today in start.series(1.day()).take(366) {
            for (_, date) in restock_dates(today).iter().filter(|(_, date)| !date.is_empty()) {
                let first = date.split('/').next().unwrap();
                assert!(first.parse::<Date>().unwrap() > today, "{date} on {today}");
            }
        }
    }

    #[test]
    fn every_state_is_for_sale() {
        let variants = variants(&repo()).unwrap();
        let shown: BTreeSet<_> =
            variants.iter().map(|v| (v.on_hand.as_str(), v.precision.as_str())).collect();
        for low in ["1", "2", "3", "4", "5"] {
            assert!(shown.contains(&(low, "")), "{low} left");
        }
        for precision in ["", "day", "week", "month", "range"] {
            assert!(shown.contains(&("0", precision)), "out, `{precision}`");
        }
    }

    #[test]
    fn goods_are_of_the_data_set() {
        let goods = fs::read_to_string(repo().join("tests/data/goods.csv")).unwrap();
        let skus: BTreeSet<_> = goods.lines().filter_map(|line| line.split(',').next()).collect();
        for variant in variants(&repo()).unwrap() {
            assert!(skus.contains(variant.sku.as_str()), "{}", variant.sku);
        }
    }

    #[test]
    fn pages_are_whole() {
        let out = tempfile::tempdir().unwrap();
        render(&repo(), out.path()).unwrap();
        let variants = variants(&repo()).unwrap();
        for variant in &variants {
            let html = page(out.path(), &variant.url);
            let sku = &variant.sku;
            assert!(
                html.contains(&format!(r#"<backroom-stock sku="{sku}" view="product""#)),
                "{sku}: element"
            );
            assert!(html.contains(&format!(r#""sku": "{sku}""#)), "{sku}: JSON-LD");
        }
        let json_ld = page(out.path(), "/shop/json-ld.html");
        assert!(!json_ld.split("class=\"shelf\"").next().unwrap().contains("<backroom-stock"));
        let others = ["/index.html", "/shop/basket.html", "/shop/json-ld.html"];
        for url in others.into_iter().chain(variants.iter().map(|v| v.url.as_str())) {
            check(out.path(), url);
        }
    }

    /// A page's text; the templates' escaping takes no chances with slashes.
    fn page(out: &Path, url: &str) -> String {
        let html = fs::read_to_string(out.join(url.trim_start_matches('/'))).unwrap();
        html.replace("&#x2f;", "/")
    }

    /// What a page names of the shop is there, and nothing in it needs a lax content policy.
    fn check(out: &Path, url: &str) {
        let html = page(out, url);
        assert!(html.contains(r#"<script async src="/backroom.js" data-shop="demo">"#), "{url}");
        assert!(!html.contains(" style=") && !html.contains("<style"), "{url}: inline style");
        for script in html.split("<script").skip(1) {
            assert!(script.contains(" src=") || script.contains("ld+json"), "{url}: inline script");
        }
        for link in html.split(['"', '\'']).filter(|text| text.starts_with("/shop/")) {
            assert!(out.join(link.trim_start_matches('/')).exists(), "{url}: {link}");
        }
    }
}
