//! Liveness and readiness, for probes.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use tokio::time::timeout;

use crate::adapters::http::errors::HttpError;
use crate::adapters::http::middleware::drain::Draining;
use crate::adapters::http::response::{HandlerResult, plain_text};
use crate::domain::Error;
use crate::ports::repositories::Store;

/// Probes commonly give up after a second.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

pub async fn live() -> HttpResponse {
    plain_text("alive\n")
}

pub async fn ready(store: Data<dyn Store>, draining: Data<Draining>) -> HandlerResult {
    if draining.has_begun() {
        return Err(HttpError::Unavailable);
    }
    let checked = timeout(STORE_TIMEOUT, store.ready()).await;
    checked.map_err(|elapsed| Error::Unavailable(elapsed.into()))?.map_err(Error::from)?;
    Ok(plain_text("ready\n"))
}
