//! A JSON value of which only the expected type is kept.
//!
//! Any JSON is accepted, so that all fields of the wrong type can be reported at once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

#[derive(Debug, PartialEq, Eq)]
pub enum JsonValue {
    Null,
    Text(String),
    TextList(Vec<String>),
    Object(Members),
    /// Anything but `null` and the expected type.
    WrongType,
}

/// The expected members of an object, in the order of the JSON. Others are skipped.
pub type Members = Vec<(&'static str, JsonValue)>;

/// The expected type of a value, which may also be `null`.
#[derive(Clone, Copy, Debug)]
pub enum Expected<'a> {
    Text,
    TextList,
    Object(&'a [(&'static str, Expected<'a>)]),
}

impl<'de> DeserializeSeed<'de> for Expected<'_> {
    type Value = JsonValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<JsonValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Expected<'_> {
    type Value = JsonValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<JsonValue, E> {
        Ok(JsonValue::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<JsonValue, E> {
        Ok(JsonValue::WrongType)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<JsonValue, E> {
        Ok(JsonValue::WrongType)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<JsonValue, E> {
        Ok(JsonValue::WrongType)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<JsonValue, E> {
        Ok(JsonValue::WrongType)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<JsonValue, E> {
        match self {
            Expected::Text => Ok(JsonValue::Text(text.to_owned())),
            _ => Ok(JsonValue::WrongType),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<JsonValue, A::Error> {
        let Expected::TextList = self else {
            while array.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(JsonValue::WrongType);
        };
        let mut texts = Some(Vec::new());
        while let Some(item) = array.next_element_seed(Expected::Text)? {
            match (item, &mut texts) {
                (JsonValue::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(JsonValue::WrongType, JsonValue::TextList))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<JsonValue, A::Error> {
        let Expected::Object(expected) = self else {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(JsonValue::WrongType);
        };
        let mut members = Members::new();
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            let Some((name, expected)) = expected.iter().find(|(name, _)| *name == key) else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = object.next_value_seed(*expected)?;
            if members.iter().any(|(other, _)| other == name) {
                return Err(A::Error::duplicate_field(name));
            }
            members.push((name, value));
        }
        Ok(JsonValue::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(expected: Expected<'_>, json: &str) -> Result<JsonValue, serde_json::Error> {
        expected.deserialize(&mut serde_json::Deserializer::from_str(json))
    }

    #[test]
    fn text_is_the_only_right_type_of_a_text() {
        let text = |json| read(Expected::Text, json).unwrap();
        assert_eq!(text(r#""a""#), JsonValue::Text("a".into()));
        assert_eq!(text("null"), JsonValue::Null);
        for wrong in ["1", "-1", "1.5", "true", "[]", r#"["a"]"#, "{}", r#"{"a": {"b": [1]}}"#, "1e300"] {
            assert_eq!(text(wrong), JsonValue::WrongType, "{wrong}");
        }
    }

    #[test]
    fn text_list_contains_only_texts() {
        let list = |json| read(Expected::TextList, json).unwrap();
        assert_eq!(list(r#"["a", "b"]"#), JsonValue::TextList(vec!["a".into(), "b".into()]));
        assert_eq!(list("[]"), JsonValue::TextList(vec![]));
        for wrong in [r#"["a", 1]"#, "[null]", "[[]]", r#""a""#, "{}", "1"] {
            assert_eq!(list(wrong), JsonValue::WrongType, "{wrong}");
        }
    }

    #[test]
    fn object_keeps_expected_members_and_rejects_duplicates() {
        let object = |json| read(Expected::Object(&[("a", Expected::Text), ("b", Expected::Text)]), json);
        let members = vec![("b", JsonValue::Null), ("a", JsonValue::Text("x".into()))];
        assert_eq!(object(r#"{"b": null, "c": [1], "a": "x", "c": 2}"#).unwrap(), JsonValue::Object(members));
        assert!(object(r#"{"a": null, "a": "x"}"#).is_err());
    }
}
