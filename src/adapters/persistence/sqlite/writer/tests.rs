use std::{future::poll_fn, pin::Pin, task::Poll};

use diesel::{RunQueryDsl, connection::SimpleConnection};
use futures_util::future::join_all;
use tempfile::TempDir;

use super::*;
use crate::adapters::persistence::sql::statement::{Access, Statement};

/// A database with one table, `notes (number integer primary key)`, and its writer.
struct Fixture {
    settings: Settings,
    writer: Writer,
    _folder: TempDir,
}

impl Fixture {
    async fn with_patience(patience: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            path: folder.path().join("conduit.db"),
            readers: 1,
            wait: patience,
            write_wait: patience,
            busy_timeout: Duration::from_secs(5),
        };
        let writer = Writer::new(settings.clone()).unwrap();
        let fixture = Self { settings, writer, _folder: folder };
        fixture.run("create table notes (number integer primary key)").await.unwrap();
        fixture
    }

    async fn new() -> Self {
        Self::with_patience(Duration::from_secs(5)).await
    }

    async fn run(&self, text: impl Into<String>) -> Result<(), QueryError> {
        let text = text.into();
        self.writer.change(WaitPolicy::IfInTime, move |connection| Ok(connection.batch_execute(&text)?)).await
    }

    /// The numbers that are stored, as another connection sees them.
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

/// Lets futures come as far as they can now.
async fn begin<F: Future + ?Sized>(futures: &mut [Pin<Box<F>>]) {
    poll_fn(|context| {
        for future in &mut *futures {
            assert!(future.as_mut().poll(context).is_pending());
        }
        Poll::Ready(())
    })
    .await;
}

type Changing<'d, R = ()> = Pin<Box<dyn Future<Output = Result<R, QueryError>> + 'd>>;

#[tokio::test]
async fn what_waits_is_committed_together() {
    let fixture = Fixture::new().await;
    let lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    let mut changes: Vec<Changing<'_, Vec<i64>>> = Vec::new();
    for number in 1..=3 {
        let settings = fixture.settings.clone();
        changes.push(Box::pin(fixture.writer.change(WaitPolicy::IfInTime, move |connection| {
            connection.batch_execute(&insertion(number))?;
            Ok(notes(&settings))
        })));
    }
    begin(&mut changes).await;
    lease.release();

    // While the last is carried out, nothing of the first can be seen yet.
    for seen in join_all(changes).await {
        assert_eq!(seen.unwrap(), Vec::<i64>::new());
    }
    assert_eq!(fixture.notes(), [1, 2, 3]);
}

#[tokio::test]
async fn one_that_fails_or_panics_does_not_take_the_others_along() {
    let fixture = Fixture::new().await;
    fixture.run(insertion(2)).await.unwrap();
    let lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    let panicking = fixture.writer.change(WaitPolicy::IfInTime, |_| panic!("a defect of this test"));
    let mut changes: Vec<Changing<'_>> = vec![
        Box::pin(fixture.run(insertion(1))),
        Box::pin(fixture.run(insertion(2))),
        Box::pin(panicking),
        Box::pin(fixture.run(insertion(3))),
    ];
    begin(&mut changes).await;
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
async fn a_commit_that_fails_fails_the_change_that_is_to_blame() {
    let fixture = Fixture::new().await;
    fixture.run("create table pages (note integer references notes deferrable initially deferred)").await.unwrap();
    let lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    let mut changes: Vec<Changing<'_>> = vec![
        Box::pin(fixture.run(insertion(1))),
        Box::pin(fixture.run("insert into pages values (7)")),
        Box::pin(fixture.run(insertion(2))),
    ];
    begin(&mut changes).await;
    lease.release();

    let results = join_all(changes).await;
    assert!(matches!(results.as_slice(), [Ok(()), Err(QueryError::Gone(_)), Ok(())]), "{results:?}");
    assert_eq!(fixture.notes(), [1, 2]);
}

#[tokio::test]
async fn who_has_gone_gets_nothing_written() {
    let fixture = Fixture::new().await;
    let lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    let mut changes: Vec<Changing<'_>> = vec![Box::pin(fixture.run(insertion(1))), Box::pin(fixture.run(insertion(2)))];
    begin(&mut changes).await;
    drop(changes.remove(0));
    lease.release();
    join_all(changes).await.into_iter().for_each(Result::unwrap);
    assert_eq!(fixture.notes(), [2]);
}

#[tokio::test]
async fn who_waits_too_long_is_told_so_and_gets_nothing_written() {
    let fixture = Fixture::with_patience(Duration::from_millis(50)).await;
    let lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    assert!(matches!(fixture.run(insertion(1)).await, Err(QueryError::Unavailable(_))));
    assert!(matches!(fixture.writer.lend(WaitPolicy::IfInTime).await, Err(QueryError::Unavailable(_))));
    lease.release();
    fixture.run(insertion(2)).await.unwrap();
    assert_eq!(fixture.notes(), [2]);
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for_and_the_first_alone_is_refused_for_it() {
    let mut fixture = Fixture::new().await;
    fixture.settings.busy_timeout = Duration::from_millis(20);
    fixture.writer = Writer::new(fixture.settings.clone()).unwrap();
    let mut other = fixture.settings.connect(Access::Write).unwrap();
    let lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    other.batch_execute("begin immediate").unwrap();
    let mut changes: Vec<Changing<'_>> = vec![Box::pin(fixture.run(insertion(1))), Box::pin(fixture.run(insertion(2)))];
    begin(&mut changes).await;
    lease.release();

    let first = changes.remove(0).await;
    assert!(matches!(first, Err(QueryError::Unavailable(_))), "{first:?}");
    other.batch_execute("rollback").unwrap();
    fixture.run(insertion(3)).await.unwrap();
    assert_eq!(fixture.notes().last(), Some(&3));
}

#[tokio::test]
async fn a_lease_that_is_dropped_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    let mut lease = fixture.writer.lend(WaitPolicy::IfInTime).await.unwrap();
    lease.connection().unwrap().batch_execute("begin immediate; insert into notes values (1)").unwrap();
    drop(lease);
    fixture.run(insertion(2)).await.unwrap();
    assert_eq!(fixture.notes(), [2]);
}

#[tokio::test]
async fn the_last_to_close_folds_the_log_into_the_file() {
    let fixture = Fixture::new().await;
    fixture.run(insertion(1)).await.unwrap();
    let log = fixture.settings.path.with_extension("db-wal");
    assert!(log.exists());
    fixture.writer.close();
    assert!(!log.exists());
    assert!(matches!(fixture.run(insertion(2)).await, Err(QueryError::Unavailable(_))));
    assert_eq!(fixture.notes(), [1]);
}
