//! Passwords hashed by Argon2id (RFC 9106) with parameters of OWASP's "Password Storage Cheat Sheet": 19 MiB, 2 passes,
//! 1 lane.

mod metrics;
mod stored;

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use async_trait::async_trait;
use tokio::sync::oneshot;

use self::{metrics::HasherMetrics, stored::Stored};
use crate::{
    adapters::telemetry::metrics::guards::{InFlightGuard, Timer},
    domain::model::{user::PasswordHash, values::Password},
    ports::security::{PasswordHasher, SecurityError, Verification},
};

/// How many passwords may wait for a core, per core. At some 16 ms each the last of them waits for about a second.
const QUEUE_PER_CORE: usize = 64;

/// What a hash costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

type Job = Box<dyn FnOnce(&Argon2<'static>) + Send>;

/// Hashes on threads of its own, one per core: more at a time would not be faster. The threads are always the same,
/// because the C library's allocator keeps what a thread has freed for that thread: on tokio's many blocking threads
/// the memory of one hash would stay behind on each.
pub struct Argon2Hasher {
    queue: SyncSender<Job>,
    cost: Cost,
    metrics: HasherMetrics,
    /// What a password is compared with when there is nothing to compare it with.
    decoy: PasswordHash,
}

impl Argon2Hasher {
    /// A hasher of this cost that uses so many cores.
    ///
    /// # Errors
    /// When the cost is outside what Argon2 allows, or the threads cannot be had.
    pub fn new(cost: Cost, cores: usize) -> Result<Self, SecurityError> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None).map_err(internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, b"nobody's password")?;
        let (queue, jobs) = sync_channel(cores * QUEUE_PER_CORE);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..cores {
            let (argon2, jobs) = (argon2.clone(), Arc::clone(&jobs));
            let hashing = thread::Builder::new().name(String::from("passwords"));
            hashing
                .spawn(move || {
                    while let Some(job) = next(&jobs) {
                        job(&argon2)
                    }
                })
                .map_err(internal)?;
        }
        Ok(Self { queue, cost, metrics: HasherMetrics::new(), decoy })
    }

    /// Works on one of the threads when it is free, unless nobody waits for the result by then.
    async fn work<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<R, SecurityError> + Send + 'static,
    ) -> Result<R, SecurityError> {
        let (answer, answered) = oneshot::channel();
        let (waiting, duration) = (InFlightGuard::new(self.metrics.queue.clone()), self.metrics.duration.clone());
        let job: Job = Box::new(move |argon2| {
            drop(waiting);
            if !answer.is_closed() {
                let timer = Timer::start(duration);
                let result = work(argon2);
                drop(timer);
                // Whoever left meanwhile does not miss it.
                let _ = answer.send(result);
            }
        });
        self.queue.try_send(job).map_err(|_full| {
            self.metrics.rejected.increment(1);
            SecurityError::Overloaded
        })?;
        answered.await.map_err(internal)?
    }
}

/// The next job; `None` when the hasher is gone.
fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().ok()?.recv().ok()
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> SecurityError {
    SecurityError::Internal(Box::new(error))
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<PasswordHash, SecurityError> {
    let phc = argon2.hash_password(password).map_err(internal)?;
    Ok(PasswordHash::new(phc.to_string()))
}

fn verify(argon2: &Argon2<'_>, password: &[u8], stored: &Stored) -> Result<Verification, SecurityError> {
    match argon2.verify_password(password, &stored.phc) {
        Ok(()) if stored.is_weak => hash(argon2, password).map(Verification::NeedsRehash),
        Ok(()) => Ok(Verification::Match),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verification::Mismatch),
        Err(error) => Err(internal(error)),
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, SecurityError> {
        self.work(move |argon2| hash(argon2, password.expose().as_bytes())).await
    }

    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<Verification, SecurityError> {
        let is_known = hash.is_some();
        let stored = Stored::read(hash.as_ref().unwrap_or(&self.decoy), self.cost)?;
        let verification = self.work(move |argon2| verify(argon2, password.expose().as_bytes(), &stored)).await?;
        Ok(if is_known { verification } else { Verification::Mismatch })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    fn hasher() -> Argon2Hasher {
        hasher_of(8, 1)
    }

    fn hasher_of(memory_kib: u32, iterations: u32) -> Argon2Hasher {
        Argon2Hasher::new(Cost { memory_kib, iterations, parallelism: 1 }, 2).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::candidate(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_is_salted_and_matches_its_password_alone() {
        let hasher = hasher();
        let (one, other) =
            (hasher.hash(password("secret 1")).await.unwrap(), hasher.hash(password("secret 1")).await.unwrap());
        assert!(one.expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert_ne!(one.expose(), other.expose());
        let verify = async |text| hasher.verify(password(text), Some(one.clone())).await;
        assert!(matches!(verify("secret 1").await, Ok(Verification::Match)));
        assert!(matches!(verify("secret 2").await, Ok(Verification::Mismatch)));
    }

    #[tokio::test]
    async fn the_right_password_makes_a_weak_hash_as_strong_as_new_ones() {
        let weak = hasher().hash(password("secret 1")).await.unwrap();
        for stronger in [hasher_of(16, 1), hasher_of(8, 2)] {
            let wrong = stronger.verify(password("secret 2"), Some(weak.clone())).await;
            assert!(matches!(wrong, Ok(Verification::Mismatch)));

            let right = stronger.verify(password("secret 1"), Some(weak.clone())).await;
            let Ok(Verification::NeedsRehash(strong)) = right else { panic!("{right:?}") };
            let again = stronger.verify(password("secret 1"), Some(strong)).await;
            assert!(matches!(again, Ok(Verification::Match)));
        }
    }

    #[tokio::test]
    async fn without_a_hash_nothing_matches() {
        let verification = hasher().verify(password("nobody's password"), None).await;
        assert!(matches!(verification, Ok(Verification::Mismatch)));
    }

    #[tokio::test]
    async fn a_hash_that_is_none_is_a_defect() {
        let broken = hasher().verify(password("secret 1"), Some(PasswordHash::new("plain".into()))).await;
        assert!(matches!(broken, Err(SecurityError::Internal(_))));
    }

    /// A job that takes until `busy` is free.
    fn waits_for(busy: &Arc<Mutex<()>>) -> Job {
        let busy = Arc::clone(busy);
        Box::new(move |_| drop(busy.lock()))
    }

    /// Gives each of two threads such a job. They have them when this is over, so that none takes a place in the queue any more.
    fn occupy(hasher: &Argon2Hasher, busy: &Arc<Mutex<()>>) {
        let (begun, begins) = std::sync::mpsc::channel();
        for _ in 0..2 {
            let (begun, wait) = (begun.clone(), waits_for(busy));
            let job = move |argon2: &Argon2<'static>| {
                let _ = begun.send(());
                wait(argon2);
            };
            hasher.queue.try_send(Box::new(job)).unwrap();
            begins.recv().unwrap();
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let hasher = hasher();
        // Held until the end: the threads wait for it, and the queue fills up behind them.
        let busy = Arc::new(Mutex::new(()));
        let held = busy.lock().unwrap();
        occupy(&hasher, &busy);
        while hasher.queue.try_send(waits_for(&busy)).is_ok() {}
        let refused = hasher.hash(password("secret 1")).now_or_never();
        assert!(matches!(refused, Some(Err(SecurityError::Overloaded))));
        drop(held);
    }

    #[tokio::test]
    async fn who_waits_is_counted_and_so_is_who_may_not() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let hasher = ::metrics::with_local_recorder(&recorder, hasher);
        let shows = |line: &str| recorder.handle().render().lines().any(|given| given == line);
        let busy = Arc::new(Mutex::new(()));
        let held = busy.lock().unwrap();
        occupy(&hasher, &busy);

        let mut waiting = hasher.hash(password("secret 1"));
        assert!((&mut waiting).now_or_never().is_none());
        assert!(shows("password_hash_queue_length 1"));

        while hasher.queue.try_send(waits_for(&busy)).is_ok() {}
        assert!(hasher.hash(password("secret 2")).now_or_never().is_some());
        assert!(shows("password_hash_rejected_total 1") && shows("password_hash_queue_length 1"));

        drop(held);
        waiting.await.unwrap();
        assert!(shows("password_hash_queue_length 0") && shows("password_hash_duration_seconds_count 1"));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_done() {
        let hasher = Argon2Hasher::new(Cost { memory_kib: 8, iterations: 1, parallelism: 1 }, 1).unwrap();
        let busy = Arc::new(Mutex::new(()));
        let held = busy.lock().unwrap();
        hasher.queue.try_send(waits_for(&busy)).unwrap();
        let abandoned = hasher.work(|_| -> Result<(), SecurityError> { panic!("nobody waits for this") });
        assert!(abandoned.now_or_never().is_none());
        drop(held);
        assert!(hasher.hash(password("secret 1")).await.is_ok());
    }
}
