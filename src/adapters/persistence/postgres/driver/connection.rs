//! Implements diesel's and diesel-async's connection traits on tokio-postgres.
//!
//! diesel-async's own connection hides the SQLSTATE, so that only its message would distinguish a
//! deadlock, and prepares every statement under a name, which a pooler may lose between statements.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::{CacheSize, DynInstrumentation, Instrumentation, InstrumentationEvent, StrQueryHelper};
use diesel::pg::Pg;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::{ConnectionResult, QueryResult, debug_query};
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager,
};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use tokio::task::JoinHandle;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{Client, Connection, Error, NoTls, RowStream, Socket, Statement};

use super::encoded_statement::EncodedStatement;
use super::error::{into_connection_error, into_diesel_error};
use super::row::PgRow;

pub struct PgConnection {
    shared: Arc<SharedClient>,
    cache: CacheSize,
    transactions: AnsiTransactionManager,
    instrumentation: DynInstrumentation,
}

struct SharedClient {
    client: Client,
    driver: JoinHandle<()>,
    prepared: Mutex<HashMap<String, Statement>>,
}

impl PgConnection {
    #[expect(clippy::disallowed_methods, reason = "the connection outlives the request that opens it")]
    pub fn new<S>(client: Client, connection: Connection<Socket, S>) -> Self
    where
        S: TlsStream + Unpin + Send + 'static,
    {
        let driver = tokio::spawn(async {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        Self::from_client(Arc::new(SharedClient { client, driver, prepared: Mutex::default() }), CacheSize::Unbounded)
    }

    /// Returns another handle to the same connection, for pipelining. There MUST be only one while
    /// a transaction is open.
    pub fn clone_handle(&self) -> Self {
        Self::from_client(Arc::clone(&self.shared), self.cache)
    }

    fn from_client(shared: Arc<SharedClient>, cache: CacheSize) -> Self {
        let instrumentation = DynInstrumentation::default_instrumentation();
        Self { shared, cache, transactions: AnsiTransactionManager::default(), instrumentation }
    }

    fn encode<Q: QueryFragment<Pg>>(&mut self, query: &Q) -> QueryResult<EncodedStatement> {
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&debug_query(query)));
        EncodedStatement::new(query)
    }

    async fn send(&mut self, encoded: QueryResult<EncodedStatement>) -> QueryResult<RowStream> {
        let encoded = encoded?;
        let rows = if encoded.is_fixed && !matches!(self.cache, CacheSize::Disabled) {
            self.shared.query_prepared(&encoded).await
        } else {
            // Parsed, bound and executed in one message, without a name.
            let parameters = encoded.binds.iter().zip(encoded.types.iter().cloned());
            self.shared.client.query_typed_raw(&encoded.text, parameters).await
        };
        rows.map_err(into_diesel_error)
    }
}

impl SharedClient {
    fn prepared(&self) -> MutexGuard<'_, HashMap<String, Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn query_prepared(&self, encoded: &EncodedStatement) -> Result<RowStream, Error> {
        let known = self.prepared().get(&encoded.text).cloned();
        let statement = match known {
            Some(statement) => statement,
            None => {
                let statement = self.client.prepare_typed(&encoded.text, &encoded.types).await?;
                self.prepared().insert(encoded.text.clone(), statement.clone());
                statement
            }
        };
        self.client.query_raw(&statement, &encoded.binds).await
    }
}

impl Drop for SharedClient {
    fn drop(&mut self) {
        // Without this, an unresponsive server would keep the socket open.
        self.driver.abort();
    }
}

impl SimpleAsyncConnection for PgConnection {
    async fn batch_execute(&mut self, statements: &str) -> QueryResult<()> {
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&StrQueryHelper::new(statements)));
        self.shared.client.batch_execute(statements).await.map_err(into_diesel_error)
    }
}

impl AsyncConnectionCore for PgConnection {
    type Backend = Pg;
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type Row<'conn, 'query> = PgRow;
    type Stream<'conn, 'query> = BoxStream<'static, QueryResult<PgRow>>;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        let encoded = self.encode(&source.as_query());
        async move {
            let rows = self.send(encoded).await?;
            Ok(rows.map_ok(PgRow).map_err(into_diesel_error).boxed())
        }
        .boxed()
    }

    fn execute_returning_count<'conn, 'query, T>(&'conn mut self, source: T) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        let encoded = self.encode(&source);
        async move {
            let mut rows = Box::pin(self.send(encoded).await?);
            while rows.try_next().await.map_err(into_diesel_error)?.is_some() {}
            Ok(rows.rows_affected().and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
        }
        .boxed()
    }
}

impl AsyncConnection for PgConnection {
    type TransactionManager = AnsiTransactionManager;

    async fn establish(url: &str) -> ConnectionResult<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(into_connection_error)?;
        Ok(Self::new(client, connection))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut *self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = instrumentation.into();
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.cache = size;
    }
}

impl PoolableConnection for PgConnection {
    fn is_broken(&mut self) -> bool {
        AnsiTransactionManager::is_broken_transaction_manager(self) || self.shared.client.is_closed()
    }
}
