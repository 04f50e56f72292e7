//! Closes connections before the server stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::adapters::http::response::MiddlewareResult;

/// Whether the server is about to stop; clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Adds `Connection: close`, so that clients send their next request elsewhere.
pub async fn drain<B: MessageBody + 'static>(
    draining: Data<Draining>,
    request: ServiceRequest,
    next: Next<B>,
) -> MiddlewareResult<B> {
    let mut response = next.call(request).await?;
    if draining.has_begun() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
