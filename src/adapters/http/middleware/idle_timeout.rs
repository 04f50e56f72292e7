//! Connections that keep the server waiting are closed.
//!
//! actix-web limits the time until the first head on a connection has come, and the time in which nothing comes at all.
//! A client that drips gets past both: with its second head, with chunks that nobody reads any more, or by not taking
//! its answers. So each connection has a deadline here, which runs whenever no request is being handled on it.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    rc::{Rc, Weak},
    time::Duration,
};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{Extensions, ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    rt::{self, net::TcpStream as Stream, time::sleep},
};

/// Between two looks at the connections of a thread.
const TICK: Duration = Duration::from_secs(1);

/// How long a client gets to read that it was too slow, in ticks.
const FAREWELL: u32 = 2;

/// The deadline of a connection on which a request is being handled.
const NONE: u32 = u32::MAX;

/// A connection, for as long as it is open.
struct Connection {
    /// A second handle on it: nothing else reaches a connection that waits for its client.
    socket: TcpStream,
    patience: u32,
    deadline: Cell<u32>,
}

/// The connections of a thread. Each belongs to one thread for all its life.
#[derive(Default)]
struct Watch {
    now: Cell<u32>,
    is_running: Cell<bool>,
    connections: RefCell<Vec<Weak<Connection>>>,
}

thread_local! {
    static WATCH: Watch = Watch::default();
}

/// Watches a new connection, which may be without a request for so long. For [`HttpServer::on_connect`].
///
/// [`HttpServer::on_connect`]: actix_web::HttpServer::on_connect
pub fn opened(io: &dyn Any, data: &mut Extensions, patience: Duration) {
    let plain = io.downcast_ref::<Stream>();
    let Some(stream) = plain.or_else(|| Some(io.downcast_ref::<TlsStream<Stream>>()?.get_ref().0)) else { return };
    // Without a second handle, because there are no more to be had, it has those deadlines only that actix-web knows.
    let Ok(socket) = stream.as_fd().try_clone_to_owned().map(TcpStream::from) else { return };
    // Rounded up, and one more because the first tick is already running.
    let patience = u32::try_from(patience.as_millis().div_ceil(TICK.as_millis())).unwrap_or(NONE).saturating_add(1);
    WATCH.with(|watch| data.insert(watch.add(socket, patience)));
}

/// Knows when no request is being handled on a connection; for all routes.
pub async fn idle_timeout<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let busy = request.conn_data::<Rc<Connection>>().map(|connection| Busy::begin(Rc::clone(connection)));
    let response = next.call(request).await;
    if let (Some(busy), Ok(response)) = (&busy, &response)
        && response.status() == StatusCode::REQUEST_TIMEOUT
    {
        busy.0.expect_the_end();
    }
    response
}

/// A request is being handled, until this is dropped.
struct Busy(Rc<Connection>);

impl Busy {
    fn begin(connection: Rc<Connection>) -> Self {
        connection.deadline.set(NONE);
        Self(connection)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.deadline.get() == NONE {
            self.0.wait(self.0.patience);
        }
    }
}

impl Connection {
    fn wait(&self, ticks: u32) {
        self.deadline.set(WATCH.with(|watch| watch.now.get()).saturating_add(ticks));
    }

    fn expect_the_end(&self) {
        self.wait(FAREWELL);
    }

    fn close_if_due(&self, now: u32) {
        if self.deadline.get() <= now {
            // What is closed already cannot be closed again, and need not.
            let _ = self.socket.shutdown(Shutdown::Both);
        }
    }
}

impl Watch {
    fn add(&self, socket: TcpStream, patience: u32) -> Rc<Connection> {
        let connection = Rc::new(Connection { socket, patience, deadline: Cell::new(NONE) });
        connection.deadline.set(self.now.get().saturating_add(patience));
        self.connections.borrow_mut().push(Rc::downgrade(&connection));
        if !self.is_running.replace(true) {
            run();
        }
        connection
    }

    /// Closes what is due, and forgets what is closed. Whether anything is left to watch.
    fn tick(&self) -> bool {
        let now = self.now.get().saturating_add(1);
        self.now.set(now);
        let mut connections = self.connections.borrow_mut();
        connections.retain(|connection| {
            connection.upgrade().is_some_and(|connection| {
                connection.close_if_due(now);
                true
            })
        });
        self.is_running.set(!connections.is_empty());
        self.is_running.get()
    }
}

/// Watches for as long as there are connections.
#[expect(clippy::disallowed_methods, reason = "it belongs to no request")]
fn run() {
    rt::spawn(async {
        loop {
            sleep(TICK).await;
            if !WATCH.with(Watch::tick) {
                break;
            }
        }
    });
}
