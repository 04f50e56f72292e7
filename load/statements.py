"""Records the SQL that the server sends for a request, from PostgreSQL's log.

The log contains each statement verbatim and in order, BEGIN and COMMIT included, with its
parameters. pg_stat_statements does not: it replaces constants by parameters, and a limit that the
planner cannot see leads to another plan.
"""

import csv
import io
import re
import time
from dataclasses import dataclass

from processes import BenchmarkError

APPLICATION, MESSAGE, DETAIL = 22, 13, 14  # columns of PostgreSQL's CSV log
PARAMETER = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")


@dataclass(frozen=True)
class Statement:
    """A statement with $1, $2, ... and the values of these; None for null."""

    text: str
    values: tuple


class Recorder:
    """Reads from PostgreSQL's log what the server sends."""

    def __init__(self, postgres):
        self._postgres = postgres

    def __enter__(self):
        self._set_log_statement("all")
        return self

    def __exit__(self, *_):
        self._set_log_statement("none")

    def _set_log_statement(self, value):
        self._postgres.sql(f"alter system set log_statement = '{value}'", "select pg_reload_conf()")
        time.sleep(0.5)  # until the signal has reached all sessions

    def record(self, send):
        """Returns the statements that the server sends during `send`, without connection set-up."""
        before = self._mark()
        send()
        entries = self._entries(before, self._mark())
        statements = [_statement(entry) for entry in entries if entry[APPLICATION] == "conduit"]
        return [statement for statement in statements if not statement.text.lower().startswith("set ")]

    def _mark(self):
        """Writes a unique message to the log and returns it."""
        mark = f"select 'mark {time.monotonic_ns()}'"
        self._postgres.sql(mark)
        return f"statement: {mark}"

    def _entries(self, before, after):
        """Returns the log entries between two marks; the second mark may arrive with a delay."""
        for _ in range(100):
            log = self._postgres.sql("select pg_read_file(pg_current_logfile('csvlog'))")
            entries = list(csv.reader(io.StringIO(log)))
            messages = [entry[MESSAGE] for entry in entries if len(entry) > MESSAGE]
            if after in messages:
                return entries[messages.index(before) + 1 : messages.index(after)]
            time.sleep(0.05)
        raise BenchmarkError("PostgreSQL's log lacks a statement that was sent")


def _statement(entry):
    text = re.sub(r"^(statement|execute [^:]*): ", "", entry[MESSAGE])
    values = [match[1] and match[1].replace("''", "'") for match in PARAMETER.finditer(entry[DETAIL])]
    return Statement(text.strip(), tuple(values))
