//! Which path asks for what, and who may ask: the whole API on one page.

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::{
    Error as ActixError, Resource,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::from_fn,
    web::{self, Data, ServiceConfig, delete, get, post, put, resource},
};

use super::{
    docs::Docs,
    dto::body::BodyLimits,
    errors::HttpError,
    handlers::{HandlerResult, articles, comments, health, profiles, users},
    idempotency_key::{IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED},
    middleware::{
        access_log::REQUEST_ID,
        auth, catch_panics,
        idempotent::{idempotent, idempotent_if_small},
        request_metrics::Route,
        unit_of_work::unit_of_work,
    },
    trace_context::{TRACEPARENT, TRACESTATE},
};
use crate::ports::{
    clock::Randomness,
    idempotency::IdempotencyService,
    repositories::Store,
    services::{ArticleService, CommentService, ProfileService, UserService},
    unit_of_work::UnitOfWork,
};

/// What the routes ask.
#[derive(Clone)]
pub struct Services {
    /// Users and their sessions.
    pub users: Arc<dyn UserService>,
    /// Profiles and who follows whom.
    pub profiles: Arc<dyn ProfileService>,
    /// Articles, favorites and tags.
    pub articles: Arc<dyn ArticleService>,
    /// Comments.
    pub comments: Arc<dyn CommentService>,
    /// What carries a request out once that comes again.
    pub idempotency: Arc<dyn IdempotencyService>,
    /// What makes several writes one.
    pub units: Arc<dyn UnitOfWork>,
    /// The store, to see whether it is there.
    pub store: Arc<dyn Store>,
    /// Where request ids come from.
    pub randomness: Arc<dyn Randomness>,
}

/// Which pages of other origins may read answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Those of any origin.
    Any,
    /// Those of these origins.
    These(Vec<String>),
}

/// Lays the routes, without `docs` those of the API alone.
pub fn configure(config: &mut ServiceConfig, services: &Services, body_limits: BodyLimits, docs: Option<&Docs>) {
    if let Some(docs) = docs {
        docs.configure(config);
    }
    config
        .app_data(body_limits)
        .app_data(Data::from(Arc::clone(&services.users)))
        .app_data(Data::from(Arc::clone(&services.profiles)))
        .app_data(Data::from(Arc::clone(&services.articles)))
        .app_data(Data::from(Arc::clone(&services.comments)))
        .app_data(Data::from(Arc::clone(&services.idempotency)))
        .app_data(Data::from(Arc::clone(&services.units)))
        .app_data(Data::from(Arc::clone(&services.store)))
        .app_data(Data::from(Arc::clone(&services.randomness)))
        .service(at("", "/livez").route(get().to(health::live)))
        .service(at("", "/readyz").route(get().to(health::ready)))
        .service(web::scope(API).configure(api))
        .default_service(web::to(no_route));
}

/// The API's prefix.
const API: &str = "/api";

/// The resource at a path below a prefix: what is asked of it is measured under the whole, and its handlers may panic.
pub(super) fn at(
    prefix: &str,
    path: &str,
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = ActixError,
        InitError = (),
    >,
> {
    resource(path).guard(Route::new(format!("{prefix}{path}"))).wrap(from_fn(catch_panics::catch_panics))
}

/// Every path is a `resource`: it answers other methods with 405 and `Allow`, where a plain `route` would answer 404.
/// Scopes by first word: their names are compared as they stand, and only the patterns within are searched for.
fn api(config: &mut ServiceConfig) {
    config
        .service(web::scope("/articles").configure(articles_and_comments))
        .service(web::scope("/profiles").configure(profiles_and_follows))
        .service(
            at(API, "/user")
                .route(get().to(users::current).wrap(from_fn(auth::required)))
                .route(put().to(users::update).wrap(from_fn(auth::with_account))),
        )
        .service(at(API, "/users").route(post().to(users::register)))
        .service(at(API, "/users/login").route(post().to(users::log_in)))
        .service(at(API, "/tags").route(get().to(articles::tags).wrap(from_fn(auth::optional))));
}

fn articles_and_comments(config: &mut ServiceConfig) {
    let at = |path| at("/api/articles", path);
    config
        .service(
            at("")
                .route(get().to(articles::list).wrap(from_fn(auth::optional)))
                .route(post().to(articles::publish).wrap(from_fn(idempotent)).wrap(from_fn(auth::with_account))),
        )
        .service(at("/feed").route(get().to(articles::feed).wrap(from_fn(auth::required))))
        .service(
            at("/{slug}")
                .route(get().to(articles::show).wrap(from_fn(auth::optional)))
                .route(put().to(articles::update).wrap(from_fn(unit_of_work)).wrap(from_fn(auth::with_account)))
                .route(delete().to(articles::delete).wrap(from_fn(unit_of_work)).wrap(from_fn(auth::required))),
        )
        .service(
            at("/{slug}/favorite")
                .route(post().to(articles::favorite).wrap(from_fn(idempotent_if_small)).wrap(from_fn(auth::required)))
                .route(delete().to(articles::unfavorite).wrap(from_fn(auth::required))),
        )
        .service(
            at("/{slug}/comments")
                .route(get().to(comments::list).wrap(from_fn(auth::optional)))
                .route(post().to(comments::add).wrap(from_fn(idempotent)).wrap(from_fn(auth::with_account))),
        )
        .service(
            at("/{slug}/comments/{id}")
                .route(delete().to(comments::delete).wrap(from_fn(unit_of_work)).wrap(from_fn(auth::required))),
        );
}

fn profiles_and_follows(config: &mut ServiceConfig) {
    let at = |path| at("/api/profiles", path);
    config.service(at("/{username}").route(get().to(profiles::show).wrap(from_fn(auth::optional)))).service(
        at("/{username}/follow")
            .route(post().to(profiles::follow).wrap(from_fn(idempotent)).wrap(from_fn(auth::required)))
            .route(delete().to(profiles::unfollow).wrap(from_fn(auth::required))),
    );
}

async fn no_route() -> HandlerResult {
    Err(HttpError::no_route())
}

/// What pages of other origins may do. No credentials: tokens travel in a header that pages set themselves, never in
/// cookies.
pub fn cors(origins: &Origins) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            IDEMPOTENCY_KEY,
            REQUEST_ID,
            TRACEPARENT,
            TRACESTATE,
        ])
        .expose_headers([header::RETRY_AFTER, IDEMPOTENT_REPLAYED, REQUEST_ID, TRACEPARENT])
        .max_age(3600)
        .block_on_origin_mismatch(false);
    match origins {
        Origins::Any => cors.allow_any_origin().send_wildcard(),
        Origins::These(origins) => origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)),
    }
}
