//! A connection to PostgreSQL: tokio-postgres underneath, diesel's and diesel-async's traits on top.
//!
//! diesel-async has a connection of its own, which two things speak against. Its errors hide the SQLSTATE, so that a
//! deadlock could only be told from other failures by an English message. And each of its statements is prepared under a
//! name, which is lost where a pooler gives every statement to another of the server's sessions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use diesel::{
    ConnectionError, ConnectionResult, QueryResult,
    connection::{CacheSize, DynInstrumentation, Instrumentation, InstrumentationEvent, StrQueryHelper},
    debug_query,
    pg::Pg,
    query_builder::{AsQuery, QueryFragment, QueryId},
    result::Error::QueryBuilderError,
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager,
    pooled_connection::PoolableConnection,
};
use futures_util::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Connection, NoTls, RowStream, Socket, Statement, tls::TlsStream};

use super::{encoded_statement::EncodedStatement, error::into_diesel_error, row::PgRow};

/// A connection, with the statements that are prepared on it.
pub struct PgConnection {
    shared: Arc<SharedClient>,
    cache: CacheSize,
    transactions: AnsiTransactionManager,
    instrumentation: DynInstrumentation,
}

/// What leads to the server, for as long as somebody uses it.
struct SharedClient {
    client: Client,
    driver: JoinHandle<()>,
    prepared: Mutex<HashMap<String, Statement>>,
}

impl PgConnection {
    /// A connection of what tokio-postgres made.
    #[expect(clippy::disallowed_methods, reason = "a connection is driven beside the requests that use it")]
    pub fn new<S>(client: Client, connection: Connection<Socket, S>) -> Self
    where
        S: TlsStream + Unpin + Send + 'static,
    {
        let driver = tokio::spawn(async {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        Self::on(Arc::new(SharedClient { client, driver, prepared: Mutex::default() }), CacheSize::Unbounded)
    }

    /// The same connection for one more to use: their statements follow one another, and none waits for the answers to
    /// those before it. While somebody has a transaction open there MUST NOT be another.
    pub fn beside(&self) -> Self {
        Self::on(Arc::clone(&self.shared), self.cache)
    }

    fn on(shared: Arc<SharedClient>, cache: CacheSize) -> Self {
        let instrumentation = DynInstrumentation::default_instrumentation();
        Self { shared, cache, transactions: AnsiTransactionManager::default(), instrumentation }
    }

    /// Sends a statement, and gives its rows as they come.
    async fn send(&mut self, encoded: QueryResult<EncodedStatement>) -> QueryResult<RowStream> {
        let encoded = encoded?;
        let answer = match self.prepare(&encoded).await {
            Ok(Some(statement)) => {
                self.shared.client.query_raw(&statement, &encoded.binds).await.map_err(into_diesel_error)
            }
            // Parsed, bound and executed in one message, without a name.
            Ok(None) => {
                let parameters = encoded.binds.iter().zip(encoded.types.iter().cloned());
                self.shared.client.query_typed_raw(&encoded.text, parameters).await.map_err(into_diesel_error)
            }
            Err(error) => Err(error),
        };
        self.finished(&encoded.text, &answer);
        answer
    }

    /// The statement, if it is one to be kept prepared.
    async fn prepare(&mut self, encoded: &EncodedStatement) -> QueryResult<Option<Statement>> {
        if !encoded.is_fixed || matches!(self.cache, CacheSize::Disabled) {
            return Ok(None);
        }
        if let Some(statement) = self.shared.prepared().get(&encoded.text) {
            return Ok(Some(statement.clone()));
        }
        let statement =
            self.shared.client.prepare_typed(&encoded.text, &encoded.types).await.map_err(into_diesel_error)?;
        self.shared.prepared().insert(encoded.text.clone(), statement.clone());
        Ok(Some(statement))
    }

    fn started<Q: QueryFragment<Pg>>(&mut self, query: &Q) {
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&debug_query(query)));
    }

    fn finished<T>(&mut self, text: &str, result: &QueryResult<T>) {
        let event_query = StrQueryHelper::new(text);
        let event = InstrumentationEvent::finish_query(&event_query, result.as_ref().err());
        self.instrumentation.on_connection_event(event);
    }
}

impl SharedClient {
    fn prepared(&self) -> MutexGuard<'_, HashMap<String, Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SharedClient {
    fn drop(&mut self) {
        // Also when the server does not answer.
        self.driver.abort();
    }
}

impl SimpleAsyncConnection for PgConnection {
    async fn batch_execute(&mut self, statements: &str) -> QueryResult<()> {
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&StrQueryHelper::new(statements)));
        let result = self.shared.client.batch_execute(statements).await.map_err(into_diesel_error);
        self.finished(statements, &result);
        result
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
        let query = source.as_query();
        self.started(&query);
        let encoded = EncodedStatement::of(&query);
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
        self.started(&source);
        let encoded = EncodedStatement::of(&source);
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
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(refused)?;
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

/// There is no connection; diesel has no word for a cause.
fn refused(error: tokio_postgres::Error) -> ConnectionError {
    ConnectionError::CouldntSetupConfiguration(QueryBuilderError(error.into()))
}
