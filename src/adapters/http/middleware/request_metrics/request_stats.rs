//! What becomes known about a request while it is handled, for metrics and the access log.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use actix_web::{
    HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    guard::GuardContext,
    http::Method,
};

use super::route_metrics::{RouteMetrics, UNMATCHED};

/// Status of a request whose client disconnected before the response (a convention of nginx).
pub const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Kept in the request's extensions.
#[derive(Default)]
pub struct RequestStats {
    pub route_metrics: OnceCell<RouteMetrics>,
    pub received_bytes: Cell<u32>,
}

impl RequestStats {
    pub fn of(request: &ServiceRequest) -> Rc<Self> {
        let mut extensions = request.extensions_mut();
        if let Some(stats) = extensions.get::<Rc<Self>>() {
            return Rc::clone(stats);
        }
        let stats = Rc::<Self>::default();
        extensions.insert(Rc::clone(&stats));
        stats
    }

    pub fn route(&self) -> &str {
        self.route_metrics.get().map_or(UNMATCHED, RouteMetrics::template)
    }
}

/// Records the route of a request when its path has matched, whatever its outcome.
pub fn set_route(context: &GuardContext<'_>, route: &RouteMetrics) {
    if let Some(stats) = context.req_data().get::<Rc<RequestStats>>() {
        // A request matches one path.
        let _ = stats.route_metrics.set(route.clone());
    }
}

/// Returns the size of the response's body, if it is known in advance.
pub fn response_size<B: MessageBody>(response: &ServiceResponse<B>) -> Option<u32> {
    match response.response().body().size() {
        // The response to HEAD has the size of the body that it omits.
        BodySize::Sized(bytes) if response.request().method() != Method::HEAD => {
            Some(u32::try_from(bytes).unwrap_or(u32::MAX))
        }
        BodySize::None | BodySize::Sized(_) => Some(0),
        BodySize::Stream => None,
    }
}
