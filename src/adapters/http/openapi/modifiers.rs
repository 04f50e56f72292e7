//! What the OpenAPI document states of several operations or schemas at once.

use utoipa::IntoResponses;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Required, Response, Schema};

use crate::adapters::http::dto::errors::{
    Invalid, InvalidKey, KeyInFlight, TooLarge, TooSlow, Unauthorized, Unavailable,
};

pub fn add_token_scheme(document: &mut OpenApi) {
    let description = "`Token <jwt>` with the token of a registration or a log-in. `Bearer <jwt>` is accepted as well.";
    let scheme = ApiKey::Header(ApiKeyValue::with_description("Authorization", description));
    document.components.get_or_insert_default().add_security_scheme("Token", SecurityScheme::ApiKey(scheme));
}

/// Merges schemas with `#[serde(flatten)]`, for which utoipa generates `allOf`, into one object.
pub fn merge_flattened(document: &mut OpenApi) {
    let schemas = document.components.iter_mut().flat_map(|components| components.schemas.values_mut());
    for schema in schemas {
        if let RefOr::T(Schema::AllOf(all_of)) = schema {
            let mut merged = ObjectBuilder::new().schema_type(Type::Object).build();
            merged.description = all_of.description.take();
            merged.examples = std::mem::take(&mut all_of.examples);
            for part in &mut all_of.items {
                let RefOr::T(Schema::Object(part)) = part else { continue };
                merged.properties.append(&mut part.properties);
                merged.required.append(&mut part.required);
            }
            *schema = merged.into();
        }
    }
}

/// Adds `Idempotency-Key` to every POST with a token.
pub fn add_idempotency_keys(document: &mut OpenApi) {
    let posts = document.paths.paths.values_mut().filter_map(|item| item.post.as_mut());
    posts.filter(|operation| needs_token(operation)).for_each(add_idempotency_key);
}

fn add_idempotency_key(operation: &mut Operation) {
    let description = "Makes the request safe to retry: it is executed once, and its response is repeated for 24 \
                       hours. A string of at most 255 characters; the quotes may be omitted";
    let parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            add_replay_header(response);
        }
    }
    // The body is read for the comparison, also where the handler ignores it.
    add_body_errors(operation);
    add::<InvalidKey>(operation);
    add::<KeyInFlight>(operation);
}

fn add_replay_header(response: &mut Response) {
    let description = "Present if the request was executed before, and this is the response of that time.";
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
    let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
    response.headers.insert("Idempotent-Replayed".to_owned(), RefOr::T(header));
}

/// Adds the errors that follow from the declaration of an operation.
pub fn add_implied_errors(document: &mut OpenApi) {
    document.paths.paths.values_mut().flat_map(operations).for_each(|operation| {
        if needs_token(operation) {
            add::<Unauthorized>(operation);
        }
        if operation.request_body.is_some() {
            add_body_errors(operation);
        }
        add::<Unavailable>(operation);
    });
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

/// An empty requirement beside that of the token makes the token optional.
fn needs_token(operation: &Operation) -> bool {
    let none = SecurityRequirement::default();
    operation.security.as_ref().is_some_and(|choices| !choices.contains(&none))
}

fn add_body_errors(operation: &mut Operation) {
    add::<TooSlow>(operation);
    add::<TooLarge>(operation);
    add::<Invalid>(operation);
}

fn add<R: IntoResponses>(operation: &mut Operation) {
    operation.responses.responses.extend(R::responses());
}
