//! Errors as RFC 9457 problem documents.

use crate::CellFault;
use serde::{Deserialize, Serialize};

/// The body of every answer that is not a success, as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A page that explains this problem: `/docs/problems.html#code`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Stable; programs match on it.
    pub code: Code,
    /// The same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time, and what would be right.
    pub detail: String,
    /// The request's id, as in the logs.
    pub instance: String,
    /// The cells of an import that could not be taken: the first 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellFault>,
    /// The same for the shopper, as a sentence in their language: only from `POST /v1/notify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// As it stands in JSON and in the documentation's anchors.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The HTTP status that it is answered with.
            pub fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// One line for people.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// No such path.
    NotFound = "not_found", 404, "There is nothing at this address";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, "This address does not take this method";
    /// A key is needed and there was none.
    KeyMissing = "key_missing", 401, "A secret key is needed";
    /// The key is none of this shop's.
    KeyWrong = "key_wrong", 401, "This key opens nothing";
    /// `POST /v1/shops` without the operator's secret.
    OperatorWrong = "operator_wrong", 401, "The operator's secret is needed";
    /// `POST /v1/mail-events` without its secret.
    MailerWrong = "mailer_wrong", 401, "The mail events' secret is needed";
    /// A browser's write from an origin that the shop has not listed.
    OriginNotAllowed = "origin_not_allowed", 403, "This origin may not write";
    /// A browser's token is not one of ours, or its time is over.
    TokenWrong = "token_wrong", 401, "This token opens nothing";
    /// A browser's token where it does not reach.
    Forbidden = "forbidden", 403, "A browser may not do this";
    /// The shop takes no reservations from browsers, or this Worker cannot tell them apart.
    BrowserHoldsOff = "browser_holds_off", 403, "This shop takes no holds from browsers";
    /// This Worker has no secret under which addresses could be kept, or cannot tell clients apart.
    NotifyOff = "notify_off", 403, "No sign-ups are taken here";
    /// The Worker wants to know that no robot signs up, and the form does not say.
    ChallengeNeeded = "challenge_needed", 403, "A challenge is to be solved first";
    /// What the form says of it is wrong, too old, or was sent before.
    ChallengeFailed = "challenge_failed", 403, "The challenge was not solved";
    /// This Worker has no secret under which an order's address could be kept.
    ContactsOff = "contacts_off", 403, "No addresses are kept here";
    /// Nobody said where to write to about the order.
    UnknownContact = "unknown_contact", 404, "There is no address for this order";
    /// There is no such claim, or it is long over.
    UnknownClaim = "unknown_claim", 404, "There is no such claim";
    /// No shop has this id.
    UnknownShop = "unknown_shop", 404, "There is no such shop";
    /// The id is taken.
    ShopExists = "shop_exists", 409, "There is a shop with this id";
    /// Two keys are live already.
    TooManyKeys = "too_many_keys", 409, "Two keys are live already";
    /// The last key cannot be retired.
    LastKey = "last_key", 409, "A shop keeps at least one key";
    /// The shop has no such SKU.
    UnknownSku = "unknown_sku", 404, "There is no such SKU";
    /// The shop has no such hold, or keeps it no longer.
    UnknownHold = "unknown_hold", 404, "There is no such hold";
    /// A parameter of the address is missing or wrong.
    BadParameter = "bad_parameter", 400, "A parameter is missing or wrong";
    /// The books no longer say what made the number at that time.
    TooLongAgo = "too_long_ago", 410, "The books do not reach back so far";
    /// A plain request where a WebSocket is spoken.
    UpgradeRequired = "upgrade_required", 426, "This address speaks WebSocket";
    /// The body is not JSON of the right shape.
    BadJson = "bad_json", 400, "The body is not the JSON expected";
    /// A field's value is out of its bounds.
    BadValue = "bad_value", 422, "A value is not allowed";
    /// What should be an e-mail address is none.
    BadEmail = "bad_email", 422, "This is no e-mail address";
    /// Nobody is written to who has not agreed to it.
    NoConsent = "no_consent", 422, "Consent is missing";
    /// More sign-ups than are taken in a while.
    TooManySignUps = "too_many_sign_ups", 429, "Too many sign-ups at once";
    /// The sign-up has ended, or its time was over before anybody confirmed it.
    UnknownSignUp = "unknown_sign_up", 404, "There is no such sign-up";
    /// The shop has no such message to send.
    UnknownMessage = "unknown_message", 404, "There is no such message";
    /// The body is longer than this address takes.
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    /// The same id came before for something else.
    IdReused = "id_reused", 422, "This id was used for something else";
    /// A request for more than there is.
    InsufficientStock = "insufficient_stock", 409, "There is not enough stock";
    /// An adjustment below nothing.
    BelowZero = "below_zero", 409, "There cannot be less than nothing";
    /// A kit has no stock of its own to receive, adjust or count.
    IsBundle = "is_bundle", 409, "A kit has no stock of its own";
    /// These components do not make a kit.
    BadBundle = "bad_bundle", 422, "These components make no kit";
    /// One client may not hold so much at once.
    HeldLimit = "held_limit", 409, "Too much is held at once";
    /// What is on its way is promised to others, or has no date.
    CannotPromise = "cannot_promise", 409, "Nobody can say when it comes";
    /// One buyer may not wait for so many.
    AheadLimit = "ahead_limit", 409, "Too many are waited for";
    /// Some of a cart is there and some is not.
    MixedCart = "mixed_cart", 409, "This shop wants two orders of it";
    /// Units of an order are not there to be shipped.
    NotReady = "not_ready", 409, "It is not there to be shipped";
    /// What the buyer agrees to is promised no more: the page was an old one.
    PromiseMoved = "promise_moved", 409, "The date has moved since";
    /// Units of an order have left, or were cancelled before.
    NotOpen = "not_open", 409, "It cannot be cancelled any more";
    /// More came back than left.
    NotShipped = "not_shipped", 409, "It was not shipped";
    /// The order has no such SKU.
    NotInOrder = "not_in_order", 422, "This is not in the order";
    /// The shop has no such order.
    UnknownOrder = "unknown_order", 404, "There is no such order";
    /// The shop has no such purchase order.
    UnknownPurchaseOrder = "unknown_purchase_order", 404, "There is no such purchase order";
    /// The purchase order has no such line.
    UnknownLine = "unknown_line", 422, "There is no such line";
    /// The line has come to its end, or cannot be cancelled whole.
    LineClosed = "line_closed", 409, "This cannot be done with the line any more";
    /// In a mirror nothing is asked for: the platform's own count is the one sold from.
    MirrorShop = "mirror_shop", 409, "This shop's platform sells its own stock";
    /// The hold was committed: its units are sold.
    AlreadyCommitted = "already_committed", 409, "This hold was committed already";
    /// The hold was released: its units are free again.
    AlreadyReleased = "already_released", 409, "This hold was released already";
    /// The hold's time is over: its units are free again.
    Expired = "expired", 409, "This hold has expired";
    /// The stock changed between the look and the count.
    CountStale = "count_stale", 409, "The stock has changed since it was looked at";
    /// The file's columns are not those of an import.
    BadColumns = "bad_columns", 400, "The columns are not those of an import";
    /// Some cells could not be taken.
    BadCells = "bad_cells", 422, "Some cells could not be taken";
    /// A record of the file is longer than any can be.
    RowTooLong = "row_too_long", 413, "A row is too long";
    /// Refused before it was looked at, so that those under way are answered in time.
    Overloaded = "overloaded", 503, "Too much at once; try again";
    /// Ours, and it may pass.
    TryAgain = "try_again", 503, "Not now; try again";
    /// Ours, and it is logged.
    Internal = "internal", 500, "Something broke on our side";
}
