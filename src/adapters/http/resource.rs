//! The paths of the API and of the documentation.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{Any, Get, Head, fn_guard};
use actix_web::middleware::from_fn;
use actix_web::web::{resource, route};
use actix_web::{Error, Resource, Route};

use super::middleware::catch_panics::catch_panics;
use super::middleware::request_metrics::request_stats;
use super::middleware::request_metrics::route_metrics::RouteMetrics;

/// Returns a resource that catches panics, and whose requests are measured as `prefix` + `path`.
///
/// Unlike a plain `route`, it responds to other methods with 405 and `Allow`.
pub fn at(
    prefix: &str,
    path: &str,
) -> Resource<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let metrics = RouteMetrics::new(format!("{prefix}{path}"));
    // A guard runs first for a path that matches; this one accepts every request.
    let set_route = fn_guard(move |context| {
        request_stats::set_route(context, &metrics);
        true
    });
    resource(path).guard(set_route).wrap(from_fn(catch_panics))
}

/// Returns a route for GET and HEAD. RFC 9110 (9.1) requires HEAD wherever there is GET; the server
/// leaves the body of its response out.
pub fn get() -> Route {
    route().guard(Any(Get()).or(Head()))
}
