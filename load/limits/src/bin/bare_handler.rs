//! Upper bound for a server on actix-web: returns the bytes of its standard input for every
//! request, on one thread per core and without middleware. Prints its address.

use std::io;
use std::io::Read;

use actix_web::{App, HttpResponse, HttpServer, web};
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::web::Bytes;
use mimalloc::MiMalloc;

// The same as in the service.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[actix_web::main]
async fn main() -> io::Result<()> {
    let mut body = Vec::new();
    io::stdin().read_to_end(&mut body)?;
    let body = Bytes::from(body);
    let server = HttpServer::new(move || {
        let body = body.clone();
        App::new().default_service(web::to(move || {
            let kind = HeaderValue::from_static("application/json; charset=utf-8");
            let response = HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).body(body.clone());
            async move { response }
        }))
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await
}
