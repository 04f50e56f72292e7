//! Whether this service is alive and ready, for probes.

use actix_web::{HttpResponse, web::Data};

use super::Answer;
use crate::{domain::Error, ports::repositories::Store};

/// `GET /livez`: the process serves requests. Asks nobody.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

/// `GET /readyz`: the store answers too.
pub async fn ready(store: Data<dyn Store>) -> Answer {
    store.ping().await.map_err(Error::from)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}
