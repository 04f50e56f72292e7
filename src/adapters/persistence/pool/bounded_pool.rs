//! Connection pool behind a [`LoadShedder`].

use std::time::Duration;

use deadpool::Status;
use deadpool::managed::{Manager, Object, Pool, PoolError, TimeoutType, Timeouts};

use super::load_shedder::LoadShedder;
use crate::adapters::persistence::sql::statement::WaitPolicy;

type Result<M> = std::result::Result<Object<M>, PoolError<<M as Manager>::Error>>;

pub struct BoundedPool<M: Manager> {
    pool: Pool<M>,
    load_shedder: LoadShedder,
}

impl<M: Manager> BoundedPool<M> {
    pub fn new(pool: Pool<M>) -> Self {
        let timeout = pool.timeouts().wait.unwrap_or(Duration::MAX);
        Self { pool, load_shedder: LoadShedder::new(timeout) }
    }

    /// Fails with [`TimeoutType::Wait`] if all connections are in use.
    pub async fn try_get(&self) -> Result<M> {
        self.pool.timeout_get(&Timeouts { wait: Some(Duration::ZERO), ..self.pool.timeouts() }).await
    }

    /// Fails with [`TimeoutType::Wait`] if no connection is released in time, or at once if none is
    /// expected to be.
    pub async fn get(&self, wait_policy: WaitPolicy) -> Result<M> {
        match self.try_get().await {
            Err(PoolError::Timeout(TimeoutType::Wait)) => self.get_queued(wait_policy).await,
            result => result,
        }
    }

    /// Does the same as [`get`](Self::get) after [`try_get`](Self::try_get) has failed.
    pub async fn get_queued(&self, wait_policy: WaitPolicy) -> Result<M> {
        let slot = self.load_shedder.join(wait_policy).ok_or(PoolError::Timeout(TimeoutType::Wait))?;
        let result = self.pool.get().await;
        if !matches!(result, Err(PoolError::Timeout(TimeoutType::Wait))) {
            slot.mark_served();
        }
        result
    }

    pub fn status(&self) -> Status {
        self.pool.status()
    }

    /// Closes idle connections at once, and the others when they are released.
    pub fn close(&self) {
        self.pool.close();
    }

    pub fn close_idle(&self) {
        self.pool.retain(|_, _| false);
    }
}
