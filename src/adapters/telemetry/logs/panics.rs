//! Logs panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic;
use std::panic::PanicHookInfo;

/// Logs panics instead of printing them to standard error. The hook runs where the panic happens,
/// inside the span of the request, so that the line carries the request id.
pub fn log_panics() {
    panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let location = panic.location().map(tracing::field::display);
    // Captured only if RUST_BACKTRACE enables it.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(backtrace));
    tracing::error!(panic = text.unwrap_or("no text"), location, backtrace, "panicked");
}
