//! Upper bound for SQLite: prepared statements in a loop on each thread, and nothing else.
//!
//! `sqlite_loop DATABASE SCRIPT THREADS SECONDS` prints how often per second the script was
//! completed. A script is JSON:
//!
//! - `draws`: the lowest and the highest value of each random number;
//! - `steps`: statements with their parameters.
//!
//! A parameter is one of:
//!
//! - `{"integer": [DRAW, DIFFERENCE]}`: a random number, by its index in `draws`, plus a constant;
//! - `{"text": PIECES}`: the concatenation of `{"fixed": TEXT}` and `{"drawn": DRAW}`;
//! - `{"number": N}`: a constant;
//! - `"now"`: the time in milliseconds, the same in all steps of one iteration;
//! - `"null"`.

use std::{env, fs, thread};
use std::error::Error;
use std::fmt::Write;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mimalloc::MiMalloc;
use rand::RngExt;
use rusqlite::{Connection, Statement};
use rusqlite::types::Value;
use serde::Deserialize;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

type LoopResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Deserialize)]
struct Script {
    draws: Vec<(i64, i64)>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    text: String,
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Parameter {
    Integer(usize, i64),
    Text(Vec<Piece>),
    Number(i64),
    Now,
    Null,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    Fixed(String),
    Drawn(usize),
}

impl Parameter {
    fn value(&self, drawn: &[i64], now: i64) -> LoopResult<Value> {
        let draw = |index: usize| drawn.get(index).ok_or("a draw that the script does not have");
        Ok(match self {
            Self::Integer(index, difference) => Value::Integer(draw(*index)? + difference),
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Fixed(fixed) => text.push_str(fixed),
                        Piece::Drawn(index) => write!(text, "{}", draw(*index)?)?,
                    }
                }
                Value::Text(text)
            }
            Self::Number(number) => Value::Integer(*number),
            Self::Now => Value::Integer(now),
            Self::Null => Value::Null,
        })
    }
}

/// Opens a connection as the service does, except that it maps the file: the limit is the best that
/// SQLite can do. In the service the mapping would count as resident memory.
fn connect(path: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full;
        pragma foreign_keys = on; pragma mmap_size = 2147418112;",
    )?;
    Ok(connection)
}

/// Runs a statement to its end and reads each value of each row.
fn exhaust(statement: &mut Statement<'_>, values: &[Value]) -> LoopResult<()> {
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            std::hint::black_box(row.get_ref(column)?);
        }
    }
    Ok(())
}

/// Repeats the script until `stop` is set, and returns the number of iterations.
fn repeat(path: &str, script: &Script, ready: &Barrier, stop: &AtomicBool) -> LoopResult<u64> {
    let connection = connect(path);
    ready.wait();
    let connection = connection?;
    let mut statements =
        script.steps.iter().map(|step| connection.prepare(&step.text)).collect::<rusqlite::Result<Vec<_>>>()?;
    let mut random = rand::rng();
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let drawn: Vec<_> = script.draws.iter().map(|(low, high)| random.random_range(*low..=*high)).collect();
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        for (statement, step) in statements.iter_mut().zip(&script.steps) {
            let values = step.parameters.iter().map(|parameter| parameter.value(&drawn, now));
            let values = values.collect::<LoopResult<Vec<_>>>()?;
            exhaust(statement, &values)?;
        }
        count += 1;
    }
    Ok(count)
}

fn main() -> LoopResult<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, script, threads, seconds] = arguments.as_slice() else {
        return Err("usage: sqlite_loop DATABASE SCRIPT THREADS SECONDS".into());
    };
    let script: Script = serde_json::from_str(&fs::read_to_string(script)?)?;
    let (threads, seconds) = (threads.parse::<usize>()?, seconds.parse::<f64>()?);
    let (ready, stop) = (Barrier::new(threads + 1), AtomicBool::new(false));
    let (counts, elapsed) = thread::scope(|scope| {
        let loops: Vec<_> = (0..threads).map(|_| scope.spawn(|| repeat(path, &script, &ready, &stop))).collect();
        ready.wait();
        let start = Instant::now();
        thread::sleep(Duration::from_secs_f64(seconds));
        stop.store(true, Ordering::Relaxed);
        let counts: Vec<_> = loops.into_iter().map(|done| done.join().map_err(|_| "a loop panicked")).collect();
        (counts, start.elapsed())
    });
    let mut total = 0;
    for count in counts {
        total += count??;
    }
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 runs")]
    let rate = total as f64 / elapsed.as_secs_f64();
    println!("{rate:.2}");
    Ok(())
}
