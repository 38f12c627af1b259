// What a page's own scripts can say to Backroom and hear of it.
// Copy this file among your own types.

/** What a shopper can see of a SKU. */
export type BackroomState =
  | "in_stock"
  | "low"
  | "all_held"
  | "backorder"
  | "preorder"
  | "out"
  | "discontinued"
  | "hidden";

/** An order that a shopper is about to make. */
export interface BackroomOrder {
  sku: string;
  /** Whole units, 1 at least. */
  quantity: number;
  kind: "buy" | "preorder" | "backorder" | "claim";
  /** Of a claim: what keeps its units, for `POST /v1/orders`. */
  hold?: string;
}

/** What is kept for a shopper who came by a claim's link, as `GET /v1/claim/state` tells it. */
export interface BackroomClaim {
  sku: string;
  quantity: number;
  state: "kept" | "taken" | "passed_on" | "over";
  /** While it is kept: by what, and until when. */
  hold?: string;
  expires_at?: string;
  /** In the page's language. */
  words: { said: string; units: string; until?: string; button?: string };
}

/** A change of stock, as `GET /v1/availability` would tell it. */
export interface BackroomChange {
  sku: string;
  state: BackroomState;
  /** Grows with each change. */
  version: number;
  /** Units that can be sold; absent when there are plenty. */
  quantity?: number;
  restock?: { date: string; until?: string; precision: "day" | "week" | "month" | "range" };
  price?: { amount_minor: number; currency: string };
  [more: string]: unknown;
}

/** By the name of the event. Those that are cancelable do nothing more after `preventDefault()`. */
export interface BackroomEvents {
  /** Painted for the first time. */
  "backroom:ready": CustomEvent<{ sku: string; state: BackroomState; version: string; lang: string }>;
  /** The stock has changed while the page was open. */
  "backroom:state": CustomEvent<BackroomChange>;
  /** Cancelable: an order, before it is sent anywhere. */
  "backroom:order": CustomEvent<BackroomOrder>;
  /** Cancelable: a shopper asks to be told. The address stays between them and Backroom. */
  "backroom:notify": CustomEvent<{ sku: string; quantity: number }>;
  /** What came of that. */
  "backroom:notified": CustomEvent<{ sku: string; quantity: number; ok: boolean }>;
  /** Cancelable: a shopper follows what is in stock instead. */
  "backroom:substitute": CustomEvent<{ sku: string; substitute: string }>;
}

/** The events by their short names: `order` for `backroom:order`. */
export type BackroomEventName<Long = keyof BackroomEvents> = Long extends `backroom:${infer Short}` ? Short : never;

/** The commands; before the loader has come, the stub keeps them for it. */
export interface Backroom {
  <Name extends BackroomEventName>(
    command: "on",
    name: Name,
    listener: (event: BackroomEvents[`backroom:${Name}`]) => void,
  ): void;
  /** Orders go this way, not by the element's `buy`; if the promise fails, they go by `buy`. */
  (command: "cart", way: (order: BackroomOrder) => void | Promise<unknown>): void;
  /** Hears of what is kept for the shopper, once that is known and when it ends; if nothing is, never. */
  (command: "claim", listener: (claim: BackroomClaim) => void): void;
  /** Asks anew for what no socket keeps up to date. */
  (command: "refresh"): void;
  q?: ArrayLike<unknown>[];
}

/** `<backroom-stock>`; its attributes are all of its settings. */
export type BackroomStockElement = HTMLElement;

declare global {
  interface Window {
    backroom?: Backroom;
  }
  interface HTMLElementTagNameMap {
    "backroom-stock": BackroomStockElement;
  }
  interface GlobalEventHandlersEventMap extends BackroomEvents {}
}
