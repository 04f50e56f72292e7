//! The OpenAPI document and Swagger UI, loaded once at start.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use actix_web::http::header;
use actix_web::http::header::{ContentEncoding, EntityTag, Header, IfNoneMatch};
use actix_web::web::{Bytes, Data, Path, Redirect, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Responder};
use utoipa_swagger_ui::Config;

use super::errors::{APPLICATION_JSON, HttpError};
use super::openapi;
use super::resource::{at, get};
use super::response::HandlerResult;
use crate::domain::error::Cause;

/// Swagger UI needs inline styles, and its style sheet contains its pictures as `data:` URLs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SWAGGER_UI_FILES: [&str; 3] = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"];

#[derive(Clone)]
pub struct Docs {
    document: Arc<Asset>,
    page: Arc<Asset>,
    assets: Arc<Vec<(&'static str, Asset)>>,
}

struct Asset {
    bytes: Bytes,
    content_type: String,
    is_gzip: bool,
    etag: EntityTag,
}

impl Docs {
    pub fn new() -> Result<Self, Cause> {
        let document = Asset::new(openapi::json()?.into_bytes(), APPLICATION_JSON);
        let page = Asset::new(&include_bytes!("index.html")[..], "text/html; charset=utf-8");
        let start = Asset::new(&include_bytes!("start.js")[..], "text/javascript; charset=utf-8");
        let mut assets = vec![("start.js", start)];
        for name in SWAGGER_UI_FILES {
            assets.push((name, Asset::from_swagger_ui(name)?));
        }
        Ok(Self { document: document.into(), page: page.into(), assets: assets.into() })
    }

    pub fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.clone()))
            .service(at("", "/").route(get().to(|| async { Redirect::to("/docs") })))
            .service(at("", "/docs").route(get().to(page)))
            .service(at("", "/docs/").route(get().to(page)))
            .service(at("", "/docs/{file}").route(get().to(asset)))
            .service(at("", "/api/openapi.json").route(get().to(document)));
    }
}

impl Asset {
    fn new(bytes: impl Into<Cow<'static, [u8]>>, content_type: &str) -> Self {
        let bytes = match bytes.into() {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let etag = EntityTag::new_strong(format!("{:016x}", hasher.finish()));
        Self { bytes, content_type: content_type.to_owned(), is_gzip: false, etag }
    }

    fn from_swagger_ui(name: &str) -> Result<Self, Cause> {
        let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default())).map_err(|error| error.to_string())?;
        let file = file.ok_or("Swagger UI lacks a file")?;
        Ok(Self { is_gzip: file.gzpipped, ..Self::new(file.bytes, &file.content_type) })
    }

    /// Browsers revalidate every use, so that a new version of the program takes effect at once.
    fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let is_cached = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.etag)),
            Ok(IfNoneMatch::Any) => true,
            Err(_) => false,
        };
        let mut response = if is_cached { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(header::ETag(self.etag.clone())).insert_header((header::CACHE_CONTROL, "no-cache"));
        if is_cached {
            return response.finish();
        }
        if self.is_gzip {
            // Accept-Encoding is ignored: the only clients are browsers, and those accept gzip.
            response.insert_header(ContentEncoding::Gzip);
        }
        response.content_type(self.content_type.as_str()).body(self.bytes.clone())
    }
}

async fn document(request: HttpRequest, docs: Data<Docs>) -> HttpResponse {
    docs.document.respond(&request)
}

async fn page(request: HttpRequest, docs: Data<Docs>) -> impl Responder {
    docs.page.respond(&request).customize().insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
}

async fn asset(request: HttpRequest, name: Path<String>, docs: Data<Docs>) -> HandlerResult {
    let asset = docs.assets.iter().find(|(file, _)| *file == name.as_str());
    asset.map(|(_, asset)| asset.respond(&request)).ok_or(HttpError::RouteNotFound)
}
