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
        return _integer(int(number), numbers)
    if text is not None:
        return {"text": _pieces(json.loads(f'"{text}"'), numbers)}
    if instant is not None:
        return "now"
    if tags is not None:
        return {"text": _pieces(f"[{tags.replace(', ', ',')}]", numbers)}
    return "null"


def _integer(number, numbers):
    """A number that was drawn, or the id of what was drawn by its name, or what it is."""
    for place, drawn in enumerate(numbers.values()):
        if number == drawn % NAMES:
            return {"integer": (place, number - drawn)}
    return "now" if abs(number / 1000 - time.time()) < 600 else {"number": number}


def _pieces(text, numbers):
    """The text in pieces, with the places of the numbers that were drawn for the example."""
    names = {str(number): place for place, number in enumerate(numbers.values()) if number >= NAMES}
    pieces = re.split(f"({'|'.join(names)})", text) if names else [text]
    return [{"drawn": names[piece]} if piece in names else {"fixed": piece} for piece in pieces if piece]


def script(known, endpoint, sizes):
    """What the loop reads."""
    draws = list(ranges(endpoint.names(), sizes).values())
    steps = [{"text": statement.text, "parameters": statement.parameters} for statement in known]
    return json.dumps({"draws": draws, "steps": steps})


def per_second(program, database, file, endpoint, seconds):
    """How often a second SQLite does all that is in a script."""
    threads = len(os.sched_getaffinity(0)) if endpoint.kind == "read" else 1
    return float(run([program, database, file, threads, seconds], seconds + 60))
