//! What a message says, part by part, before it is set as HTML and as plain text.

use crate::{
    DigestItem, Footer, Item, Message, OrderNews, Sender, Until,
    words::{WORDS, Words},
};
use widget::{Language, link, printable};
use wire::Restock;

/// A phone shows 40 to 60 characters of a subject, and the words before the title take up to 30 of
/// them; what is cut off stands in the message.
const MAX_SUBJECT_TITLE_CHARS: usize = 60;

/// A message, not set yet. Texts are not escaped; addresses have been looked at.
pub(crate) struct Letter<'a> {
    pub(crate) language: &'a Language,
    pub(crate) sender: &'a Sender<'a>,
    pub(crate) subject: String,
    pub(crate) heading: &'static str,
    pub(crate) parts: Vec<Part>,
    /// Why the reader is written to.
    pub(crate) why: Option<&'static str>,
    /// At the foot: what each says, and where it leads.
    pub(crate) links: Vec<(&'static str, String)>,
}

/// A part of a message.
pub(crate) enum Part {
    Product {
        /// How many, if that is to be said.
        units: Option<u32>,
        title: String,
        url: Option<String>,
        image: Option<String>,
    },
    Text(String),
    /// When it is, under what that is.
    When {
        label: &'static str,
        said: String,
    },
    /// What the reader is asked to press.
    Button {
        said: &'static str,
        to: String,
    },
    /// One of several things that they may press.
    Link {
        said: &'static str,
        to: String,
    },
}

/// Writes a message in a language.
pub(crate) fn letter<'a>(
    language: &'a Language,
    sender: &'a Sender<'a>,
    message: &Message<'_>,
    footer: &Footer<'_>,
) -> Letter<'a> {
    let words = WORDS.of(language);
    let writer = Writer { language, sender, words };
    let waiting = || waiter_links(footer, words);
    let (subject, heading, parts, why, links) = match message {
        Message::Confirm { item, confirm } => (
            subject(words.confirm_subject, item),
            words.confirm_heading,
            writer.confirm(item, confirm),
            // The message itself says why, and nobody has agreed to anything yet.
            None,
            waiting(),
        ),
        Message::Claim { item, units, until, claim } => (
            subject(words.claim_subject, item),
            words.claim_heading,
            writer.claim(item, *units, until, claim),
            Some(words.why),
            waiting(),
        ),
        Message::Back { item } => (
            subject(words.back_subject, item),
            words.back_heading,
            writer.back(item),
            Some(words.why),
            waiting(),
        ),
        Message::Order { news, order } => {
            let (subject, heading) = order_subject(news, words);
            (subject, heading, writer.order(news, order), Some(words.why_order), Vec::new())
        }
        Message::Digest { items } => (
            digest_subject(items, words),
            words.back_heading,
            writer.digest(items),
            Some(words.why),
            waiting(),
        ),
    };
    Letter { language, sender, subject, heading, parts, why, links }
}

/// What somebody who waits finds at the foot.
fn waiter_links(footer: &Footer<'_>, words: &Words) -> Vec<(&'static str, String)> {
    let links = [(words.unsubscribe, footer.unsubscribe), (words.alerts, footer.alerts)];
    links.into_iter().filter_map(|(said, to)| Some((said, to?.to_owned()))).collect()
}

/// A subject about a product: one line, whatever its title is.
fn subject(form: &str, item: &Item<'_>) -> String {
    let title = printable(item.title);
    let title: Vec<&str> = title.split_whitespace().collect();
    let title = title.join(" ");
    if title.chars().count() <= MAX_SUBJECT_TITLE_CHARS {
        return form.replace("{}", &title);
    }
    let cut: String = title.chars().take(MAX_SUBJECT_TITLE_CHARS.saturating_sub(1)).collect();
    form.replace("{}", &[cut.trim_end(), "…"].concat())
}

fn digest_subject(items: &[DigestItem<'_>], words: &Words) -> String {
    match items {
        [] => words.back_heading.to_owned(),
        [only] => subject(words.back_subject, &only.item),
        [first, ..] => subject(words.digest_subject, &first.item),
    }
}

/// The first promise that has moved is what the reader has to know; else what is there.
fn order_subject(news: &[OrderNews<'_>], words: &Words) -> (String, &'static str) {
    let moved = news.iter().find_map(|news| match news {
        OrderNews::Moved { item, .. } => Some(subject(words.moved_subject, item)),
        OrderNews::Ready { .. } => None,
    });
    let ready = news.iter().find_map(|news| match news {
        OrderNews::Ready { item, .. } => Some(subject(words.ready_subject, item)),
        OrderNews::Moved { .. } => None,
    });
    match moved {
        Some(moved) => (moved, words.moved_heading),
        None => (ready.unwrap_or_else(|| words.ready_heading.to_owned()), words.ready_heading),
    }
}

/// Writes the parts of messages.
struct Writer<'a> {
    language: &'a Language,
    sender: &'a Sender<'a>,
    words: &'static Words,
}

impl Writer<'_> {
    fn confirm(&self, item: &Item<'_>, confirm: &str) -> Vec<Part> {
        vec![
            self.product(None, item, false),
            text(self.words.confirm_text),
            button(self.words.confirm_button, confirm),
            text(self.words.confirm_not),
        ]
    }

    fn claim(&self, item: &Item<'_>, units: u32, until: &Until, claim: &str) -> Vec<Part> {
        let kept = self.words.claim_text.replace("{}", &until.said(self.language));
        vec![
            self.product(Some(units), item, true),
            Part::Text(kept),
            button(self.words.claim_button, claim),
        ]
    }

    fn back(&self, item: &Item<'_>) -> Vec<Part> {
        let mut parts = vec![self.product(None, item, false), text(self.words.back_text)];
        let button = |to| Part::Button { said: self.words.back_button, to };
        parts.extend(self.page_of(item).map(button));
        parts
    }

    fn order(&self, news: &[OrderNews<'_>], order: &str) -> Vec<Part> {
        let mut parts: Vec<_> = news.iter().flat_map(|news| self.news(news)).collect();
        if news.iter().any(|news| matches!(news, OrderNews::Moved { .. })) {
            parts.extend([text(self.words.moved_choice), button(self.words.moved_button, order)]);
        } else {
            parts.push(button(self.words.ready_button, order));
        }
        parts
    }

    /// What became of a part of an order.
    fn news(&self, news: &OrderNews<'_>) -> Vec<Part> {
        match news {
            OrderNews::Moved { item, units, was, now } => vec![
                self.product(Some(*units), item, true),
                text(self.words.moved_text),
                Part::When { label: self.language.order_words().before, said: self.sent(*was) },
                Part::When { label: self.words.now, said: self.sent(*now) },
            ],
            OrderNews::Ready { item, units } => {
                vec![self.product(Some(*units), item, true), text(self.words.ready_text)]
            }
        }
    }

    fn digest(&self, items: &[DigestItem<'_>]) -> Vec<Part> {
        let mut parts = vec![text(self.words.digest_text)];
        for DigestItem { item, claim } in items {
            parts.push(self.product(None, item, false));
            match claim {
                Some((claim, until)) => {
                    let until = until.said(self.language);
                    parts.push(Part::Text(self.words.kept_until.replace("{}", &until)));
                    let to = (*claim).to_owned();
                    parts.push(Part::Link { said: self.words.claim_button, to });
                }
                None => {
                    let link = |to| Part::Link { said: self.words.back_button, to };
                    parts.extend(self.page_of(item).map(link));
                }
            }
        }
        parts
    }

    /// `linked`: nothing else of the message leads to its page.
    fn product(&self, units: Option<u32>, item: &Item<'_>, linked: bool) -> Part {
        let absolute = |url: Option<&str>| link::absolute_on(url?, self.sender.site);
        Part::Product {
            units,
            title: printable(item.title).trim().to_owned(),
            url: absolute(item.url.filter(|_| linked)),
            image: absolute(item.image),
        }
    }

    /// The product's page; the shop's, if it has none that may be linked.
    fn page_of(&self, item: &Item<'_>) -> Option<String> {
        let own = item.url.and_then(|url| link::absolute_on(url, self.sender.site));
        own.or_else(|| link::absolute(self.sender.site).map(str::to_owned))
    }

    /// When something is sent, as finely as it is known.
    fn sent(&self, restock: Option<&Restock>) -> String {
        let sent = restock.and_then(|restock| self.language.ships_on(restock));
        sent.unwrap_or_else(|| self.language.order_words().undated.to_owned())
    }
}

fn text(said: &str) -> Part {
    Part::Text(said.to_owned())
}

fn button(said: &'static str, to: &str) -> Part {
    Part::Button { said, to: to.to_owned() }
}
