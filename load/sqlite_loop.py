"""The limit on SQLite: the server's SQL in a loop, run by limits/src/bin/sqlite_loop.rs.

Reads use one thread per core, writes a single one, as SQLite serializes them. The server prints its
statements with their parameters when it is started as statements.rs.
"""

import json
import os
import re
import time
from dataclasses import dataclass

from dataset import NAMES
from endpoints import example, ranges
from processes import BenchmarkError, run

SEPARATOR = " -- binds: "
# A bound value, as Rust's Debug prints it.
BOUND = re.compile(
    r"None|(?:Some\()?(?:(?P<instant>\d{4}-\d\d-\d\dT[^,\]]*Z)"
    r"|(?P<number>-?\d+)"
    r'|"(?P<text>(?:[^"\\]|\\.)*)"'
    r"|TagList\(\[(?P<tags>[^]]*)\]\))\)?"
)
TAG = re.compile(r'Tag\(("(?:[^"\\]|\\.)*")\)')
SET_UP = ("pragma", "begin", "commit", "rollback")


@dataclass(frozen=True)
class Statement:
    """A statement with $1, $2, ... and its parameters in the format of the loop."""

    text: str
    parameters: tuple


def statements(log, endpoint, sizes):
    """Returns the statements in the server's log, with placeholders in their parameters."""
    numbers = example(endpoint.placeholders(), sizes)
    logged = [json.loads(line)["statement"] for line in log.splitlines() if line.startswith('{"statement":')]
    relevant = [text for text in logged if not text.lstrip().lower().startswith(SET_UP)]
    if not relevant:
        raise BenchmarkError(f"the server sent no SQL for {endpoint.name}")
    return [_statement(text, numbers) for text in relevant]


def _statement(logged, numbers):
    text, _, bound = logged.partition(SEPARATOR)
    return Statement(text, tuple(_parameter(match, numbers) for match in BOUND.finditer(bound)))


def _parameter(match, numbers):
    number, text, instant, tags = match.group("number", "text", "instant", "tags")
    if number is not None:
        return _integer(int(number), numbers)
    if text is not None:
        return {"text": _pieces(json.loads(f'"{text}"'), numbers)}
    if instant is not None:
        return "now"
    if tags is not None:
        return {"text": _pieces(f"[{','.join(TAG.findall(tags))}]", numbers)}
    return "null"


def _integer(number, numbers):
    """Recognizes the id of a drawn name, and the time; anything else is a constant."""
    for index, drawn in enumerate(numbers.values()):
        if number == drawn % NAMES:
            return {"integer": (index, number - drawn)}
    return "now" if abs(number / 1000 - time.time()) < 600 else {"number": number}


def _pieces(text, numbers):
    """Splits a text at the numbers that were drawn for the example."""
    names = {str(number): index for index, number in enumerate(numbers.values()) if number >= NAMES}
    pieces = re.split(f"({'|'.join(names)})", text) if names else [text]
    return [{"drawn": names[piece]} if piece in names else {"fixed": piece} for piece in pieces if piece]


def script(known, endpoint, sizes):
    """Returns the loop's input."""
    draws = list(ranges(endpoint.placeholders(), sizes).values())
    steps = [{"text": statement.text, "parameters": statement.parameters} for statement in known]
    return json.dumps({"draws": draws, "steps": steps})


def runs_per_second(program, database, file, endpoint, seconds):
    """Returns how often per second SQLite completes a script."""
    threads = len(os.sched_getaffinity(0)) if endpoint.kind == "read" else 1
    return float(run([program, database, file, threads, seconds], seconds + 60))
