//! Stopping in good order, so that no request is lost:
//!
//! 1. A signal comes. Readiness fails at once, and every answer asks its client to close the connection.
//! 2. After a delay, in which load balancers notice, no more connections are taken.
//! 3. After a moment, in which what was on its way arrives, connections without a request are closed, and those with
//!    one get the answer first.
//! 4. When all are closed, or the deadline has passed, the server ends.
//!
//! A second signal ends it at once.

use std::{io, net::TcpListener, pin::pin, time::Duration};

use actix_web::dev::ServerHandle;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{sleep, timeout},
};

use crate::adapters::http::middleware::drain::Draining;

/// How long a request may be on its way, from the client's first packet to the first look at it.
const ACCEPT_GRACE: Duration = Duration::from_millis(250);

/// How long after the deadline actix-web's threads may take to notice that it has passed: they look once a second.
const FORCE_GRACE: Duration = Duration::from_secs(2);

/// How long each part of stopping takes.
#[derive(Clone, Copy, Debug)]
pub struct ShutdownTimeouts {
    /// From the signal until no more connections are taken.
    pub delay: Duration,
    /// From then on, for requests that are being answered.
    pub deadline: Duration,
}

impl ShutdownTimeouts {
    /// The deadline in whole seconds, which are all that actix-web knows; never before it.
    pub fn whole_seconds(&self) -> u64 {
        self.deadline.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
    }
}

/// A server that is to be stopped some day.
pub struct GracefulShutdown {
    /// The server.
    pub server: ServerHandle,
    /// Another handle of its listening socket.
    pub listener: TcpListener,
    /// What the routes go by.
    pub draining: Draining,
    /// How long it may take.
    pub timeouts: ShutdownTimeouts,
}

/// Why a server did not stop in good order.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The system does not tell of signals.
    #[error("cannot listen to signals")]
    Signals(#[source] io::Error),
    /// Somebody was in a hurry.
    #[error("stopped at once by a second signal; requests may have lost their answers")]
    AtOnce,
}

impl GracefulShutdown {
    /// Waits for SIGTERM or SIGINT, and then stops the server, which the caller goes on to run meanwhile. Returns when
    /// it has stopped, or MUST be dropped by the caller to end what is left: after the deadline, and on an error.
    ///
    /// # Errors
    /// [`StopError`].
    pub async fn on_signal(self) -> Result<(), StopError> {
        let mut signals = Signals::listen().map_err(StopError::Signals)?;
        let name = signals.next().await;
        tracing::info!(signal = name, delay = ?self.timeouts.delay, "stopping");
        tokio::select! {
            () = self.drain_and_stop() => Ok(()),
            _ = signals.next() => Err(StopError::AtOnce),
        }
    }

    async fn drain_and_stop(self) {
        self.draining.begin();
        sleep(self.timeouts.delay).await;
        refuse_connections(&self.listener);
        // The system has this socket until its last handle is gone.
        drop(self.listener);
        sleep(ACCEPT_GRACE).await;
        let mut stopped = pin!(self.server.stop(true));
        if timeout(self.timeouts.deadline, &mut stopped).await.is_err() {
            tracing::warn!(deadline = ?self.timeouts.deadline, "requests are still running at the deadline");
            // Those whose threads do not even look by then are cut off all the same, when the process ends.
            let _looked = timeout(FORCE_GRACE, stopped).await;
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Lets no new connection begin, while those that have begun can still be taken. Closing the socket would reset the
/// ones that wait in its queue, whose requests may have been sent already; so a filter drops what would begin more.
/// A client that tries hears nothing, tries again a second later, and is refused then.
#[cfg(target_os = "linux")]
fn refuse_connections(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    /// BPF_RET | BPF_K in linux/bpf_common.h: accept so many bytes of the packet. None of them.
    const RETURN: u16 = 0x06;
    if let Err(error) = SockRef::from(listener).attach_filter(&[SockFilter::new(RETURN, 0, 0, 0)]) {
        tracing::debug!(%error, "connections that begin in this moment may be reset");
    }
}

/// Elsewhere connections that begin in this moment may be reset.
#[cfg(not(target_os = "linux"))]
fn refuse_connections(_: &TcpListener) {}
