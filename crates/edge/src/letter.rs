//! From a leased message to the mail that says it: what it is about is looked up in KV, and the
//! address opened.

use crate::{
    failure::Failure,
    kv::{Entry, ShopRecord, Snapshots, shop_key, sku_key},
    limits::{CLAIM_LINK_MS, CONFIRMED_LIFETIME_MS, KV_BULK_READ},
    mail::{Mail, Post},
    mail_queue::Lease,
    notify::back,
    order_link,
    order_mail::{AboutOrder, News},
    places::{Kept, Told},
    sign_up_link::{self, Purpose},
};
use messages::{DigestItem, Footer, Item, Message, OrderNews, Rendered, Sender, render};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, BTreeSet};
use widget::Language;
use wire::{Snapshot, State};
use worker::Env;

/// What a message about a SKU says of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AboutSku {
    pub(crate) sku: String,
}

/// What is published of a shop and of what its messages are about.
pub(crate) struct Goods {
    /// The shop's own site, if it has said.
    site: Option<String>,
    /// What the shop is called, if it has said.
    name: Option<String>,
    color: Option<String>,
    skus: BTreeMap<String, Snapshot>,
}

impl Goods {
    /// That of these messages.
    pub(crate) async fn of(env: &Env, shop: &str, leases: &[Lease]) -> Result<Self, Failure> {
        let skus: BTreeSet<String> =
            leases.iter().flat_map(|lease| skus_of(&lease.payload)).collect();
        let mut keys = vec![shop_key(shop)];
        keys.extend(skus.iter().map(|sku| sku_key(shop, sku)));
        let kv = Snapshots::of(env)?;
        let mut found = Vec::new();
        for keys in keys.chunks(KV_BULK_READ) {
            found.extend(kv.many(keys).await?);
        }
        let mut found = found.into_iter();
        let record = found.next().flatten().and_then(|entry| entry.read::<ShopRecord>());
        let snapshots = found.map(|entry| entry.as_ref().and_then(Entry::read::<Snapshot>));
        let (name, color) =
            record.as_ref().map(|it| (it.name.clone(), it.color.clone())).unwrap_or_default();
        Ok(Self {
            site: record.and_then(|record| record.origins.into_iter().next()),
            name,
            color,
            skus: skus
                .into_iter()
                .zip(snapshots)
                .filter_map(|(sku, it)| Some((sku, it?)))
                .collect(),
        })
    }

    /// Is nothing of this message so any more, which says that something is back? Only before its
    /// first try: one that may have been sent says the same each time.
    pub(crate) fn are_gone(&self, lease: &Lease) -> bool {
        let is_gone = |sku: &String| {
            let state = self.skus.get(sku).map(|snapshot| snapshot.state);
            matches!(state, Some(State::Out | State::AllHeld | State::Discontinued | State::Hidden))
        };
        let says_so = matches!(lease.kind.as_str(), "back" | "digest");
        let skus = skus_of(&lease.payload);
        says_so && lease.attempt == 1 && !skus.is_empty() && skus.iter().all(is_gone)
    }
}

/// The SKUs that a message is about, by its payload.
pub(crate) fn skus_of(payload: &str) -> Vec<String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum About {
        Sku(AboutSku),
        Several(Vec<AboutSku>),
        Order { lines: Vec<AboutSku> },
    }
    let several = match serde_json::from_str(payload) {
        Ok(About::Sku(one)) => vec![one],
        Ok(About::Several(several) | About::Order { lines: several }) => several,
        Err(_) => Vec::new(),
    };
    several.into_iter().map(|AboutSku { sku }| sku).collect()
}

/// A SKU as messages show it.
struct Shown<'a> {
    title: &'a str,
    url: Option<String>,
    image: Option<&'a str>,
}

impl Shown<'_> {
    fn item(&self) -> Item<'_> {
        Item { title: self.title, url: self.url.as_deref(), image: self.image }
    }
}

/// Writes messages of one shop.
struct Writer<'a> {
    post: &'a Post,
    shop: &'a str,
    goods: &'a Goods,
    /// Where the shop is.
    site: &'a str,
    lease: &'a Lease,
}

/// The mail, or by name why there is none.
pub(crate) fn write(
    post: &Post,
    shop: &str,
    goods: &Goods,
    lease: &Lease,
) -> Result<Mail, &'static str> {
    let to = post.keys.open(shop, lease.key, &lease.sealed).ok_or("address")?;
    let language = Language::of(&lease.lang).unwrap_or_else(Language::english);
    let site = goods.site.as_deref().unwrap_or(&post.origin);
    let name = sender_name(goods.name.as_deref(), goods.site.as_deref(), shop);
    let sender = Sender { name, color: goods.color.as_deref(), site };
    let writer = Writer { post, shop, goods, site, lease };
    let mut headers = BTreeMap::from([("X-Backroom-Message", lease.id.clone())]);
    let rendered = if lease.kind == "order" {
        writer.order(language, &sender)?
    } else {
        // For as long as the sign-up can be there. The same at each try, as all of the mail is.
        let last = lease.expires_at.saturating_add(CONFIRMED_LIFETIME_MS);
        let unsubscribe = writer.link(Purpose::Unsubscribe, last)?;
        let alerts = writer.link(Purpose::Alerts, last)?;
        headers.insert("List-Unsubscribe", format!("<{unsubscribe}>"));
        headers.insert("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned());
        let footer = Footer { unsubscribe: Some(&unsubscribe), alerts: Some(&alerts) };
        writer.alert(language, &sender, &footer)?
    };
    Ok(Mail {
        id: lease.id.clone(),
        to,
        sender: sender.name.to_owned(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        headers,
    })
}

impl Writer<'_> {
    fn payload<T: DeserializeOwned>(&self) -> Result<T, &'static str> {
        serde_json::from_str(&self.lease.payload).map_err(|_| "payload")
    }

    fn link(&self, purpose: Purpose, expires_at: i64) -> Result<String, &'static str> {
        let subscriber = self.lease.subscriber.as_deref().ok_or("kind")?;
        let path =
            sign_up_link::path(purpose, &self.post.secret, self.shop, subscriber, expires_at);
        path.map(|path| format!("{}{path}", self.post.origin)).map_err(|_| "link")
    }

    fn shown<'b>(&'b self, sku: &'b str) -> Shown<'b> {
        let shown = self.goods.skus.get(sku);
        Shown {
            title: title_of(shown, sku),
            url: shown.map(|shown| back(self.site, shown.url.as_deref())),
            image: shown.and_then(|shown| shown.image.as_deref()),
        }
    }

    /// About what somebody asked to be told of.
    fn alert(
        &self,
        language: &Language,
        sender: &Sender<'_>,
        footer: &Footer<'_>,
    ) -> Result<Rendered, &'static str> {
        let Lease { kind, payload, expires_at, .. } = self.lease;
        let skus = skus_of(payload);
        let shown: Vec<_> = skus.iter().map(|sku| self.shown(sku)).collect();
        let item = shown.first().ok_or("payload")?.item();
        let page;
        let digest: Vec<_>;
        let message = match kind.as_str() {
            "confirm" => {
                page = self.link(Purpose::Confirm, *expires_at)?;
                Message::Confirm { item, confirm: &page }
            }
            "claim" => {
                let Told { units, kept, .. } = self.payload()?;
                let until = kept.as_ref().and_then(Kept::until).ok_or("payload")?;
                page = self.link(Purpose::Claim, expires_at.saturating_add(CLAIM_LINK_MS))?;
                let units = u32::try_from(units).map_err(|_| "payload")?;
                Message::Claim { item, units, until, claim: &page }
            }
            "back" => Message::Back { item },
            "digest" => {
                let items =
                    shown.iter().map(|shown| DigestItem { item: shown.item(), claim: None });
                digest = items.collect();
                Message::Digest { items: &digest }
            }
            // A later build's.
            _ => return Err("kind"),
        };
        Ok(render(language, sender, &message, footer))
    }

    /// About an order: it is no advertisement, so nobody unsubscribes from it.
    fn order(&self, language: &Language, sender: &Sender<'_>) -> Result<Rendered, &'static str> {
        let about: AboutOrder = self.payload()?;
        let expires_at = self.lease.expires_at;
        let path = order_link::path(&self.post.secret, self.shop, &about.order, expires_at);
        let page = format!("{}{}", self.post.origin, path.map_err(|_| "link")?);
        let shown: Vec<_> = about.lines.iter().map(|line| self.shown(&line.sku)).collect();
        let news = about.lines.iter().zip(&shown).filter_map(|(line, shown)| {
            let (item, units) = (shown.item(), u32::try_from(line.units).ok()?);
            match &line.news {
                News::Moved { was, now } => {
                    let (was, now) = (was.as_ref(), now.as_ref());
                    Some(OrderNews::Moved { item, units, was, now })
                }
                News::Ready => Some(OrderNews::Ready { item, units }),
                News::Nothing => None,
            }
        });
        let news: Vec<_> = news.collect();
        let message = Message::Order { news: &news, order: &page };
        Ok(render(language, sender, &message, &Footer::default()))
    }
}

/// What a SKU is called: a hidden one has no title.
pub(crate) fn title_of<'a>(shown: Option<&'a Snapshot>, sku: &'a str) -> &'a str {
    shown.map(|shown| shown.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(sku)
}

/// As whom a shop's mails come: by its own name, else its site's, else its id.
pub(crate) fn sender_name<'a>(
    name: Option<&'a str>,
    site: Option<&'a str>,
    shop: &'a str,
) -> &'a str {
    name.or_else(|| host_of(site)).unwrap_or(shop)
}

fn host_of(site: Option<&str>) -> Option<&str> {
    let (_, host) = site?.split_once("://")?;
    Some(host.strip_prefix("www.").unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_says_what_it_is_about() {
        let payload = crate::failure::json(&AboutSku { sku: "a/b 🎁\"".to_owned() });
        assert_eq!(payload, r#"{"sku":"a/b 🎁\""}"#);
        assert_eq!(skus_of(&payload), ["a/b 🎁\""]);
        assert_eq!(skus_of(r#"[{"sku":"a","units":2},{"sku":"b"}]"#), ["a", "b"]);
        let order = r#"{"order":"o","lines":[{"sku":"b","units":1,"news":"ready"}]}"#;
        assert_eq!(skus_of(order), ["b"]);
        assert_eq!(skus_of("{}"), [""; 0]);
    }

    #[test]
    fn a_shop_is_called_as_its_site_where_it_has_no_name() {
        let site = Some("https://www.shop.example");
        assert_eq!(sender_name(Some("Mugs"), site, "mugs"), "Mugs");
        assert_eq!(sender_name(None, site, "mugs"), "shop.example");
        assert_eq!(sender_name(None, Some("http://127.0.0.1:8787"), "mugs"), "127.0.0.1:8787");
        assert_eq!(sender_name(None, None, "mugs"), "mugs");
    }
}
