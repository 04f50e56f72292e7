//! Types that rows decode to.

use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::query_dsl::CompatibleType;
use diesel::sql_types::{BigInt, Bool, Nullable, SqlType, Text};
use diesel::sqlite::Sqlite;

/// A type that a row decodes to on both engines. Names its SQL type once.
pub trait RowType: FromSqlRow<Self::Sql, Pg> + FromSqlRow<Self::Sql, Sqlite> + Send + 'static {
    /// The SQL type of the row, or of its columns as a tuple.
    type Sql: CompatibleType<Self, Pg, SqlType = Self::Sql>
        + CompatibleType<Self, Sqlite, SqlType = Self::Sql>
        + Send
        + 'static;
}

impl RowType for i64 {
    type Sql = BigInt;
}

impl RowType for bool {
    type Sql = Bool;
}

impl RowType for String {
    type Sql = Text;
}

impl<R: RowType> RowType for Option<R>
where
    R::Sql: SqlType,
    Nullable<R::Sql>: CompatibleType<Self, Pg, SqlType = Nullable<R::Sql>>
        + CompatibleType<Self, Sqlite, SqlType = Nullable<R::Sql>>
        + Send,
    Self: FromSqlRow<Nullable<R::Sql>, Pg> + FromSqlRow<Nullable<R::Sql>, Sqlite>,
{
    type Sql = Nullable<R::Sql>;
}

macro_rules! tuples {
    ($(($($column:ident),+))+) => {$(
        impl<$($column: RowType),+> RowType for ($($column,)+)
        where
            ($($column::Sql,)+): CompatibleType<Self, Pg, SqlType = ($($column::Sql,)+)>
                + CompatibleType<Self, Sqlite, SqlType = ($($column::Sql,)+)>,
            Self: FromSqlRow<($($column::Sql,)+), Pg> + FromSqlRow<($($column::Sql,)+), Sqlite>,
        {
            type Sql = ($($column::Sql,)+);
        }
    )+};
}
tuples! {
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E, F, G, H, I)
}
