//! A session on PostgreSQL, asynchronous from end to end.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use diesel::{expression::QueryMetadata, pg::Pg, sqlite::Sqlite};

use super::{
    dialect::DIALECT,
    driver::{
        connection::PgConnection,
        runner::{Patience, Statements},
    },
    pipeline::{Place, SharedFailure},
    pools::{Connections, Pools},
    replicas::set::Replicas,
};
use crate::adapters::persistence::{
    pool::lease::Lease,
    sql::{
        dialect::Dialect,
        error::QueryError,
        execution::{BEGIN, COMMIT, ROLL_BACK, query_timer},
        executor::{Row, Session, Shape},
        retry::Retries,
        statement::{Question, Queueing},
        unit_of_work::{Current, Purpose, Transactions},
    },
};

type Connection = Lease<Connections>;

/// Makes a transaction see, from its first statement to its end, what was committed by then.
const ONE_MOMENT: &str = "set transaction isolation level repeatable read, read only";

/// An async closure whose future is `Send`, which stable Rust cannot say directly.
trait Work<'c, R>: AsyncFnOnce(Statements<'c>) -> R + FnOnce(Statements<'c>) -> Self::Future {
    type Future: Future<Output = R> + Send;
}
impl<'c, F, R, Fut> Work<'c, R> for F
where
    F: AsyncFnOnce(Statements<'c>) -> R + FnOnce(Statements<'c>) -> Fut,
    Fut: Future<Output = R> + Send,
{
    type Future = Fut;
}

/// A PostgreSQL database behind pools of connections.
#[derive(Clone)]
pub struct PostgresSession {
    pools: Pools,
    replicas: Replicas,
    patience: Patience,
    brief_patience: Patience,
    begin: Arc<str>,
}

impl PostgresSession {
    /// A session on these pools, where a statement may take so long before the server gives it up, and a unit of work begins
    /// in these words.
    pub(super) fn new(pools: Pools, replicas: Replicas, statement_timeout: Duration, begin: String) -> Self {
        Self {
            pools,
            replicas,
            patience: Patience::with(statement_timeout),
            brief_patience: Patience::briefly(statement_timeout),
            begin: begin.into(),
        }
    }

    /// What a replica answers, if one may and does; whatever keeps it from answering, the primary is left to ask.
    async fn ask_replica<ST, R>(&self, question: &Question<ST>) -> Option<Vec<R>>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
    {
        if !question.can_lag() || Current::<Connection>::get().is_some() {
            return None;
        }
        let replica = self.replicas.pick()?;
        let rows = match self.join(&replica.pools, question).await {
            Some(place) => self.ask_at(place.ok()?, &replica.pools, question).await,
            None => {
                let mut lease = Lease::new(replica.pools.get(question.queueing()).await.ok()?);
                let rows = self.statements(&mut lease, Retries::NONE).ok()?.rows(question).await;
                if rows.is_ok() {
                    lease.give_back();
                }
                Some(rows)
            }
        };
        match rows {
            Some(Ok(rows)) => Some(rows),
            None => {
                // Slow or frozen: nobody else waits to find out which, until it is heard of again.
                tracing::debug!("a replica takes long to answer; the primary is asked");
                replica.note_away();
                None
            }
            Some(Err(error)) => {
                tracing::debug!(?error, "a replica does not answer; the primary is asked");
                replica.note_gone();
                None
            }
        }
    }

    /// A place on a connection that others share, for what is brief.
    async fn join<ST>(
        &self,
        pools: &Pools,
        question: &Question<ST>,
    ) -> Option<Result<Place<Connections>, SharedFailure<Connections>>> {
        if question.is_brief() { pools.join(question.queueing()).await } else { None }
    }

    /// What is answered at a place among others; none if it takes so long that it is better asked again elsewhere.
    async fn ask_at<ST, R>(
        &self,
        place: Place<Connections>,
        pools: &Pools,
        question: &Question<ST>,
    ) -> Option<Result<Vec<R>, QueryError>>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
    {
        let mut connection = place.see(PgConnection::beside)?;
        let mut statements =
            Statements { connection: &mut connection, patience: self.brief_patience, retries: Retries::SOME };
        match statements.rows(question).await {
            Err(QueryError::Lost(_)) => {
                pools.pause_meetings();
                None
            }
            rows => {
                place.leave();
                Some(rows)
            }
        }
    }

    async fn lease(&self, queueing: Queueing) -> Result<Connection, QueryError> {
        Ok(Lease::new(self.pools.get(queueing).await?))
    }

    fn statements<'c>(&self, lease: &'c mut Connection, retries: Retries) -> Result<Statements<'c>, QueryError> {
        let connection = lease.connection().ok_or(diesel::result::Error::BrokenTransactionManager)?;
        Ok(Statements { connection, patience: self.patience, retries })
    }

    /// Runs statements on a connection: the unit's, or a pooled one, on which each stands for itself.
    async fn run<R, F>(&self, queueing: Queueing, can_conflict: bool, work: F) -> Result<R, QueryError>
    where
        R: Send,
        F: for<'c> Work<'c, Result<R, QueryError>> + Send,
    {
        let Some(unit) = Current::<Connection>::get() else {
            let mut lease = self.lease(queueing).await?;
            let result = work(self.statements(&mut lease, Retries::SOME)?).await;
            self.take_back(lease, &result);
            return result;
        };
        let mut unit = unit.enter().await;
        let mut lease = unit.transaction(self).await?;
        let result = match can_conflict {
            true => self.in_savepoint(&mut lease, work).await,
            false => work(self.statements(&mut lease, Retries::NONE)?).await,
        };
        match &result {
            // The transaction is gone.
            Err(QueryError::Lost(_)) => self.take_back(lease, &result),
            Err(QueryError::Taken(_)) => unit.leave(lease, !can_conflict),
            _ => unit.leave(lease, result.is_err()),
        }
        result
    }

    /// Runs statements so that the transaction outlives their failure: PostgreSQL refuses everything after a failed
    /// statement otherwise.
    async fn in_savepoint<R, F>(&self, lease: &mut Connection, work: F) -> Result<R, QueryError>
    where
        R: Send,
        F: for<'c> Work<'c, Result<R, QueryError>> + Send,
    {
        self.statements(lease, Retries::NONE)?.begin_savepoint().await?;
        let result = work(self.statements(lease, Retries::NONE)?).await;
        match &result {
            Ok(_) => self.statements(lease, Retries::NONE)?.commit().await?,
            Err(QueryError::Lost(_)) => {}
            Err(_) => self.statements(lease, Retries::NONE)?.roll_back().await?,
        }
        result
    }

    /// Puts a connection back. If it turned out to lead to a server that is of no use, it is closed, and so are the
    /// others that lead there.
    fn take_back<R>(&self, lease: Connection, result: &Result<R, QueryError>) {
        match result {
            Err(QueryError::Lost(_)) => self.pools.clear(),
            _ => lease.give_back(),
        }
    }
}

#[async_trait]
impl Session for PostgresSession {
    const DIALECT: Dialect = DIALECT;

    async fn rows<ST, R>(&self, question: Question<ST>) -> Result<Vec<R>, QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        if let Some(rows) = self.ask_replica(&question).await {
            return Ok(rows);
        }
        if Current::<Connection>::get().is_none()
            && let Some(place) = self.join(&self.pools, &question).await
            && let Some(rows) = self.ask_at(place?, &self.pools, &question).await
        {
            return rows;
        }
        self.run(question.queueing(), question.can_conflict(), async |mut on: Statements<'_>| on.rows(&question).await)
            .await
    }

    async fn rows_after<ST, R>(&self, change: Question, question: Question<ST>) -> Result<(usize, Vec<R>), QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        self.run(change.queueing(), change.can_conflict(), async |mut on: Statements<'_>| {
            let count = on.execute(&change).await?;
            Ok((count, on.rows(&question).await?))
        })
        .await
    }

    fn measure(&self) {
        self.pools.measure();
        self.replicas.measure();
    }

    fn close(&self) {
        self.pools.close();
        self.replicas.close();
    }

    async fn execute(&self, change: Question) -> Result<usize, QueryError> {
        self.run(change.queueing(), change.can_conflict(), async |mut on: Statements<'_>| on.execute(&change).await)
            .await
    }
}

#[async_trait]
impl Transactions for PostgresSession {
    type Open = Connection;

    async fn begin(&self, purpose: Purpose) -> Result<Connection, QueryError> {
        let mut lease = self.lease(Queueing::IfInTime).await?;
        let _timer = query_timer(BEGIN);
        let mut statements = self.statements(&mut lease, Retries::NONE)?;
        match purpose {
            Purpose::Write => statements.begin(&self.begin).await?,
            Purpose::Snapshot => statements.begin(&format!("{}; {ONE_MOMENT}", self.begin)).await?,
        }
        Ok(lease)
    }

    async fn commit(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(COMMIT);
        self.statements(&mut open, Retries::NONE)?.commit().await?;
        open.give_back();
        Ok(())
    }

    async fn roll_back(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(ROLL_BACK);
        self.statements(&mut open, Retries::NONE)?.roll_back().await?;
        open.give_back();
        Ok(())
    }
}
