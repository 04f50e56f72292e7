//! The service without its middleware: no access log, request ids, traces, request metrics or CORS.
//! The benchmark compares it with the complete service; see middleware.py.

use std::error::Error;
use std::net::TcpListener;

use actix_web::rt::System;
use actix_web::{App, HttpServer};
use conduit::adapters::http::extract::body::BodyLimits;
use conduit::adapters::http::routes;
use conduit::app::config::Config;
use conduit::app::server::application;
use mimalloc::MiMalloc;

// The same as in the service.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::load(None).map_err(|errors| errors.to_string())?;
    System::new().block_on(async {
        let (http, services) = (&config.http, application::build_services(&config)?);
        let limits = BodyLimits { bytes: http.body_limit, time: http.body_timeout };
        let listener = TcpListener::bind((http.host, http.port))?;
        println!("listening on http://{}/api", listener.local_addr()?);
        let server =
            HttpServer::new(move || App::new().configure(|app| routes::configure(app, &services, limits, None)));
        let server =
            server.workers(http.workers).keep_alive(http.keep_alive).client_request_timeout(http.header_timeout);
        Ok(server.listen(listener)?.run().await?)
    })
}
