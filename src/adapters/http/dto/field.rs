//! One field of a request, in whatever state it came.
//!
//! Deserialising into plain types stops at the first field that does not fit. A [`Field`] takes anything, so that all
//! offending fields are told at once, each by its name.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::domain::model::values::{FieldErrors, Violation};

/// A field that should hold a `T`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// It was not there.
    #[default]
    Absent,
    /// It was `null`.
    Null,
    /// It was of another type.
    Wrong,
    /// It was a `T`.
    Value(T),
}

impl<T> Field<T> {
    /// A value that must be there; `None` after noting what is wrong.
    pub fn required<V>(
        self,
        name: &'static str,
        parse: impl FnOnce(T) -> Result<V, Violation>,
        errors: &mut FieldErrors,
    ) -> Option<V> {
        match self {
            Self::Absent | Self::Null => errors.check(name, Err(Violation::Blank)),
            Self::Wrong => errors.check(name, Err(Violation::Invalid)),
            Self::Value(value) => errors.check(name, parse(value)),
        }
    }

    /// A value that may be absent, but not `null`.
    pub fn optional<V>(
        self,
        name: &'static str,
        parse: impl FnOnce(T) -> Result<V, Violation>,
        errors: &mut FieldErrors,
    ) -> Option<V> {
        match self {
            Self::Absent => None,
            Self::Null => errors.check(name, Err(Violation::Null)),
            present => present.required(name, parse, errors),
        }
    }

    /// A value that may be absent, and that `null` or what `parse` takes for nothing clears: `Some(None)`.
    pub fn clearable<V>(
        self,
        name: &'static str,
        parse: impl FnOnce(T) -> Result<Option<V>, Violation>,
        errors: &mut FieldErrors,
    ) -> Option<Option<V>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            present => present.required(name, parse, errors),
        }
    }
}

/// What can be read from some kinds of JSON; the kinds that it does not name are of the wrong type.
pub trait FromJson<'de>: Sized {
    /// From a string.
    fn from_text(_text: &str) -> Option<Self> {
        None
    }

    /// From an array.
    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Option<Self>, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// From an object.
    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl FromJson<'_> for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl<'de> FromJson<'de> for Vec<String> {
    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Option<Self>, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(item) = array.next_element::<Field<String>>()? {
            texts = texts.zip(item.value()).map(|(mut texts, text)| {
                texts.push(text);
                texts
            });
        }
        Ok(texts)
    }
}

impl<T> Field<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: FromJson<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Field<T>, E> {
        Ok(Field::Wrong)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Field<T>, E> {
        Ok(Field::Wrong)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Field<T>, E> {
        Ok(Field::Wrong)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Field<T>, E> {
        Ok(Field::Wrong)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field<T>, E> {
        Ok(T::from_text(text).map_or(Field::Wrong, Field::Value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Field<T>, A::Error> {
        Ok(T::from_array(array)?.map_or(Field::Wrong, Field::Value))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Field<T>, A::Error> {
        Ok(T::from_object(object)?.map_or(Field::Wrong, Field::Value))
    }
}

impl<'de, T: FromJson<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

/// Lets a struct with `#[derive(Deserialize)]` be read from an object, and from nothing else: derived code takes arrays
/// too.
macro_rules! from_object {
    ($($fields:ident),+) => {
        $(impl<'de> $crate::adapters::http::dto::field::FromJson<'de> for $fields {
            fn from_object<A: serde::de::MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
                serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(object)).map(Some)
            }
        })+
    };
}
pub(super) use from_object;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Field<String> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_field_takes_anything() {
        assert_eq!(text(r#""a""#), Field::Value("a".into()));
        assert_eq!(text("null"), Field::Null);
        for wrong in ["1", "-1", "1.5", "true", "[]", r#"["a"]"#, "{}", r#"{"a": {"b": [1]}}"#, "1e300"] {
            assert_eq!(text(wrong), Field::Wrong, "{wrong}");
        }
    }

    #[test]
    fn a_list_of_texts_holds_nothing_else() {
        let list = |json| serde_json::from_str::<Field<Vec<String>>>(json).unwrap();
        assert_eq!(list(r#"["a", "b"]"#), Field::Value(vec!["a".into(), "b".into()]));
        assert_eq!(list("[]"), Field::Value(vec![]));
        for wrong in [r#"["a", 1]"#, "[null]", "[[]]", r#""a""#, "{}", "1"] {
            assert_eq!(list(wrong), Field::Wrong, "{wrong}");
        }
    }
}
