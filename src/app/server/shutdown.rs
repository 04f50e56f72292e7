//! Graceful shutdown: no request is lost when the server stops.
//!
//! 1. On a signal, readiness fails, and every response closes its connection.
//! 2. After a delay, in which load balancers notice, no new connections are accepted.
//! 3. After a grace period for requests on their way, idle connections are closed, others after
//!    their response.
//! 4. When all are closed, the timeout has expired or a second signal arrives, the server ends.

use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};

use super::error::RunError;
use crate::adapters::http::middleware::drain::Draining;

/// Bounds the time from a client's first packet until a worker reads the request.
const ACCEPT_GRACE: Duration = Duration::from_millis(250);

/// actix-web's workers check once a second whether the timeout has expired.
const FORCE_GRACE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
pub struct ShutdownTimeouts {
    /// From the signal until no more connections are accepted.
    pub delay: Duration,
    /// From then on, for requests in progress.
    pub drain: Duration,
}

impl ShutdownTimeouts {
    /// Returns the drain timeout for actix-web, which only knows whole seconds; rounded up.
    pub fn drain_seconds(&self) -> u64 {
        self.drain.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
    }
}

pub struct GracefulShutdown {
    pub server: ServerHandle,
    /// A duplicate of the server's listening socket.
    pub listener: TcpListener,
    /// Makes responses close their connections, and readiness fail.
    pub draining: Draining,
    pub timeouts: ShutdownTimeouts,
}

impl GracefulShutdown {
    /// Stops the server on SIGTERM, SIGINT or SIGHUP. The caller runs the server meanwhile, and
    /// drops it when this returns, which ends the remaining requests.
    pub async fn on_signal(self) -> Result<(), RunError> {
        let mut signals = Signals::listen().map_err(RunError::Signals)?;
        let name = signals.next().await;
        tracing::info!(signal = name, delay = ?self.timeouts.delay, "stopping");
        tokio::select! {
            () = self.drain_and_stop() => Ok(()),
            _ = signals.next() => Err(RunError::Forced),
        }
    }

    async fn drain_and_stop(self) {
        self.draining.begin();
        sleep(self.timeouts.delay).await;
        drop_new_connections(&self.listener);
        // The socket is closed with its last handle.
        drop(self.listener);
        sleep(ACCEPT_GRACE).await;
        let mut stopped = pin!(self.server.stop(true));
        if timeout(self.timeouts.drain, &mut stopped).await.is_err() {
            tracing::warn!(deadline = ?self.timeouts.drain, "requests are still running at the deadline");
            // Requests of a worker that is blocked even longer end with the process.
            let _ = timeout(FORCE_GRACE, stopped).await;
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// The terminal was closed.
    hangup: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        // Operators send these to programs that reopen their logs or reload; unhandled, they kill.
        let _ignored = [signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?];
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}

/// Drops the packets that would open a connection, with a filter on the socket. Connections in its
/// queue can still be accepted: closing the socket would reset them, although their requests may
/// have been sent already. A dropped client retries after a second, when the socket is closed.
#[cfg(target_os = "linux")]
fn drop_new_connections(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    /// BPF_RET | BPF_K in linux/bpf_common.h: accept the given number of bytes of the packet.
    const RETURN: u16 = 0x06;
    if let Err(error) = SockRef::from(listener).attach_filter(&[SockFilter::new(RETURN, 0, 0, 0)]) {
        tracing::debug!(%error, "connections that begin in this moment may be reset");
    }
}

/// Without the filter, connections that begin at this moment may be reset.
#[cfg(not(target_os = "linux"))]
fn drop_new_connections(_: &TcpListener) {}
