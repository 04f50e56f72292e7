//! What becomes known of a request on its way.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use actix_web::{
    HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
};

use super::Route;

/// It lies in the request's extensions, where its [`Route`] finds it; who tells of the request keeps it.
#[derive(Default)]
pub struct RequestStats {
    pub(super) route: OnceCell<Route>,
    pub(super) received: Cell<u32>,
}

impl RequestStats {
    /// The request's.
    pub fn of(request: &ServiceRequest) -> Rc<Self> {
        let mut extensions = request.extensions_mut();
        if let Some(stats) = extensions.get::<Rc<Self>>() {
            return Rc::clone(stats);
        }
        let stats = Rc::<Self>::default();
        extensions.insert(Rc::clone(&stats));
        stats
    }

    /// The template of the request's route, or what stands for none.
    pub fn template(&self) -> &str {
        self.route.get().map_or(UNMATCHED, Route::template)
    }
}

/// The status of a request whose client went away before it was answered; nginx made it known.
pub const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Stands for the route of a request that matches none.
pub const UNMATCHED: &str = "unmatched";

/// How many bytes the body has that goes out, if that is known.
pub fn sent<B: MessageBody>(response: &ServiceResponse<B>) -> Option<u32> {
    match response.response().body().size() {
        // The answer to HEAD tells the size of what it leaves out.
        BodySize::Sized(bytes) if response.request().method() != Method::HEAD => {
            Some(u32::try_from(bytes).unwrap_or(u32::MAX))
        }
        BodySize::None | BodySize::Sized(_) => Some(0),
        BodySize::Stream => None,
    }
}
