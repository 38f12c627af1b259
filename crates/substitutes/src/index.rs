//! Candidates and their ranking.

use crate::options::{Key, Numbers, count_shared};
use crate::price::{levels, nearness};
use crate::text::key;
use crate::titles::Titles;
use crate::weights::{WEIGHTS, Weights};
use crate::{Item, SharedOption, shared_options};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Candidates of a SKU. A page shows three or four, and some of them will be out as well.
pub const MAX_CANDIDATES: usize = 12;

/// Entries of the merchant's own list that are looked at.
pub const MAX_CHOSEN: usize = 100;

/// Variants of a product that are looked at, in the order of their SKUs from the wanted one on;
/// Shopify's products have 2,048 at most. 10,000 SKUs of one product are so compared 20 million
/// times, not 100 million.
pub const MAX_VARIANTS: usize = 2_048;

/// Why a SKU is a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The merchant says so.
    Chosen,
    /// Another variant of the same product.
    SameProduct,
    /// A similar title in the same category.
    SameCategory,
    /// A similar title, and one of the two has no category.
    Similar,
}

/// What would do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Of the catalogue, as it stands there.
    pub sku: &'a str,
    /// Why; the first of the reasons that hold.
    pub reason: Reason,
    /// The options that it shares with what was wanted, in the words of that.
    pub shared: Vec<SharedOption<'a>>,
}

/// A catalogue, ready to answer.
#[derive(Debug)]
pub struct Index<'a> {
    /// In the order of their SKUs: a place in it decides ties, and makes the catalogue's own order
    /// have no effect.
    entries: Vec<Entry<'a>>,
    /// Places by product.
    products: BTreeMap<&'a str, Vec<usize>>,
    titles: Titles,
    weights: Weights,
}

#[derive(Debug)]
struct Entry<'a> {
    item: &'a Item<'a>,
    category: Option<usize>,
    options: Vec<Key<usize>>,
}

impl<'a> Index<'a> {
    /// Of these items. If a SKU is there twice, its first item counts.
    pub fn new(catalogue: &'a [Item<'a>]) -> Self {
        Self::weighing(catalogue, WEIGHTS)
    }

    pub(crate) fn weighing(catalogue: &'a [Item<'a>], weights: Weights) -> Self {
        let mut items: Vec<_> = catalogue.iter().collect();
        // The sort is stable, so the first of equals stays.
        items.sort_by_key(|item| item.sku);
        items.dedup_by_key(|item| item.sku);
        let mut products = BTreeMap::<_, Vec<_>>::new();
        for (at, item) in items.iter().enumerate() {
            if let Some(product) = item.product_id.filter(|id| !id.is_empty()) {
                products.entry(product).or_default().push(at);
            }
        }
        let levels = levels(items.iter().map(|item| item.price));
        let titles = Titles::new(items.iter().map(|item| telling(item)), &levels);
        let mut numbers = Numbers::default();
        let entries = items.into_iter().map(|item| Entry::new(item, &mut numbers)).collect();
        Self { entries, products, titles, weights }
    }

    /// The candidates of each SKU, in the order of the SKUs.
    pub fn all(&self) -> impl Iterator<Item = (&'a str, Vec<Candidate<'a>>)> {
        self.entries.iter().enumerate().map(|(at, entry)| (entry.item.sku, self.at(at, entry)))
    }

    /// The candidates of this SKU, the best first; none if the catalogue has no such SKU.
    pub fn candidates(&self, sku: &str) -> Vec<Candidate<'a>> {
        let found = self.place(sku).and_then(|at| Some((at, self.entries.get(at)?)));
        found.map(|(at, entry)| self.at(at, entry)).unwrap_or_default()
    }

    fn place(&self, sku: &str) -> Option<usize> {
        self.entries.binary_search_by_key(&sku, |entry| entry.item.sku).ok()
    }

    fn at(&self, at: usize, wanted: &Entry<'a>) -> Vec<Candidate<'a>> {
        let mut found = Found { wanted: at, places: Vec::new() };
        found.add(Reason::Chosen, self.chosen(wanted));
        if !found.is_full() {
            found.add(Reason::SameProduct, self.variants(at, wanted));
        }
        if !found.is_full() {
            for (reason, place) in self.resembling(wanted) {
                found.add(reason, [place]);
            }
        }
        let candidate = |(reason, place): (Reason, usize)| {
            Some(self.entries.get(place)?.candidate(reason, wanted))
        };
        found.places.into_iter().filter_map(candidate).collect()
    }

    /// What the merchant chose, as far as the catalogue has it.
    fn chosen(&self, wanted: &Entry<'a>) -> impl Iterator<Item = usize> {
        wanted.item.chosen.iter().take(MAX_CHOSEN).filter_map(|sku| self.place(sku))
    }

    /// The variants of its product, the best first, and itself.
    fn variants(&self, at: usize, wanted: &Entry<'a>) -> Vec<usize> {
        let product = wanted.item.product_id.and_then(|id| self.products.get(id));
        let variants = product.map_or(&[][..], Vec::as_slice);
        let (before, after) = variants.split_at(variants.partition_point(|place| *place < at));
        let ranked = after.iter().chain(before).take(MAX_VARIANTS).filter_map(|place| {
            let other = self.entries.get(*place)?;
            let shared = count_shared(&wanted.options, &other.options);
            let near = in_steps(nearness(wanted.item.price, other.item.price));
            Some((Reverse(shared), Reverse(near), *place))
        });
        first_of(ranked.collect()).into_iter().map(|(_, _, place)| place).collect()
    }

    /// Those with similar titles, the best first, and itself.
    fn resembling(&self, wanted: &Entry<'a>) -> impl Iterator<Item = (Reason, usize)> {
        let similar = self.titles.similar(telling(wanted.item));
        let ranked = similar.into_iter().filter_map(|(place, similarity)| {
            let place = place as usize;
            let other = self.entries.get(place)?;
            let reason = wanted.likeness(other)?;
            let score = self.score(wanted, other, reason, similarity)?;
            Some((Reverse(score), place, reason))
        });
        first_of(ranked.collect()).into_iter().map(|(_, place, reason)| (reason, place))
    }

    /// `None` if they are not similar enough.
    fn score(&self, wanted: &Entry, other: &Entry, reason: Reason, similarity: f32) -> Option<u32> {
        let weights = &self.weights;
        let (least, category) = match reason {
            Reason::SameCategory => (weights.min_similarity_same_category, weights.category),
            _ => (weights.min_similarity, 0.0),
        };
        if similarity < least {
            return None;
        }
        let shared = count_shared(&wanted.options, &other.options) as f32;
        let options = shared / wanted.options.len().max(1) as f32 * weights.options;
        let price = nearness(wanted.item.price, other.item.price) * weights.price;
        Some(in_steps(similarity * weights.similarity + options + price + category))
    }
}

impl<'a> Entry<'a> {
    fn new(item: &'a Item<'a>, numbers: &mut Numbers) -> Self {
        let category = item.category.map(key).filter(|category| !category.is_empty());
        let category = category.map(|category| numbers.of(category));
        Self { item, category, options: numbers.options(item.options.unwrap_or_default()) }
    }

    /// Why the other may be a candidate; `None` if the merchant put it somewhere else.
    fn likeness(&self, other: &Self) -> Option<Reason> {
        match self.category.zip(other.category) {
            None => Some(Reason::Similar),
            Some((one, other)) => (one == other).then_some(Reason::SameCategory),
        }
    }

    fn candidate(&self, reason: Reason, wanted: &Self) -> Candidate<'a> {
        let texts = wanted.item.options.zip(self.item.options);
        let shared = texts.map(|(wanted, own)| shared_options(wanted, own)).unwrap_or_default();
        Candidate { sku: self.item.sku, reason, shared }
    }
}

/// What was found so far, the best first.
struct Found {
    wanted: usize,
    places: Vec<(Reason, usize)>,
}

impl Found {
    fn is_full(&self) -> bool {
        self.places.len() >= MAX_CANDIDATES
    }

    /// Adds those that are not there yet, as long as there is room.
    fn add(&mut self, reason: Reason, places: impl IntoIterator<Item = usize>) {
        for place in places {
            let known = self.places.iter().any(|(_, known)| *known == place);
            if !known && place != self.wanted && !self.is_full() {
                self.places.push((reason, place));
            }
        }
    }
}

/// The title, if it tells more than the SKU.
fn telling<'a>(item: &Item<'a>) -> &'a str {
    if item.title == item.sku { "" } else { item.title }
}

/// Ten thousandths: what differs by less is equal, whatever rounding did.
fn in_steps(score: f32) -> u32 {
    (score * 10_000.0) as u32
}

/// The first of these in their order, sorted: enough of them that [`MAX_CANDIDATES`] are left
/// when itself, what was chosen and the variants are taken out.
fn first_of<T: Ord + Copy>(mut ranked: Vec<T>) -> Vec<T> {
    const ENOUGH: usize = 2 * MAX_CANDIDATES + 1;
    if ranked.len() > ENOUGH {
        ranked.select_nth_unstable(ENOUGH);
        ranked.truncate(ENOUGH);
    }
    ranked.sort_unstable();
    ranked
}
