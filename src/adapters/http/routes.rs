//! The whole API on one page: every path, its handlers and how they authenticate.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web;
use actix_web::web::{Data, ServiceConfig, delete, post, put};

use super::docs::Docs;
use super::errors::HttpError;
use super::extract::body::BodyLimits;
use super::handlers::{articles, comments, health, profiles, users};
use super::middleware::auth;
use super::middleware::idempotent::{idempotent, idempotent_if_small};
use super::middleware::unit_of_work::unit_of_work;
use super::resource::{at, get};
use super::response::HandlerResult;
use crate::ports::clock::Randomness;
use crate::ports::idempotency::IdempotencyService;
use crate::ports::repositories::Store;
use crate::ports::services::{ArticleService, CommentService, ProfileService, UserService};
use crate::ports::unit_of_work::UnitOfWork;

/// The ports that handlers and middleware use, as application data.
#[derive(Clone)]
pub struct Services {
    pub users: Arc<dyn UserService>,
    pub profiles: Arc<dyn ProfileService>,
    pub articles: Arc<dyn ArticleService>,
    pub comments: Arc<dyn CommentService>,
    pub idempotency: Arc<dyn IdempotencyService>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub store: Arc<dyn Store>,
    pub randomness: Arc<dyn Randomness>,
}

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
        .app_data(Data::from(Arc::clone(&services.unit_of_work)))
        .app_data(Data::from(Arc::clone(&services.store)))
        .app_data(Data::from(Arc::clone(&services.randomness)))
        .service(at("", "/livez").route(get().to(health::live)))
        .service(at("", "/readyz").route(get().to(health::ready)))
        .service(web::scope(API).configure(api))
        .default_service(web::to(no_route));
}

const API: &str = "/api";

/// Scopes by first segment: their prefixes are compared as text before any pattern is tried.
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
    Err(HttpError::RouteNotFound)
}
