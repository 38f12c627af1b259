//! Questions that are asked when everything has healed, one after the other.

use crate::{
    books::Seen,
    broken::{Broken, same},
    client::Reply,
    command::{Body, Command, Line, Order},
    compare,
    world::World,
};
use ledger::Kind;
use store::{Answer, Answered, Request};

/// Answers that are asked for again.
const REPEATED: usize = 30;

impl World {
    /// A sample of what was answered is asked for again, and so is all that an earlier version
    /// answered; then what shoppers are shown is bought, to the last unit.
    pub(crate) fn what_is_shown_can_be_sold(&mut self) -> Result<(), Broken> {
        self.answers_are_repeated()?;
        let skus: Vec<_> = self.books.skus.keys().cloned().collect();
        for (nth, sku) in skus.into_iter().enumerate() {
            let shown = self.books.skus.get(&sku).and_then(|known| known.seen);
            let units = match shown {
                Some(Seen::Low(units)) => units,
                Some(Seen::InStock) => i64::from(self.books.settings.low_mark) + 1,
                Some(Seen::AllHeld(_) | Seen::Ahead(..) | Seen::Out | Seen::OutDated(_)) => 0,
                Some(Seen::Hidden) | None => continue,
            };
            let rule = "what shoppers are shown can be sold, and what is sold out cannot";
            let buys = |quantity| {
                let line = Line { sku: sku.clone(), location: None, quantity };
                Body::Move(Kind::Sell, vec![line])
            };
            if units > 0 {
                let answer = self.asked(&format!("probe {nth}"), buys(units))?;
                same(rule, format!("{units} of {sku:?}, shown as {shown:?}"), &200, &answer)?;
            }
            if let Some(Seen::Ahead(..)) = shown {
                let line = Line { sku: sku.clone(), location: None, quantity: 1 };
                let order = Order { hold: None, lines: vec![line], region: None, buyer: None };
                let answer = self.asked(&format!("probe {nth}, ahead"), Body::Order(order))?;
                same(rule, format!("{sku:?}, shown as {shown:?}"), &200, &answer)?;
            }
            if !matches!(shown, Some(Seen::InStock)) {
                let answer = self.asked(&format!("probe {nth} once more"), buys(1))?;
                same(rule, format!("one more of {sku:?}, shown as {shown:?}"), &409, &answer)?;
            }
        }
        compare::books(&self.books, &self.sqlite)
    }

    /// What somebody is answered who asks now.
    fn asked(&mut self, id: &str, body: Body) -> Result<u16, Broken> {
        let command = Command { id: id.into(), body };
        let reply = self.ask(&command)?;
        Ok(match reply {
            Reply::Answer(answer) => answer.status,
            _ => 0,
        })
    }

    fn answers_are_repeated(&mut self) -> Result<(), Broken> {
        let all: Vec<_> = self.books.records.iter().collect();
        let mut chosen = self.rng.choose_multiple(all.iter(), REPEATED);
        chosen.extend(all.iter().filter(|(id, _)| id.starts_with("order ")));
        let moment = self.moment().map_err(unreadable)?;
        let command = ledger::Command::Move(Kind::Sell, Vec::new());
        for (id, record) in chosen {
            let (digest, command) = (&record.digest[..], command.clone());
            let request = Request { id, digest, command, reason: None };
            let again = self.object.store.run(&request, moment, |_| Answer {
                status: 500,
                body: "this was decided anew".to_owned(),
            });
            let rule = "an answer that was given is repeated word for word";
            let expected = Ok(Answered::Again(record.answer.clone()));
            same(rule, id, &expected, &again)?;
        }
        Ok(())
    }
}

fn unreadable(fault: store::Fault) -> Broken {
    Broken::new("the store reads when nothing fails", fault)
}
