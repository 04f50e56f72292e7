use std::{future::poll_fn, pin::Pin, task::Poll};

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};
use futures_util::future::join_all;
use tempfile::TempDir;

use super::*;
use crate::adapters::persistence::sql::statement::{Access, Question};

/// A database with one table, `notes (number integer primary key)`, and its writer.
struct Desk {
    settings: Settings,
    writer: Writer,
    _folder: TempDir,
}

impl Desk {
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
        let desk = Self { settings, writer, _folder: folder };
        desk.run("create table notes (number integer primary key)").await.unwrap();
        desk
    }

    async fn new() -> Self {
        Self::with_patience(Duration::from_secs(5)).await
    }

    async fn run(&self, text: impl Into<String>) -> Result<(), QueryError> {
        let text = text.into();
        self.writer.change(Queueing::IfInTime, move |connection| Ok(connection.batch_execute(&text)?)).await
    }

    /// The numbers that are stored, as another connection sees them.
    fn notes(&self) -> Vec<i64> {
        notes(&self.settings)
    }
}

fn notes(settings: &Settings) -> Vec<i64> {
    let mut reader = settings.connect(Access::Read).unwrap();
    (&Question::<BigInt>::read("test", "select number from notes order by number")).load(&mut reader).unwrap()
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
    let desk = Desk::new().await;
    let lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    let mut changes: Vec<Changing<'_, Vec<i64>>> = Vec::new();
    for number in 1..=3 {
        let settings = desk.settings.clone();
        changes.push(Box::pin(desk.writer.change(Queueing::IfInTime, move |connection| {
            connection.batch_execute(&insertion(number))?;
            Ok(notes(&settings))
        })));
    }
    begin(&mut changes).await;
    lease.give_back();

    // While the last is carried out, nothing of the first can be seen yet.
    for seen in join_all(changes).await {
        assert_eq!(seen.unwrap(), Vec::<i64>::new());
    }
    assert_eq!(desk.notes(), [1, 2, 3]);
}

#[tokio::test]
async fn one_that_fails_or_panics_does_not_take_the_others_along() {
    let desk = Desk::new().await;
    desk.run(insertion(2)).await.unwrap();
    let lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    let panicking = desk.writer.change(Queueing::IfInTime, |_| panic!("a defect of this test"));
    let mut changes: Vec<Changing<'_>> = vec![
        Box::pin(desk.run(insertion(1))),
        Box::pin(desk.run(insertion(2))),
        Box::pin(panicking),
        Box::pin(desk.run(insertion(3))),
    ];
    begin(&mut changes).await;
    lease.give_back();

    let results = join_all(changes).await;
    assert!(
        matches!(results.as_slice(), [Ok(()), Err(QueryError::Taken(_)), Err(QueryError::Internal(_)), Ok(())]),
        "{results:?}"
    );
    assert_eq!(desk.notes(), [1, 2, 3]);
    desk.run(insertion(4)).await.unwrap();
    assert_eq!(desk.notes(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_commit_that_fails_fails_the_change_that_is_to_blame() {
    let desk = Desk::new().await;
    desk.run("create table pages (note integer references notes deferrable initially deferred)").await.unwrap();
    let lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    let mut changes: Vec<Changing<'_>> = vec![
        Box::pin(desk.run(insertion(1))),
        Box::pin(desk.run("insert into pages values (7)")),
        Box::pin(desk.run(insertion(2))),
    ];
    begin(&mut changes).await;
    lease.give_back();

    let results = join_all(changes).await;
    assert!(matches!(results.as_slice(), [Ok(()), Err(QueryError::Gone(_)), Ok(())]), "{results:?}");
    assert_eq!(desk.notes(), [1, 2]);
}

#[tokio::test]
async fn who_has_gone_gets_nothing_written() {
    let desk = Desk::new().await;
    let lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    let mut changes: Vec<Changing<'_>> = vec![Box::pin(desk.run(insertion(1))), Box::pin(desk.run(insertion(2)))];
    begin(&mut changes).await;
    drop(changes.remove(0));
    lease.give_back();
    join_all(changes).await.into_iter().for_each(Result::unwrap);
    assert_eq!(desk.notes(), [2]);
}

#[tokio::test]
async fn who_waits_too_long_is_told_so_and_gets_nothing_written() {
    let desk = Desk::with_patience(Duration::from_millis(50)).await;
    let lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    assert!(matches!(desk.run(insertion(1)).await, Err(QueryError::Unavailable(_))));
    assert!(matches!(desk.writer.lend(Queueing::IfInTime).await, Err(QueryError::Unavailable(_))));
    lease.give_back();
    desk.run(insertion(2)).await.unwrap();
    assert_eq!(desk.notes(), [2]);
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for_and_the_first_alone_is_refused_for_it() {
    let mut desk = Desk::new().await;
    desk.settings.busy_timeout = Duration::from_millis(20);
    desk.writer = Writer::new(desk.settings.clone()).unwrap();
    let mut other = desk.settings.connect(Access::Write).unwrap();
    let lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    other.batch_execute("begin immediate").unwrap();
    let mut changes: Vec<Changing<'_>> = vec![Box::pin(desk.run(insertion(1))), Box::pin(desk.run(insertion(2)))];
    begin(&mut changes).await;
    lease.give_back();

    let first = changes.remove(0).await;
    assert!(matches!(first, Err(QueryError::Unavailable(_))), "{first:?}");
    other.batch_execute("rollback").unwrap();
    desk.run(insertion(3)).await.unwrap();
    assert_eq!(desk.notes().last(), Some(&3));
}

#[tokio::test]
async fn a_lease_that_is_dropped_leaves_nothing_behind() {
    let desk = Desk::new().await;
    let mut lease = desk.writer.lend(Queueing::IfInTime).await.unwrap();
    lease.connection().unwrap().batch_execute("begin immediate; insert into notes values (1)").unwrap();
    drop(lease);
    desk.run(insertion(2)).await.unwrap();
    assert_eq!(desk.notes(), [2]);
}

#[tokio::test]
async fn the_last_to_close_folds_the_log_into_the_file() {
    let desk = Desk::new().await;
    desk.run(insertion(1)).await.unwrap();
    let log = desk.settings.path.with_extension("db-wal");
    assert!(log.exists());
    desk.writer.close();
    assert!(!log.exists());
    assert!(matches!(desk.run(insertion(2)).await, Err(QueryError::Unavailable(_))));
    assert_eq!(desk.notes(), [1]);
}
