//! The API's document and Swagger UI, made once when the application starts.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::header::{self, ContentEncoding, EntityTag, Header, IfNoneMatch},
    web::{Bytes, Data, Path, Redirect, ServiceConfig, get},
};
use utoipa_swagger_ui::Config;

use super::{errors::HttpError, handlers::HandlerResult, openapi, routes::at};
use crate::domain::error::Cause;

/// What the page may load and ask: this server alone. Swagger UI sets styles in its elements, and has its pictures in
/// its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What Swagger UI needs of its distribution.
const DISTRIBUTION: [&str; 3] = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"];

/// The files to serve; a clone shares them.
#[derive(Clone)]
pub struct Docs {
    document: Arc<File>,
    page: Arc<File>,
    files: Arc<Vec<(&'static str, File)>>,
}

struct File {
    bytes: Bytes,
    content_type: String,
    is_gzip: bool,
    tag: EntityTag,
}

impl Docs {
    /// Makes the document and finds the files.
    ///
    /// # Errors
    /// When the document cannot be written or a file of Swagger UI is missing, which the tests rule out.
    pub fn new() -> Result<Self, Cause> {
        let document = File::new(openapi::json()?.into_bytes(), "application/json; charset=utf-8");
        let page = File::new(&include_bytes!("index.html")[..], "text/html; charset=utf-8");
        let start = File::new(&include_bytes!("start.js")[..], "text/javascript; charset=utf-8");
        let mut files = vec![("start.js", start)];
        for name in DISTRIBUTION {
            files.push((name, File::of_swagger_ui(name)?));
        }
        Ok(Self { document: document.into(), page: page.into(), files: files.into() })
    }

    /// Lays the routes.
    pub fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.clone()))
            .service(at("", "/").route(get().to(|| async { Redirect::to("/docs") })))
            .service(at("", "/docs").route(get().to(page)))
            .service(at("", "/docs/").route(get().to(page)))
            .service(at("", "/docs/{file}").route(get().to(file)))
            .service(at("", "/api/openapi.json").route(get().to(document)));
    }
}

impl File {
    fn new(bytes: impl Into<Cow<'static, [u8]>>, content_type: &str) -> Self {
        let bytes = match bytes.into() {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let tag = EntityTag::new_strong(format!("{:016x}", hasher.finish()));
        Self { bytes, content_type: content_type.to_owned(), is_gzip: false, tag }
    }

    fn of_swagger_ui(name: &str) -> Result<Self, Cause> {
        let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default())).map_err(|error| error.to_string())?;
        let file = file.ok_or("Swagger UI lacks a file")?;
        Ok(Self { is_gzip: file.gzpipped, ..Self::new(file.bytes, &file.content_type) })
    }

    /// The file, or that the client has it already. Every use is confirmed, so that a new version of the program shows
    /// at once.
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
            Ok(IfNoneMatch::Any) => true,
            Err(_) => false,
        };
        let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header(header::ETag(self.tag.clone())).insert_header((header::CACHE_CONTROL, "no-cache"));
        if is_known {
            return answer.finish();
        }
        if self.is_gzip {
            // Whatever the client accepts: nobody but browsers asks, and those do.
            answer.insert_header(ContentEncoding::Gzip);
        }
        answer.content_type(self.content_type.as_str()).body(self.bytes.clone())
    }
}

/// `GET /api/openapi.json`
async fn document(request: HttpRequest, docs: Data<Docs>) -> HttpResponse {
    docs.document.answer(&request)
}

/// `GET /docs`
async fn page(request: HttpRequest, docs: Data<Docs>) -> impl Responder {
    docs.page.answer(&request).customize().insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
}

/// `GET /docs/{file}`
async fn file(request: HttpRequest, name: Path<String>, docs: Data<Docs>) -> HandlerResult {
    let found = docs.files.iter().find(|(file, _)| *file == name.as_str());
    found.map(|(_, file)| file.answer(&request)).ok_or_else(HttpError::no_route)
}
