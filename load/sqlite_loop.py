"""The limit on SQLite: the SQL of the server in a loop, on one thread per core for reads and on one for writes, which SQLite takes in turns.

The server tells its statements, with what they are bound to, when it is started as statements.rs. The loop is
limits/src/bin/sqlite_loop.rs.
"""

import json
import os
import re
import time
from dataclasses import dataclass

from dataset import NAMES
from endpoints import example, ranges
from processes import Failed, run

SEPARATOR = " -- binds: "
# How Rust shows what a parameter is bound to.
BOUND = re.compile(
    r'None|(?:Some\()?(?:(?P<number>-?\d+)|"(?P<text>(?:[^"\\]|\\.)*)"|Instant\((?P<instant>[^)]*)\)|TagNames\(\[(?P<tags>[^]]*)\]\))\)?'
)
SET_UP = ("pragma", "begin", "commit", "rollback")


@dataclass(frozen=True)
class Statement:
    """A text with $1, $2, ... and the parameters as the loop takes them."""

    text: str
    parameters: tuple


def statements(log, endpoint, sizes):
    """The statements that stand in the server's log, with what varies in their parameters."""
    numbers = example(endpoint.names(), sizes)
    if "stranger" in numbers:  # is known by id too
        numbers["stranger_id"] = numbers["stranger"] - NAMES
    told = [json.loads(line)["statement"] for line in log.splitlines() if line.startswith('{"statement":')]
    asked = [statement for statement in told if not statement.lstrip().lower().startswith(SET_UP)]
    if not asked:
        raise Failed(f"the server sent no SQL for {endpoint.name}")
    return [_statement(statement, numbers) for statement in asked]


def _statement(told, numbers):
    text, _, bound = told.partition(SEPARATOR)
    return Statement(text, tuple(_parameter(found, numbers) for found in BOUND.finditer(bound)))


def _parameter(found, numbers):
    number, text, instant, tags = found.group("number", "text", "instant", "tags")
    if number is not None:
        drawn = next((name for name, known in numbers.items() if known < NAMES and str(known) == number), None)
        is_now = abs(int(number) / 1000 - time.time()) < 600
        return {"integer": drawn} if drawn else "now" if is_now else {"number": int(number)}
    if text is not None:
        return {"text": _varying(json.loads(f'"{text}"'), numbers)}
    if instant is not None:
        return "now"
    if tags is not None:
        return {"text": _varying(f"[{tags.replace(', ', ',')}]", numbers)}
    return "null"


def _varying(text, numbers):
    """The text with names in place of the numbers that were drawn for the example."""
    for name, number in numbers.items():
        if number >= NAMES:
            text = text.replace(str(number), f"${name}")
    return text


def script(known, endpoint, sizes):
    """What the loop reads."""
    draws = ranges(endpoint.names(), sizes)
    if "stranger" in draws:
        draws["stranger_id"] = tuple(bound - NAMES for bound in draws["stranger"])
    steps = [{"text": statement.text, "parameters": statement.parameters} for statement in known]
    return json.dumps({"draws": draws, "steps": steps})


def per_second(program, database, file, endpoint, seconds):
    """How often a second SQLite does all that is in a script."""
    threads = len(os.sched_getaffinity(0)) if endpoint.kind == "read" else 1
    return float(run([program, database, file, threads, seconds], seconds + 60))
