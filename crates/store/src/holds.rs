//! Holds: made, ended, expired. A hold's row is also its record: what was answered is made of it
//! again, so a hold and its commit write five rows and no more.

use crate::{
    Answer, Answered, Fault, MAX_PAGE, Moment, Row, Sql, Store,
    books::{Booked, Source},
    catalogue::sku_from,
    commands::status_from,
    sql::bind,
};
use ledger::{
    BrowserLimit, BuyerLimit, Cart, Command, HeldLine, Hold, HoldState, Line, Location, Region,
    Reject, Sku, Way, decide,
};
use std::collections::{BTreeMap, BTreeSet};

/// Overdue holds that a command ends before it is decided; the alarm ends the others. Each takes
/// some 50 µs.
pub(crate) const EXPIRED_AT_ONCE: i64 = 200;

/// A hold that is asked for.
#[derive(Clone, Debug)]
pub struct HoldRequest<'a> {
    /// Chosen by the sender; commands and holds share their ids.
    pub id: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a [u8],
    /// What is to be held.
    pub lines: Vec<Line>,
    /// For how long.
    pub lifetime_ms: i64,
    /// Where the buyer is.
    pub region: Option<Region>,
    /// A hash of who the buyer is, if the sender says.
    pub buyer: Option<&'a [u8]>,
    /// Of a browser's own hold, a hash of the network it came from.
    pub network: Option<&'a [u8]>,
}

/// The end of a hold that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Resolution<'a> {
    /// The hold's id.
    pub hold: &'a str,
    /// Chosen by the sender: an order's number, say.
    pub id: &'a str,
    /// [`Way::Commit`] or [`Way::Release`].
    pub way: Way,
    /// Why, for the books.
    pub reason: Option<&'a str>,
    /// A hash of whose hold it must be: another's is none. Whoever's, if it is left out.
    pub buyer: Option<&'a [u8]>,
}

/// A row of `holds`.
struct Kept {
    buyer: Option<Vec<u8>>,
    hold: Hold,
}

/// What was decided on an id before.
struct Placed {
    digest: Vec<u8>,
    outcome: Result<Hold, Answer>,
}

/// What of a hold's row makes a [`Kept`].
macro_rules! hold_columns {
    () => {
        "id, buyer, state, made_at, expires_at, resolved_at, resolution, lines"
    };
}

/// A statement that reads holds.
macro_rules! select_holds {
    ($rest:literal) => {
        concat!("SELECT ", hold_columns!(), " FROM holds ", $rest)
    };
}

impl<S: Sql> Store<S> {
    /// Decides whether a cart can be held, and holds it. The same request again is answered from
    /// what was kept, by `answer` anew.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same request can be sent again.
    pub fn hold(
        &self,
        request: &HoldRequest<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&Hold, &Reject>) -> Answer,
    ) -> Result<Answered, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        match self.placed(request.id)? {
            Some(Placed { digest, .. }) if digest != request.digest => {
                return Ok(Answered::IdReused);
            }
            Some(Placed { outcome: Ok(hold), .. }) => {
                return Ok(Answered::Again(answer(Ok(&hold))));
            }
            Some(Placed { outcome: Err(refusal), .. }) => return Ok(Answered::Again(refusal)),
            None => {}
        }
        let cart = self.cart(request)?;
        let mut loaded = self.load(cart.lines.iter().map(|line| &line.sku), moment)?;
        let decided = decide(&loaded.stock, &Command::Hold(cart), moment.now);
        let (hold, effects) = match decided {
            Ok(decision) => match decision.hold {
                Some(hold) => (hold, decision.effects),
                None => return Err(Fault::Corrupt("a decision has no hold")),
            },
            Err(why) => {
                let answer = answer(Err(&why));
                self.atomically(|| self.remember(request.id, request.digest, &answer, moment))?;
                return Ok(Answered::First(answer));
            }
        };
        let answer = answer(Ok(&hold));
        let known = self.expiry.take();
        self.atomically(|| {
            self.insert_hold(request, &hold)?;
            let source = Source { id: request.id, kind: Booked::Sold, reason: None };
            self.write_down(&mut loaded, &effects, source, moment)
        })?;
        // Only now: what is said to have failed may stand all the same.
        let earliest = |at: Option<i64>| at.map_or(hold.expires_at, |at| at.min(hold.expires_at));
        self.expiry.set(known.map(|at| Some(earliest(at))));
        Ok(Answered::First(answer))
    }

    /// Ends a hold; `None` if there is no such hold, or none any more. The same resolution again
    /// is answered by `answer` anew; another hears how the hold has ended.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn resolve(
        &self,
        resolution: &Resolution<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&Hold, &Reject>) -> Answer,
    ) -> Result<Option<Answered>, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        let Some(hold) = self.hold_of(resolution.hold, resolution.buyer)? else {
            return Ok(None);
        };
        if hold.resolution.as_deref() == Some(resolution.id) && ended_so(&hold, resolution.way) {
            return Ok(Some(Answered::Again(answer(Ok(&hold)))));
        }
        let mut loaded = self.load(hold.lines.iter().map(|line| &line.sku), moment)?;
        let command = Command::Resolve(hold, resolution.way);
        let decision = match decide(&loaded.stock, &command, moment.now) {
            Ok(decision) => decision,
            Err(why) => return Ok(Some(Answered::First(answer(Err(&why))))),
        };
        let Some(mut hold) = decision.hold else {
            return Err(Fault::Corrupt("a decision has no hold"));
        };
        hold.resolution = Some(resolution.id.to_owned());
        let source = Source { id: resolution.id, kind: Booked::Sold, reason: resolution.reason };
        self.atomically(|| {
            self.end_hold(&hold)?;
            self.write_down(&mut loaded, &decision.effects, source, moment)
        })?;
        Ok(Some(Answered::First(answer(Ok(&hold)))))
    }

    /// Ends at most so many holds whose time is over, and says how many.
    ///
    /// # Errors
    /// [`Fault`]; then none of them was ended.
    pub fn expire_due(&self, moment: Moment, most: i64) -> Result<usize, Fault> {
        if self.next_expiry()?.is_none_or(|earliest| earliest > moment.now) {
            return Ok(0);
        }
        let due: Vec<Hold> = self
            .sql
            .query(
                select_holds!("WHERE open = 1 AND expires_at <= ? ORDER BY expires_at, id LIMIT ?"),
                bind![moment.now, most],
            )?
            .into_iter()
            .map(|row| Ok(kept_from(row)?.hold))
            .collect::<Result<_, Fault>>()?;
        self.expiry.set(None);
        if due.is_empty() {
            return Ok(0);
        }
        let skus: BTreeSet<&Sku> =
            due.iter().flat_map(|hold| hold.lines.iter().map(|line| &line.sku)).collect();
        let mut loaded = self.load(skus, moment)?;
        self.atomically(|| {
            let mut dirty = BTreeSet::new();
            for hold in &due {
                let command = Command::Resolve(hold.clone(), Way::Expire);
                let decision = decide(&loaded.stock, &command, moment.now)
                    .map_err(|_| Fault::Corrupt("an open hold has ended"))?;
                if let Some(ended) = &decision.hold {
                    self.end_hold(ended)?;
                }
                let source = Source { id: &hold.id, kind: Booked::Sold, reason: None };
                self.book(&mut loaded, &decision.effects, source, moment, &mut dirty)?;
            }
            self.settle(&loaded, &dirty, moment)
        })?;
        Ok(due.len())
    }

    /// No open hold expires before this; `None` if none is open. It may be early: the hold that it
    /// was is perhaps committed by now.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_expiry(&self) -> Result<Option<i64>, Fault> {
        if let Some(known) = self.expiry.get() {
            return Ok(known);
        }
        let rows = self.sql.query("SELECT MIN(expires_at) FROM holds WHERE open = 1", &[])?;
        let earliest = rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())?;
        self.expiry.set(Some(earliest));
        Ok(earliest)
    }

    /// The hold of this id, open or ended, if it is this buyer's, or whoever's without one; `None`
    /// if there is none, or none any more.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn hold_of(&self, id: &str, buyer: Option<&[u8]>) -> Result<Option<Hold>, Fault> {
        let kept = self.kept(id)?;
        let is_theirs = |kept: &Kept| buyer.is_none() || kept.buyer.as_deref() == buyer;
        Ok(kept.filter(is_theirs).map(|kept| kept.hold))
    }

    /// At most [`MAX_PAGE`] open holds after this id, by id.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn holds_after(&self, id: &str) -> Result<Vec<Hold>, Fault> {
        let rows = self.sql.query(
            select_holds!("WHERE open = 1 AND id > ? ORDER BY id LIMIT ?"),
            bind![id, MAX_PAGE],
        )?;
        rows.into_iter().map(|row| Ok(kept_from(row)?.hold)).collect()
    }

    /// When the first open hold that has units of this SKU ends.
    pub(crate) fn first_expiry_of(&self, sku: &Sku) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query(
            "SELECT MIN(expires_at) FROM holds WHERE open = 1 AND INSTR(lines, ?) > 0",
            bind![mark_of(sku)],
        )?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    /// The cart, with whatever limits it.
    fn cart(&self, request: &HoldRequest<'_>) -> Result<Cart, Fault> {
        let most = self.settings()?.max_held_per_buyer;
        let buyer = match (most, request.buyer) {
            (Some(most), Some(buyer)) => {
                let rows = self
                    .sql
                    .query("SELECT lines FROM holds WHERE open = 1 AND buyer = ?", bind![buyer])?;
                Some(BuyerLimit { most: i64::from(most), held: units_in(rows)? })
            }
            _ => None,
        };
        let browser = request.network.map(|network| self.browser_limit(network)).transpose()?;
        Ok(Cart {
            id: request.id.to_owned(),
            lines: request.lines.clone(),
            lifetime_ms: request.lifetime_ms,
            region: request.region.clone(),
            buyer,
            browser,
        })
    }

    fn browser_limit(&self, network: &[u8]) -> Result<BrowserLimit, Fault> {
        let rows = self
            .sql
            .query("SELECT COUNT(*) FROM holds WHERE open = 1 AND network = ?", bind![network])?;
        let mut row = rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?;
        let holds_of_network = row.integer()?;
        // A fifth of each SKU at most, so these are few.
        let rows = self
            .sql
            .query("SELECT lines FROM holds WHERE open = 1 AND network IS NOT NULL", &[])?;
        Ok(BrowserLimit { holds_of_network, held: units_in(rows)? })
    }

    fn kept(&self, id: &str) -> Result<Option<Kept>, Fault> {
        let rows = self.sql.query(select_holds!("WHERE open IN (0, 1) AND id = ?"), bind![id])?;
        rows.into_iter().next().map(kept_from).transpose()
    }

    /// What became of this id before: a hold, or the refusal of one, which is kept among the
    /// commands.
    fn placed(&self, id: &str) -> Result<Option<Placed>, Fault> {
        let rows = self.sql.query(
            concat!(
                "SELECT digest, NULL, NULL, ",
                hold_columns!(),
                " FROM holds WHERE open IN (0, 1) AND id = ?
                 UNION ALL SELECT digest, status, answer, NULL, NULL, NULL, NULL, NULL, NULL,
                    NULL, NULL FROM commands WHERE id = ?"
            ),
            bind![id, id],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        let digest = row.blob()?;
        let outcome = match (row.integer_or_null()?, row.text_or_null()?) {
            (Some(status), Some(body)) => Err(Answer { status: status_from(status)?, body }),
            _ => Ok(kept_from(row)?.hold),
        };
        Ok(Some(Placed { digest, outcome }))
    }

    fn insert_hold(&self, request: &HoldRequest<'_>, hold: &Hold) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO holds (open, id, digest, state, made_at, expires_at, buyer, network, lines)
             VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                hold.id.as_str(),
                request.digest,
                hold.state.as_str(),
                hold.made_at,
                hold.expires_at,
                request.buyer,
                request.network,
                lines_text(&hold.lines),
            ],
        )?;
        Ok(())
    }

    fn end_hold(&self, hold: &Hold) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE holds SET open = 0, state = ?, resolved_at = ?, resolution = ?, lines = ?,
                network = NULL WHERE open = 1 AND id = ?",
            bind![
                hold.state.as_str(),
                hold.resolved_at,
                hold.resolution.as_deref(),
                lines_text(&hold.lines),
                hold.id.as_str(),
            ],
        )?;
        Ok(())
    }
}

fn ended_so(hold: &Hold, way: Way) -> bool {
    ledger::HOLD_STATES.iter().any(|(_, how, to)| (*how, *to) == (way, hold.state))
}

fn kept_from(mut row: Row) -> Result<Kept, Fault> {
    let id = row.text()?;
    let buyer = row.blob_or_null()?;
    let hold = Hold {
        id,
        state: state_from(&row.text()?)?,
        made_at: row.integer()?,
        expires_at: row.integer()?,
        resolved_at: row.integer_or_null()?,
        resolution: row.text_or_null()?,
        lines: lines_from(&row.text()?)?,
    };
    Ok(Kept { buyer, hold })
}

fn state_from(text: &str) -> Result<HoldState, Fault> {
    let known = HoldState::ALL.iter().find(|state| state.as_str() == text);
    known.copied().ok_or(Fault::Corrupt("a hold's state is unknown"))
}

/// No name has a control character in it, so breaks and tabs part the lines and what is in them.
fn lines_text(lines: &[HeldLine]) -> String {
    let line = |line: &HeldLine| {
        let HeldLine { sku, location, quantity, shortfall } = line;
        format!("\n{sku}\t{location}\t{quantity}\t{shortfall}")
    };
    lines.iter().map(line).collect()
}

fn lines_from(text: &str) -> Result<Vec<HeldLine>, Fault> {
    text.lines().skip(1).map(line_from).collect()
}

fn line_from(text: &str) -> Result<HeldLine, Fault> {
    let corrupt = Fault::Corrupt("a hold's line is none");
    let parts: Vec<&str> = text.split('\t').collect();
    let [sku, location, quantity, shortfall] = parts[..] else { return Err(corrupt) };
    let (Ok(location), Ok(quantity), Ok(shortfall)) =
        (Location::new(location), quantity.parse(), shortfall.parse())
    else {
        return Err(corrupt);
    };
    Ok(HeldLine { sku: sku_from(sku.to_owned())?, location, quantity, shortfall })
}

/// What stands in `lines` if the hold has this SKU, and else never.
fn mark_of(sku: &Sku) -> String {
    format!("\n{sku}\t")
}

/// The units of each SKU in rows of `lines`.
fn units_in(rows: Vec<Row>) -> Result<BTreeMap<Sku, i64>, Fault> {
    let mut units = BTreeMap::new();
    for mut row in rows {
        for line in lines_from(&row.text()?)? {
            let sum = units.entry(line.sku).or_insert(0_i64);
            *sum = sum.saturating_add(line.quantity);
        }
    }
    Ok(units)
}
