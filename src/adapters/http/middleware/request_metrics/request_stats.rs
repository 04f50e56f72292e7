//! What becomes known about a request while it is handled, for metrics and the access log.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::thread;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard::GuardContext;
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage};

use super::route_metrics::{RouteMetrics, UNMATCHED};

/// Status of a request whose client disconnected before the response (a convention of nginx).
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Kept in the request's extensions.
#[derive(Default)]
pub struct RequestStats {
    pub route_metrics: OnceCell<RouteMetrics>,
    pub received_bytes: Cell<u32>,
}

impl RequestStats {
    pub fn get_or_insert(request: &ServiceRequest) -> Rc<Self> {
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
        let _ = stats.route_metrics.set(route.clone());
    }
}

/// How a request ended, with the size of the response's body if that is known in advance.
pub struct Outcome {
    pub status: u16,
    pub response_size: Option<u32>,
}

impl Outcome {
    pub fn from_result<B: MessageBody>(result: &Result<ServiceResponse<B>, Error>) -> Self {
        match result {
            Ok(response) => Self { status: response.status().as_u16(), response_size: size(response) },
            Err(error) => Self { status: error.as_response_error().status_code().as_u16(), response_size: None },
        }
    }

    /// Returns the outcome of a request that is dropped before its response: the client
    /// disconnected, the server stopped, or a middleware panicked.
    pub fn dropped() -> Self {
        if thread::panicking() {
            Self { status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(), response_size: None }
        } else {
            Self { status: CLIENT_CLOSED_REQUEST, response_size: Some(0) }
        }
    }
}

fn size<B: MessageBody>(response: &ServiceResponse<B>) -> Option<u32> {
    match response.response().body().size() {
        // The response to HEAD has the size of the body that it omits.
        BodySize::Sized(bytes) if response.request().method() != Method::HEAD => {
            Some(u32::try_from(bytes).unwrap_or(u32::MAX))
        }
        BodySize::None | BodySize::Sized(_) => Some(0),
        BodySize::Stream => None,
    }
}
