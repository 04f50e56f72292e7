//! Closes connections whose client keeps the server waiting.
//!
//! actix-web limits the time until the first request head is complete, and the time without any
//! traffic. A slow client evades both: with its second head, with the rest of a body that nothing
//! reads, or by not reading responses. So each connection has a deadline, suspended while a request
//! is handled.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::rc::{Rc, Weak};
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::body::MessageBody;
use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::rt;
use actix_web::rt::net::TcpStream as Stream;
use actix_web::rt::time::sleep;

use crate::adapters::http::response::MiddlewareResult;

const TICK: Duration = Duration::from_secs(1);

/// Ticks in which a client can read the response that it was too slow.
const CLOSE_GRACE: u32 = 2;

const NEVER: u32 = u32::MAX;

struct Connection {
    /// A second handle: actix-web gives no access to a connection that waits for its client.
    socket: TcpStream,
    idle_timeout_ticks: u32,
    deadline_tick: Cell<u32>,
}

/// The deadlines of a thread's connections. A connection stays on its thread.
#[derive(Default)]
struct Timer {
    now: Cell<u32>,
    is_running: Cell<bool>,
    connections: RefCell<Vec<Weak<Connection>>>,
}

thread_local! {
    static TIMER: Timer = Timer::default();
}

/// For [`HttpServer::on_connect`](actix_web::HttpServer::on_connect).
pub fn on_connect(io: &dyn Any, data: &mut Extensions, idle_timeout: Duration) {
    let plain = io.downcast_ref::<Stream>();
    let Some(stream) = plain.or_else(|| Some(io.downcast_ref::<TlsStream<Stream>>()?.get_ref().0)) else { return };
    // If the process has no descriptor left, only the timeouts of actix-web apply.
    let Ok(socket) = stream.as_fd().try_clone_to_owned().map(TcpStream::from) else { return };
    // Rounded up, and one more because the current tick has begun.
    let ticks = idle_timeout.as_millis().div_ceil(TICK.as_millis());
    let ticks = u32::try_from(ticks).unwrap_or(NEVER).saturating_add(1);
    TIMER.with(|timer| data.insert(timer.add(socket, ticks)));
}

pub async fn idle_timeout<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> MiddlewareResult<B> {
    let guard = request.conn_data::<Rc<Connection>>().map(|connection| {
        connection.deadline_tick.set(NEVER);
        RequestGuard(Rc::clone(connection))
    });
    let response = next.call(request).await;
    if let (Some(guard), Ok(response)) = (&guard, &response)
        && response.status() == StatusCode::REQUEST_TIMEOUT
    {
        guard.0.set_deadline(CLOSE_GRACE);
    }
    response
}

/// Resumes the deadline of a connection when dropped.
struct RequestGuard(Rc<Connection>);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if self.0.deadline_tick.get() == NEVER {
            self.0.set_deadline(self.0.idle_timeout_ticks);
        }
    }
}

impl Connection {
    fn set_deadline(&self, ticks: u32) {
        self.deadline_tick.set(TIMER.with(|timer| timer.now.get()).saturating_add(ticks));
    }
}

impl Timer {
    fn add(&self, socket: TcpStream, idle_timeout_ticks: u32) -> Rc<Connection> {
        let deadline_tick = Cell::new(self.now.get().saturating_add(idle_timeout_ticks));
        let connection = Rc::new(Connection { socket, idle_timeout_ticks, deadline_tick });
        self.connections.borrow_mut().push(Rc::downgrade(&connection));
        if !self.is_running.replace(true) {
            spawn_timer();
        }
        connection
    }

    /// Closes connections that are due, and returns whether any is left.
    fn tick(&self) -> bool {
        let now = self.now.get().saturating_add(1);
        self.now.set(now);
        let mut connections = self.connections.borrow_mut();
        connections.retain(|connection| {
            connection.upgrade().is_some_and(|connection| {
                if connection.deadline_tick.get() <= now {
                    // Fails only if the connection is closed already.
                    let _ = connection.socket.shutdown(Shutdown::Both);
                }
                true
            })
        });
        self.is_running.set(!connections.is_empty());
        self.is_running.get()
    }
}

#[expect(clippy::disallowed_methods, reason = "it belongs to no request")]
fn spawn_timer() {
    rt::spawn(async {
        loop {
            sleep(TICK).await;
            if !TIMER.with(Timer::tick) {
                break;
            }
        }
    });
}
