//! A pool of connections in which nobody waits in vain; see [`bounded_queue`](super::bounded_queue).

use std::time::Duration;

use deadpool::{
    Status,
    managed::{Manager, Object, Pool, PoolError, TimeoutType, Timeouts},
};

use super::load_shedder::LoadShedder;
use crate::adapters::persistence::sql::statement::WaitPolicy;

type Got<M> = Result<Object<M>, PoolError<<M as Manager>::Error>>;

/// The pool; clones are the same one.
pub struct BoundedPool<M: Manager> {
    pool: Pool<M>,
    queue: LoadShedder,
}

impl<M: Manager> Clone for BoundedPool<M> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), queue: self.queue.clone() }
    }
}

impl<M: Manager> BoundedPool<M> {
    /// This pool, in which nobody waits longer than its time-out says.
    pub fn new(pool: Pool<M>) -> Self {
        let longest = pool.timeouts().wait.unwrap_or(Duration::MAX);
        Self { pool, queue: LoadShedder::new(longest) }
    }

    /// A connection that is free or may be opened now.
    ///
    /// # Errors
    /// [`TimeoutType::Wait`] when there is none; otherwise why it could not be opened.
    pub async fn try_get(&self) -> Got<M> {
        self.pool.timeout_get(&Timeouts { wait: Some(Duration::ZERO), ..self.pool.timeouts() }).await
    }

    /// A connection, after a wait if need be.
    ///
    /// # Errors
    /// [`TimeoutType::Wait`] when none came back in time, or at once when none would; otherwise why it could not be
    /// opened.
    pub async fn get(&self, wait_policy: WaitPolicy) -> Got<M> {
        match self.try_get().await {
            Err(PoolError::Timeout(TimeoutType::Wait)) => self.get_queued(wait_policy).await,
            answer => answer,
        }
    }

    /// The same for those who know that there is none now.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn get_queued(&self, wait_policy: WaitPolicy) -> Got<M> {
        let slot = self.queue.join(wait_policy).ok_or(PoolError::Timeout(TimeoutType::Wait))?;
        let answer = self.pool.get().await;
        if !matches!(answer, Err(PoolError::Timeout(TimeoutType::Wait))) {
            slot.is_served();
        }
        answer
    }

    /// How it is used now.
    pub fn status(&self) -> Status {
        self.pool.status()
    }

    /// Closes the connections that nobody uses now, and the others when they come back.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Closes the connections that nobody uses now.
    pub fn clear(&self) {
        self.pool.retain(|_, _| false);
    }
}
