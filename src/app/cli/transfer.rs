//! Seeds, copies and clears a database, each in one transaction.
//!
//! Records pass through a channel, so that their source and the database work at the same time. If
//! the channel closes without [`Message::End`], records are missing and nothing is committed.

use std::hash::{DefaultHasher, Hasher};

use futures_util::future::join;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;

use super::progress::Progress;
use super::seed;
use super::seed::Plan;
use crate::app::database::BulkDatabase;
use crate::domain::model::records::{Count, Cursor, Kind, Records, Sequences};
use crate::ports::bulk::BulkStore;
use crate::ports::repositories::RepositoryError;
use crate::ports::unit_of_work::{TxOutcome, UnitOfWork};

/// Batches of records that may wait to be written.
const CHANNEL_CAPACITY: usize = 2;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("it is not empty: it has {0}")]
    NotEmpty(String),
    #[error("the {0} of the copy differ from those of the original")]
    Mismatch(&'static str),
    #[error("records are missing: their source ended early")]
    Incomplete,
    #[error(transparent)]
    Store(#[from] RepositoryError),
}

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("cannot read the original")]
    Read(#[source] RepositoryError),
    #[error("cannot fill the copy")]
    Write(#[source] WriteError),
}

enum Message {
    Records(Records),
    /// Follows the last record. A copy is compared with the summaries.
    End {
        sequences: Sequences,
        summaries: Vec<Summary>,
    },
}

/// Describes all records of a kind.
#[derive(Debug, PartialEq, Eq)]
struct Summary {
    kind: Kind,
    records: u64,
    checksum: u64,
}

pub async fn seed(database: &BulkDatabase, plan: Plan, progress: &mut Progress) -> Result<(), WriteError> {
    let (sender, messages) = channel(CHANNEL_CAPACITY);
    let totals: Vec<_> =
        Kind::ALL.iter().filter_map(|&kind| Some(Count { kind, records: plan.count(kind)? })).collect();
    // Ends with the last record, or when the receiver is dropped.
    spawn_blocking(move || generate(plan, &sender));
    in_transaction(&*database.transactions, async {
        write(&*database.store, messages, &totals, progress).await?;
        Ok(())
    })
    .await
}

fn generate(plan: Plan, sender: &Sender<Message>) {
    let end = Message::End { sequences: plan.after, summaries: Vec::new() };
    for message in seed::records(plan).map(Message::Records).chain([end]) {
        if sender.blocking_send(message).is_err() {
            return;
        }
    }
}

/// Copies a snapshot of a database to an empty one, and compares the two before the commit. Returns
/// what was copied.
///
/// The copy is not resumable: a second attempt could not return to the snapshot of an original that
/// is in use, and one transaction never shows half of a site.
pub async fn copy(from: &BulkDatabase, to: &BulkDatabase, progress: &mut Progress) -> Result<Vec<Count>, CopyError> {
    let (sender, messages) = channel(CHANNEL_CAPACITY);
    let totals = from.store.counts().await.map_err(CopyError::Read)?;
    let mut read = Ok(());
    let reading = from.transactions.snapshot(Box::pin(async {
        read = send_records(&*from.store, sender).await;
    }));
    let writing = in_transaction(&*to.transactions, async {
        let original = write(&*to.store, messages, &totals, progress).await?;
        compare(&original, &*to.store, progress).await?;
        Ok(original)
    });
    let ((), written) = join(reading, writing).await;
    read.map_err(CopyError::Read)?;
    let summaries = written.map_err(CopyError::Write)?;
    Ok(summaries.into_iter().map(|Summary { kind, records, .. }| Count { kind, records }).collect())
}

pub async fn clear(database: &BulkDatabase) -> Result<Vec<Count>, WriteError> {
    in_transaction(&*database.transactions, async {
        let counts = database.store.counts().await?;
        database.store.clear().await?;
        Ok(counts)
    })
    .await
}

/// Sends all records, then [`Message::End`]. If the receiver is gone, its error is reported.
async fn send_records(store: &dyn BulkStore, sender: Sender<Message>) -> Result<(), RepositoryError> {
    let summaries = read_records(store, async |records| {
        let _ = sender.send(Message::Records(records)).await;
    })
    .await?;
    let sequences = store.sequences().await?;
    let _ = sender.send(Message::End { sequences, summaries }).await;
    Ok(())
}

/// Passes all records to `visit`, and returns a summary of each kind.
async fn read_records(
    store: &dyn BulkStore,
    mut visit: impl AsyncFnMut(Records),
) -> Result<Vec<Summary>, RepositoryError> {
    let mut summaries = Vec::new();
    for &kind in Kind::ALL {
        let (mut cursor, mut records, mut checksum) = (Cursor::START, 0, DefaultHasher::new());
        loop {
            let page = store.page(kind, cursor, kind.batch()).await?;
            let Some(last) = page.last_cursor() else { break };
            records += length(&page);
            page.add_to_checksum(&mut checksum);
            cursor = last;
            visit(page).await;
        }
        summaries.push(Summary { kind, records, checksum: checksum.finish() });
    }
    Ok(summaries)
}

async fn compare(original: &[Summary], copy: &dyn BulkStore, progress: &mut Progress) -> Result<(), WriteError> {
    let total = original.iter().map(|summary| summary.records).sum();
    let copied = read_records(copy, async |records| progress.advance("checked", Some(total), length(&records))).await?;
    match original.iter().zip(&copied).find(|(original, copied)| original != copied) {
        Some((summary, _)) => Err(WriteError::Mismatch(summary.kind.name())),
        None => Ok(()),
    }
}

/// Writes all records that arrive, and returns the summaries that follow them.
async fn write(
    store: &dyn BulkStore,
    mut messages: Receiver<Message>,
    totals: &[Count],
    progress: &mut Progress,
) -> Result<Vec<Summary>, WriteError> {
    ensure_empty(store).await?; // before other writers are blocked
    store.begin_transfer().await?;
    ensure_empty(store).await?;
    while let Some(message) = messages.recv().await {
        match message {
            Message::Records(records) => {
                let (kind, more) = (records.kind(), length(&records));
                store.insert(records).await?;
                let total = totals.iter().find(|count| count.kind == kind).map(|count| count.records);
                progress.advance(kind.name(), total, more);
            }
            Message::End { sequences, summaries } => {
                progress.advance("counters and links", Some(1), 0);
                store.end_transfer(sequences).await?;
                progress.advance("counters and links", Some(1), 1);
                return Ok(summaries);
            }
        }
    }
    Err(WriteError::Incomplete)
}

async fn ensure_empty(store: &dyn BulkStore) -> Result<(), WriteError> {
    let mut counts = store.counts().await?;
    counts.retain(|count| count.records > 0);
    if counts.is_empty() { Ok(()) } else { Err(WriteError::NotEmpty(describe(&counts))) }
}

/// Returns text such as `2 users, 5 articles`.
pub fn describe(counts: &[Count]) -> String {
    let counts: Vec<_> = counts.iter().map(|count| format!("{} {}", count.records, count.kind.name())).collect();
    counts.join(", ")
}

fn length(records: &Records) -> u64 {
    u64::try_from(records.len()).unwrap_or(u64::MAX)
}

/// Commits if `work` succeeds, and rolls back otherwise.
async fn in_transaction<T>(
    transactions: &dyn UnitOfWork,
    work: impl Future<Output = Result<T, WriteError>>,
) -> Result<T, WriteError> {
    let mut outcome = Err(WriteError::Incomplete);
    let committed = transactions.run(Box::pin(async {
        outcome = work.await;
        if outcome.is_ok() { TxOutcome::Commit } else { TxOutcome::Rollback }
    }));
    let committed = committed.await;
    let value = outcome?;
    committed?;
    Ok(value)
}
