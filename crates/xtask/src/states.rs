//! State machines, printed from their tables: a picture where all begins in one state, and rows of
//! a table where it does not.

use ledger::{HOLD_STATES, ORDER_STATES, PLACE_STATES, PO_LINE_STATES};
use std::fmt::Write;

const BOX_WIDTH: usize = 130;
const BOX_HEIGHT: usize = 40;
/// From the top of one row to the next.
const ROW: usize = 70;
const MARGIN: usize = 20;
/// Where the column of ends begins.
const ENDS_AT: usize = 340;
const HALF: usize = BOX_HEIGHT / 2;

/// A change of state: from, how, to.
type Change = (&'static str, &'static str, &'static str);

/// How a hold goes.
pub(crate) fn hold_states() -> String {
    let row = |(from, way, to): &(ledger::HoldState, ledger::Way, ledger::HoldState)| {
        (from.as_str(), way.as_str(), to.as_str())
    };
    picture(&HOLD_STATES.iter().map(row).collect::<Vec<_>>())
}

/// How a line of a purchase order goes. What changes no state is not drawn.
pub(crate) fn po_line_states() -> String {
    let rows = PO_LINE_STATES.iter().filter(|(from, _, to)| from != to);
    let rows = rows.map(|(from, how, to)| (from.as_str(), how.as_str(), to.as_str()));
    picture(&rows.collect::<Vec<_>>())
}

/// How an order goes: a row for each state and what happens in it.
pub(crate) fn order_states() -> String {
    rows(ORDER_STATES.iter().map(|(from, how, to)| (from.as_str(), how.as_str(), to.as_str())))
}

/// How a place in a waitlist goes.
pub(crate) fn place_states() -> String {
    rows(PLACE_STATES.iter().map(|(from, how, to)| (from.as_str(), how.as_str(), to.as_str())))
}

fn rows(changes: impl Iterator<Item = Change>) -> String {
    let mut rows: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for (from, how, to) in changes {
        match rows.last_mut() {
            Some((state, what, ends)) if (*state, *what) == (from, how) => ends.push(to),
            _ => rows.push((from, how, vec![to])),
        }
    }
    rows.into_iter()
        .map(|(from, how, to)| format!("| {from} | {how} | {} |\n", to.join(", ")))
        .collect()
}

/// A beginning on the left, and each of its ends on the right.
fn picture(changes: &[Change]) -> String {
    let height = changes.len() * ROW + MARGIN / 2;
    let width = ENDS_AT + BOX_WIDTH + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"15\">\n\
         <title>{}</title>\n<style>\n\
         rect {{ fill: #f6f3ee; stroke: #4b443a; }} path {{ fill: none; stroke: #4b443a; }}\n\
         text {{ fill: #2b2620; text-anchor: middle; dominant-baseline: central; }}\n\
         .way {{ font-style: italic; }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         rect {{ fill: #2b2620; stroke: #cfc6b8; }} path {{ stroke: #cfc6b8; }}\n\
         text {{ fill: #f6f3ee; }}\n}}\n</style>\n\
         <marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 8 4 0 8\"/></marker>\n",
        sentence(changes)
    );
    let middle = MARGIN + (changes.len() - 1) * ROW / 2 + HALF;
    if let Some((from, ..)) = changes.first() {
        draw_state(&mut svg, MARGIN, middle, from);
    }
    for (row, (_, way, to)) in changes.iter().enumerate() {
        let y = MARGIN + row * ROW + HALF;
        draw_way(&mut svg, (MARGIN + BOX_WIDTH, middle), (ENDS_AT, y), way);
        draw_state(&mut svg, ENDS_AT, y, to);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The same for those who do not see it.
fn sentence(changes: &[Change]) -> String {
    let row = |(from, way, to): &Change| format!("{from} to {to} by {way}");
    changes.iter().map(row).collect::<Vec<_>>().join(", ")
}

fn draw_state(svg: &mut String, x: usize, y: usize, state: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"8\"/>\
         <text x=\"{}\" y=\"{y}\">{state}</text>",
        y - HALF,
        x + BOX_WIDTH / 2,
    );
}

fn draw_way(svg: &mut String, from: (usize, usize), to: (usize, usize), way: &str) {
    // The text stands at the arrow's end, where the arrows are apart, and on its outer side.
    let text_y = if to.1 > from.1 { to.1 + 16 } else { to.1 - 14 };
    let text_x = to.0 - 60;
    let turn = to.0 - 110;
    let _ = writeln!(
        svg,
        "<path d=\"M{} {} C{turn} {} {turn} {} {} {}\" marker-end=\"url(#end)\"/>\
         <text class=\"way\" x=\"{text_x}\" y=\"{text_y}\">{}</text>",
        from.0, from.1, from.1, to.1, to.0, to.1, way
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::root;
    use std::fs;

    fn is_updated() -> bool {
        std::env::var_os("UPDATE_GOLDEN").is_some()
    }

    #[test]
    fn the_pictures_in_the_documents_are_the_tables() {
        for (name, picture) in
            [("hold-states.svg", hold_states()), ("po-line-states.svg", po_line_states())]
        {
            let path = root().unwrap().join("www/docs").join(name);
            if is_updated() {
                fs::write(&path, &picture).unwrap();
            }
            let stored = fs::read_to_string(&path).unwrap_or_default();
            assert!(stored == picture, "run the test with UPDATE_GOLDEN=1 and look at {name}");
        }
    }

    #[test]
    fn the_rows_in_the_documents_are_the_tables() {
        let path = root().unwrap().join("www/docs/api.md");
        for (what, table) in [("an order", order_states()), ("a place", place_states())] {
            let stored = fs::read_to_string(&path).unwrap();
            let head = format!("| {what} that is | by | is then |\n| --- | --- | --- |\n");
            let (before, rest) = stored.split_once(&head).unwrap();
            let (rows, after) = rest.split_once("\n\n").unwrap();
            if is_updated() {
                fs::write(&path, format!("{before}{head}{table}\n{after}")).unwrap();
            } else {
                assert_eq!(format!("{rows}\n"), table, "run the test with UPDATE_GOLDEN=1");
            }
        }
    }

    #[test]
    fn what_is_drawn_begins_in_one_state() {
        assert!(HOLD_STATES.iter().all(|row| row.0 == HOLD_STATES[0].0));
        assert!(PO_LINE_STATES.iter().all(|row| row.0 == PO_LINE_STATES[0].0));
    }
}
