//! Whether this service is alive and ready, for probes.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};
use tokio::time::timeout;

use super::HandlerResult;
use crate::{
    adapters::http::{errors::HttpError, middleware::drain::Draining},
    domain::Error,
    ports::repositories::Store,
};

/// How long the store may take: a probe that waits longer says that nobody else should.
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /livez`: the process serves requests. Asks nobody.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

/// `GET /readyz`: the store answers in time, with all that this program needs in it, and the service is not about to
/// stop.
pub async fn ready(store: Data<dyn Store>, draining: Data<Draining>) -> HandlerResult {
    if draining.has_begun() {
        return Err(HttpError::stopping());
    }
    timeout(PATIENCE, store.ready()).await.map_err(|late| Error::Unavailable(late.into()))?.map_err(Error::from)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}
