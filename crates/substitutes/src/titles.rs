//! How similar titles are: the cosine of their vectors of character n-grams, each n-gram weighed
//! by how few titles have it (TF-IDF; Salton & Buckley, "Term-weighting approaches in automatic
//! text retrieval", 1988). How often a title has it is left out: in some words that is once. The
//! logarithm of the rarity enters a product of two weights once, not squared as there: a title's
//! rarest words name the design, and what the thing is stands in commoner ones.
//!
//! For the same reason n-grams count for more if their titles cost about the same: in a shop with
//! a lunch bag, a beaker and a card of one design, it is `lunch bag` that tells the price.
//!
//! An inverted index: from an n-gram to the titles that have it.

use crate::text::{Gram, grams};
use std::ops::Range;

/// An n-gram that more titles have says nothing, and is left out.
pub const MAX_TITLES_PER_GRAM: usize = 1_000;

/// Entries of the inverted index that are looked at for one title, its rarest n-grams first; the
/// rest could only have made others more similar. 3,811 real titles take 3,600 on average and
/// 8,700 at most. For 10,000 SKUs these are 200 million, whatever their titles; without the limit,
/// 150 n-grams that are just not too frequent would make 1.5 billion.
pub const MAX_STEPS: usize = 20_000;

/// So many titles of any price are counted in with those of an n-gram, when it is judged by their
/// prices: two that happen to cost the same prove nothing.
const DOUBT: f32 = 4.0;

/// The titles of a catalogue by their n-grams. A title is known by its place.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    /// In the order of the n-grams.
    rows: Vec<Row>,
    /// The rows' titles, one row's after the other's.
    entries: Vec<u32>,
    /// Squares of the vectors' lengths.
    squares: Vec<f32>,
}

#[derive(Debug)]
struct Row {
    gram: Gram,
    /// The square of its weight in a title.
    square: f32,
    /// Where in `entries` its titles are.
    entries: Range<usize>,
}

impl Titles {
    /// Of these titles, with the levels of their prices.
    pub(crate) fn new<'a>(titles: impl Iterator<Item = &'a str>, levels: &[Option<f32>]) -> Self {
        let mut pairs: Vec<(Gram, u32)> = Vec::new();
        let mut index = Self::default();
        for (at, title) in (0..).zip(titles) {
            pairs.extend(grams(title).into_iter().map(|gram| (gram, at)));
            index.squares.push(0.0);
        }
        pairs.sort_unstable();
        let spread = Spread::of(levels.iter());
        for row in pairs.chunk_by(|(one, _), (other, _)| one == other) {
            if row.len() <= MAX_TITLES_PER_GRAM {
                let own = Spread::of(row.iter().filter_map(|(_, at)| levels.get(*at as usize)));
                index.add(row, spread.told_by(&own));
            }
        }
        index
    }

    /// Adds the titles that have one n-gram, and what part of their prices it tells.
    fn add(&mut self, row: &[(Gram, u32)], told: f32) {
        let Some((gram, _)) = row.first() else { return };
        // One is added so that in a shop of two a shared n-gram still counts.
        let rarity = (1.0 + self.squares.len() as f32 / row.len() as f32).ln();
        let square = rarity * (1.0 + told) * (1.0 + told);
        let start = self.entries.len();
        for (_, title) in row {
            self.entries.push(*title);
            if let Some(sum) = self.squares.get_mut(*title as usize) {
                *sum += square;
            }
        }
        self.rows.push(Row { gram: *gram, square, entries: start..self.entries.len() });
    }

    /// The titles with an n-gram of this one, and how similar they are, 0 to 1. The title itself
    /// is among them, if it is in the catalogue.
    pub(crate) fn similar(&self, title: &str) -> Vec<(u32, f32)> {
        let rows = self.rows_of(title);
        let own: f32 = rows.iter().map(|row| row.square).sum();
        let mut shared = vec![0.0_f32; self.squares.len()];
        let mut touched = Vec::new();
        for (row, entries) in self.walked(&rows) {
            for at in entries {
                let Some(sum) = shared.get_mut(*at as usize) else { continue };
                if *sum == 0.0 {
                    touched.push(*at);
                }
                *sum += row.square;
            }
        }
        let cosine = |at: u32| {
            let at = at as usize;
            let (shared, square) = shared.get(at).zip(self.squares.get(at))?;
            Some(shared / (own * square).sqrt())
        };
        touched.into_iter().filter_map(|at| Some((at, cosine(at)?.min(1.0)))).collect()
    }

    /// The rows of a title's n-grams, the rarest first.
    fn rows_of(&self, title: &str) -> Vec<&Row> {
        let row = |gram: Gram| {
            let at = self.rows.binary_search_by(|row| row.gram.cmp(&gram)).ok()?;
            self.rows.get(at)
        };
        let mut rows: Vec<_> = grams(title).into_iter().filter_map(row).collect();
        // The sort is stable, so that sums are made in one order whatever the catalogue's.
        rows.sort_by_key(|row| row.entries.len());
        rows
    }

    /// As many of the rows as [`MAX_STEPS`] allows, with their titles.
    fn walked<'a>(&'a self, rows: &'a [&Row]) -> impl Iterator<Item = (&'a Row, &'a [u32])> {
        let mut left = MAX_STEPS;
        rows.iter().map_while(move |row| {
            left = left.checked_sub(row.entries.len())?;
            Some((*row, self.entries.get(row.entries.clone())?))
        })
    }
}

/// How far prices are apart.
#[derive(Debug)]
struct Spread {
    count: f32,
    /// The squares of their distances from their mean, added up.
    squares: f32,
}

impl Spread {
    fn of<'a>(levels: impl Iterator<Item = &'a Option<f32>> + Clone) -> Self {
        let levels = levels.flatten();
        let count = levels.clone().count() as f32;
        let mean = levels.clone().sum::<f32>() / count.max(1.0);
        Self { count, squares: levels.map(|level| (level - mean) * (level - mean)).sum() }
    }

    /// What part of this spread, 0 to 1, is gone among these few of the prices.
    fn told_by(&self, few: &Self) -> f32 {
        let all = self.squares / self.count.max(1.0);
        let left = (few.squares + DOUBT * all) / (few.count + DOUBT);
        if all > 0.0 { (1.0 - left / all).max(0.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(titles: &[&str]) -> Titles {
        Titles::new(titles.iter().copied(), &[])
    }

    fn steps(titles: &Titles, title: &str) -> usize {
        titles.walked(&titles.rows_of(title)).map(|(_, entries)| entries.len()).sum()
    }

    fn similarity(titles: &Titles, one: &str, other: u32) -> f32 {
        let similar = titles.similar(one);
        similar.iter().find(|(at, _)| *at == other).map_or(0.0, |(_, similarity)| *similarity)
    }

    #[test]
    fn a_title_is_most_similar_to_itself() {
        let titles = of(&["red tea cup", "Red Tea-Cup", "red tea cups", "red cup", "lantern", ""]);
        let by: Vec<_> = (0..6).map(|at| similarity(&titles, "red tea cup", at)).collect();
        assert!((by[0] - 1.0).abs() < 1e-6 && by[0] == by[1], "{by:?}");
        assert!(by[1] > by[2] && by[2] > 0.5 && by[1] > by[3] && by[3] > 0.5, "{by:?}");
        assert_eq!((by[4], by[5]), (0.0, 0.0));
        assert_eq!(titles.similar(""), []);
    }

    #[test]
    fn what_is_rare_counts_for_more() {
        let titles = of(&["red zebra", "red lamp", "zebra lamp", "red cup", "red bag", "red box"]);
        assert!(similarity(&titles, "red zebra", 2) > similarity(&titles, "red zebra", 3));
    }

    #[test]
    fn what_tells_the_price_counts_for_more() {
        let shop = ["mug moon", "mug star", "mug tree", "bag moon", "bag star", "bag tree"];
        let same = of(&shop);
        let without = [similarity(&same, shop[0], 1), similarity(&same, shop[0], 3)];
        let levels = [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0].map(Some);
        let titles = Titles::new(shop.into_iter(), &levels);
        let with = [similarity(&titles, shop[0], 1), similarity(&titles, shop[0], 3)];
        assert!(with[0] > without[0] && with[1] < without[1], "{without:?} {with:?}");
    }

    /// As many long titles of the same few letters as just do not make these too frequent.
    #[test]
    fn the_work_has_a_limit() {
        let letters = ['a', 'b', 'c', 'd', 'e', 'f'];
        let long = |title: usize| -> String {
            let any =
                |at: usize| letters[((title * 7_919 + at * 104_729) ^ (at * at * 31)) / 8 % 6];
            (0..crate::MAX_TITLE_CHARS).map(any).collect()
        };
        let hostile: Vec<_> = (0..MAX_TITLES_PER_GRAM).map(long).collect();
        let titles = of(&hostile.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(titles.entries.len() <= hostile.len() * crate::MAX_TITLE_CHARS);
        let most = hostile.iter().map(|title| steps(&titles, title)).max().unwrap();
        // It is near the limit, so it is the limit that held.
        assert!(most <= MAX_STEPS && most > MAX_STEPS - MAX_TITLES_PER_GRAM, "{most}");
    }

    #[test]
    fn equal_titles_leave_nothing_to_look_at() {
        let same = "what everything here is called, whatever it is. ".repeat(4);
        let titles = of(&[same.as_str(); MAX_TITLES_PER_GRAM + 1]);
        assert_eq!((titles.rows.len(), titles.entries.len()), (0, 0));
    }

    #[test]
    fn too_frequent_is_left_out() {
        let shop = |most: usize| (0..most).map(|at| format!("lamp {at:04}x")).collect::<Vec<_>>();
        let has = |shop: &[String]| {
            let titles = of(&shop.iter().map(String::as_str).collect::<Vec<_>>());
            titles.rows_of("lamp").len()
        };
        assert_eq!(has(&shop(MAX_TITLES_PER_GRAM)), 4);
        assert_eq!(has(&shop(MAX_TITLES_PER_GRAM + 1)), 0);
    }
}
