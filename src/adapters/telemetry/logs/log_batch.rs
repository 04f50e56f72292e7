//! Lines of the log that a thread writes together: those of one turn of its event loop.
//!
//! A system call for each request is a good part of what a small answer costs, and threads that write to one file wait
//! for each other in it. So a thread that serves requests gathers what the requests of a turn have to say. When all who
//! can run have run, it is written by one call, and until then their answers wait: none leaves before its line is
//! written.

use std::{
    cell::RefCell,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// What is gathered at the most before it is written, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Where lines are written.
pub trait Output: Send + Sync + 'static {
    /// Writes lines, each with a line break at its end.
    fn write(&self, lines: &str);
}

/// The turn of a thread.
#[derive(Default)]
struct LogBatch {
    lines: String,
    output: Option<Arc<dyn Output>>,
    /// How often lines were written.
    flushed: u64,
    /// The task that writes.
    writer: Option<Waker>,
    answers: Vec<Waker>,
}

thread_local! {
    /// None on threads that serve no requests, and before and after they do.
    static BATCH: RefCell<Option<LogBatch>> = const { RefCell::new(None) };
}

impl LogBatch {
    fn gather(&mut self, line: &str, output: &Arc<dyn Output>, is_urgent: bool) {
        self.lines.push_str(line);
        if self.output.is_none() {
            self.output = Some(Arc::clone(output));
        }
        if is_urgent || self.lines.len() >= MAX_BYTES {
            self.write();
        } else if let Some(writer) = &self.writer {
            writer.wake_by_ref();
        }
    }

    fn write(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        if let Some(output) = &self.output {
            output.write(&self.lines);
        }
        self.lines.clear();
        self.flushed += 1;
        self.answers.drain(..).for_each(Waker::wake);
    }
}

/// Writes a line to an output, of which there is one: at the end of this thread's turn, or at once if it is urgent or the
/// thread has no turns.
pub fn write(line: &str, output: &Arc<dyn Output>, is_urgent: bool) {
    let gathered = BATCH.try_with(|batch| match batch.try_borrow_mut().as_deref_mut() {
        Ok(Some(batch)) => {
            batch.gather(line, output, is_urgent);
            true
        }
        _ => false,
    });
    if !gathered.unwrap_or(false) {
        output.write(line);
    }
}

/// Gives this thread turns for as long as it is polled, which is to be as long as the thread serves requests. Where it has
/// them already this is over at once.
pub async fn run_flusher() {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            // What is still to come, at the end of the thread, is written line by line.
            if let Some(mut batch) = BATCH.with(RefCell::take) {
                batch.write();
            }
        }
    }
    if BATCH.with_borrow(Option::is_some) {
        return;
    }
    BATCH.set(Some(LogBatch::default()));
    let _end = End;
    poll_fn(|context| {
        with_batch(|batch| {
            batch.write();
            batch.writer = Some(context.waker().clone());
        });
        Poll::<()>::Pending
    })
    .await
}

/// Comes back when everything is written that this thread has gathered until now.
pub async fn flushed() {
    let mut awaited = None;
    poll_fn(|context| with_batch(|batch| batch.poll_flushed(&mut awaited, context)).unwrap_or(Poll::Ready(()))).await;
}

impl LogBatch {
    fn poll_flushed(&mut self, awaited: &mut Option<u64>, context: &Context<'_>) -> Poll<()> {
        let awaited = *awaited.get_or_insert(if self.lines.is_empty() { self.flushed } else { self.flushed + 1 });
        if self.flushed >= awaited {
            return Poll::Ready(());
        }
        self.answers.push(context.waker().clone());
        Poll::Pending
    }
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
        fn has(&self) -> Vec<String> {
            self.0.lock().unwrap().clone()
        }
    }

    fn outputs() -> (Arc<Memory>, Arc<dyn Output>) {
        let memory = Arc::<Memory>::default();
        (Arc::clone(&memory), memory)
    }

    /// Turns of this thread, which has them from now on.
    fn batches() -> Pin<Box<impl Future<Output = ()>>> {
        let mut batches = Box::pin(run_flusher());
        assert!(batches.as_mut().now_or_never().is_none());
        batches
    }

    #[tokio::test]
    async fn what_is_said_in_one_turn_is_written_together_and_awaited() {
        let (memory, output) = outputs();
        let mut batches = batches();
        write("a\n", &output, false);
        let mut first = pin!(flushed());
        assert!(poll!(first.as_mut()).is_pending());
        write("b\n", &output, false);
        let mut second = pin!(flushed());
        assert!(poll!(second.as_mut()).is_pending() && poll!(first.as_mut()).is_pending());
        assert!(memory.has().is_empty());

        assert!(poll!(batches.as_mut()).is_pending());
        assert_eq!(memory.has(), ["a\nb\n"]);
        assert!(poll!(first).is_ready() && poll!(second).is_ready() && flushed().now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_waits_and_who_writes_are_woken() {
        let (memory, output) = outputs();
        let answer = async {
            write("a\n", &output, false);
            flushed().await;
            memory.has()
        };
        tokio::select! {
            biased;
            () = run_flusher() => unreachable!("it has no end"),
            has = answer => assert_eq!(has, ["a\n"]),
        }
    }

    #[tokio::test]
    async fn what_is_urgent_or_much_is_written_at_once_behind_what_was_gathered() {
        let (memory, output) = outputs();
        let _turns = batches();
        write("a\n", &output, false);
        write("b\n", &output, true);
        assert_eq!(memory.has(), ["a\nb\n"]);
        let long = "x".repeat(MAX_BYTES);
        write(&long, &output, false);
        assert_eq!(memory.has(), ["a\nb\n", &long]);
    }

    #[tokio::test]
    async fn a_thread_has_turns_once() {
        let (memory, output) = outputs();
        let mut batches = batches();
        write("a\n", &output, false);
        assert!(run_flusher().now_or_never().is_some() && memory.has().is_empty());
        assert!(poll!(batches.as_mut()).is_pending());
        assert_eq!(memory.has(), ["a\n"]);
    }

    #[tokio::test]
    async fn nothing_is_gathered_where_there_are_no_turns_and_nothing_is_left_behind() {
        let (memory, output) = outputs();
        write("before\n", &output, false);
        flushed().await;
        {
            let _turns = batches();
            write("during\n", &output, false);
            assert_eq!(memory.has(), ["before\n"]);
        }
        write("after\n", &output, false);
        assert_eq!(memory.has(), ["before\n", "during\n", "after\n"]);
    }
}
