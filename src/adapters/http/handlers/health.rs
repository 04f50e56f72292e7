//! Liveness and readiness, for probes.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use tokio::time::timeout;

use crate::{
    adapters::http::{
        errors::HttpError,
        middleware::drain::Draining,
        response::{HandlerResult, plain_text},
    },
    domain::Error,
    ports::repositories::Store,
};

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
