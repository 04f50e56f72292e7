//! A connection on loan from a pool.

use deadpool::managed::{Manager, Object};

/// A pooled connection. It goes back to the pool by [`release`](Self::release) alone: a lease that is dropped
/// before that was interrupted (a cancelled request, a panic), nobody knows what its connection is in the middle of,
/// and it is closed. The server then rolls back at once what was open, instead of when the connection is next taken
/// from the pool.
pub struct Lease<M: Manager>(Option<Object<M>>);

impl<M: Manager> Lease<M> {
    /// Takes a connection on loan.
    pub fn new(connection: Object<M>) -> Self {
        Self(Some(connection))
    }

    /// The connection; `None` never happens before [`release`](Self::release).
    pub fn connection(&mut self) -> Option<&mut M::Type> {
        self.0.as_deref_mut()
    }

    /// Returns the connection, whose work is done.
    pub fn release(mut self) {
        drop(self.0.take());
    }
}

impl<M: Manager> Drop for Lease<M> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}
