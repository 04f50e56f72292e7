//! Port for seeding, copying and clearing a whole store. `tests/contract` checks every adapter.

use async_trait::async_trait;

use crate::domain::model::records::{Count, Cursor, Kind, Records, Sequences};
use crate::ports::repositories::RepositoryError;

/// Bulk access to all records of a store. Inserts go in one unit of work, between
/// [`begin_transfer`](Self::begin_transfer) and [`end_transfer`](Self::end_transfer).
#[async_trait]
pub trait BulkStore: Send + Sync + 'static {
    /// Returns the number of records of each kind, in the order of [`Kind::ALL`].
    async fn counts(&self) -> Result<Vec<Count>, RepositoryError>;

    /// Returns at most `limit` records of a kind that follow a cursor, in cursor order.
    async fn page(&self, kind: Kind, after: Cursor, limit: u32) -> Result<Records, RepositoryError>;

    /// Returns the last ids that were assigned.
    async fn sequences(&self) -> Result<Sequences, RepositoryError>;

    /// Prepares for many inserts. MUST block other writers until the unit of work ends.
    async fn begin_transfer(&self) -> Result<(), RepositoryError>;

    /// Inserts records unchanged; those that they refer to MUST be stored already. Counters and tag
    /// links MAY be wrong until [`end_transfer`](Self::end_transfer).
    async fn insert(&self, records: Records) -> Result<(), RepositoryError>;

    /// Derives counters and tag links from the records. New users and comments MUST get ids above
    /// `last` and above all stored ids.
    async fn end_transfer(&self, last: Sequences) -> Result<(), RepositoryError>;

    /// Deletes everything. New users MUST NOT get the id of a deleted one, whose tokens may still
    /// be valid.
    async fn clear(&self) -> Result<(), RepositoryError>;
}
