//! Panics in the log: where, why, and for which request.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
};

/// Sends what panics say to the log instead of standard error. The hook runs where the panic happens, inside the span
/// of the request, so that the line carries its id.
pub fn log() {
    panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let said = panic.payload();
    let text = said.downcast_ref::<&str>().copied().or_else(|| said.downcast_ref::<String>().map(String::as_str));
    let location = panic.location().map(tracing::field::display);
    // Captured if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(backtrace));
    tracing::error!(panic = text.unwrap_or("no text"), location, backtrace, "panicked");
}
