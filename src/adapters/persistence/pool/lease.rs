//! Connection leased from a pool.

use deadpool::managed::{Manager, Object};

/// Pooled connection that returns to its pool only through [`release`](Self::release).
///
/// A lease is dropped if a request is cancelled or panics, possibly inside a transaction. Closing
/// its connection makes the server roll back at once, not when the connection is next used.
pub struct Lease<M: Manager>(Option<Object<M>>);

impl<M: Manager> Lease<M> {
    pub fn new(connection: Object<M>) -> Self {
        Self(Some(connection))
    }

    pub fn connection(&mut self) -> Option<&mut M::Type> {
        self.0.as_deref_mut()
    }

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
