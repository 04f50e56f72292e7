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
    domain::model::values::{FieldErrors, Violation},
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
    /// So long, from when the body is asked for to its last byte.
    pub time: Duration,
}

/// The request's body as a `T`. The body is judged, not its `Content-Type`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: Payload> FromRequest for Body<T> {
    type Error = HttpError;
    type Future = LocalBoxFuture<'static, Result<Self, HttpError>>;

    fn from_request(request: &HttpRequest, stream: &mut Stream) -> Self::Future {
        let bytes = whole(request, stream);
        async move { parse(&bytes.await?).map(Body) }.boxed_local()
    }
}

/// All bytes of a request's body, within the limits.
pub fn whole(request: &HttpRequest, stream: &mut Stream) -> LocalBoxFuture<'static, Result<Bytes, HttpError>> {
    let Some(&BodyLimits { bytes: limit, time }) = request.app_data() else {
        return ready(Err(HttpError::defect())).boxed_local();
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        // Not waited for: what is too large is so before it has come.
        return ready(Err(HttpError::too_large())).boxed_local();
    }
    // Never fails: it only takes the stream.
    let stream = web::Payload::from_request(request, stream);
    async move {
        let stream = stream.await.map_err(|_impossible| HttpError::no_json())?;
        timeout(time, read(stream, limit)).await.map_err(|_elapsed| HttpError::too_slow())?
    }
    .boxed_local()
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
    FieldErrors::one("body", Violation::Invalid).into()
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

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError, http::StatusCode};
    use proptest::{
        collection::{hash_map, vec},
        prelude::*,
        sample::{Index, select},
    };
    use serde_json::Value;

    use super::*;
    use crate::domain::model::{
        article::{ArticleChanges, ArticleDraft},
        user::{AccountChanges, Credentials, Registration},
        values::CommentBody,
    };

    const NAMES: &[&str] = &[
        "user",
        "article",
        "comment",
        "username",
        "email",
        "password",
        "bio",
        "image",
        "title",
        "description",
        "body",
        "tagList",
        "",
        "x",
    ];

    /// Any JSON, with a liking for the names that bodies have.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[a-z]{1,9}@[a-z]{1,9}|[a-z ]{8,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let fields = hash_map(select(NAMES).prop_map(str::to_owned), inner.clone(), 0..6);
            let object = fields.prop_map(|fields| fields.into_iter().collect::<Value>());
            prop_oneof![1 => vec(inner, 0..6).prop_map(Value::from), 3 => object]
        })
    }

    /// Whatever comes is a value, or 422 with something to say.
    fn judged<T: Payload>(bytes: &[u8]) -> Result<(), TestCaseError> {
        if let Err(error) = parse::<T>(bytes) {
            prop_assert_eq!(error.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
            prop_assert!(error.to_string().contains(", "), "{}", error);
        }
        Ok(())
    }

    fn judged_by_all(bytes: &[u8]) -> Result<(), TestCaseError> {
        judged::<Registration>(bytes)?;
        judged::<Credentials>(bytes)?;
        judged::<AccountChanges>(bytes)?;
        judged::<ArticleDraft>(bytes)?;
        judged::<ArticleChanges>(bytes)?;
        judged::<CommentBody>(bytes)
    }

    proptest! {
        #[test]
        fn any_json_is_judged(fields in any_json(), key in select(&["user", "article", "comment"][..])) {
            judged_by_all(fields.to_string().as_bytes())?;
            judged_by_all(serde_json::json!({key: fields}).to_string().as_bytes())?;
        }

        #[test]
        fn any_bytes_are_judged(
            body in any_json(), start: Index, end: Index, bytes in vec(any::<u8>(), 0..6),
        ) {
            let text = serde_json::json!({"user": body}).to_string().into_bytes();
            let (start, end) = (start.index(text.len()), end.index(text.len()));
            judged_by_all(&[&text[..start], &bytes, &text[end..]].concat())?;
        }
    }
}
