//! KV as a shop's courier and the pages know it: slow, forgetful, and old for readers.

use crate::{
    broken::Broken,
    command::Name,
    faults::{Fault, Faults},
};
use std::collections::BTreeMap;

/// KV takes one write a second to one key.
pub const WRITE_GAP_MS: i64 = 1_000;

/// How old a value may be for a reader.
pub const MAX_STALE_MS: i64 = 120_000;

/// What stands in KV; the empty SKU stands for the shop's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Written beside it.
    pub version: i64,
    /// What it says.
    pub text: String,
}

/// A write under way.
#[derive(Clone, Debug)]
pub struct Write {
    /// Of which key.
    pub sku: Name,
    /// Of what.
    pub value: Value,
}

/// The namespace.
#[derive(Debug, Default)]
pub struct Kv {
    /// Every value that each key had, and since when.
    values: BTreeMap<Name, Vec<(i64, Value)>>,
    under_way: BTreeMap<u64, Write>,
}

impl Kv {
    /// The newest value.
    pub fn newest(&self, sku: &str) -> Option<&Value> {
        self.values.get(sku)?.last().map(|(_, value)| value)
    }

    /// What a reader gets.
    pub fn read(&self, sku: &str, now: i64, faults: &Faults) -> Option<&Value> {
        let lag = if faults.threatens(Fault::KvStale) { faults.draw(0..MAX_STALE_MS) } else { 0 };
        let values = self.values.get(sku)?;
        let seen = values.iter().rev().find(|(at, _)| *at <= now - lag).or(values.first())?;
        if seen != values.last()? {
            faults.struck(Fault::KvStale);
        }
        Some(&seen.1)
    }

    /// A value that is there from the beginning.
    pub fn put(&mut self, sku: Name, value: Value, now: i64) {
        self.values.entry(sku).or_default().push((now, value));
    }

    /// A write sets out. Two of one key could land in either order, so there are never two.
    pub fn begin(&mut self, write: u64, of: Write) -> Result<(), Broken> {
        if let Some(other) = self.under_way.values().find(|other| other.sku == of.sku) {
            let rule = "two writes of one key are never under way at once";
            return Err(Broken::new(rule, format!("{other:?} and {of:?}")));
        }
        self.under_way.insert(write, of);
        Ok(())
    }

    /// A write arrives: is it taken? KV refuses what comes too soon after the last.
    pub fn arrive(&mut self, write: u64, now: i64, faults: &Faults) -> Result<bool, Broken> {
        let Some(Write { sku, value }) = self.under_way.remove(&write) else { return Ok(false) };
        let last = self.values.get(&sku).and_then(|values| values.last());
        if last.is_some_and(|(at, _)| now - at < WRITE_GAP_MS) || faults.strikes(Fault::KvRefused) {
            return Ok(false);
        }
        if let Some((_, newer)) = last.filter(|(_, last)| last.version > value.version) {
            let rule = "versions only grow at each receiver";
            return Err(Broken::new(rule, format!("{sku:?} in KV: {value:?} goes over {newer:?}")));
        }
        self.put(sku, value, now);
        Ok(true)
    }

    /// A write is lost on its way.
    pub fn lose(&mut self, write: u64) {
        self.under_way.remove(&write);
    }

    /// The writes under way, when their object dies: each has arrived by then or never will.
    pub fn under_way(&self) -> Vec<u64> {
        self.under_way.keys().copied().collect()
    }
}
