//! A request's body: an object with one key, parsed into values.

use std::{borrow::Cow, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload as Stream,
    http::header::CONTENT_LENGTH,
    web::{self, Bytes},
};
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, ready},
};
use serde::de::{Error as _, IgnoredAny, MapAccess};
use serde_json::error::Category;
use tokio::time::timeout;

use super::{
    depth::is_too_deep,
    field::{Field, FromJson},
};
use crate::{
    adapters::http::errors::HttpError,
    domain::model::values::{Fault, FieldErrors},
};

/// What a request's body may become.
pub trait Payload: Sized + 'static {
    /// The one key of the body.
    const KEY: &'static str;

    /// How the API's document calls what stands under it.
    const NAME: &'static str;

    /// Which of the fields must be there.
    const REQUIRED: &'static [&'static str];

    /// What stands under it.
    type Fields: for<'de> FromJson<'de>;

    /// Parses the fields; all that is wrong with them otherwise.
    fn parse(fields: Self::Fields) -> Result<Self, FieldErrors>;
}

/// The most that a body may take; put into the application's data.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// So many bytes.
    pub bytes: usize,
    /// So long, from the head of the request to the body's last byte.
    pub time: Duration,
}

/// The request's body as a `T`. The body is judged, not its `Content-Type`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: Payload> FromRequest for Body<T> {
    type Error = HttpError;
    type Future = LocalBoxFuture<'static, Result<Self, HttpError>>;

    fn from_request(request: &HttpRequest, stream: &mut Stream) -> Self::Future {
        let Some(&BodyLimits { bytes: limit, time }) = request.app_data() else {
            return ready(Err(HttpError::defect())).boxed_local();
        };
        let announced =
            request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
            // Not waited for: what is too large is so before it has come.
            return ready(Err(HttpError::too_large())).boxed_local();
        }
        // Never fails: it only takes the stream.
        let stream = web::Payload::from_request(request, stream);
        async move {
            let stream = stream.await.map_err(|_impossible| HttpError::no_json())?;
            let bytes = timeout(time, read(stream, limit)).await.map_err(|_elapsed| HttpError::too_slow())?;
            parse(&bytes?).map(Body)
        }
        .boxed_local()
    }
}

async fn read(stream: web::Payload, limit: usize) -> Result<Bytes, HttpError> {
    let bytes = stream.to_bytes_limited(limit).await.map_err(|_exceeded| HttpError::too_large())?;
    // The client went away or broke the protocol in the middle of the body; what came of it is no JSON.
    bytes.map_err(|_broken| HttpError::no_json())
}

fn parse<T: Payload>(bytes: &[u8]) -> Result<T, HttpError> {
    // Whole: the JSON parser does not look into strings that nobody asks for.
    let text = std::str::from_utf8(bytes).map_err(|_invalid| HttpError::no_json())?;
    if is_too_deep(text) {
        return Err(HttpError::no_json());
    }
    let envelope = serde_json::from_str::<Field<Envelope<T>>>(text).map_err(|error| match error.classify() {
        Category::Data => invalid_body(),
        Category::Io | Category::Syntax | Category::Eof => HttpError::no_json(),
    })?;
    let Field::Value(Envelope(fields)) = envelope else { return Err(invalid_body()) };
    let mut errors = FieldErrors::default();
    match fields.required(T::KEY, Ok, &mut errors) {
        Some(fields) => Ok(T::parse(fields)?),
        None => Err(errors.into()),
    }
}

fn invalid_body() -> HttpError {
    FieldErrors::one("body", Fault::Invalid).into()
}

/// The object around the fields.
struct Envelope<T: Payload>(Field<T::Fields>);

impl<'de, T: Payload> FromJson<'de> for Envelope<T> {
    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut fields = None;
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            if key != T::KEY {
                object.next_value::<IgnoredAny>()?;
            } else if fields.replace(object.next_value()?).is_some() {
                return Err(A::Error::duplicate_field(T::KEY));
            }
        }
        Ok(Some(Self(fields.unwrap_or_default())))
    }
}
