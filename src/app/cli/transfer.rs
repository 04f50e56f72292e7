//! Fills an empty store, with what is made up or with what another store keeps: all of it or nothing.
//!
//! What is stored comes through a channel from whoever makes or reads it, so that both work at the same time. It ends with an
//! `End`: a channel that closes without one means that something is missing, and nothing is kept.

use std::hash::{DefaultHasher, Hasher};

use futures_util::future::join;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::spawn_blocking,
};

use super::{
    progress::Progress,
    seed::{self, Plan},
};
use crate::{
    app::database::TransferStore,
    domain::model::records::{Count, Cursor, Kind, Records, Sequences},
    ports::{
        bulk::BulkStore,
        repositories::RepositoryError,
        unit_of_work::{UnitOfWork, Verdict},
    },
};

/// How many batches may be on their way.
const MAX_QUEUED: usize = 2;

/// Why a store could not be filled; it is as it was then.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// Something is there already.
    #[error("it is not empty: it has {0}")]
    NotEmpty(String),
    /// What was stored is not what was read.
    #[error("the copy has other {0} than the original")]
    Different(&'static str),
    /// Not everything came.
    #[error("what was to be stored did not come to its end")]
    Incomplete,
    /// The store itself.
    #[error(transparent)]
    Store(#[from] RepositoryError),
}

/// Why a store could not be copied; the copy is as it was then.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The original could not be read.
    #[error("cannot read the original")]
    Read(#[source] RepositoryError),
    /// The copy could not be made.
    #[error("cannot fill the copy")]
    Fill(#[source] FillError),
}

/// What travels.
enum Batch {
    Records(Records),
    End(End),
}

/// What comes after the last record.
struct End {
    last: Sequences,
    /// What was sent, where that is to be checked.
    sums: Vec<Sum>,
}

/// All records of a kind.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    kind: Kind,
    records: u64,
    checksum: u64,
}

/// Fills a store with what a plan makes up.
///
/// # Errors
/// [`FillError`]: nothing was stored.
pub async fn seed(store: &TransferStore, plan: Plan, progress: &mut Progress) -> Result<(), FillError> {
    let (sender, batches) = channel(MAX_QUEUED);
    let totals: Vec<_> = Kind::ALL.iter().filter_map(|&kind| Some((kind, plan.count(kind)?))).collect();
    // It ends when it has made everything, or when nobody takes it any more.
    spawn_blocking(move || make(plan, &sender));
    in_unit(&*store.units, async {
        fill(&*store.bulk, batches, &totals, progress).await?;
        Ok(())
    })
    .await
}

fn make(plan: Plan, sender: &Sender<Batch>) {
    let end = End { last: plan.after, sums: Vec::new() };
    let batches = seed::records(plan).map(Batch::Records).chain([Batch::End(end)]);
    for batch in batches {
        if sender.blocking_send(batch).is_err() {
            return;
        }
    }
}

/// Copies everything from a store, as it is at one moment, into an empty one, and compares the two before it is kept.
///
/// In one transaction, and not in steps that could be resumed: nobody ever sees half of a site, what goes wrong leaves
/// nothing behind, and an original that others go on writing to is seen at one moment, which a second try could not
/// return to.
///
/// # Errors
/// [`CopyError`]: nothing was stored.
pub async fn copy(from: &TransferStore, to: &TransferStore, progress: &mut Progress) -> Result<Vec<Count>, CopyError> {
    let (sender, batches) = channel(MAX_QUEUED);
    let totals = from.bulk.counts().await.map_err(CopyError::Read)?;
    let totals: Vec<_> = totals.into_iter().map(|Count { kind, records }| (kind, records)).collect();
    let mut read = Ok(());
    let reading = from.units.snapshot(Box::pin(async {
        read = send_all(&*from.bulk, sender).await;
    }));
    let writing = in_unit(&*to.units, async {
        let end = fill(&*to.bulk, batches, &totals, progress).await?;
        compare(&*to.bulk, &end.sums, progress).await?;
        Ok(end.sums)
    });
    let ((), written) = join(reading, writing).await;
    read.map_err(CopyError::Read)?;
    let sums = written.map_err(CopyError::Fill)?;
    Ok(sums.into_iter().map(|Sum { kind, records, .. }| Count { kind, records }).collect())
}

async fn send_all(bulk: &dyn BulkStore, sender: Sender<Batch>) -> Result<(), RepositoryError> {
    let sums = walk(bulk, async |records| {
        // Nobody takes it any more: what is wrong there is told there.
        let _ = sender.send(Batch::Records(records)).await;
    })
    .await?;
    let last = bulk.sequences().await?;
    let _ = sender.send(Batch::End(End { last, sums })).await;
    Ok(())
}

/// Visits all records, and sums them up.
async fn walk(bulk: &dyn BulkStore, mut visit: impl AsyncFnMut(Records)) -> Result<Vec<Sum>, RepositoryError> {
    let mut sums = Vec::new();
    for &kind in Kind::ALL {
        let (mut cursor, mut records, mut checksum) = (Cursor::START, 0, DefaultHasher::new());
        loop {
            let page = bulk.page(kind, cursor, kind.batch()).await?;
            let Some(last) = page.last_cursor() else { break };
            records += length(&page);
            page.add_to_checksum(&mut checksum);
            cursor = last;
            visit(page).await;
        }
        sums.push(Sum { kind, records, checksum: checksum.finish() });
    }
    Ok(sums)
}

async fn compare(copy: &dyn BulkStore, original: &[Sum], progress: &mut Progress) -> Result<(), FillError> {
    let total = original.iter().map(|sum| sum.records).sum();
    let sums = walk(copy, async |records| progress.advance("checked", Some(total), length(&records))).await?;
    match original.iter().zip(&sums).find(|(original, copy)| original != copy) {
        Some((sum, _)) => Err(FillError::Different(sum.kind.name())),
        None => Ok(()),
    }
}

async fn fill(
    bulk: &dyn BulkStore,
    mut batches: Receiver<Batch>,
    totals: &[(Kind, u64)],
    progress: &mut Progress,
) -> Result<End, FillError> {
    must_be_empty(bulk).await?; // before anything is locked
    bulk.begin_transfer().await?;
    must_be_empty(bulk).await?;
    while let Some(batch) = batches.recv().await {
        match batch {
            Batch::Records(records) => {
                let (kind, more) = (records.kind(), length(&records));
                bulk.insert(records).await?;
                let total = totals.iter().find(|(of, _)| *of == kind).map(|(_, total)| *total);
                progress.advance(kind.name(), total, more);
            }
            Batch::End(end) => {
                progress.advance("counters and links", Some(1), 0);
                bulk.end_transfer(end.last).await?;
                progress.advance("counters and links", Some(1), 1);
                return Ok(end);
            }
        }
    }
    Err(FillError::Incomplete)
}

async fn must_be_empty(bulk: &dyn BulkStore) -> Result<(), FillError> {
    let counts = bulk.counts().await?;
    let there = counts.iter().filter(|count| count.records > 0);
    let there: Vec<String> = there.map(|Count { kind, records }| format!("{records} {}", kind.name())).collect();
    if there.is_empty() { Ok(()) } else { Err(FillError::NotEmpty(there.join(", "))) }
}

fn length(records: &Records) -> u64 {
    u64::try_from(records.len()).unwrap_or(u64::MAX)
}

/// Does some work that is kept if it succeeds.
async fn in_unit<T>(units: &dyn UnitOfWork, work: impl Future<Output = Result<T, FillError>>) -> Result<T, FillError> {
    let mut outcome = Err(FillError::Incomplete);
    let unit = units.run(Box::pin(async {
        outcome = work.await;
        if outcome.is_ok() { Verdict::Commit } else { Verdict::Rollback }
    }));
    let kept = unit.await;
    let done = outcome?;
    kept?;
    Ok(done)
}

/// Removes everything from a store, and tells what that was.
///
/// # Errors
/// [`FillError::Store`]: nothing was removed.
pub async fn clear(store: &TransferStore) -> Result<Vec<Count>, FillError> {
    in_unit(&*store.units, async {
        let counts = store.bulk.counts().await?;
        store.bulk.clear().await?;
        Ok(counts)
    })
    .await
}
