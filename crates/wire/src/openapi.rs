//! The OpenAPI document, made from [`ROUTES`] and the types that they name.

use crate::{Caller, Code, Content, Parameter, Problem, ROUTES, Route, Shape};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The document, as OpenAPI 3.1.
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let operations = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(operations) = operations.as_object_mut() {
            let method = route.method.as_str().to_lowercase();
            operations.insert(method, operation(route, &mut schemas));
        }
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Backroom",
            "summary": "Stock on the page, and the truth behind it.",
            "version": "1",
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "externalDocs": {"url": "api.html"},
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "owner": bearer("A secret key of the shop: `sk_…`."),
                "browser": bearer("A token from `POST /v1/browser-token`: `bt_…`."),
                "operator": bearer("The Worker's `OPERATOR_SECRET`."),
                "mailer": bearer("The Worker's `MAIL_EVENTS_SECRET`."),
            },
        },
    })
}

fn bearer(about: &str) -> Value {
    json!({"type": "http", "scheme": "bearer", "description": about})
}

fn operation(route: &Route, schemas: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation),
        "summary": route.summary,
        "security": route.callers.iter().map(|caller| security(*caller)).collect::<Vec<_>>(),
        "parameters": parameters(route),
        "responses": responses(route, schemas),
    });
    if let (Some(content), Some(operation)) =
        (content(route.body, schemas), operation.as_object_mut())
    {
        operation.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    operation
}

fn security(caller: Caller) -> Value {
    match caller {
        Caller::Anyone => json!({}),
        Caller::Browser => json!({"browser": []}),
        Caller::Owner => json!({"owner": []}),
        Caller::Operator => json!({"operator": []}),
        Caller::Mailer => json!({"mailer": []}),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
    });
    in_path.chain(route.query.iter().map(in_query)).collect()
}

fn in_query(parameter: &Parameter) -> Value {
    let one = json!({"type": "string"});
    let schema = if parameter.repeated { json!({"type": "array", "items": one}) } else { one };
    json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": schema,
    })
}

/// The answer, and under each status of refusal the codes that come with it.
fn responses(route: &Route, schemas: &mut SchemaGenerator) -> Value {
    let (status, body) = route.answer;
    let mut responses = Map::new();
    let mut success = json!({"description": describe(body)});
    if let (Some(content), Some(success)) = (content(body, schemas), success.as_object_mut()) {
        success.insert("content".to_owned(), content);
    }
    responses.insert(status.to_string(), success);
    let problem = schemas.subschema_for::<Problem>();
    let problems = route.problems();
    for code in &problems {
        let same = |other: &&Code| other.status() == code.status();
        let codes: Vec<_> = problems.iter().filter(same).map(|code| code.as_str()).collect();
        let description = format!("`{}`", codes.join("`, `"));
        responses.entry(code.status().to_string()).or_insert_with(|| {
            json!({
                "description": description,
                "content": {"application/problem+json": {"schema": problem}},
            })
        });
    }
    Value::Object(responses)
}

fn describe(body: Content) -> String {
    match body {
        Content::Json(Shape { name, .. }) | Content::Form(Shape { name, .. }) => {
            format!("`{name}`")
        }
        Content::Csv => "CSV".to_owned(),
        Content::Html => "The fragment".to_owned(),
        Content::Nothing => "Done".to_owned(),
        Content::Socket => "A WebSocket".to_owned(),
    }
}

fn content(body: Content, schemas: &mut SchemaGenerator) -> Option<Value> {
    match body {
        Content::Json(shape) => {
            Some(json!({"application/json": {"schema": (shape.schema)(schemas)}}))
        }
        Content::Form(shape) => {
            let schema = (shape.schema)(schemas);
            Some(json!({"application/x-www-form-urlencoded": {"schema": schema}}))
        }
        Content::Csv => Some(json!({"text/csv": {"schema": {"type": "string"}}})),
        Content::Html => Some(json!({"text/html": {"schema": {"type": "string"}}})),
        Content::Nothing | Content::Socket => None,
    }
}
