//! The service without what surrounds its handlers: no log, no request ids, no traces, no metrics of requests, no CORS.
//! Beside the whole it shows what these cost; see middleware.py.

use std::{error::Error, net::TcpListener};

use actix_web::{App, HttpServer, rt::System};
use conduit::{
    adapters::http::{extract::body::BodyLimits, routes},
    app::{config::Config, server::application},
};
use mimalloc::MiMalloc;

// The service's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::load(None).map_err(|errors| errors.to_string())?;
    System::new().block_on(async {
        let (http, services) = (&config.http, application::services(&config)?);
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
