//! Every JSON type that crosses Backroom's border: what the edge API takes and answers, what KV
//! stores, what the socket carries and what the fragment hands to the widget; and every address
//! of the API.
//!
//! The types are plain and public; `edge` converts to and from them by hand, so the ledger's
//! types stay free to change. `tests/golden` pins the bytes of each.

mod books;
mod catalogue;
mod command;
mod hold;
mod live;
mod message;
mod notify;
#[cfg(feature = "schema")]
mod openapi;
mod order;
mod problem;
mod purchase;
mod report;
mod route;
mod routes;
mod shop;
mod snapshot;
mod subject;
mod waitlist;

pub use books::{Count, CountLine, Drift, DriftPage, Explanation, Movement, MovementKind};
pub use catalogue::{
    Ahead, Bundle, BundleContents, BundlesPage, Component, Location, LocationKind,
    LocationSettings, LocationsPage, ProductChange, SafetyStock, SkuChange,
};
pub use command::{Applied, Command, CommandKind, Line, Shortfall, StockLevel, StockPage};
pub use hold::{
    BrowserToken, CommitHold, HeldLine, Hold, HoldRequest, HoldState, HoldsPage, ReleaseHold,
    Resolved,
};
pub use live::{FromPage, Live, Substitute, ToPage, Watched, Words};
pub use message::{
    Confirm, DeadMessage, DeskForm, EndAlerts, MailEvent, MailEventKind, MessagesPage, PassOn,
    Unsubscribe,
};
pub use notify::{SignUp, SignedUp};
#[cfg(feature = "schema")]
pub use openapi::openapi;
pub use order::{
    Agreed, AheadKind, Contact, Event, EventKind, EventsPage, MyOrder, MyOrderAction, Order,
    OrderChange, OrderLine, OrderRequest, OrderState, OrderUnits, OrdersPage, Payment,
    ReturnRequest, ReturnTo, Shipping, Waiting,
};
pub use problem::{Code, Problem};
pub use purchase::{
    Discrepancy, NewPurchaseLine, PurchaseLine, PurchaseLineChange, PurchaseLineState,
    PurchaseOrder, PurchaseOrderChange, PurchaseOrderRequest, PurchaseOrdersPage, Receipt,
    ReceiptLine, ReceiptRequest, Stockout, StockoutCause, StockoutsPage,
};
pub use report::{CellFault, ImportReport};
pub use route::{Caller, Content, Method, Operation, Parameter, Route, Shape};
pub use routes::ROUTES;
pub use shop::{
    Confirmations, CreateShop, Health, Mail, MixedCarts, Mode, NewKey, Outbox, Settings,
    SettingsChange, ShopCreated, Strategy, WaitlistPolicy,
};
pub use snapshot::{
    Answer, Availability, Missing, Precision, Price, Restock, Snapshot, Snapshots, State,
};
pub use subject::{
    Subject, SubjectConsent, SubjectMessage, SubjectOrder, SubjectRequest, SubjectSignUp,
    Suppressed,
};
pub use waitlist::{Claim, ClaimState, ClaimWords, Places, Waitlist, WaitlistsPage};
