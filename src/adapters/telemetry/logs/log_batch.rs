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
const ENOUGH: usize = 64 * 1024;

/// Where lines are written.
pub trait Output: Send + Sync + 'static {
    /// Writes lines, each with a line break at its end.
    fn write(&self, lines: &str);
}

/// The turn of a thread.
#[derive(Default)]
struct Turn {
    lines: String,
    output: Option<Arc<dyn Output>>,
    /// How often lines were written.
    written: u64,
    /// The task that writes.
    writer: Option<Waker>,
    answers: Vec<Waker>,
}

thread_local! {
    /// None on threads that serve no requests, and before and after they do.
    static TURN: RefCell<Option<Turn>> = const { RefCell::new(None) };
}

impl Turn {
    fn gather(&mut self, line: &str, output: &Arc<dyn Output>, is_urgent: bool) {
        self.lines.push_str(line);
        if self.output.is_none() {
            self.output = Some(Arc::clone(output));
        }
        if is_urgent || self.lines.len() >= ENOUGH {
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
        self.written += 1;
        self.answers.drain(..).for_each(Waker::wake);
    }
}

/// Writes a line to an output, of which there is one: at the end of this thread's turn, or at once if it is urgent or the
/// thread has no turns.
pub fn write(line: &str, output: &Arc<dyn Output>, is_urgent: bool) {
    let gathered = TURN.try_with(|turn| match turn.try_borrow_mut().as_deref_mut() {
        Ok(Some(turn)) => {
            turn.gather(line, output, is_urgent);
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
pub async fn take_turns() {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            // What is still to come, at the end of the thread, is written line by line.
            if let Some(mut turn) = TURN.with(RefCell::take) {
                turn.write();
            }
        }
    }
    if TURN.with_borrow(Option::is_some) {
        return;
    }
    TURN.set(Some(Turn::default()));
    let _end = End;
    poll_fn(|context| {
        with_turn(|turn| {
            turn.write();
            turn.writer = Some(context.waker().clone());
        });
        Poll::<()>::Pending
    })
    .await
}

/// Comes back when everything is written that this thread has gathered until now.
pub async fn written() {
    let mut awaited = None;
    poll_fn(|context| with_turn(|turn| turn.poll_written(&mut awaited, context)).unwrap_or(Poll::Ready(()))).await;
}

impl Turn {
    fn poll_written(&mut self, awaited: &mut Option<u64>, context: &Context<'_>) -> Poll<()> {
        let awaited = *awaited.get_or_insert(if self.lines.is_empty() { self.written } else { self.written + 1 });
        if self.written >= awaited {
            return Poll::Ready(());
        }
        self.answers.push(context.waker().clone());
        Poll::Pending
    }
}

fn with_turn<R>(act: impl FnOnce(&mut Turn) -> R) -> Option<R> {
    TURN.with_borrow_mut(|turn| turn.as_mut().map(act))
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
    fn turns() -> Pin<Box<impl Future<Output = ()>>> {
        let mut turns = Box::pin(take_turns());
        assert!(turns.as_mut().now_or_never().is_none());
        turns
    }

    #[tokio::test]
    async fn what_is_said_in_one_turn_is_written_together_and_awaited() {
        let (memory, output) = outputs();
        let mut turns = turns();
        write("a\n", &output, false);
        let mut first = pin!(written());
        assert!(poll!(first.as_mut()).is_pending());
        write("b\n", &output, false);
        let mut second = pin!(written());
        assert!(poll!(second.as_mut()).is_pending() && poll!(first.as_mut()).is_pending());
        assert!(memory.has().is_empty());

        assert!(poll!(turns.as_mut()).is_pending());
        assert_eq!(memory.has(), ["a\nb\n"]);
        assert!(poll!(first).is_ready() && poll!(second).is_ready() && written().now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_waits_and_who_writes_are_woken() {
        let (memory, output) = outputs();
        let answer = async {
            write("a\n", &output, false);
            written().await;
            memory.has()
        };
        tokio::select! {
            biased;
            () = take_turns() => unreachable!("it has no end"),
            has = answer => assert_eq!(has, ["a\n"]),
        }
    }

    #[tokio::test]
    async fn what_is_urgent_or_much_is_written_at_once_behind_what_was_gathered() {
        let (memory, output) = outputs();
        let _turns = turns();
        write("a\n", &output, false);
        write("b\n", &output, true);
        assert_eq!(memory.has(), ["a\nb\n"]);
        let long = "x".repeat(ENOUGH);
        write(&long, &output, false);
        assert_eq!(memory.has(), ["a\nb\n", &long]);
    }

    #[tokio::test]
    async fn a_thread_has_turns_once() {
        let (memory, output) = outputs();
        let mut turns = turns();
        write("a\n", &output, false);
        assert!(take_turns().now_or_never().is_some() && memory.has().is_empty());
        assert!(poll!(turns.as_mut()).is_pending());
        assert_eq!(memory.has(), ["a\n"]);
    }

    #[tokio::test]
    async fn nothing_is_gathered_where_there_are_no_turns_and_nothing_is_left_behind() {
        let (memory, output) = outputs();
        write("before\n", &output, false);
        written().await;
        {
            let _turns = turns();
            write("during\n", &output, false);
            assert_eq!(memory.has(), ["before\n"]);
        }
        write("after\n", &output, false);
        assert_eq!(memory.has(), ["before\n", "during\n", "after\n"]);
    }
}
