//! What a merchant sees and sets of waitlists and messages, as a plain page: in English, until the
//! desk itself is there. Every button sends `token`, which opens the desk of one shop for a while.

use crate::{languages::LANGUAGES, page::Page};
use wire::{DeadMessage, Settings, Waitlist};

/// A shop's desk.
#[derive(Clone, Copy, Debug)]
pub struct DeskView<'a> {
    /// The shop's public id.
    pub shop: &'a str,
    /// What every button sends.
    pub token: &'a str,
    /// What came of the last one; empty for nothing to say.
    pub notice: &'a str,
    /// How the shop works.
    pub settings: &'a Settings,
    /// Who waits.
    pub waitlists: &'a [Waitlist],
    /// What could not be sent.
    pub dead: &'a [DeadMessage],
    /// Messages that can be looked at.
    pub samples: &'a [&'a str],
}

/// Where the page's forms go.
const DESK: &str = "/v1/desk";

/// A whole page that asks for the shop's secret key; `refused` says why it asks again.
pub fn desk_door_page(refused: &str, nonce: &str) -> String {
    let english = crate::Language::english();
    let mut page = Page::new(english, "Desk", false, nonce);
    page.heading("Desk").notice(refused);
    page.raw("<form method=\"post\" action=\"/v1/desk\"><label>The shop’s secret key");
    page.raw("<input type=\"password\" name=\"key\" required autocomplete=\"current-password\">");
    page.raw("</label><button>Open</button></form>");
    page.finish()
}

/// A whole page; `nonce` is what the page's policy allows its style by.
pub fn desk_page(view: &DeskView<'_>, nonce: &str) -> String {
    let title = format!("Desk of {}", view.shop);
    let mut page = Page::new(crate::Language::english(), &title, true, nonce);
    page.heading(&title).notice(view.notice);
    waitlists(&mut page, view.waitlists);
    policy(&mut page, view);
    brand(&mut page, view);
    previews(&mut page, view);
    dead(&mut page, view);
    page.finish()
}

fn waitlists(page: &mut Page, waitlists: &[Waitlist]) {
    page.raw("<section><h2>Who waits</h2>");
    if waitlists.is_empty() {
        page.quiet("Nobody has asked to be told of anything yet.").raw("</section>");
        return;
    }
    page.raw(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Who waits\"><table><tr>",
    );
    for column in
        ["SKU", "Waiting", "Units", "Offered", "Taken", "Declined", "Lapsed", "Told", "Left"]
    {
        page.raw("<th scope=\"col\">").text(column).raw("</th>");
    }
    page.raw("</tr>");
    for of in waitlists {
        page.raw("<tr><th scope=\"row\"><bdi>").text(&of.sku).raw("</bdi></th>");
        let left = of.left.places.saturating_add(of.waited_out.places);
        for count in [
            of.waiting.places,
            of.waiting.units,
            of.offered.places,
            of.taken.places,
            of.declined.places,
            of.lapsed.places,
            of.told.places,
            left,
        ] {
            page.raw("<td>").text(&count.to_string()).raw("</td>");
        }
        page.raw("</tr>");
    }
    page.raw("</table></div></section>");
}

/// A form that does this; its fields and its button follow.
fn begin(page: &mut Page, view: &DeskView<'_>, action: &str, more: &str) {
    page.raw("<form method=\"post\" action=\"").raw(DESK).raw("\"").raw(more).raw(">");
    for (name, value) in [("token", view.token), ("action", action)] {
        page.raw("<input type=\"hidden\" name=\"").raw(name).raw("\" value=\"").attribute(value);
        page.raw("\">");
    }
}

fn policy(page: &mut Page, view: &DeskView<'_>) {
    let policy = view.settings.waitlist;
    page.raw("<section><h2>How the waitlist is served</h2>");
    begin(page, view, "policy", "");
    for (name, said, value, least, most) in [
        ("wave", "Claims of one SKU that are open at once", policy.wave, 1, 10_000),
        (
            "window_seconds",
            "Seconds that a claim keeps its units (86400: a day)",
            policy.window_seconds,
            300,
            604_800,
        ),
        ("min_restock", "Fewer units than that begin no wave", policy.min_restock, 1, 1_000_000),
        (
            "shelf_percent",
            "Of 100 units so many stay on the open shelf",
            policy.shelf_percent,
            0,
            100,
        ),
    ] {
        page.raw("<label>").text(said).raw("<input type=\"number\" required name=\"").raw(name);
        page.raw("\" min=\"").text(&least.to_string()).raw("\" max=\"").text(&most.to_string());
        page.raw("\" value=\"").text(&value.to_string()).raw("\"></label>");
    }
    page.raw("<label class=\"check\"><input type=\"checkbox\" name=\"smaller\" value=\"yes\"");
    page.raw(if policy.smaller { " checked>" } else { ">" });
    page.text("Offer fewer units than somebody wants")
        .raw("</label><button>Save</button></form></section>");
}

fn brand(page: &mut Page, view: &DeskView<'_>) {
    let Settings { name, color, checkout_url, .. } = view.settings;
    page.raw("<section><h2>As whom messages speak</h2>");
    begin(page, view, "brand", "");
    for (field, said, value, hint) in [
        ("name", "The shop’s name", name, "else its site’s"),
        ("color", "Its colour", color, "#0a7d55"),
        (
            "checkout_url",
            "Where a claim is bought without scripts",
            checkout_url,
            "https://shop.example/checkout?hold={hold}",
        ),
    ] {
        page.raw("<label>").text(said).raw("<input name=\"").raw(field).raw("\" placeholder=\"");
        page.attribute(hint).raw("\" value=\"");
        page.attribute(value.as_deref().unwrap_or_default()).raw("\"></label>");
    }
    page.raw("<button>Save</button></form></section>");
}

fn previews(page: &mut Page, view: &DeskView<'_>) {
    page.raw("<section><h2>What is written to shoppers</h2>");
    begin(page, view, "preview", " target=\"_blank\"");
    page.raw("<label>Message<select name=\"message\">");
    for sample in view.samples {
        page.raw("<option>").text(sample).raw("</option>");
    }
    page.raw("</select></label><label>Language<select name=\"lang\">");
    for language in LANGUAGES {
        let own = language.tag == view.settings.locale;
        page.raw(if own { "<option selected>" } else { "<option>" });
        page.text(language.tag).raw("</option>");
    }
    page.raw("</select></label><button>Look at it</button></form></section>");
}

fn dead(page: &mut Page, view: &DeskView<'_>) {
    page.raw("<section><h2>What could not be sent</h2>");
    if view.dead.is_empty() {
        page.quiet("Nothing: every message was taken by the mail provider, or is on its way.");
    }
    for message in view.dead {
        let about = message.sku.as_deref().unwrap_or("an order");
        page.raw("<p class=\"quiet\"><b>").text(&message.kind).raw("</b> about <bdi>").text(about);
        page.raw("</bdi>, tried ").text(&message.attempts.to_string()).raw(" times since <time>");
        page.text(&message.made_at).raw("</time>: ").text(&message.error).raw("</p>");
        let fields = [("token", view.token), ("action", "retry"), ("id", message.id.as_str())];
        page.button(DESK, &fields, "Try again");
    }
    page.raw("</section>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Places;

    fn view<'a>(
        settings: &'a Settings,
        waitlists: &'a [Waitlist],
        dead: &'a [DeadMessage],
    ) -> DeskView<'a> {
        DeskView {
            shop: "mugs",
            token: "dt_x",
            notice: "",
            settings,
            waitlists,
            dead,
            samples: &["confirm", "claim"],
        }
    }

    #[test]
    fn it_shows_who_waits_and_what_could_not_be_sent_with_a_button_for_each() {
        let mut settings = Settings::new("GBP", "Europe/London");
        settings.waitlist.smaller = true;
        settings.name = Some("Mugs \"& Co".to_owned());
        let waiting = Places { places: 12, units: 15 };
        let waitlist = Waitlist { sku: "<b>".to_owned(), waiting, ..Waitlist::default() };
        let dead = DeadMessage {
            id: "mugs.0f".to_owned(),
            kind: "claim".to_owned(),
            sku: Some("<i>".to_owned()),
            made_at: "2026-11-21T09:40:00.000Z".to_owned(),
            attempts: 18,
            error: "http_500".to_owned(),
        };
        let html = desk_page(&view(&settings, &[waitlist], &[dead]), "0f");
        for part in [
            "<h1>Desk of mugs</h1>",
            "<th scope=\"row\"><bdi>&lt;b&gt;</bdi></th><td>12</td><td>15</td><td>0</td>",
            "name=\"window_seconds\" min=\"300\" max=\"604800\" value=\"86400\">",
            "name=\"smaller\" value=\"yes\" checked>",
            "value=\"Mugs &quot;&amp; Co\">",
            "<option>claim</option>",
            "<option selected>en</option>",
            "<b>claim</b> about <bdi>&lt;i&gt;</bdi>, tried 18 times since",
            "<input type=\"hidden\" name=\"id\" value=\"mugs.0f\"><button>Try again</button>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("name=\"token\" value=\"dt_x\"").count(), 4);
    }

    #[test]
    fn a_new_shops_desk_says_that_there_is_nothing() {
        let settings = Settings::new("GBP", "Europe/London");
        let html = desk_page(&view(&settings, &[], &[]), "0f");
        assert!(html.contains("Nobody has asked") && html.contains("Nothing: every message"));
        assert!(!html.contains("<table") && !html.contains("Try again"), "{html}");
        let door = desk_door_page("Wrong <key>", "0f");
        assert!(door.contains("<p role=\"alert\">Wrong &lt;key&gt;</p>"), "{door}");
        assert!(!desk_door_page("", "0f").contains("role=\"alert\""));
    }
}
