//! The body of a request: an object with one key, whose fields are parsed into values.

use serde::de::DeserializeSeed;
use serde_json::error::Category;
use utoipa::openapi::{RefOr, Schema};

use super::depth::is_too_deep;
use super::json_value::{Expected, JsonValue, Members};
use crate::adapters::http::errors::HttpError;
use crate::domain::model::values::{FieldErrors, Violation};

pub trait Payload: Sized + 'static {
    /// The key of the payload in the body.
    const KEY: &'static str;
    /// The name of its schema in the OpenAPI document.
    const SCHEMA: &'static str;
    const REQUIRED: &'static [Field] = &[];
    const OPTIONAL: &'static [Field] = &[];

    /// Returns `None` only if a field is invalid, which `fields` records.
    fn parse(fields: &mut Fields) -> Option<Self>;

    fn fields() -> impl Iterator<Item = &'static Field> {
        Self::REQUIRED.iter().chain(Self::OPTIONAL)
    }
}

#[derive(Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    expected: Expected<'static>,
    pub schema: fn() -> RefOr<Schema>,
}

impl Field {
    pub const fn text(name: &'static str, schema: fn() -> RefOr<Schema>) -> Self {
        Self { name, expected: Expected::Text, schema }
    }

    pub const fn text_list(name: &'static str, schema: fn() -> RefOr<Schema>) -> Self {
        Self { name, expected: Expected::TextList, schema }
    }
}

/// The fields of one request, and the errors found in them so far.
pub struct Fields {
    members: Members,
    errors: FieldErrors,
}

impl Fields {
    pub fn required<V>(&mut self, field: Field, parse: impl FnOnce(&str) -> Result<V, Violation>) -> Option<V> {
        let value = self.take(field).unwrap_or(JsonValue::Null);
        self.errors.check(field.name, parse_text(value, Err(Violation::Blank), parse))
    }

    /// Returns `None` for an absent field; rejects `null`.
    pub fn optional<V>(&mut self, field: Field, parse: impl FnOnce(&str) -> Result<V, Violation>) -> Option<V> {
        let value = self.take(field)?;
        self.errors.check(field.name, parse_text(value, Err(Violation::Null), parse))
    }

    /// Returns `None` for an absent field, and `Some(None)` for `null` and for an empty text.
    pub fn clearable<V>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<Option<V>, Violation>,
    ) -> Option<Option<V>> {
        let value = self.take(field)?;
        self.errors.check(field.name, parse_text(value, Ok(None), parse))
    }

    pub fn optional_list<V>(
        &mut self,
        field: Field,
        parse: impl FnOnce(Vec<String>) -> Result<V, Violation>,
    ) -> Option<V> {
        let parsed = match self.take(field)? {
            JsonValue::Null => Err(Violation::Null),
            JsonValue::TextList(texts) => parse(texts),
            _ => Err(Violation::Invalid),
        };
        self.errors.check(field.name, parsed)
    }

    fn take(&mut self, field: Field) -> Option<JsonValue> {
        let index = self.members.iter().position(|(name, _)| *name == field.name)?;
        Some(self.members.swap_remove(index).1)
    }
}

fn parse_text<V>(
    value: JsonValue,
    null: Result<V, Violation>,
    parse: impl FnOnce(&str) -> Result<V, Violation>,
) -> Result<V, Violation> {
    match value {
        JsonValue::Null => null,
        JsonValue::Text(text) => parse(&text),
        _ => Err(Violation::Invalid),
    }
}

pub fn parse<T: Payload>(body: &[u8]) -> Result<T, HttpError> {
    let mut fields = Fields { members: read_members::<T>(body)?, errors: FieldErrors::default() };
    let payload = T::parse(&mut fields);
    payload.filter(|_| fields.errors.is_empty()).ok_or_else(|| fields.errors.into())
}

fn read_members<T: Payload>(body: &[u8]) -> Result<Members, HttpError> {
    // The JSON parser does not check the UTF-8 of strings that it skips.
    let json = std::str::from_utf8(body).map_err(|_invalid_utf8| HttpError::BodyNotJson)?;
    if is_too_deep(json) {
        return Err(HttpError::BodyNotJson);
    }
    let fields: Vec<_> = T::fields().map(|field| (field.name, field.expected)).collect();
    let object = read_json(json, Expected::Object(&[(T::KEY, Expected::Object(&fields))]));
    let body = object.map_err(|error| match error.classify() {
        Category::Data => FieldErrors::one("body", Violation::Invalid).into(),
        Category::Io | Category::Syntax | Category::Eof => HttpError::BodyNotJson,
    })?;
    let JsonValue::Object(mut members) = body else {
        return Err(FieldErrors::one("body", Violation::Invalid).into());
    };
    match members.pop().map(|(_, value)| value) {
        Some(JsonValue::Object(fields)) => Ok(fields),
        None | Some(JsonValue::Null) => Err(FieldErrors::one(T::KEY, Violation::Blank).into()),
        Some(_) => Err(FieldErrors::one(T::KEY, Violation::Invalid).into()),
    }
}

fn read_json(json: &str, expected: Expected<'_>) -> Result<JsonValue, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = expected.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
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

    /// Any JSON, which often has the names of payloads and fields.
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

    /// Checks that the body is parsed, or rejected with 422 and a message.
    fn check<T: Payload>(body: &[u8]) -> Result<(), TestCaseError> {
        if let Err(error) = parse::<T>(body) {
            prop_assert_eq!(error.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
            prop_assert!(error.to_string().contains(", "), "{}", error);
        }
        Ok(())
    }

    fn check_every_payload(body: &[u8]) -> Result<(), TestCaseError> {
        check::<Registration>(body)?;
        check::<Credentials>(body)?;
        check::<AccountChanges>(body)?;
        check::<ArticleDraft>(body)?;
        check::<ArticleChanges>(body)?;
        check::<CommentBody>(body)
    }

    proptest! {
        #[test]
        fn any_json_is_parsed_or_rejected(fields in any_json(), key in select(&["user", "article", "comment"][..])) {
            check_every_payload(fields.to_string().as_bytes())?;
            check_every_payload(serde_json::json!({key: fields}).to_string().as_bytes())?;
        }

        #[test]
        fn any_bytes_are_parsed_or_rejected(
            body in any_json(), start: Index, end: Index, bytes in vec(any::<u8>(), 0..6),
        ) {
            let text = serde_json::json!({"user": body}).to_string().into_bytes();
            let (start, end) = (start.index(text.len()), end.index(text.len()));
            check_every_payload(&[&text[..start], &bytes, &text[end..]].concat())?;
        }
    }
}
