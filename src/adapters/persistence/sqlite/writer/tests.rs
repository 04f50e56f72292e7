use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use tempfile::TempDir;

use super::*;
use crate::adapters::persistence::sql::statement::{Access, Statement};

/// Database with one table, `notes (number integer primary key)`, and its writer.
struct Fixture {
    settings: Settings,
    writer: Writer,
    _folder: TempDir,
}

impl Fixture {
    async fn with_timeout(timeout: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            path: folder.path().join("conduit.db"),
            readers: 1,
            wait: timeout,
            write_wait: timeout,
            busy_timeout: Duration::from_secs(5),
        };
        let writer = Writer::new(settings.clone()).unwrap();
        let fixture = Self { settings, writer, _folder: folder };
        fixture.run("create table notes (number integer primary key)").await.unwrap();
        fixture
    }

    async fn new() -> Self {
        Self::with_timeout(Duration::from_secs(5)).await
    }

    async fn run(&self, sql: impl Into<String>) -> Result<(), QueryError> {
        let sql = sql.into();
        self.writer.run(WaitPolicy::IfInTime, move |connection| Ok(connection.batch_execute(&sql)?)).await
    }

    /// Returns the stored numbers, as another connection sees them.
    fn notes(&self) -> Vec<i64> {
        notes(&self.settings)
    }
}

fn notes(settings: &Settings) -> Vec<i64> {
    let mut reader = settings.connect(Access::Read).unwrap();
    (&Statement::<i64>::read("test", "select number from notes order by number")).load(&mut reader).unwrap()
}

fn insertion(number: i64) -> String {
    format!("insert into notes values ({number})")
}

/// Polls each future once, so that its job is queued.
async fn enqueue<F: Future + ?Sized>(futures: &mut [Pin<Box<F>>]) {
    poll_fn(|context| {
        for future in &mut *futures {
            assert!(future.as_mut().poll(context).is_pending());
        }
        Poll::Ready(())
    })
    .await;
}

type Write<'d, R = ()> = Pin<Box<dyn Future<Output = Result<R, QueryError>> + 'd>>;

#[tokio::test]
async fn queued_changes_are_committed_together() {
    let fixture = Fixture::new().await;
    let lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    let mut changes: Vec<Write<'_, Vec<i64>>> = Vec::new();
    for number in 1..=3 {
        let settings = fixture.settings.clone();
        changes.push(Box::pin(fixture.writer.run(WaitPolicy::IfInTime, move |connection| {
            connection.batch_execute(&insertion(number))?;
            Ok(notes(&settings))
        })));
    }
    enqueue(&mut changes).await;
    lease.release();

    // While the last change runs, the first is not committed yet.
    for seen in join_all(changes).await {
        assert_eq!(seen.unwrap(), Vec::<i64>::new());
    }
    assert_eq!(fixture.notes(), [1, 2, 3]);
}

#[tokio::test]
async fn failure_or_panic_of_a_change_does_not_affect_the_others() {
    let fixture = Fixture::new().await;
    fixture.run(insertion(2)).await.unwrap();
    let lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    let panicking = fixture.writer.run(WaitPolicy::IfInTime, |_| panic!("a defect of this test"));
    let mut changes: Vec<Write<'_>> = vec![
        Box::pin(fixture.run(insertion(1))),
        Box::pin(fixture.run(insertion(2))),
        Box::pin(panicking),
        Box::pin(fixture.run(insertion(3))),
    ];
    enqueue(&mut changes).await;
    lease.release();

    let results = join_all(changes).await;
    assert!(
        matches!(results.as_slice(), [Ok(()), Err(QueryError::Taken(_)), Err(QueryError::Internal(_)), Ok(())]),
        "{results:?}"
    );
    assert_eq!(fixture.notes(), [1, 2, 3]);
    fixture.run(insertion(4)).await.unwrap();
    assert_eq!(fixture.notes(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn failed_commit_fails_only_the_change_that_caused_it() {
    let fixture = Fixture::new().await;
    fixture.run("create table pages (note integer references notes deferrable initially deferred)").await.unwrap();
    let lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    let mut changes: Vec<Write<'_>> = vec![
        Box::pin(fixture.run(insertion(1))),
        Box::pin(fixture.run("insert into pages values (7)")),
        Box::pin(fixture.run(insertion(2))),
    ];
    enqueue(&mut changes).await;
    lease.release();

    let results = join_all(changes).await;
    assert!(matches!(results.as_slice(), [Ok(()), Err(QueryError::Gone(_)), Ok(())]), "{results:?}");
    assert_eq!(fixture.notes(), [1, 2]);
}

#[tokio::test]
async fn cancelled_change_is_not_applied() {
    let fixture = Fixture::new().await;
    let lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    let mut changes: Vec<Write<'_>> = vec![Box::pin(fixture.run(insertion(1))), Box::pin(fixture.run(insertion(2)))];
    enqueue(&mut changes).await;
    drop(changes.remove(0));
    lease.release();
    join_all(changes).await.into_iter().for_each(Result::unwrap);
    assert_eq!(fixture.notes(), [2]);
}

#[tokio::test]
async fn change_that_times_out_is_rejected_and_not_applied() {
    let fixture = Fixture::with_timeout(Duration::from_millis(50)).await;
    let lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    assert!(matches!(fixture.run(insertion(1)).await, Err(QueryError::Unavailable(_))));
    assert!(matches!(fixture.writer.lease(WaitPolicy::IfInTime).await, Err(QueryError::Unavailable(_))));
    lease.release();
    fixture.run(insertion(2)).await.unwrap();
    assert_eq!(fixture.notes(), [2]);
}

#[tokio::test]
async fn lock_of_another_process_rejects_only_the_first_change() {
    let mut fixture = Fixture::new().await;
    fixture.settings.busy_timeout = Duration::from_millis(20);
    fixture.writer = Writer::new(fixture.settings.clone()).unwrap();
    let mut other = fixture.settings.connect(Access::Write).unwrap();
    let lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    other.batch_execute("begin immediate").unwrap();
    let mut changes: Vec<Write<'_>> = vec![Box::pin(fixture.run(insertion(1))), Box::pin(fixture.run(insertion(2)))];
    enqueue(&mut changes).await;
    lease.release();

    let first = changes.remove(0).await;
    assert!(matches!(first, Err(QueryError::Unavailable(_))), "{first:?}");
    other.batch_execute("rollback").unwrap();
    fixture.run(insertion(3)).await.unwrap();
    assert_eq!(fixture.notes().last(), Some(&3));
}

#[tokio::test]
async fn dropped_lease_rolls_back() {
    let fixture = Fixture::new().await;
    let mut lease = fixture.writer.lease(WaitPolicy::IfInTime).await.unwrap();
    lease.connection.batch_execute("begin immediate; insert into notes values (1)").unwrap();
    drop(lease);
    fixture.run(insertion(2)).await.unwrap();
    assert_eq!(fixture.notes(), [2]);
}

#[tokio::test]
async fn closing_folds_the_write_ahead_log_into_the_file() {
    let fixture = Fixture::new().await;
    fixture.run(insertion(1)).await.unwrap();
    let log = fixture.settings.path.with_extension("db-wal");
    assert!(log.exists());
    fixture.writer.close();
    assert!(!log.exists());
    assert!(matches!(fixture.run(insertion(2)).await, Err(QueryError::Unavailable(_))));
    assert_eq!(fixture.notes(), [1]);
}
