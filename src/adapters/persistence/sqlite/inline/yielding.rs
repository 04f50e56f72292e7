//! Yields to the other tasks of a thread.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tokio::task::yield_now;

/// Yields until each ready task of the thread has run, including those that its sockets make ready.
///
/// tokio's `yield_now` completes as soon as it is polled again, and actix-web's dispatcher polls
/// more often than it is woken. This future completes only after its own wake.
pub async fn yield_to_ready_tasks() {
    let mut yielding = pin!(yield_now());
    let mut started: Option<Arc<WakeFlag>> = None;
    poll_fn(|context| {
        let flag = started.get_or_insert_with(|| {
            let flag = Arc::new(WakeFlag { is_woken: AtomicBool::new(false), task: context.waker().clone() });
            let waker = Waker::from(Arc::clone(&flag));
            let _pending = yielding.as_mut().poll(&mut Context::from_waker(&waker));
            flag
        });
        if flag.is_woken.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

struct WakeFlag {
    is_woken: AtomicBool,
    task: Waker,
}

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::{future::join, poll};

    use super::*;

    #[tokio::test]
    async fn ready_task_runs_before_the_one_that_yields() {
        let order = RefCell::new(Vec::new());
        let first = async {
            yield_to_ready_tasks().await;
            order.borrow_mut().push("first");
        };
        let second = async { order.borrow_mut().push("second") };
        join(first, second).await;
        assert_eq!(*order.borrow(), ["second", "first"]);
    }

    #[tokio::test]
    async fn polling_does_not_complete_the_yield() {
        let mut yielding = pin!(yield_to_ready_tasks());
        for _ in 0..3 {
            assert!(poll!(yielding.as_mut()).is_pending());
        }
        yielding.await;
    }
}
