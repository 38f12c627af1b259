//! What the loader calls: each export takes over or gives up one element.

use crate::json::{self, Object};
use crate::net::{Place, Shop};
use crate::source::Source;
use crate::view::view;
use leptos::mount::hydrate_from;
use leptos::prelude::*;
use std::any::Any;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

/// One element that is awake. When the loader frees it, its view and its place in the shop's
/// list go.
#[wasm_bindgen]
pub struct Widget {
    shop: Rc<Shop>,
    place: Place,
    _view: Box<dyn Any>,
}

/// Takes over the fragment in `root`, whose wrapper had `data` in its attributes, and keeps it up to
/// date from `socket`, the shop's address for live changes in that language. `host` is told of each
/// change by an event.
///
/// Traps if `root` does not hold exactly what this build's Worker rendered.
#[wasm_bindgen]
pub fn hydrate(root: HtmlElement, host: Element, socket: &str, data: &Object) -> Option<Widget> {
    let (watched, shown, is_product) = json::painted(data)?;
    let shown = ArcRwSignal::new(shown);
    let source = Source { shown: shown.clone(), is_product };
    let view = hydrate_from(root, move || view(&source));
    let shop = Shop::at(socket);
    let place = shop.join(host, watched, shown, is_product);
    Some(Widget { shop, place, _view: Box::new(view) })
}

impl Drop for Widget {
    fn drop(&mut self) {
        self.shop.leave(self.place);
    }
}

/// Closes every socket while nobody looks at the page, and opens them again.
#[wasm_bindgen]
pub fn look(visible: bool) {
    Shop::look(visible);
}
