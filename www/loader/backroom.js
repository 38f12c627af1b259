// Backroom's loader: what a shop's page includes. It paints what the edge has rendered, and wakes
// the widget (WebAssembly) when a shopper comes near, or at once where the stock may change soon.
//
//   <script async src="https://…/backroom.js" data-shop="my-shop"></script>
//   <backroom-stock sku="MUG-RED"><a href="/contact">Ask about stock</a></backroom-stock>
//   <backroom-stock sku="MUG-RED" view="product" buy="/cart/add"></backroom-stock>
//
// It never breaks its page: every failure leaves the element's own content, or what was painted
// last, as it is. An element takes its full height in its first moment and keeps it, whatever
// comes. A page that wants no shift even in that moment says it in its own style sheet:
//
//   backroom-stock { display: block; min-height: 5.25em }
//   backroom-stock[view="product"] { min-height: 16.25em }
//
// and takes more than that where columns are so narrow that a line wraps.

const NAME = "backroom-stock";
const SCRIPT = 'script[data-shop][src*="/backroom.js"]';
const SKUS_PER_REQUEST = 50; // the edge takes no more
const PATIENCE_MS = 5000; // for the edge's answer; without one the page stays as it is
const READING_MS = 100; // in which the rest of the page may come to share its first request
const FRESH_MS = 60000; // what was fetched longer ago is fetched again when it is shown again

const RESERVE =
  ":host{display:block;min-height:var(--backroom-min-height,5.25em)}:host([view=product]){min-height:var(--backroom-min-height,16.25em)}";

// In a module, and where a tag manager has put the script in, there is no current script.
const own = document.currentScript || document.querySelector(SCRIPT);

const shops = new Map(); // public id and language -> the shop
const shown = new Map(); // each <backroom-stock> in the page -> what is known of it
const sheets = new Map(); // CSS -> its one style sheet
const modules = new Map(); // address -> promise of a build of the widget
const widgets = new Set(); // builds that run

const attempt = (work) => {
  try {
    return work();
  } catch {
    // The page is not ours: whatever it was, it stays as it is.
  }
};

// Where a page demands Trusted Types, only text from our own origin passes through this policy.
const policy = attempt(() =>
  trustedTypes.createPolicy("backroom", { createHTML: (html) => html }),
);

const sheetOf = (css) => {
  if (!sheets.has(css)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
  }
  return sheets.get(css);
};

// An element's shop is the one that it names, or that of the page's first script; in another
// language it is another.
const shopOf = (element) => {
  const id = element.getAttribute("shop");
  const named = id ? `[data-shop="${CSS.escape(id)}"]` : "";
  const script = document.querySelector(SCRIPT + named) || own;
  const name = id || script.dataset.shop;
  const lang = element.closest("[lang]")?.lang || "";
  const key = name + " " + lang;
  if (!shops.has(key)) {
    shops.set(key, {
      name,
      lang,
      buy: script.dataset.buy,
      origin: new URL(script.src).origin,
      rendered: new Map(), // view and SKU -> what the edge rendered
      queue: new Set(), // the same, of the next request
    });
  }
  return shops.get(key);
};

// All elements that ask in one task share a request. A page that is still being read may come to
// more of them: they are worth a short wait, because each answer lays the page out anew.
const ask = (shop, key) => {
  if (!shop.queue.size) {
    const send = () => {
      const keys = [...shop.queue].sort();
      shop.queue.clear();
      while (keys.length) fetchFragment(shop, keys.splice(0, SKUS_PER_REQUEST));
    };
    const isReading = document.readyState === "loading";
    if (isReading) document.addEventListener("DOMContentLoaded", send);
    setTimeout(send, isReading ? READING_MS : 0);
  }
  shop.queue.add(key);
};

const fetchFragment = async (shop, keys) => {
  try {
    const query = new URLSearchParams({ shop: shop.name, lang: shop.lang });
    for (const key of keys) query.append(...key.split(/ (.*)/s, 2));
    const response = await fetch(`${shop.origin}/v1/fragment?${query}`, {
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return;
    // What is no fragment, or not the whole of one, does not begin and end so, and the
    // destructuring throws. The style sheet is cut out first: a page's CSP would report a <style>
    // even where it is inert.
    const [, css, views] = /^<style>(.*?)<\/style>(.*)<\/div>\n$/s.exec(await response.text());
    const sheet = sheetOf(css);
    const inert = new DOMParser().parseFromString(
      policy ? policy.createHTML(views) : views,
      "text/html",
    );
    for (const wrapper of inert.querySelectorAll("[data-build]")) {
      const data = wrapper.dataset;
      const build = `${shop.origin}/w/${data.build}/`;
      shop.rendered.set(`${data.view || "sku"} ${data.sku}`, { wrapper, sheet, data, build, at: Date.now() });
    }
    for (const element of shown.keys()) attempt(() => paint(element));
  } catch {
    // Down, slow or garbage: the page has its fallback.
  }
};

const start = (element) => {
  const sku = element.getAttribute("sku");
  const root = element.shadowRoot || element.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheetOf(RESERVE)];
  root.replaceChildren(document.createElement("slot"));
  if (!sku) return;
  const shop = shopOf(element);
  const key = (element.getAttribute("view") === "product" ? "product " : "sku ") + sku;
  shown.set(element, { shop, key, root });
  for (const nearing of ["pointerenter", "focusin"]) {
    element.addEventListener(nearing, wakeTarget);
  }
  paint(element);
  refresh(element);
};

const stop = (element) => {
  visibility.unobserve(element);
  const self = shown.get(element);
  shown.delete(element);
  self?.widget?.free();
};

const refresh = (element) => {
  const { shop, key, widget } = shown.get(element);
  const old = shop.rendered.get(key);
  if (!widget && !(old && Date.now() - old.at < FRESH_MS)) ask(shop, key);
};

const paint = (element) => {
  const self = shown.get(element);
  const rendered = self.shop.rendered.get(self.key);
  // The widget knows better than a fragment that comes after it has woken, and whoever is typing
  // or signing up goes on.
  if (!rendered || rendered === self.rendered || self.widget || isInUse(self.root)) return;
  self.rendered = rendered;
  self.root.adoptedStyleSheets = [rendered.sheet];
  fill(element, self);
  visibility.unobserve(element);
  visibility.observe(element);
};

const fill = (element, self) => {
  const { root, rendered } = self;
  root.replaceChildren(...rendered.wrapper.cloneNode(true).childNodes);
  self.count = count(root);
  // A loader that is kept for good meets the actions of later builds: what they read of `shown`
  // (`root`, `shop.origin`, `shop.buy`, `rendered.data`, `.at` and `.wrapper`) stays as it is.
  if (rendered.data.view === "product" || window.backroom)
    import(`${rendered.build}actions.js`)
      .then((actions) => actions.act(element, { shown, refresh }))
      .catch(() => {}); // without it there is all the rest
};

const isInUse = (root) => root.querySelector(":focus,[open]");

const count = (root) => root.querySelectorAll("*").length;

const wakeTarget = (event) => wake(event.currentTarget);

const wake = async (element) => {
  const self = shown.get(element);
  const rendered = self?.rendered;
  if (!rendered || self.widget) return;
  const { shop, root } = self;
  try {
    const address = `${rendered.build}widget.js`;
    const widget = await load(address);
    // Meanwhile it may have been removed, painted again, or woken by another event.
    if (shown.get(element) !== self || rendered !== self.rendered || self.widget) return;
    // A translator or an extension may have been here; the widget needs what the edge wrote.
    if (count(root) !== self.count) {
      if (isInUse(root)) return;
      fill(element, self);
    }
    const { data } = rendered;
    const socket = `${shop.origin.replace("http", "ws")}/v1/live?shop=${shop.name}&lang=${data.lang}`;
    try {
      self.widget = widget.hydrate(root, element, socket, data);
    } catch {
      // A trap leaves WebAssembly in no state to go on with.
      modules.set(address, new Promise(() => {}));
      widgets.delete(widget);
      attempt(() => widget.look(false));
      return;
    }
    if (!shop.awake) {
      shop.awake = true;
      // Now the rest of what is in sight wakes too: it costs no download any more.
      for (const other of shown.keys()) {
        visibility.unobserve(other);
        visibility.observe(other);
      }
    }
  } catch {
    // No WebAssembly here (CSP), or no network: what is painted stays.
  }
};

const load = (address) => {
  if (!modules.has(address)) {
    modules.set(
      address,
      import(address).then(
        async (widget) => {
          await widget.default();
          widgets.add(widget);
          widget.look(!document.hidden);
          return widget;
        },
        (lost) => {
          // The network may be back when the shopper comes near again.
          modules.delete(address);
          throw lost;
        },
      ),
    );
  }
  return modules.get(address);
};

const visibility = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const self = shown.get(target);
    if (isIntersecting && self?.rendered && (self.shop.awake || self.rendered.data.state !== "in_stock"))
      (window.requestIdleCallback || setTimeout)(() => wake(target));
  }
});

// An open socket would keep the page out of the back/forward cache.
const look = ({ type, persisted }) => {
  for (const widget of widgets) attempt(() => widget.look(type !== "pagehide" && !document.hidden));
  if (persisted && type === "pageshow") for (const element of shown.keys()) refresh(element);
};

class Stock extends HTMLElement {
  static observedAttributes = ["sku", "shop", "view", "buy"];
  connectedCallback() {
    if (!shown.has(this)) attempt(() => start(this));
  }
  disconnectedCallback() {
    // A page that moves its element takes it out for a moment only.
    setTimeout(() => this.isConnected || attempt(() => stop(this)));
  }
  attributeChangedCallback(_name, before, after) {
    // Before it is connected for the first time it has no shadow root.
    if (before !== after && this.isConnected && this.shadowRoot) {
      attempt(() => stop(this));
      attempt(() => start(this));
    }
  }
}

// A page that has placed no element gets one, by what a file says that no other page needs.
const place = () => {
  if (!document.querySelector(NAME))
    import(new URL("/place.js", own.src)).then((file) => file.place(own), () => {});
};

attempt(() => {
  if (!own) return;
  // The script may be there twice, for two shops or by mistake: the first serves them all.
  if (!customElements.get(NAME)) {
    customElements.define(NAME, Stock);
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", look);
    addEventListener("pageshow", look);
  }
  if (document.readyState === "loading")
    document.addEventListener("DOMContentLoaded", () => attempt(place));
  else place();
});
