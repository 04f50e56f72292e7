//! Giving way to the other tasks of a thread.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use tokio::task::yield_now;

/// Comes back after every task of the thread that is ready to run, and those that its sockets make ready. tokio's own
/// `yield_now` is over as soon as it is polled again, and the dispatcher of actix-web polls more often than it is woken.
pub async fn let_others_run() {
    let mut yielding = pin!(yield_now());
    let mut begun: Option<Arc<Awaited>> = None;
    poll_fn(|context| {
        let awaited = begun.get_or_insert_with(|| {
            let awaited = Arc::new(Awaited { has_come: AtomicBool::new(false), task: context.waker().clone() });
            let waker = Waker::from(Arc::clone(&awaited));
            let _pending = yielding.as_mut().poll(&mut Context::from_waker(&waker));
            awaited
        });
        if awaited.has_come.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A wake that is told apart from others.
struct Awaited {
    has_come: AtomicBool,
    task: Waker,
}

impl Wake for Awaited {
    fn wake(self: Arc<Self>) {
        self.has_come.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::{future::join, poll};

    use super::*;

    #[tokio::test]
    async fn the_others_run_first() {
        let order = RefCell::new(Vec::new());
        let first = async {
            let_others_run().await;
            order.borrow_mut().push("first");
        };
        let second = async { order.borrow_mut().push("second") };
        join(first, second).await;
        assert_eq!(*order.borrow(), ["second", "first"]);
    }

    #[tokio::test]
    async fn polling_again_does_not_end_it() {
        let mut yielding = pin!(let_others_run());
        for _ in 0..3 {
            assert!(poll!(yielding.as_mut()).is_pending());
        }
        yielding.await;
    }
}
