//! Encodes diesel's statements for tokio-postgres, with parameters in PostgreSQL's binary format.

use std::error::Error;

use diesel::QueryResult;
use diesel::pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::result::Error::QueryBuilderError;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

pub struct EncodedStatement {
    pub text: String,
    pub types: Vec<Type>,
    pub binds: Vec<Bind>,
    /// Whether the text is one of a fixed set, so that preparing it pays.
    pub is_fixed: bool,
}

impl EncodedStatement {
    pub fn new<Q: QueryFragment<Pg>>(query: &Q) -> QueryResult<Self> {
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let mut collector = RawBytesBindCollector::<Pg>::new();
        query.collect_binds(&mut collector, &mut BuiltInTypes, &Pg)?;
        Ok(Self {
            text: builder.finish(),
            types: collector.metadata.iter().map(built_in_type).collect::<QueryResult<_>>()?,
            binds: collector.binds.into_iter().map(Bind).collect(),
            is_fixed: query.is_safe_to_cache_prepared(&Pg)?,
        })
    }
}

/// Rejects custom types, whose OIDs differ from database to database: the schema has none.
struct BuiltInTypes;

impl PgMetadataLookup for BuiltInTypes {
    fn lookup_type(&mut self, _name: &str, _schema: Option<&str>) -> PgTypeMetadata {
        PgTypeMetadata::new(0, 0)
    }
}

fn built_in_type(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let oid = metadata.oid().map_err(|error| QueryBuilderError(error.into()))?;
    Type::from_oid(oid).ok_or_else(|| QueryBuilderError("the type of a parameter is not built into PostgreSQL".into()))
}

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
