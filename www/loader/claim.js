// What is kept for whoever came by a claim's link, on the page of that product: until when, and a
// button that buys it. `actions.js` fetches this file where the page's address has a claim in its
// fragment, `#backroom-claim=wt_…`, and nowhere else.

const PATIENCE_MS = 10000; // for the edge's answer
const AGAIN_MS = 5000; // at least, before the edge is asked anew whether its time is over
const TIMER_MS = 2147483647; // the longest that a timer takes

const CLAIM = /[#&]backroom-claim=(wt_([^_&]+)_[^&]+)/;

let page; // what the loader knows: see `actions.js`
let token; // the last one that the address had: a link within the page takes it from there
let shop; // whose it is
let timer;
const answers = new Map(); // language -> promise of what the edge says

/** Shows it wherever that SKU is shown as a product, and tells the page's own script. */
export const show = (loader) => {
  if (!page) listen();
  page = loader;
  const [, found, whose] = CLAIM.exec(location.hash) || [];
  if (found && found !== token) {
    token = found;
    shop = whose;
    answers.clear();
  }
  for (const [element, { shop: of, rendered }] of page.shown)
    if (rendered && of.name === shop) put(element, of.origin, rendered.data.lang);
};

/** What has become of it may be other news by now. */
const again = () => {
  answers.clear();
  show(page);
};

const listen = () => {
  addEventListener("online", again);
  addEventListener("pageshow", ({ persisted }) => persisted && again());
  document.addEventListener("visibilitychange", () => document.hidden || again());
};

const put = async (element, origin, lang) => {
  // A screen reader must know of the region before anything is said in it. On all other pages the
  // widget's own is the only one.
  const region = page.shown.get(element).root.querySelector("[part=claim] div");
  if (region) {
    region.ariaLive = "polite";
    region.ariaAtomic = "true";
  }
  if (!answers.has(lang)) {
    const asked = ask(origin, lang);
    answers.set(lang, asked);
    asked.then((claim) => claim && answers.get(lang) === asked && heed(claim));
  }
  const answer = answers.get(lang);
  const claim = await answer;
  const { rendered, root } = page.shown.get(element) ?? {};
  // Down or offline: what was shown stays. And meanwhile there may be a newer answer, or another SKU.
  if (claim === undefined || answers.get(lang) !== answer || !rendered) return;
  if (claim && claim.sku !== rendered.data.sku) return;
  // In the loader's memory too: what is painted from there has it in the same frame.
  for (const view of [rendered.wrapper, root]) fill(view, claim);
};

/** The claim; null if the link opens nothing, and undefined if nobody can say. */
const ask = async (origin, lang) => {
  try {
    const response = await fetch(`${origin}/v1/claim/state?${new URLSearchParams({ token, lang })}`, {
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.ok) return await response.json();
    if ([401, 404].includes(response.status)) return null;
  } catch {
    // Down, slow or garbage.
  }
};

/** Asks anew when its time should be over, and tells the page's script if it is news. */
const heed = (claim) => {
  clearTimeout(timer);
  const left = Date.parse(claim.expires_at) - Date.now();
  if (claim.state === "kept") timer = setTimeout(again, Math.min(Math.max(left, AGAIN_MS), TIMER_MS));
  const { shown } = page;
  const isNews = shown.claim?.hold !== claim.hold || shown.claim?.state !== claim.state;
  shown.claim = claim;
  // Whatever a listener throws is the page's own matter.
  if (isNews) for (const listener of shown.claimants ?? []) queueMicrotask(() => listener(claim));
};

const fill = (view, claim) => {
  const form = view.querySelector("[part=claim]");
  if (!form) return;
  const { said, units, until, button: label } = claim?.words ?? {};
  const isFirst = claim && !form.dataset.claim;
  const lines = form.querySelectorAll("p");
  // Only what differs is written: then it is read out once.
  [said, units, until].forEach((text = "", at) => {
    if (lines[at].textContent !== text) lines[at].textContent = text;
  });
  const button = form.querySelector("button");
  // Whoever stands on a button that goes is led to what is said in its place.
  if (!label && button === view.activeElement) {
    lines[0].tabIndex = -1;
    lines[0].focus();
  }
  button.textContent = label ?? "";
  button.hidden = !label;
  if (!claim) {
    delete form.dataset.claim;
    delete form.dataset.hold;
    return;
  }
  Object.assign(form.dataset, { claim: claim.state, units: claim.quantity, hold: claim.hold ?? "" });
  if (isFirst && view.host && !scrollY) form.scrollIntoView({ block: "nearest" });
};
