//! A path of the API or of the documentation, with what every path has.

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

/// Returns the resource at `path` below `prefix`: it catches panics, and its requests are measured
/// as `prefix` + `path`.
///
/// A resource responds to other methods with 405 and `Allow`, where a plain `route` results in 404.
pub fn at(
    prefix: &str,
    path: &str,
) -> Resource<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let metrics = RouteMetrics::new(format!("{prefix}{path}"));
    // A guard is the first code that runs for a path that matches; this one accepts every request.
    let set_route = fn_guard(move |context| {
        request_stats::set_route(context, &metrics);
        true
    });
    resource(path).guard(set_route).wrap(from_fn(catch_panics))
}
