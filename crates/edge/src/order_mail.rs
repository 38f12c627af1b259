//! What buyers are written about their orders: the Shop object tells Outreach what became of promises,
//! by the order's id, and Outreach says it to whoever is to be written to about that order.

use crate::{
    convert,
    failure::{Failure, json},
    keys::random_hex,
    limits::GATHERED_MS,
    outreach_do::{self, ID_BYTES, Stored},
    sql::ObjectSql,
};
use serde::{Deserialize, Serialize};
use store::{LineNews, OrderNotice, Store, outreach::OrderMail};
use wire::Restock;
use worker::Env;

/// What Outreach hears of some orders.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderNotices {
    pub(crate) shop: String,
    pub(crate) orders: Vec<OrderNews>,
}

/// What it hears of one.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderNews {
    order: String,
    /// Each with its version: it is heard once.
    lines: Vec<(i64, Line)>,
}

/// What became of a line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) sku: String,
    pub(crate) units: i64,
    pub(crate) news: News,
}

/// See [`LineNews`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    Moved { was: Option<Restock>, now: Option<Restock> },
    Ready,
    Nothing,
}

/// What a message about an order says: its payload.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AboutOrder {
    pub(crate) order: String,
    pub(crate) lines: Vec<Line>,
}

/// Tells Outreach what became of some promises; true if there may be more.
pub(crate) async fn tell(
    env: &Env,
    store: &Store<ObjectSql>,
    shop: &store::Shop,
) -> Result<bool, Failure> {
    let notices = store.order_notices()?;
    if notices.is_empty() {
        return Ok(false);
    }
    let told = OrderNotices { shop: shop.id.clone(), orders: by_order(&notices) };
    outreach_do::ask::<()>(env, &shop.id, "/order-notices", &told).await?;
    store.confirm_order_notices(&notices)?;
    Ok(true)
}

/// The notices of an order stand together.
fn by_order(notices: &[OrderNotice]) -> Vec<OrderNews> {
    let of_order = notices.chunk_by(|one, next| one.number == next.number);
    let news = of_order.filter_map(|notices| {
        let lines = notices.iter().map(|notice| (notice.version, line(notice))).collect();
        Some(OrderNews { order: notices.first()?.order.clone(), lines })
    });
    news.collect()
}

fn line(notice: &OrderNotice) -> Line {
    let news = match notice.news {
        LineNews::Moved { was, now } => {
            News::Moved { was: was.map(convert::date_to_wire), now: now.map(convert::date_to_wire) }
        }
        LineNews::Ready => News::Ready,
        LineNews::Nothing => News::Nothing,
    };
    Line { sku: notice.sku.to_string(), units: notice.units, news }
}

/// In Outreach: says it, if anybody is to be written to about this order. What was heard before is
/// not said again, and what is heard while a message waits is said in that.
pub(crate) fn hear(store: &Stored, shop: &str, news: &OrderNews, now: i64) -> Result<(), Failure> {
    let Some(heard) = store.heard_of(&news.order, now)? else { return Ok(()) };
    let new: Vec<_> = news.lines.iter().filter(|(version, _)| *version > heard.version).collect();
    let Some(version) = new.iter().map(|(version, _)| *version).max() else { return Ok(()) };
    let waiting = heard.waiting.and_then(|payload| serde_json::from_str(&payload).ok());
    let waiting = waiting.map_or(Vec::new(), |AboutOrder { lines, .. }| lines);
    let lines = with_news(waiting, new.into_iter().map(|(_, line)| line));
    let order = news.order.clone();
    let payload = (!lines.is_empty()).then(|| json(&AboutOrder { order, lines }));
    let mail = OrderMail {
        order: &news.order,
        version,
        id: &format!("{shop}.{}", random_hex::<ID_BYTES>()?),
        payload: payload.as_deref(),
        due: now.saturating_add(GATHERED_MS),
    };
    Ok(store.tell_order(&mail, now)?)
}

/// What there is to say when a message that has not been sent would say this, and these are the
/// news: the last word of each line, if it is worth a mail.
fn with_news<'a>(mut lines: Vec<Line>, news: impl Iterator<Item = &'a Line>) -> Vec<Line> {
    for line in news {
        let known = lines.iter().position(|known| known.sku == line.sku);
        let before = known.map(|at| lines.remove(at).news);
        let mut line = line.clone();
        if let (Some(News::Moved { was: first, .. }), News::Moved { was, .. }) =
            (before, &mut line.news)
        {
            *was = first;
        }
        lines.push(line);
    }
    lines.retain(|line| line.news.is_worth_a_mail());
    lines
}

impl News {
    /// Nobody has to be told that it comes sooner: they are, when it is there.
    fn is_worth_a_mail(&self) -> bool {
        match self {
            Self::Ready => true,
            Self::Nothing => false,
            Self::Moved { was: None, now } => now.is_some(),
            Self::Moved { was, now } => ledger::is_later(date(was.as_ref()), date(now.as_ref())),
        }
    }
}

/// As the Shop object wrote it.
fn date(said: Option<&Restock>) -> Option<ledger::Restock> {
    convert::date_from_wire("", said?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Precision;

    fn day(day: u8) -> Option<Restock> {
        let date = format!("2026-12-{day:02}");
        Some(Restock { date, until: None, precision: Precision::Day })
    }

    fn moved(was: Option<Restock>, now: Option<Restock>) -> Line {
        Line { sku: "a".to_owned(), units: 2, news: News::Moved { was, now } }
    }

    fn after(waiting: Vec<Line>, news: Line) -> Vec<Line> {
        with_news(waiting, std::iter::once(&news))
    }

    #[test]
    fn what_objects_say_to_each_other_and_keep() {
        let lines = vec![
            (7, moved(day(1), None)),
            (8, Line { sku: "b".to_owned(), units: 1, news: News::Ready }),
            (9, Line { sku: "c".to_owned(), units: 0, news: News::Nothing }),
        ];
        let about = AboutOrder {
            order: "o".to_owned(),
            lines: lines.iter().map(|(_, line)| line.clone()).collect(),
        };
        let a = r#"{"sku":"a","units":2,"news":{"moved":{"was":{"date":"2026-12-01","precision":"day"},"now":null}}}"#;
        let (b, c) = (
            r#"{"sku":"b","units":1,"news":"ready"}"#,
            r#"{"sku":"c","units":0,"news":"nothing"}"#,
        );
        assert_eq!(json(&about), format!(r#"{{"order":"o","lines":[{a},{b},{c}]}}"#));
        let news = OrderNews { order: "o".to_owned(), lines };
        let notices = OrderNotices { shop: "s".to_owned(), orders: vec![news] };
        let sent = format!(
            r#"{{"shop":"s","orders":[{{"order":"o","lines":[[7,{a}],[8,{b}],[9,{c}]]}}]}}"#
        );
        assert_eq!(json(&notices), sent);
        assert_eq!(serde_json::from_str::<OrderNotices>(&sent).unwrap(), notices);
        assert_eq!(serde_json::from_str::<AboutOrder>(&json(&about)).unwrap(), about);
    }

    #[test]
    fn what_is_later_or_lost_or_known_at_last_is_worth_a_mail() {
        for (was, now, worth) in [
            (day(1), day(2), true),
            (day(1), None, true),
            (None, day(2), true),
            (day(2), day(1), false),
            (day(1), day(1), false),
            (None, None, false),
        ] {
            let line = moved(was, now);
            assert_eq!(after(vec![], line.clone()), if worth { vec![line] } else { vec![] });
        }
        let month =
            Restock { date: "2026-12-01".to_owned(), until: None, precision: Precision::Month };
        assert_eq!(after(vec![], moved(day(5), Some(month))).len(), 1, "it may be the 31st");
    }

    #[test]
    fn a_message_that_waits_says_the_last_word_of_each_line() {
        let waiting = vec![moved(day(1), day(8))];
        let later = after(waiting.clone(), moved(day(8), day(12)));
        assert_eq!(later, [moved(day(1), day(12))]);
        assert_eq!(after(waiting.clone(), moved(day(8), day(1))), [], "it is as it was");
        assert_eq!(after(waiting.clone(), moved(day(8), day(4))), [moved(day(1), day(4))]);
        let ready = Line { sku: "a".to_owned(), units: 2, news: News::Ready };
        assert_eq!(after(waiting.clone(), ready.clone()), [ready]);
        let gone = Line { sku: "a".to_owned(), units: 0, news: News::Nothing };
        assert_eq!(after(waiting.clone(), gone), []);
        let other = Line { sku: "b".to_owned(), ..moved(day(1), day(2)) };
        assert_eq!(after(waiting.clone(), other.clone()), [waiting[0].clone(), other]);
    }
}
