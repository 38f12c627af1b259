//! What there is to say of an address: see [`crate::ROUTES`].

use crate::Code;

/// What an address does: the router has one arm for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has its `summary` in `ROUTES`")]
pub enum Operation {
    ReadAvailability,
    ReadFragment,
    WatchLive,
    MakeBrowserToken,
    SignUp,
    /// What tells a robot, as a page.
    ShowChallenge,
    ShowConfirm,
    Confirm,
    /// What is kept for somebody, as a page.
    ShowClaim,
    /// The same for a page's script.
    ReadClaim,
    /// Let the next in line have it.
    PassClaimOn,
    /// All that somebody waits for, as a page.
    ShowAlerts,
    EndAlerts,
    ShowUnsubscribe,
    Unsubscribe,
    PlaceHold,
    ListHolds,
    ReadHold,
    CommitHold,
    ReleaseHold,
    PlaceOrder,
    ListOrders,
    ReadOrder,
    /// Where to write to about an order.
    ReadOrderContact,
    /// Who waits for what.
    ListWaitlists,
    ShipOrder,
    CancelOrder,
    ReturnOrder,
    ReadMyOrder,
    CancelMyOrder,
    ListEvents,
    PlacePurchaseOrder,
    ListPurchaseOrders,
    ReadPurchaseOrder,
    ChangePurchaseOrder,
    ReceivePurchaseOrder,
    ListStockouts,
    ListMessages,
    RetryMessage,
    ExportSubject,
    EraseSubject,
    /// The merchant's page.
    ShowDesk,
    ActAtDesk,
    TakeMailEvent,
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
    /// Whoever has the Worker's secret for what mail providers tell it.
    Mailer,
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
    /// A form's fields, `application/x-www-form-urlencoded`.
    Form(Shape),
    /// UTF-8 with commas.
    Csv,
    /// Markup.
    Html,
    /// No body.
    Nothing,
    /// Not an answer but a socket, which carries `FromPage` and `ToPage`.
    Socket,
}

/// A type of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The type's name.
    pub name: &'static str,
    /// Its schema, and those of the types in it.
    #[cfg(feature = "schema")]
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
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
    pub(crate) const fn new(
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

    pub(crate) const fn by(self, callers: &'static [Caller]) -> Self {
        Self { callers, ..self }
    }

    pub(crate) const fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    pub(crate) const fn takes(self, body: Content) -> Self {
        Self { body, ..self }
    }

    pub(crate) const fn answers(self, status: u16, content: Content) -> Self {
        Self { answer: (status, content), ..self }
    }

    pub(crate) const fn refuses(self, own_problems: &'static [Code]) -> Self {
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
        if matches!(self.body, Content::Form(_)) {
            may.extend([Code::BadValue, Code::BodyTooLarge]);
        }
        if self.callers.contains(&Caller::Owner) {
            may.extend([Code::KeyWrong, Code::TokenWrong]);
            let without_key = self.callers.contains(&Caller::Anyone);
            may.extend((!without_key).then_some(Code::KeyMissing));
            let for_browsers = self.callers.contains(&Caller::Browser);
            may.extend((!for_browsers).then_some(Code::Forbidden));
            if !self.only_reads() {
                may.extend([Code::OriginNotAllowed, Code::Overloaded]);
            }
        }
        Code::ALL.iter().copied().filter(|code| may.contains(code)).collect()
    }
}
