//! Every address of the API, in one table: the router of the Worker and the OpenAPI document are
//! both made from it, so neither can know an address that the other does not.

use crate::*;

/// What an address does: the router has one arm for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has its `summary` in `ROUTES`")]
pub enum Operation {
    ReadAvailability,
    ReadFragment,
    WatchLive,
    MakeBrowserToken,
    PlaceHold,
    ListHolds,
    ReadHold,
    CommitHold,
    ReleaseHold,
    RunCommand,
    BookCount,
    ReadStock,
    ReadDrift,
    Explain,
    Import,
    ChangeSku,
    ChangeProduct,
    ListLocations,
    PutLocation,
    ListBundles,
    PutBundle,
    RemoveBundle,
    CreateShop,
    ReadShop,
    ChangeShop,
    AddKey,
    RetireKey,
    ReadHealth,
}

/// An HTTP method of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "HTTP's own")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// Who may call an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Whoever knows the shop's public id.
    Anyone,
    /// A page with a token from `POST /v1/browser-token`.
    Browser,
    /// Whoever has one of the shop's secret keys.
    Owner,
    /// Whoever has the Worker's operator secret.
    Operator,
}

/// A parameter in an address's query.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// As it stands in the address.
    pub name: &'static str,
    /// Must it be there?
    pub required: bool,
    /// May it be there several times?
    pub repeated: bool,
    /// What it says.
    pub about: &'static str,
}

/// What a body is made of.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// JSON of this type.
    Json(Shape),
    /// UTF-8 with commas.
    Csv,
    /// Markup.
    Html,
    /// No body.
    Nothing,
    /// Not an answer but a socket, which carries `FromPage` and `ToPage`.
    Socket,
}

/// A JSON type of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The type's name.
    pub name: &'static str,
    /// Its schema, and those of the types in it.
    #[cfg(feature = "schema")]
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

macro_rules! json {
    ($shape:ty) => {
        Content::Json(Shape {
            name: stringify!($shape),
            #[cfg(feature = "schema")]
            schema: |generator| generator.subschema_for::<$shape>(),
        })
    };
}

/// One method of one address.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// What it does.
    pub operation: Operation,
    /// How it is asked.
    pub method: Method,
    /// Where: a segment in braces stands for any one segment, percent-encoded.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Who may call it.
    pub callers: &'static [Caller],
    /// What its query may say.
    pub query: &'static [Parameter],
    /// What it takes.
    pub body: Content,
    /// The status and body of success.
    pub answer: (u16, Content),
    /// The problems of its own; [`Route::problems`] adds those of its callers and its body.
    pub own_problems: &'static [Code],
}

impl Method {
    /// As it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl Route {
    const fn new(
        operation: Operation,
        method: Method,
        path: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            operation,
            method,
            path,
            summary,
            callers: &[Caller::Owner],
            query: &[],
            body: Content::Nothing,
            answer: (200, Content::Nothing),
            own_problems: &[],
        }
    }

    const fn by(self, callers: &'static [Caller]) -> Self {
        Self { callers, ..self }
    }

    const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    const fn takes(self, body: Content) -> Self {
        Self { body, ..self }
    }

    const fn answers(self, status: u16, content: Content) -> Self {
        Self { answer: (status, content), ..self }
    }

    const fn refuses(self, own_problems: &'static [Code]) -> Self {
        Self { own_problems, ..self }
    }

    /// Is it answered to `HEAD` as well? Caches ask so.
    pub fn answers_head(&self) -> bool {
        matches!(self.operation, Operation::ReadAvailability | Operation::ReadFragment)
    }

    /// Does it change nothing?
    pub fn only_reads(&self) -> bool {
        self.method == Method::Get
    }

    /// Every code that it may answer with, in the order of the documentation.
    pub fn problems(&self) -> Vec<Code> {
        let mut may = self.own_problems.to_vec();
        may.extend([Code::TryAgain, Code::Internal]);
        if !self.query.is_empty() {
            may.push(Code::BadParameter);
        }
        if matches!(self.body, Content::Json(_)) {
            may.extend([Code::BadJson, Code::BadValue, Code::BodyTooLarge]);
        }
        if self.callers.contains(&Caller::Owner) {
            may.extend([Code::KeyMissing, Code::KeyWrong, Code::TokenWrong]);
            let for_browsers = self.callers.contains(&Caller::Browser);
            may.extend((!for_browsers).then_some(Code::Forbidden));
            if !self.only_reads() {
                may.extend([Code::OriginNotAllowed, Code::Overloaded]);
            }
        }
        Code::ALL.iter().copied().filter(|code| may.contains(code)).collect()
    }
}

const SHOP: Parameter =
    Parameter { name: "shop", required: true, repeated: false, about: "The shop's public id." };
const SKUS: Parameter = Parameter {
    name: "sku",
    required: true,
    repeated: true,
    about: "1 to 50 SKUs, each as a parameter of its own.",
};
const ONE_SKU: Parameter =
    Parameter { name: "sku", required: true, repeated: false, about: "The SKU." };
const CURSOR: Parameter = Parameter {
    name: "cursor",
    required: false,
    repeated: false,
    about: "The `next` of the page before, as it was.",
};

const ANYONE: &[Caller] = &[Caller::Anyone];
const OPERATOR: &[Caller] = &[Caller::Operator];
const OWNER_OR_BROWSER: &[Caller] = &[Caller::Browser, Caller::Owner];

/// What a commit and a release may be refused with.
const UNRESOLVED: &[Code] =
    &[Code::UnknownHold, Code::AlreadyCommitted, Code::AlreadyReleased, Code::Expired];

use Operation as Op;

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
        .query(&[SHOP, SKUS])
        .answers(200, Content::Html)
        .refuses(&[Code::UnknownShop]),
    Route::new(Op::WatchLive, Method::Get, "/v1/live", "A WebSocket that tells of each change")
        .by(ANYONE)
        .query(&[SHOP])
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
        .by(&[Caller::Anyone, Caller::Owner])
        .answers(200, json!(Health)),
];
