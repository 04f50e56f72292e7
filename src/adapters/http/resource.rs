//! The paths of the API and of the documentation.

use actix_web::{
    Error, Resource,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    guard::fn_guard,
    middleware::from_fn,
    web::resource,
};

use super::middleware::{
    catch_panics::catch_panics,
    request_metrics::{request_stats, route_metrics::RouteMetrics},
};

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
