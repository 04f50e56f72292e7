//! Assigns work on another thread to the request that caused it.

use opentelemetry::Context;
use tracing::Span;

/// The request that the current thread works for, if any.
pub struct RequestScope {
    log: Span,
    trace: Context,
}

impl RequestScope {
    pub fn current() -> Self {
        Self { log: Span::current(), trace: Context::current() }
    }

    /// Runs work whose log lines and statements belong to the request.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let _trace = self.trace.clone().attach();
        self.log.in_scope(work)
    }
}
