//! Columns, declared once: select lists, decoding, bulk copies and `NULL` rows are made from one
//! declaration.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::row_type::RowType;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Number,
    Text,
    Instant,
    Tags,
}

pub trait ColumnValue: RowType {
    const CONTENT: Content;

    /// Returns the value for a bulk insert: an instant is its milliseconds since 1970.
    fn to_json(&self) -> Value;
}

impl<V: ColumnValue> ColumnValue for Option<V>
where
    Self: RowType,
{
    const CONTENT: Content = V::CONTENT;

    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, V::to_json)
    }
}

pub trait Columns {
    /// Appends the columns. A value of one column has the name that its owner gives it.
    fn add_columns(name: &'static str, columns: &mut Vec<Column>);

    /// Writes each column's value under its name.
    fn write<M: SerializeMap>(&self, name: &'static str, row: &mut M) -> Result<(), M::Error>;

    fn columns() -> Vec<Column> {
        let mut columns = Vec::new();
        Self::add_columns("", &mut columns);
        columns
    }

    /// Returns the columns as a select list, each behind `prefix`, such as `u.`.
    fn select_list(prefix: &str) -> String {
        let names: Vec<String> = Self::columns().iter().map(|column| format!("{prefix}{}", column.name)).collect();
        names.join(", ")
    }
}

impl<V: ColumnValue> Columns for V {
    fn add_columns(name: &'static str, columns: &mut Vec<Column>) {
        columns.push(Column { name, content: V::CONTENT });
    }

    fn write<M: SerializeMap>(&self, name: &'static str, row: &mut M) -> Result<(), M::Error> {
        row.serialize_entry(name, &self.to_json())
    }
}

/// A row of a bulk insert: an object keyed by column.
pub struct JsonRow<'a, C>(pub &'a C);

impl<C: Columns> Serialize for JsonRow<'_, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        self.0.write("", &mut row)?;
        row.end()
    }
}

/// Decodes a row into a struct, field by field in the order of the columns.
macro_rules! row_type {
    ($type:ident { $($field:ident: $value:ty),+ $(,)? }) => {
        $crate::adapters::persistence::sql::columns::row_type!($type { $($field: $value),+ } => $type { $($field),+ });
    };
    ($type:ident { $($field:ident: $value:ty),+ $(,)? } => $built:expr) => {
        impl<DB> diesel::deserialize::Queryable<<Self as $crate::adapters::persistence::sql::row_type::RowType>::Sql, DB>
            for $type
        where
            DB: diesel::backend::Backend,
            ($($value,)+): diesel::deserialize::FromStaticSqlRow<
                <Self as $crate::adapters::persistence::sql::row_type::RowType>::Sql,
                DB,
            >,
        {
            type Row = ($($value,)+);

            fn build(($($field,)+): Self::Row) -> diesel::deserialize::Result<Self> {
                Ok($built)
            }
        }

        impl $crate::adapters::persistence::sql::row_type::RowType for $type {
            type Sql = ($(<$value as $crate::adapters::persistence::sql::row_type::RowType>::Sql,)+);
        }
    };
}
pub(in crate::adapters::persistence) use row_type;

/// Declares the columns of a struct: its fields in the order in which they are selected, each with
/// its type and its column. The name given to a field of several columns is not used.
macro_rules! columns {
    ($type:ident { $($field:ident: $value:ty = $name:literal),+ $(,)? }) => {
        $crate::adapters::persistence::sql::columns::row_type!($type { $($field: $value),+ });

        impl $crate::adapters::persistence::sql::columns::Columns for $type {
            fn add_columns(_: &'static str, columns: &mut Vec<$crate::adapters::persistence::sql::columns::Column>) {
                $(<$value as $crate::adapters::persistence::sql::columns::Columns>::add_columns($name, columns);)+
            }

            fn write<M: serde::ser::SerializeMap>(&self, _: &'static str, row: &mut M) -> Result<(), M::Error> {
                $($crate::adapters::persistence::sql::columns::Columns::write(&self.$field, $name, row)?;)+
                Ok(())
            }
        }
    };
}
pub(in crate::adapters::persistence) use columns;
