//! From a leased message to the mail that says it: what it is about is looked up in KV, and the
//! address opened.

use crate::{
    failure::Failure,
    kv::{Entry, ShopRecord, Snapshots, shop_key, sku_key},
    limits::{CLAIM_LINK_MS, CONFIRMED_LIFETIME_MS, MAX_SKUS},
    mail::{Mail, Post},
    mail_queue::Lease,
    notify::back,
    places::{Kept, Told},
    sign_up_link::{self, Purpose},
};
use messages::{Footer, Item, Message, Sender, render};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use widget::Language;
use wire::Snapshot;
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
            leases.iter().filter_map(|lease| sku_of(&lease.payload)).take(MAX_SKUS).collect();
        let mut keys = vec![shop_key(shop)];
        keys.extend(skus.iter().map(|sku| sku_key(shop, sku)));
        let mut found = Snapshots::of(env)?.many(&keys).await?.into_iter();
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
}

/// The SKU that a message is about, by its payload.
pub(crate) fn sku_of(payload: &str) -> Option<String> {
    serde_json::from_str(payload).ok().map(|AboutSku { sku }| sku)
}

/// The mail, or by name why there is none.
pub(crate) fn write(
    post: &Post,
    shop: &str,
    goods: &Goods,
    lease: &Lease,
) -> Result<Mail, &'static str> {
    let sealed = hex::decode(&lease.sealed).map_err(|_| "address")?;
    let to = post.keys.open(shop, lease.key, &sealed).ok_or("address")?;
    let language = Language::of(&lease.lang).unwrap_or_else(Language::english);
    let subscriber = lease.subscriber.as_deref().ok_or("kind")?;
    let link = |purpose: Purpose, expires_at| {
        let path = sign_up_link::path(purpose, &post.secret, shop, subscriber, expires_at);
        path.map(|path| format!("{}{path}", post.origin)).map_err(|_| "link")
    };
    // For as long as the sign-up can be there. The same at each try, as all of the mail is.
    let last = lease.expires_at.saturating_add(CONFIRMED_LIFETIME_MS);
    let unsubscribe = link(Purpose::Unsubscribe, last)?;
    let alerts = link(Purpose::Alerts, last)?;
    let sku = sku_of(&lease.payload).ok_or("payload")?;
    let shown = goods.skus.get(&sku);
    let site = goods.site.as_deref().unwrap_or(&post.origin);
    let url = shown.map(|shown| back(site, shown.url.as_deref()));
    let image = shown.and_then(|shown| shown.image.as_deref());
    let item = Item { title: title_of(shown, &sku), url: url.as_deref(), image };
    let page;
    let message = match lease.kind.as_str() {
        "confirm" => {
            page = link(Purpose::Confirm, lease.expires_at)?;
            Message::Confirm { item, confirm: &page }
        }
        "claim" => {
            let Told { units, kept, .. } =
                serde_json::from_str(&lease.payload).map_err(|_| "payload")?;
            let until = kept.as_ref().and_then(Kept::until).ok_or("payload")?;
            page = link(Purpose::Claim, lease.expires_at.saturating_add(CLAIM_LINK_MS))?;
            let units = u32::try_from(units).map_err(|_| "payload")?;
            Message::Claim { item, units, until, claim: &page }
        }
        "back" => Message::Back { item },
        // A later build's.
        _ => return Err("kind"),
    };
    let name = goods.name.as_deref().or_else(|| name_of(goods.site.as_deref())).unwrap_or(shop);
    let sender = Sender { name, color: goods.color.as_deref(), site };
    let footer = Footer { unsubscribe: Some(&unsubscribe), alerts: Some(&alerts) };
    let rendered = render(language, &sender, &message, &footer);
    Ok(Mail {
        id: lease.id.clone(),
        to,
        sender: sender.name.to_owned(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        headers: BTreeMap::from([
            ("List-Unsubscribe", format!("<{unsubscribe}>")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            ("X-Backroom-Message", lease.id.clone()),
        ]),
    })
}

/// What a SKU is called: a hidden one has no title.
pub(crate) fn title_of<'a>(shown: Option<&'a Snapshot>, sku: &'a str) -> &'a str {
    shown.map(|shown| shown.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(sku)
}

/// What a shop is called as long as it has no name of its own: its site's.
fn name_of(site: Option<&str>) -> Option<&str> {
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
        assert_eq!(sku_of(&payload).as_deref(), Some("a/b 🎁\""));
        assert_eq!(sku_of("{}"), None);
    }

    #[test]
    fn a_shop_is_called_as_its_site() {
        assert_eq!(name_of(Some("https://www.shop.example")), Some("shop.example"));
        assert_eq!(name_of(Some("http://127.0.0.1:8787")), Some("127.0.0.1:8787"));
        assert_eq!(name_of(None), None);
    }
}
