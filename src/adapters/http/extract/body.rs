//! The body of a request, read within limits and parsed as JSON, whatever its `Content-Type`.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::dev::Payload as Stream;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use tokio::time::timeout;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::adapters::http::dto::payload;
use crate::adapters::http::dto::payload::{Field, Payload};
use crate::adapters::http::errors::HttpError;

/// Limits of a body, as application data.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    pub bytes: usize,
    /// From the first read to the last byte.
    pub time: Duration,
}

pub struct Body<T>(pub T);

impl<T: Payload> FromRequest for Body<T> {
    type Error = HttpError;
    type Future = LocalBoxFuture<'static, Result<Self, HttpError>>;

    fn from_request(request: &HttpRequest, stream: &mut Stream) -> Self::Future {
        let bytes = read_body(request, stream);
        async move { payload::parse(&bytes.await?).map(Body) }.boxed_local()
    }
}

pub fn read_body(request: &HttpRequest, stream: &mut Stream) -> LocalBoxFuture<'static, Result<Bytes, HttpError>> {
    let Some(&BodyLimits { bytes: limit, time }) = request.app_data() else {
        return ready(Err(HttpError::Internal)).boxed_local();
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        // Rejected before any of it arrives.
        return ready(Err(HttpError::BodyTooLarge)).boxed_local();
    }
    let stream = web::Payload::from_request(request, stream);
    async move {
        let stream = stream.await.map_err(|_impossible| HttpError::BodyNotJson)?;
        timeout(time, read_to_end(stream, limit)).await.map_err(|_elapsed| HttpError::BodyTooSlow)?
    }
    .boxed_local()
}

async fn read_to_end(stream: web::Payload, limit: usize) -> Result<Bytes, HttpError> {
    let bytes = stream.to_bytes_limited(limit).await.map_err(|_exceeded| HttpError::BodyTooLarge)?;
    // The client disconnected or broke the protocol: the body is truncated.
    bytes.map_err(|_truncated| HttpError::BodyNotJson)
}

impl<T: Payload> PartialSchema for Body<T> {
    fn schema() -> RefOr<Schema> {
        let fields = Ref::from_schema_name(T::SCHEMA);
        ObjectBuilder::new().schema_type(Type::Object).property(T::KEY, fields).required(T::KEY).into()
    }
}

impl<T: Payload> ToSchema for Body<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Request", T::SCHEMA).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let object = T::fields().fold(object, |object, Field { name, schema, .. }| object.property(*name, schema()));
        let object = T::REQUIRED.iter().fold(object, |object, Field { name, .. }| object.required(*name));
        schemas.push((T::SCHEMA.to_owned(), object.into()));
    }
}
