//! The API's document, generated from the code: the attributes beside the handlers say what is particular to an
//! operation, the types that handlers take and give say the shapes, and what follows from the shape of an operation
//! is added here.
//!
//! - [`bodies`], [`parameters`]: what extractors take from a request
//! - [`errors`]: the answers that are errors
//! - [`examples`]: what answers look like
//! - [`values`]: the domain's values, with the domain's bounds

pub mod bodies;
pub mod errors;
pub mod examples;
pub mod parameters;
pub mod values;

use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        self, HeaderBuilder, ObjectBuilder, RefOr,
        path::{Operation, PathItem},
        schema::Type,
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

use super::handlers::{articles, comments, profiles, users};
use errors::{ErrorBody, Invalid, KeyInFlight, NoKey, TooLarge, TooSlow, Unauthorized, Unavailable};

/// What every path of the document is below.
const BASE: &str = "/api";

/// How the document calls the one way to say who asks.
const TOKEN: &str = "Token";

#[derive(OpenApi)]
#[openapi(
    info(title = "Conduit", description = include_str!("introduction.md")),
    servers((url = BASE, description = "This server")),
    tags(
        (name = "User and Authentication", description = "Registering, logging in, one's own account"),
        (name = "Profile", description = "Users as others see them, and following them"),
        (name = "Articles", description = "Articles, lists of them, and the feed"),
        (name = "Favorites", description = "Articles that readers like"),
        (name = "Comments", description = "What readers say about an article"),
        (name = "Tags", description = "Words under which articles are found"),
    ),
    paths(
        users::register,
        users::log_in,
        users::current,
        users::update,
        profiles::show,
        profiles::follow,
        profiles::unfollow,
        articles::list,
        articles::publish,
        articles::feed,
        articles::show,
        articles::update,
        articles::delete,
        articles::favorite,
        articles::unfavorite,
        comments::list,
        comments::add,
        comments::delete,
        articles::tags,
    ),
    components(schemas(ErrorBody)),
    modifiers(&TokenScheme, &Repetitions, &ImpliedErrors),
)]
struct Document;

/// The document as JSON for people.
///
/// # Errors
/// When it cannot be written as JSON, which the tests rule out.
pub fn pretty_json() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json()
}

/// The document as JSON for machines.
///
/// # Errors
/// As [`pretty_json`].
pub fn json() -> Result<String, serde_json::Error> {
    Document::openapi().to_json()
}

/// Says how tokens travel.
struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let about = "`Token <jwt>` with the token that registering or logging in answers. `Bearer <jwt>` does as well.";
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("Authorization", about)));
        document.components.get_or_insert_default().add_security_scheme(TOKEN, scheme);
    }
}

/// Says of every POST by somebody known that it may be sent again. Its body is read then, even where it is not used.
struct Repetitions;

impl Modify for Repetitions {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let posts = document.paths.paths.values_mut().filter_map(|item| item.post.as_mut());
        posts.filter(|operation| needs_token(operation)).for_each(|operation| {
            operation.parameters.get_or_insert_default().push(RefOr::T(parameters::idempotency_key()));
            for (status, answer) in &mut operation.responses.responses {
                if let (true, RefOr::T(answer)) = (status.starts_with('2'), answer) {
                    let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"]));
                    let about = "The request was carried out before, and this was the answer.";
                    let header = HeaderBuilder::new().schema(Some(text)).description(Some(about)).build();
                    answer.headers.insert("Idempotent-Replayed".to_owned(), RefOr::T(header));
                }
            }
            imply::<NoKey>(operation);
            imply::<KeyInFlight>(operation);
            imply::<TooSlow>(operation);
            imply::<TooLarge>(operation);
            imply::<Invalid>(operation);
        });
    }
}

/// Adds the errors that follow from what an operation is: whoever must say who they are may fail to, a body may be too
/// slow, too large or wrong, and the service may be away.
struct ImpliedErrors;

impl Modify for ImpliedErrors {
    fn modify(&self, document: &mut openapi::OpenApi) {
        document.paths.paths.values_mut().flat_map(operations).for_each(|operation| {
            if needs_token(operation) {
                imply::<Unauthorized>(operation);
            }
            if operation.request_body.is_some() {
                imply::<TooSlow>(operation);
                imply::<TooLarge>(operation);
                imply::<Invalid>(operation);
            }
            imply::<Unavailable>(operation);
        });
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

/// An empty requirement beside that of the token makes the token optional.
fn needs_token(operation: &Operation) -> bool {
    let none = SecurityRequirement::default();
    operation.security.as_ref().is_some_and(|choices| !choices.contains(&none))
}

fn imply<R: IntoResponses>(operation: &mut Operation) {
    operation.responses.responses.extend(R::responses());
}
