//! A store as a whole: for operators who fill it, copy it or empty it. `tests/contract` holds every adapter to it.

use async_trait::async_trait;

use crate::{
    domain::model::records::{Count, Cursor, Kind, Records, Sequences},
    ports::repositories::RepositoryError,
};

/// All that a store keeps, in bulk.
///
/// A store is filled in one unit of work: [`begin_transfer`](Self::begin_transfer), then any number of
/// [`insert`](Self::insert)s, then [`end_transfer`](Self::end_transfer).
#[async_trait]
pub trait BulkStore: Send + Sync + 'static {
    /// How many records there are, of every kind in the order of [`Kind::ALL`].
    async fn counts(&self) -> Result<Vec<Count>, RepositoryError>;

    /// At most `limit` records of a kind that come after a place, in the order of their places.
    async fn page(&self, kind: Kind, after: Cursor, limit: u32) -> Result<Records, RepositoryError>;

    /// The last numbers that were given away.
    async fn sequences(&self) -> Result<Sequences, RepositoryError>;

    /// Makes ready for many records. MUST keep other writers out until the end of the unit of work.
    async fn begin_transfer(&self) -> Result<(), RepositoryError>;

    /// Stores records as they are. What they refer to MUST be there already. Counters and links MAY be wrong until
    /// [`end_transfer`](Self::end_transfer).
    async fn insert(&self, records: Records) -> Result<(), RepositoryError>;

    /// Sets right everything that follows from the records. Users and comments to come MUST get numbers after `last`, and
    /// after all that are there.
    async fn end_transfer(&self, last: Sequences) -> Result<(), RepositoryError>;

    /// Removes everything. Users to come MUST NOT get the number of one that was removed, whose tokens may still be about.
    async fn clear(&self) -> Result<(), RepositoryError>;
}
