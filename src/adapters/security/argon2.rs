//! Password hashes by Argon2id (RFC 9106).

mod stored_hash;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tokio::sync::oneshot;

pub use self::stored_hash::Cost;
use self::stored_hash::StoredHash;
use crate::adapters::telemetry::metrics::catalogue::{HASH_DURATION, HASH_QUEUE, HASHES_REJECTED};
use crate::adapters::telemetry::metrics::guards::{InFlightGuard, Timer};
use crate::domain::model::user::PasswordHash;
use crate::domain::model::values::Password;
use crate::ports::security::{PasswordHasher, SecurityError, Verification};

/// At 16 ms per hash the last job in the queue waits for about one second.
const QUEUE_PER_CORE: usize = 64;

type Job = Box<dyn FnOnce(&Argon2<'static>) + Send>;

/// Runs hashes on dedicated threads, one per core. More at a time would not be faster, and each
/// holds the memory of its hash: tokio's blocking pool has up to 512 threads.
pub struct Argon2Hasher {
    queue: SyncSender<Job>,
    cost: Cost,
    /// Verified against if there is no hash, so that it takes as long.
    dummy_hash: PasswordHash,
    duration: Histogram,
    queue_length: Gauge,
    rejected: Counter,
}

impl Argon2Hasher {
    pub fn new(cost: Cost, cores: usize) -> Result<Self, SecurityError> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None);
        let params = params.map_err(SecurityError::internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy_hash = hash(&argon2, b"dummy password")?;
        let (queue, jobs) = sync_channel(cores * QUEUE_PER_CORE);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..cores {
            let (argon2, jobs) = (argon2.clone(), Arc::clone(&jobs));
            let run_jobs = move || {
                while let Some(job) = next_job(&jobs) {
                    job(&argon2);
                }
            };
            thread::Builder::new().name("passwords".to_owned()).spawn(run_jobs).map_err(SecurityError::internal)?;
        }
        let (duration, queue_length) = (histogram!(HASH_DURATION.name), gauge!(HASH_QUEUE.name));
        Ok(Self { queue, cost, dummy_hash, duration, queue_length, rejected: counter!(HASHES_REJECTED.name) })
    }

    /// Queues `work`. It is skipped if the caller has gone before it starts.
    async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<R, SecurityError> + Send + 'static,
    ) -> Result<R, SecurityError> {
        let (sender, receiver) = oneshot::channel();
        let (queued, duration) = (InFlightGuard::new(self.queue_length.clone()), self.duration.clone());
        let job: Job = Box::new(move |argon2| {
            drop(queued);
            if !sender.is_closed() {
                let timer = Timer::start(duration);
                let result = work(argon2);
                drop(timer);
                // Fails if the caller has gone meanwhile.
                let _ = sender.send(result);
            }
        });
        self.queue.try_send(job).map_err(|_full| {
            self.rejected.increment(1);
            SecurityError::Overloaded
        })?;
        receiver.await.map_err(SecurityError::internal)?
    }
}

/// Waits for a job; returns `None` when the hasher is dropped.
fn next_job(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().ok()?.recv().ok()
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<PasswordHash, SecurityError> {
    let phc = argon2.hash_password(password).map_err(SecurityError::internal)?;
    Ok(PasswordHash::new(phc.to_string()))
}

fn verify(argon2: &Argon2<'_>, password: &[u8], stored: &StoredHash) -> Result<Verification, SecurityError> {
    match argon2.verify_password(password, &stored.phc) {
        Ok(()) if stored.is_outdated => hash(argon2, password).map(Verification::NeedsRehash),
        Ok(()) => Ok(Verification::Match),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verification::Mismatch),
        Err(error) => Err(SecurityError::internal(error)),
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, SecurityError> {
        self.run(move |argon2| hash(argon2, password.expose().as_bytes())).await
    }

    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<Verification, SecurityError> {
        let has_hash = hash.is_some();
        let stored = StoredHash::parse(hash.as_ref().unwrap_or(&self.dummy_hash), self.cost)?;
        let verification = self.run(move |argon2| verify(argon2, password.expose().as_bytes(), &stored)).await?;
        Ok(if has_hash { verification } else { Verification::Mismatch })
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
    async fn hash_is_salted_and_matches_only_its_password() {
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
    async fn right_password_upgrades_an_outdated_hash() {
        let outdated = hasher().hash(password("secret 1")).await.unwrap();
        for stronger in [hasher_of(16, 1), hasher_of(8, 2)] {
            let wrong = stronger.verify(password("secret 2"), Some(outdated.clone())).await;
            assert!(matches!(wrong, Ok(Verification::Mismatch)));

            let right = stronger.verify(password("secret 1"), Some(outdated.clone())).await;
            let Ok(Verification::NeedsRehash(new)) = right else { panic!("{right:?}") };
            let again = stronger.verify(password("secret 1"), Some(new)).await;
            assert!(matches!(again, Ok(Verification::Match)));
        }
    }

    #[tokio::test]
    async fn no_password_matches_without_a_hash() {
        let verification = hasher().verify(password("dummy password"), None).await;
        assert!(matches!(verification, Ok(Verification::Mismatch)));
    }

    #[tokio::test]
    async fn malformed_hash_is_a_defect() {
        let broken = hasher().verify(password("secret 1"), Some(PasswordHash::new("plain".into()))).await;
        assert!(matches!(broken, Err(SecurityError::Internal(_))));
    }

    /// A job that runs until `busy` is unlocked.
    fn waits_for(busy: &Arc<Mutex<()>>) -> Job {
        let busy = Arc::clone(busy);
        Box::new(move |_| drop(busy.lock()))
    }

    /// Makes both threads busy with such a job, and returns when both have taken it off the queue.
    fn occupy(hasher: &Argon2Hasher, busy: &Arc<Mutex<()>>) {
        let (started, has_started) = std::sync::mpsc::channel();
        for _ in 0..2 {
            let (started, wait) = (started.clone(), waits_for(busy));
            let job = move |argon2: &Argon2<'static>| {
                let _ = started.send(());
                wait(argon2);
            };
            hasher.queue.try_send(Box::new(job)).unwrap();
            has_started.recv().unwrap();
        }
    }

    #[tokio::test]
    async fn full_queue_rejects_at_once() {
        let hasher = hasher();
        let busy = Arc::new(Mutex::new(()));
        let held = busy.lock().unwrap();
        occupy(&hasher, &busy);
        while hasher.queue.try_send(waits_for(&busy)).is_ok() {}
        let rejected = hasher.hash(password("secret 1")).now_or_never();
        assert!(matches!(rejected, Some(Err(SecurityError::Overloaded))));
        drop(held);
    }

    #[tokio::test]
    async fn queued_and_rejected_passwords_are_counted() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let hasher = ::metrics::with_local_recorder(&recorder, hasher);
        let shows = |line: &str| recorder.handle().render().lines().any(|rendered| rendered == line);
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
    async fn job_of_a_dropped_request_is_skipped() {
        let hasher = Argon2Hasher::new(Cost { memory_kib: 8, iterations: 1, parallelism: 1 }, 1).unwrap();
        let busy = Arc::new(Mutex::new(()));
        let held = busy.lock().unwrap();
        hasher.queue.try_send(waits_for(&busy)).unwrap();
        let abandoned = hasher.run(|_| -> Result<(), SecurityError> { panic!("not skipped") });
        assert!(abandoned.now_or_never().is_none());
        drop(held);
        assert!(hasher.hash(password("secret 1")).await.is_ok());
    }
}
