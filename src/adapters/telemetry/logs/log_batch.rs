//! Collects the log lines of a thread's requests and writes them together, once per iteration of
//! its event loop.
//!
//! A system call for each request is a large part of what a small response costs, and threads that
//! write to one file wait for each other in it. A thread that serves requests therefore batches
//! their lines. When every task that can run has run, the batch is written by one call; until then
//! the responses wait, so that none leaves before its line is written.

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Bytes after which a batch is written at once.
const MAX_BYTES: usize = 64 * 1024;

/// Receives batches.
pub trait Output: Send + Sync + 'static {
    fn write(&self, lines: &str);
}

#[derive(Default)]
struct LogBatch {
    lines: String,
    output: Option<Arc<dyn Output>>,
    flushed: u64,
    /// The task that flushes.
    flusher: Option<Waker>,
    /// Responses that wait for the flush.
    waiting: Vec<Waker>,
}

thread_local! {
    /// `None` on threads that serve no requests, and before and after they do.
    static BATCH: RefCell<Option<LogBatch>> = const { RefCell::new(None) };
}

impl LogBatch {
    fn add(&mut self, line: &str, output: &Arc<dyn Output>, is_urgent: bool) {
        self.lines.push_str(line);
        if self.output.is_none() {
            self.output = Some(Arc::clone(output));
        }
        if is_urgent || self.lines.len() >= MAX_BYTES {
            self.flush();
        } else if let Some(flusher) = &self.flusher {
            flusher.wake_by_ref();
        }
    }

    fn flush(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        if let Some(output) = &self.output {
            output.write(&self.lines);
        }
        self.lines.clear();
        self.flushed += 1;
        self.waiting.drain(..).for_each(Waker::wake);
    }

    fn poll_flushed(&mut self, target: &mut Option<u64>, context: &Context<'_>) -> Poll<()> {
        let target = *target.get_or_insert(if self.lines.is_empty() { self.flushed } else { self.flushed + 1 });
        if self.flushed >= target {
            return Poll::Ready(());
        }
        self.waiting.push(context.waker().clone());
        Poll::Pending
    }
}

/// Writes a line to the process's only output: with this thread's batch, or at once if it is urgent
/// or the thread has none.
pub fn write(line: &str, output: &Arc<dyn Output>, is_urgent: bool) {
    let is_batched = BATCH.try_with(|batch| match batch.try_borrow_mut().as_deref_mut() {
        Ok(Some(batch)) => {
            batch.add(line, output, is_urgent);
            true
        }
        _ => false,
    });
    if !is_batched.unwrap_or(false) {
        output.write(line);
    }
}

/// Batches this thread's lines for as long as it is polled, which MUST be as long as the thread
/// serves requests. Returns at once if the thread has a flusher.
pub async fn run_flusher() {
    struct FinalFlush;
    impl Drop for FinalFlush {
        fn drop(&mut self) {
            // Later lines of this thread are written one by one.
            if let Some(mut batch) = BATCH.with(RefCell::take) {
                batch.flush();
            }
        }
    }
    if BATCH.with_borrow(Option::is_some) {
        return;
    }
    BATCH.set(Some(LogBatch::default()));
    let _final_flush = FinalFlush;
    poll_fn(|context| {
        with_batch(|batch| {
            batch.flush();
            batch.flusher = Some(context.waker().clone());
        });
        Poll::<()>::Pending
    })
    .await
}

/// Waits until every line that this thread has batched so far is written.
pub async fn flushed() {
    let mut target = None;
    poll_fn(|context| with_batch(|batch| batch.poll_flushed(&mut target, context)).unwrap_or(Poll::Ready(()))).await;
}

fn with_batch<R>(act: impl FnOnce(&mut LogBatch) -> R) -> Option<R> {
    BATCH.with_borrow_mut(|batch| batch.as_mut().map(act))
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        sync::Mutex,
    };

    use futures_util::{FutureExt, poll};

    use super::*;

    #[derive(Default)]
    struct Memory(Mutex<Vec<String>>);

    impl Output for Memory {
        fn write(&self, lines: &str) {
            self.0.lock().unwrap().push(lines.to_owned());
        }
    }

    impl Memory {
        fn writes(&self) -> Vec<String> {
            self.0.lock().unwrap().clone()
        }
    }

    fn outputs() -> (Arc<Memory>, Arc<dyn Output>) {
        let memory = Arc::<Memory>::default();
        (Arc::clone(&memory), memory)
    }

    /// Starts this thread's flusher.
    fn start_flusher() -> Pin<Box<impl Future<Output = ()>>> {
        let mut flusher = Box::pin(run_flusher());
        assert!(flusher.as_mut().now_or_never().is_none());
        flusher
    }

    #[tokio::test]
    async fn lines_of_one_iteration_are_written_together_and_awaited() {
        let (memory, output) = outputs();
        let mut flusher = start_flusher();
        write("a\n", &output, false);
        let mut first = pin!(flushed());
        assert!(poll!(first.as_mut()).is_pending());
        write("b\n", &output, false);
        let mut second = pin!(flushed());
        assert!(poll!(second.as_mut()).is_pending() && poll!(first.as_mut()).is_pending());
        assert!(memory.writes().is_empty());

        assert!(poll!(flusher.as_mut()).is_pending());
        assert_eq!(memory.writes(), ["a\nb\n"]);
        assert!(poll!(first).is_ready() && poll!(second).is_ready() && flushed().now_or_never().is_some());
    }

    #[tokio::test]
    async fn flusher_and_waiting_response_are_woken() {
        let (memory, output) = outputs();
        let response = async {
            write("a\n", &output, false);
            flushed().await;
            memory.writes()
        };
        tokio::select! {
            biased;
            () = run_flusher() => unreachable!("the flusher never returns"),
            has = response => assert_eq!(has, ["a\n"]),
        }
    }

    #[tokio::test]
    async fn urgent_line_and_full_batch_are_written_at_once_in_order() {
        let (memory, output) = outputs();
        let _flusher = start_flusher();
        write("a\n", &output, false);
        write("b\n", &output, true);
        assert_eq!(memory.writes(), ["a\nb\n"]);
        let long = "x".repeat(MAX_BYTES);
        write(&long, &output, false);
        assert_eq!(memory.writes(), ["a\nb\n", &long]);
    }

    #[tokio::test]
    async fn second_flusher_of_a_thread_returns_at_once() {
        let (memory, output) = outputs();
        let mut flusher = start_flusher();
        write("a\n", &output, false);
        assert!(run_flusher().now_or_never().is_some() && memory.writes().is_empty());
        assert!(poll!(flusher.as_mut()).is_pending());
        assert_eq!(memory.writes(), ["a\n"]);
    }

    #[tokio::test]
    async fn lines_are_written_directly_without_a_flusher_and_none_is_lost_at_its_end() {
        let (memory, output) = outputs();
        write("before\n", &output, false);
        flushed().await;
        {
            let _flusher = start_flusher();
            write("during\n", &output, false);
            assert_eq!(memory.writes(), ["before\n"]);
        }
        write("after\n", &output, false);
        assert_eq!(memory.writes(), ["before\n", "during\n", "after\n"]);
    }
}
