//! The picture of a state machine, printed from its table.

use ledger::{HOLD_STATES, HoldState, Way};
use std::fmt::Write;

const BOX_WIDTH: usize = 130;
const BOX_HEIGHT: usize = 40;
/// From the top of one row to the next.
const ROW: usize = 70;
const MARGIN: usize = 20;
/// Where the column of ends begins.
const ENDS_AT: usize = 340;
const HALF: usize = BOX_HEIGHT / 2;

/// How a hold goes: its beginning on the left, each of its ends on the right.
pub(crate) fn hold_states() -> String {
    let height = HOLD_STATES.len() * ROW + MARGIN / 2;
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
        sentence()
    );
    let middle = MARGIN + (HOLD_STATES.len() - 1) * ROW / 2 + HALF;
    draw_state(&mut svg, MARGIN, middle, HoldState::Open);
    for (row, (_, way, to)) in HOLD_STATES.iter().enumerate() {
        let y = MARGIN + row * ROW + HALF;
        draw_way(&mut svg, (MARGIN + BOX_WIDTH, middle), (ENDS_AT, y), *way);
        draw_state(&mut svg, ENDS_AT, y, *to);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The same for those who do not see it.
fn sentence() -> String {
    let row = |(from, way, to): &(HoldState, Way, HoldState)| {
        format!("{} to {} by {}", from.as_str(), to.as_str(), way.as_str())
    };
    HOLD_STATES.iter().map(row).collect::<Vec<_>>().join(", ")
}

fn draw_state(svg: &mut String, x: usize, y: usize, state: HoldState) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"8\"/>\
         <text x=\"{}\" y=\"{y}\">{}</text>",
        y - HALF,
        x + BOX_WIDTH / 2,
        state.as_str()
    );
}

fn draw_way(svg: &mut String, from: (usize, usize), to: (usize, usize), way: Way) {
    // The text stands at the arrow's end, where the arrows are apart, and on its outer side.
    let text_y = if to.1 > from.1 { to.1 + 16 } else { to.1 - 14 };
    let text_x = to.0 - 60;
    let turn = to.0 - 110;
    let _ = writeln!(
        svg,
        "<path d=\"M{} {} C{turn} {} {turn} {} {} {}\" marker-end=\"url(#end)\"/>\
         <text class=\"way\" x=\"{text_x}\" y=\"{text_y}\">{}</text>",
        from.0,
        from.1,
        from.1,
        to.1,
        to.0,
        to.1,
        way.as_str()
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::root;
    use std::fs;

    #[test]
    fn the_picture_in_the_documents_is_the_table() {
        let path = root().unwrap().join("www/docs/hold-states.svg");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, hold_states()).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == hold_states(), "run the test with UPDATE_GOLDEN=1 and look at it");
    }

    #[test]
    fn every_hold_begins_open() {
        assert!(HOLD_STATES.iter().all(|(from, ..)| *from == HoldState::Open));
    }
}
