"""The very SQL that the server sends for a request, learnt from PostgreSQL's log.

The log has each statement word for word, in order, with BEGIN and COMMIT where there are any, and what its parameters were.
pg_stat_statements has not: it puts a parameter where a constant stood, and a limit that the planner does not see makes another plan.
"""

import csv
import io
import re
import time
from dataclasses import dataclass

from processes import Failed

APPLICATION, MESSAGE, DETAIL = 22, 13, 14  # columns of PostgreSQL's CSV log
PARAMETER = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")


@dataclass(frozen=True)
class Statement:
    """A text with $1, $2, ... and what these were; None for null."""

    text: str
    values: tuple


class Recorder:
    """Reads from PostgreSQL's log what the server sends."""

    def __init__(self, postgres):
        self._postgres = postgres

    def __enter__(self):
        self._log("all")
        return self

    def __exit__(self, *_):
        self._log("none")

    def _log(self, what):
        self._postgres.sql(f"alter system set log_statement = '{what}'", "select pg_reload_conf()")
        time.sleep(0.5)  # sessions look at their settings when the signal reaches them

    def statements(self, send):
        """What the server asks while `send` runs, less what sets up a connection."""
        before = self._mark()
        send()
        asked = [_statement(entry) for entry in self._entries(before, self._mark()) if entry[APPLICATION] == "conduit"]
        return [statement for statement in asked if not statement.text.lower().startswith("set ")]

    def _mark(self):
        """Leaves a message in the log that is like no other."""
        mark = f"select 'mark {time.monotonic_ns()}'"
        self._postgres.sql(mark)
        return f"statement: {mark}"

    def _entries(self, before, after):
        """The log between two marks; the second may take a moment to get there."""
        for _ in range(100):
            log = self._postgres.sql("select pg_read_file(pg_current_logfile('csvlog'))")
            entries = list(csv.reader(io.StringIO(log)))
            messages = [entry[MESSAGE] for entry in entries if len(entry) > MESSAGE]
            if after in messages:
                return entries[messages.index(before) + 1 : messages.index(after)]
            time.sleep(0.05)
        raise Failed("PostgreSQL's log stays behind")


def _statement(entry):
    text = re.sub(r"^(statement|execute [^:]*): ", "", entry[MESSAGE])
    values = [found[1] and found[1].replace("''", "'") for found in PARAMETER.finditer(entry[DETAIL])]
    return Statement(text.strip(), tuple(values))
