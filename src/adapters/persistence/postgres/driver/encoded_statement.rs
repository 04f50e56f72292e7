//! A statement on its way to the server: its text, and what it is bound to in PostgreSQL's binary format.

use std::error::Error;

use diesel::{
    QueryResult,
    pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata},
    query_builder::{QueryBuilder, QueryFragment, bind_collector::RawBytesBindCollector},
    result::Error::QueryBuilderError,
};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut};

/// What is sent.
pub struct EncodedStatement {
    /// The text, with `$1`, `$2`, ...
    pub text: String,
    /// The types of the parameters.
    pub types: Vec<Type>,
    /// The parameters.
    pub binds: Vec<Bind>,
    /// Whether the text is one of a fixed set, so that it is worth keeping prepared.
    pub is_fixed: bool,
}

impl EncodedStatement {
    /// What diesel makes of a query.
    pub fn of<Q: QueryFragment<Pg>>(query: &Q) -> QueryResult<Self> {
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let mut collector = RawBytesBindCollector::<Pg>::new();
        query.collect_binds(&mut collector, &mut OnlyBuiltIn, &Pg)?;
        Ok(Self {
            text: builder.finish(),
            types: collector.metadata.iter().map(built_in).collect::<QueryResult<_>>()?,
            binds: collector.binds.into_iter().map(Bind).collect(),
            is_fixed: query.is_safe_to_cache_prepared(&Pg)?,
        })
    }
}

/// Types of a database's own have other numbers in each; there are none here.
struct OnlyBuiltIn;

impl PgMetadataLookup for OnlyBuiltIn {
    fn lookup_type(&mut self, _name: &str, _schema: Option<&str>) -> PgTypeMetadata {
        PgTypeMetadata::new(0, 0)
    }
}

fn built_in(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let number = metadata.oid().map_err(|error| QueryBuilderError(error.into()))?;
    Type::from_oid(number).ok_or_else(|| QueryBuilderError("a parameter's type is not one of PostgreSQL's own".into()))
}

/// A parameter, as diesel wrote it.
#[derive(Debug)]
pub struct Bind(Option<Vec<u8>>);

impl ToSql for Bind {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(match &self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }
}
