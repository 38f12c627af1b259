//! Every address of the API, in one table: the router of the Worker and the OpenAPI document are
//! both made from it, so neither can know an address that the other does not.

use crate::{Operation as Op, *};

macro_rules! shape {
    ($shape:ty) => {
        Shape {
            name: stringify!($shape),
            #[cfg(feature = "schema")]
            schema: |generator| generator.subschema_for::<$shape>(),
        }
    };
}

macro_rules! json {
    ($shape:ty) => {
        Content::Json(shape!($shape))
    };
}

const SHOP: Parameter =
    Parameter { name: "shop", required: true, repeated: false, about: "The shop's public id." };
const SKUS: Parameter = Parameter {
    name: "sku",
    required: true,
    repeated: true,
    about: "1 to 50 SKUs, each as a parameter of its own.",
};
const PRODUCTS: Parameter = Parameter {
    name: "product",
    required: false,
    repeated: true,
    about: "SKUs as they are shown on their own page; with `sku` at most 50.",
};
const LANG: Parameter = Parameter {
    name: "lang",
    required: false,
    repeated: false,
    about: "The page's language, BCP 47. If it is not spoken here: the shop's, and then English.",
};
const WORDS: Parameter = Parameter {
    name: "lang",
    required: false,
    repeated: false,
    about: "A language, BCP 47: with each snapshot come the widget's words for it.",
};
const ONE_SKU: Parameter =
    Parameter { name: "sku", required: true, repeated: false, about: "The SKU." };
const CURSOR: Parameter = Parameter {
    name: "cursor",
    required: false,
    repeated: false,
    about: "The `next` of the page before, as it was.",
};

const TOKEN: Parameter = Parameter {
    name: "token",
    required: true,
    repeated: false,
    about: "As it stands in an order's `link`.",
};

const LINKS_TOKEN: Parameter = Parameter {
    name: "token",
    required: true,
    repeated: false,
    about: "As it stands in the link.",
};

const ANYONE: &[Caller] = &[Caller::Anyone];
const OPERATOR: &[Caller] = &[Caller::Operator];
const MAILER: &[Caller] = &[Caller::Mailer];
const OWNER_OR_BROWSER: &[Caller] = &[Caller::Browser, Caller::Owner];

/// What a commit and a release may be refused with.
const UNRESOLVED: &[Code] =
    &[Code::UnknownHold, Code::AlreadyCommitted, Code::AlreadyReleased, Code::Expired];

/// Every route, in the order of the documentation.
pub const ROUTES: &[Route] = &[
    // What pages ask.
    Route::new(Op::ReadAvailability, Method::Get, "/v1/availability", "What a shopper would see")
        .by(ANYONE)
        .query(&[SHOP, SKUS])
        .answers(200, json!(Availability))
        .refuses(&[Code::UnknownShop, Code::UnknownSku]),
    Route::new(Op::ReadFragment, Method::Get, "/v1/fragment", "The same, as the widget's HTML")
        .by(ANYONE)
        .query(&[SHOP, Parameter { required: false, ..SKUS }, PRODUCTS, LANG])
        .answers(200, Content::Html)
        .refuses(&[Code::UnknownShop]),
    Route::new(Op::WatchLive, Method::Get, "/v1/live", "A WebSocket that tells of each change")
        .by(ANYONE)
        .query(&[SHOP, WORDS])
        .answers(101, Content::Socket)
        .refuses(&[Code::UnknownShop, Code::UpgradeRequired]),
    Route::new(
        Op::MakeBrowserToken,
        Method::Post,
        "/v1/browser-token",
        "A token with which a page of the shop may hold units",
    )
    .by(ANYONE)
    .query(&[SHOP])
    .answers(200, json!(BrowserToken))
    .refuses(&[Code::UnknownShop, Code::OriginNotAllowed, Code::BrowserHoldsOff]),
    Route::new(Op::SignUp, Method::Post, "/v1/notify", "Ask to be told when a SKU is back")
        .by(ANYONE)
        .takes(Content::Form(shape!(SignUp)))
        .answers(202, json!(SignedUp))
        .refuses(&[
            Code::UnknownShop,
            Code::OriginNotAllowed,
            Code::UnknownSku,
            Code::BadEmail,
            Code::NoConsent,
            Code::TooManySignUps,
            Code::ChallengeNeeded,
            Code::ChallengeFailed,
            Code::NotifyOff,
        ]),
    Route::new(Op::ShowChallenge, Method::Get, "/v1/challenge", "Are you a robot? As a page")
        .by(ANYONE)
        .query(&[SHOP, LANG])
        .answers(200, Content::Html)
        .refuses(&[Code::UnknownShop, Code::NotifyOff]),
    Route::new(Op::ShowConfirm, Method::Get, "/v1/confirm", "Is it you who signed up? As a page")
        .by(ANYONE)
        .query(&[LINKS_TOKEN])
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong, Code::UnknownSignUp]),
    Route::new(Op::Confirm, Method::Post, "/v1/confirm", "Confirm a sign-up")
        .by(ANYONE)
        .takes(Content::Form(shape!(Confirm)))
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong, Code::UnknownSignUp]),
    Route::new(Op::ShowClaim, Method::Get, "/v1/claim", "What is kept for you, as a page")
        .by(ANYONE)
        .query(&[LINKS_TOKEN])
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong, Code::UnknownClaim]),
    Route::new(Op::ReadClaim, Method::Get, "/v1/claim/state", "The same, for a product's page")
        .by(ANYONE)
        .query(&[LINKS_TOKEN, LANG])
        .answers(200, json!(Claim))
        .refuses(&[Code::TokenWrong, Code::UnknownClaim]),
    Route::new(Op::PassClaimOn, Method::Post, "/v1/claim", "Let the next in line have it")
        .by(ANYONE)
        .takes(Content::Form(shape!(PassOn)))
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong, Code::UnknownClaim]),
    Route::new(Op::ShowUnsubscribe, Method::Get, "/v1/unsubscribe", "No more of this? As a page")
        .by(ANYONE)
        .query(&[LINKS_TOKEN])
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong]),
    Route::new(Op::Unsubscribe, Method::Post, "/v1/unsubscribe", "End a sign-up")
        .by(ANYONE)
        .query(&[Parameter { required: false, ..LINKS_TOKEN }])
        .takes(Content::Form(shape!(Unsubscribe)))
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong]),
    Route::new(Op::ShowAlerts, Method::Get, "/v1/alerts", "All that you wait for, as a page")
        .by(ANYONE)
        .query(&[LINKS_TOKEN])
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong]),
    Route::new(Op::EndAlerts, Method::Post, "/v1/alerts", "End one of them, or all")
        .by(ANYONE)
        .takes(Content::Form(shape!(EndAlerts)))
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong]),
    // What carts ask.
    Route::new(Op::PlaceHold, Method::Post, "/v1/holds", "Keep the units of a cart for a while")
        .by(OWNER_OR_BROWSER)
        .takes(json!(HoldRequest))
        .answers(200, json!(Hold))
        .refuses(&[
            Code::UnknownSku,
            Code::IdReused,
            Code::InsufficientStock,
            Code::HeldLimit,
            Code::MirrorShop,
            Code::BrowserHoldsOff,
        ]),
    Route::new(Op::ListHolds, Method::Get, "/v1/holds", "The open holds")
        .query(&[CURSOR])
        .answers(200, json!(HoldsPage)),
    Route::new(Op::ReadHold, Method::Get, "/v1/holds/{id}", "A hold, as it stands now")
        .by(OWNER_OR_BROWSER)
        .answers(200, json!(Hold))
        .refuses(&[Code::UnknownHold]),
    Route::new(Op::CommitHold, Method::Post, "/v1/holds/{id}/commit", "Sell what a hold keeps")
        .takes(json!(CommitHold))
        .answers(200, json!(Resolved))
        .refuses(UNRESOLVED),
    Route::new(Op::ReleaseHold, Method::Post, "/v1/holds/{id}/release", "Let go what a hold keeps")
        .by(OWNER_OR_BROWSER)
        .takes(json!(ReleaseHold))
        .answers(200, json!(Resolved))
        .refuses(UNRESOLVED),
    Route::new(
        Op::PlaceOrder,
        Method::Post,
        "/v1/orders",
        "Order, from the shelf or from what is on its way",
    )
    .takes(json!(OrderRequest))
    .answers(200, json!(Order))
    .refuses(&[
        Code::UnknownSku,
        Code::IdReused,
        Code::UnknownHold,
        Code::AlreadyCommitted,
        Code::AlreadyReleased,
        Code::Expired,
        Code::InsufficientStock,
        Code::CannotPromise,
        Code::AheadLimit,
        Code::MixedCart,
        Code::MirrorShop,
        Code::BadEmail,
        Code::ContactsOff,
    ]),
    Route::new(Op::ListOrders, Method::Get, "/v1/orders", "The orders, in their queue")
        .query(&[CURSOR])
        .answers(200, json!(OrdersPage)),
    Route::new(Op::ReadOrder, Method::Get, "/v1/orders/{id}", "An order, as it stands now")
        .answers(200, json!(Order))
        .refuses(&[Code::UnknownOrder]),
    Route::new(
        Op::ReadOrderContact,
        Method::Get,
        "/v1/orders/{id}/contact",
        "Where to write to about an order",
    )
    .answers(200, json!(Contact))
    .refuses(&[Code::UnknownContact, Code::ContactsOff]),
    Route::new(Op::ShipOrder, Method::Post, "/v1/orders/{id}/shipments", "Ship units of an order")
        .takes(json!(OrderChange))
        .answers(200, json!(Order))
        .refuses(&[Code::UnknownOrder, Code::IdReused, Code::NotInOrder, Code::NotReady]),
    Route::new(
        Op::CancelOrder,
        Method::Post,
        "/v1/orders/{id}/cancellations",
        "Cancel units of an order that have not left",
    )
    .takes(json!(OrderChange))
    .answers(200, json!(Order))
    .refuses(&[Code::UnknownOrder, Code::IdReused, Code::NotInOrder, Code::NotOpen]),
    Route::new(
        Op::ReturnOrder,
        Method::Post,
        "/v1/orders/{id}/returns",
        "Take back units of an order",
    )
    .takes(json!(ReturnRequest))
    .answers(200, json!(Order))
    .refuses(&[
        Code::UnknownOrder,
        Code::IdReused,
        Code::NotInOrder,
        Code::NotShipped,
        Code::IsBundle,
    ]),
    Route::new(Op::ReadMyOrder, Method::Get, "/v1/my-order", "A buyer's own order, as a page")
        .by(ANYONE)
        .query(&[TOKEN])
        .answers(200, Content::Html)
        .refuses(&[Code::TokenWrong, Code::UnknownOrder]),
    Route::new(
        Op::CancelMyOrder,
        Method::Post,
        "/v1/my-order",
        "Cancel what of one's own order has not come, or agree to its new dates",
    )
    .by(ANYONE)
    .takes(Content::Form(shape!(MyOrder)))
    .answers(200, Content::Html)
    .refuses(&[Code::TokenWrong, Code::UnknownOrder, Code::PromiseMoved]),
    Route::new(Op::ListEvents, Method::Get, "/v1/events", "What became of promises")
        .query(&[CURSOR])
        .answers(200, json!(EventsPage)),
    // Supply.
    Route::new(
        Op::PlacePurchaseOrder,
        Method::Post,
        "/v1/purchase-orders",
        "Say what a supplier is to send",
    )
    .takes(json!(PurchaseOrderRequest))
    .answers(200, json!(PurchaseOrder))
    .refuses(&[Code::UnknownSku, Code::IdReused, Code::IsBundle]),
    Route::new(
        Op::ListPurchaseOrders,
        Method::Get,
        "/v1/purchase-orders",
        "The purchase orders, by id",
    )
    .query(&[CURSOR])
    .answers(200, json!(PurchaseOrdersPage)),
    Route::new(
        Op::ReadPurchaseOrder,
        Method::Get,
        "/v1/purchase-orders/{id}",
        "A purchase order, and what came of it",
    )
    .answers(200, json!(PurchaseOrder))
    .refuses(&[Code::UnknownPurchaseOrder]),
    Route::new(
        Op::ChangePurchaseOrder,
        Method::Post,
        "/v1/purchase-orders/{id}/changes",
        "Move dates of a purchase order, or cancel its lines",
    )
    .takes(json!(PurchaseOrderChange))
    .answers(200, json!(PurchaseOrder))
    .refuses(&[
        Code::UnknownPurchaseOrder,
        Code::IdReused,
        Code::UnknownLine,
        Code::LineClosed,
    ]),
    Route::new(
        Op::ReceivePurchaseOrder,
        Method::Post,
        "/v1/purchase-orders/{id}/receipts",
        "Book what came of a purchase order",
    )
    .takes(json!(ReceiptRequest))
    .answers(200, json!(PurchaseOrder))
    .refuses(&[
        Code::IsBundle,
        Code::UnknownPurchaseOrder,
        Code::IdReused,
        Code::UnknownLine,
        Code::LineClosed,
    ]),
    Route::new(Op::ListStockouts, Method::Get, "/v1/stockouts", "When SKUs had run out, and why")
        .query(&[CURSOR])
        .answers(200, json!(StockoutsPage)),
    Route::new(
        Op::ListWaitlists,
        Method::Get,
        "/v1/waitlists",
        "How many wait for what, and what became of those who did",
    )
    .query(&[CURSOR])
    .answers(200, json!(WaitlistsPage)),
    // Messages.
    Route::new(Op::ListMessages, Method::Get, "/v1/messages", "What could not be sent")
        .query(&[
            Parameter { name: "state", required: true, repeated: false, about: "`dead`." },
            CURSOR,
        ])
        .answers(200, json!(MessagesPage)),
    Route::new(
        Op::RetryMessage,
        Method::Post,
        "/v1/messages/{id}/retry",
        "Send it again after all",
    )
    .answers(204, Content::Nothing)
    .refuses(&[Code::UnknownMessage]),
    Route::new(
        Op::ExportSubject,
        Method::Post,
        "/v1/subjects/export",
        "All that is kept of whoever has an address",
    )
    .takes(json!(SubjectRequest))
    .answers(200, json!(Subject))
    .refuses(&[Code::BadEmail, Code::NotifyOff]),
    Route::new(
        Op::EraseSubject,
        Method::Post,
        "/v1/subjects/erase",
        "Keep nothing of whoever has an address",
    )
    .takes(json!(SubjectRequest))
    .answers(204, Content::Nothing)
    .refuses(&[Code::BadEmail, Code::NotifyOff]),
    Route::new(Op::ShowDesk, Method::Get, "/v1/desk", "The merchant’s plain desk, as a page")
        .by(ANYONE)
        .answers(200, Content::Html),
    Route::new(Op::ActAtDesk, Method::Post, "/v1/desk", "Open the desk, or press a button there")
        .by(ANYONE)
        .takes(Content::Form(shape!(DeskForm)))
        .answers(200, Content::Html)
        .refuses(&[Code::KeyWrong]),
    Route::new(
        Op::TakeMailEvent,
        Method::Post,
        "/v1/mail-events",
        "What a mail provider tells of what it has sent",
    )
    .by(MAILER)
    .takes(json!(MailEvent))
    .answers(204, Content::Nothing)
    .refuses(&[Code::MailerWrong, Code::UnknownShop, Code::BadEmail, Code::NotifyOff]),
    // The books.
    Route::new(Op::RunCommand, Method::Post, "/v1/commands", "Change stock")
        .takes(json!(Command))
        .answers(200, json!(Applied))
        .refuses(&[
            Code::UnknownSku,
            Code::IdReused,
            Code::InsufficientStock,
            Code::BelowZero,
            Code::IsBundle,
            Code::MirrorShop,
        ]),
    Route::new(Op::BookCount, Method::Post, "/v1/counts", "Set the books right by a count")
        .takes(json!(Count))
        .answers(200, json!(Applied))
        .refuses(&[Code::UnknownSku, Code::IdReused, Code::IsBundle, Code::CountStale]),
    Route::new(Op::ReadStock, Method::Get, "/v1/stock", "The truth about stock")
        .query(&[Parameter { required: false, about: "Only this SKU.", ..ONE_SKU }, CURSOR])
        .answers(200, json!(StockPage))
        .refuses(&[Code::UnknownSku]),
    Route::new(Op::ReadDrift, Method::Get, "/v1/drift", "How far counts were from the books")
        .query(&[CURSOR])
        .answers(200, json!(DriftPage)),
    Route::new(Op::Explain, Method::Get, "/v1/explain", "The movements that make a number")
        .query(&[
            ONE_SKU,
            Parameter {
                name: "location",
                required: false,
                repeated: false,
                about: "Where: `main` if it is left out.",
            },
            Parameter {
                name: "at",
                required: false,
                repeated: false,
                about: "When, in RFC 3339: now if it is left out.",
            },
            CURSOR,
        ])
        .answers(200, json!(Explanation))
        .refuses(&[Code::UnknownSku, Code::TooLongAgo]),
    // The catalogue.
    Route::new(Op::Import, Method::Post, "/v1/import", "Take in a catalogue")
        .query(&[Parameter {
            name: "counts",
            required: false,
            repeated: false,
            about: "`set` makes the file's `on_hand` a count.",
        }])
        .takes(Content::Csv)
        .answers(200, json!(ImportReport))
        .refuses(&[Code::BodyTooLarge, Code::BadColumns, Code::BadCells, Code::RowTooLong]),
    Route::new(
        Op::ChangeSku,
        Method::Patch,
        "/v1/skus/{sku}",
        "Hide or show a SKU, set its safety stock",
    )
    .takes(json!(SkuChange))
    .answers(200, json!(StockPage))
    .refuses(&[Code::UnknownSku, Code::IsBundle]),
    Route::new(
        Op::ChangeProduct,
        Method::Patch,
        "/v1/products/{id}",
        "Hide or show all SKUs of a product",
    )
    .takes(json!(ProductChange))
    .answers(204, Content::Nothing)
    .refuses(&[Code::NotFound]),
    Route::new(Op::ListLocations, Method::Get, "/v1/locations", "Where stock lies")
        .query(&[CURSOR])
        .answers(200, json!(LocationsPage)),
    Route::new(Op::PutLocation, Method::Put, "/v1/locations/{name}", "Describe a location")
        .takes(json!(LocationSettings))
        .answers(200, json!(Location)),
    Route::new(Op::ListBundles, Method::Get, "/v1/bundles", "The kits")
        .query(&[CURSOR])
        .answers(200, json!(BundlesPage)),
    Route::new(Op::PutBundle, Method::Put, "/v1/bundles/{sku}", "Say what a kit is made of")
        .takes(json!(BundleContents))
        .answers(200, json!(Bundle))
        .refuses(&[Code::UnknownSku, Code::BadBundle]),
    Route::new(
        Op::RemoveBundle,
        Method::Delete,
        "/v1/bundles/{sku}",
        "Make a kit a SKU with stock of its own",
    )
    .answers(204, Content::Nothing)
    .refuses(&[Code::NotFound]),
    // The shop.
    Route::new(Op::CreateShop, Method::Post, "/v1/shops", "Make a shop")
        .by(OPERATOR)
        .takes(json!(CreateShop))
        .answers(201, json!(ShopCreated))
        .refuses(&[Code::OperatorWrong, Code::ShopExists]),
    Route::new(Op::ReadShop, Method::Get, "/v1/shop", "How the shop works")
        .answers(200, json!(Settings)),
    Route::new(Op::ChangeShop, Method::Patch, "/v1/shop", "Change how the shop works")
        .takes(json!(SettingsChange))
        .answers(200, json!(Settings)),
    Route::new(Op::AddKey, Method::Post, "/v1/keys", "Make a second secret key")
        .query(&[Parameter {
            name: "id",
            required: false,
            repeated: false,
            about: "Chosen by the sender: the same id again makes a new key in place of the one \
                    that it made before.",
        }])
        .answers(201, json!(NewKey))
        .refuses(&[Code::TooManyKeys]),
    Route::new(Op::RetireKey, Method::Delete, "/v1/keys/{prefix}", "Retire a secret key")
        .answers(204, Content::Nothing)
        .refuses(&[Code::NotFound, Code::LastKey]),
    Route::new(Op::ReadHealth, Method::Get, "/v1/health", "Which build answers, and how it fares")
        .by(&[Caller::Anyone, Caller::Owner, Caller::Operator])
        .answers(200, json!(Health)),
];
