// What a shopper can do with a product, and the page's own script API. The loader fetches it beside
// the first fragment, from the widget's build, where a page shows a product or has a `backroom`.
//
// It works without WebAssembly, and so it is JavaScript: an order or a sign-up must not depend on
// what a page's Content-Security-Policy allows.

const PATIENCE_MS = 10000; // for the edge's answer to a sign-up

/** In which states an order is of which kind; in all others there is none. */
const KINDS = { in_stock: "buy", low: "buy", preorder: "preorder", backorder: "backorder" };

// What the loader knows: its elements, and how to ask anew. A page that is open while another build
// is deployed gets that one's file too, so `shown` also holds what all of them must agree on:
//   done  elements of which the page was told that they are painted, and roots that are listened to
//   cart  the page's own way to order
//   claim, claimants  what is kept for the shopper, and who of the page wants to hear of it
let page;

const tell = (element, name, detail) =>
  element.dispatchEvent(
    new CustomEvent(`backroom:${name}`, { bubbles: true, composed: true, cancelable: true, detail }),
  );

/** Gives a painted element's forms their addresses, and listens to them. */
export const act = (element, loader) => {
  const { root, shop, rendered } = loader.shown.get(element) ?? {};
  // While this file came, the element can have gone, or become another SKU's.
  if (!rendered) return;
  page = loader;
  if (!page.shown.done) {
    page.shown.done = new WeakSet();
    addEventListener("hashchange", showClaim);
  }
  const { done } = page.shown;
  answerCalls();
  showClaim();
  if (!done.has(element)) {
    done.add(element);
    const { sku, state, version, lang } = rendered.data;
    tell(element, "ready", { sku, state, version, lang });
  }
  if (!root.querySelector("[part=order]")) return;
  const buy = element.getAttribute("buy") ?? shop.buy;
  // In the loader's memory too: what is painted from there has its button in the same frame.
  for (const view of [root, rendered.wrapper]) {
    for (const form of view.querySelectorAll("[part=order],[part=claim]"))
      if (buy === undefined) form.removeAttribute("action");
      else form.setAttribute("action", buy);
    view.querySelector("[part=notify] form").action = `${shop.origin}/v1/notify`;
  }
  if (done.has(root)) return;
  done.add(root);
  root.addEventListener("submit", (event) => {
    if (event.target.closest("[part=notify]")) signUp(event, element);
    else placeOrder(event, element);
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[part=substitute]");
    if (!link) return;
    const detail = { sku: element.getAttribute("sku"), substitute: link.dataset.sku };
    if (!tell(element, "substitute", detail)) event.preventDefault();
  });
};

/** Few pages have a claim in their address, or had one, so what shows it is a file of its own. */
const showClaim = () => {
  if (location.hash.includes("backroom-claim=") || page.shown.claim)
    import("./claim.js")
      .then((file) => file.show(page))
      .catch(() => {}); // the link in the mail still leads to its own page
};

/** The event first; then the page's own way, the merchant's form, or the address as it stands. */
const placeOrder = (event, element) => {
  event.preventDefault();
  const form = event.target;
  // What is kept for the shopper is theirs, whatever else there is.
  const { hold, units } = form.dataset;
  const kind = hold ? "claim" : KINDS[form.closest("[data-state]").dataset.state];
  // It may have sold out since: the form stays for whoever is in it, but orders nothing.
  if (!kind || form.ariaBusy) return;
  const detail = {
    sku: element.getAttribute("sku"),
    quantity: hold ? +units : form.elements.quantity.valueAsNumber,
    kind,
    ...(hold && { hold }),
  };
  if (!tell(element, "order", detail)) return;
  const buy = form.getAttribute("action");
  const go = () => {
    if (buy.startsWith("#")) {
      const own = document.getElementById(buy.slice(1));
      const fields = own?.elements ?? {};
      if (fields.quantity) fields.quantity.value = detail.quantity;
      // The next order may be of what is not kept.
      if (fields.hold) fields.hold.value = hold ?? "";
      own?.requestSubmit?.();
    } else if (buy) {
      // Submitted as it stands, the form would lose the query that `buy` has.
      const to = new URL(buy, document.baseURI);
      for (const name of ["sku", "quantity", "hold"])
        if (name in detail) to.searchParams.set(name, detail[name]);
      location.assign(to);
    }
  };
  const { cart } = page.shown;
  if (!cart) return go();
  form.ariaBusy = "true";
  // What the page's own way cannot do, `buy` still can.
  Promise.resolve(detail)
    .then(cart)
    .catch(go)
    .finally(() => (form.ariaBusy = null));
};

/** What the edge says of a sign-up; nothing if it is down, slow or offline. */
const send = async (form, challenge) => {
  const body = new URLSearchParams(new FormData(form));
  if (challenge) body.set("challenge", challenge);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { accept: "application/json" },
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { said, type } = await response.json();
    // An answer that says nothing, or is no JSON, is not from Backroom.
    return { ok: response.ok && Boolean(said), said, type };
  } catch {
    return {};
  }
};

/** The same post as without scripts, but the shopper stays on the page. */
const signUp = async (event, element) => {
  event.preventDefault();
  const form = event.target;
  const { email, quantity } = form.elements;
  const detail = { sku: element.getAttribute("sku"), quantity: quantity.valueAsNumber };
  if (form.ariaBusy || !tell(element, "notify", detail)) return;
  form.ariaBusy = "true";
  const reply = form.parentNode.querySelector("#reply");
  let answer = await send(form);
  if (/challenge_needed$/.test(answer.type)) {
    // The answer has the focus in the end, and is read for that; this is read as it comes.
    reply.ariaLive = "polite";
    reply.textContent = answer.said;
    const token = await import("./challenge.js").then(
      (file) => file.solve(form, answer.said),
      () => null,
    );
    reply.ariaLive = null;
    // Where the page lets no frame in, it goes as it would without scripts: to a page of the edge's.
    if (token === undefined) {
      // And if that is not let through either, or the shopper comes back, here it can be sent again.
      form.ariaBusy = null;
      reply.textContent = form.dataset.unreachable;
      return form.submit();
    }
    answer = token ? await send(form, token) : {};
  }
  const { ok = false, said, type } = answer;
  form.ariaBusy = null;
  reply.textContent = said || form.dataset.unreachable;
  form.hidden = ok;
  const isAddress = !ok && /email$/.test(type);
  email.ariaInvalid = isAddress ? "true" : null;
  (isAddress ? email : reply).focus();
  tell(element, "notified", { ...detail, ok });
};

const commands = {
  /** Listens to `backroom:{name}`. */
  on(name, listener) {
    document.addEventListener(`backroom:${name}`, listener);
  },
  /** Orders by the page's own way: `order => promise`. */
  cart(way) {
    page.shown.cart = way;
  },
  /** Hears of what is kept for the shopper, once that is known and when it ends: `claim => {}`. */
  claim(listener) {
    const { shown } = page;
    (shown.claimants ??= []).push(listener);
    if (shown.claim) listener(shown.claim);
  },
  /** Asks the edge anew for all that is not kept up to date by a socket. */
  refresh() {
    for (const [element, { rendered }] of page.shown) {
      if (rendered) rendered.at = 0;
      page.refresh(element);
    }
  },
};

/** Takes over from the stub that the page put into `window.backroom`, once. */
const answerCalls = () => {
  const calls = window.backroom?.q || [];
  if (window.backroom && !window.backroom.q) return;
  window.backroom = (name, ...values) => commands[name]?.(...values);
  for (const call of calls) window.backroom(...call);
};
