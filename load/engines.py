"""The databases: what differs between them for the benchmark."""

import sqlite3
from contextlib import closing, contextmanager

import dataset
import pgbench
import plans
from endpoints import example
from processes import Failed
from script import script
from servers import postgres
from statements import Recorder


class PostgresEngine:
    """PostgreSQL, whose limit pgbench finds."""

    name = "postgres"
    limit_is = "pgbench running the same SQL"

    def __init__(self, server, folder):
        self.database_url, self._server, self._folder = server.url, server, folder
        self._scripts = {}

    def version(self):
        """The program, by name and version."""
        return f"PostgreSQL {self._server.sql('show server_version').strip()}"

    def fill(self):
        """Loads the standard data set."""
        file = self._folder / "dataset.sql"
        file.write_text(dataset.script(self.name))
        self._server.script(file)
        _check(tuple(int(count) for count in self._server.sql(dataset.COUNTS).split("|")))

    def settle(self):
        """Clears away what writes have left behind, so that each measurement of a write begins alike."""
        self._server.sql("vacuum (analyze)", "checkpoint")

    def learn(self, endpoints, client, tokens):
        """Makes pgbench's scripts of what the server sends."""
        with Recorder(self._server) as recorder:
            for endpoint in endpoints:
                numbers = example(endpoint.names(), dataset.SIZES)
                requests = [request.filled(numbers) for request in endpoint.requests]
                token = tokens[numbers.get("reader", 1)]
                recorded = recorder.statements(lambda: [client.send(request, token) for request in requests])
                if not recorded:
                    raise Failed(f"the server sent no SQL for {endpoint.name}")
                made = script(recorded, endpoint, dataset.SIZES)
                plans.check(self._server, made, endpoint.name)
                self._scripts[endpoint.name] = made

    def limit(self, endpoint, seconds):
        """Requests per second, if the server cost nothing."""
        file = self._folder / f"{endpoint.name}.pgbench"
        return len(endpoint.requests) * pgbench.per_second(self._server, self._scripts[endpoint.name], file, seconds)


class SqliteEngine:
    """SQLite, for whose limit there is no program yet: Python, which the rest is written in, would be the bottleneck itself."""

    name = "sqlite"
    limit_is = None

    def __init__(self, folder):
        self._file = folder / "conduit.db"
        self.database_url = f"sqlite://{self._file}"

    def version(self):
        """The program, by name."""
        return "SQLite, as bundled with the server"

    def fill(self):
        """Loads the standard data set."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            connection.execute("pragma foreign_keys = on")
            connection.executescript(dataset.script(self.name))
            _check(connection.execute(dataset.COUNTS).fetchone())

    def settle(self):
        """Takes the write-ahead log into the database, so that each measurement of a write begins alike."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")

    def learn(self, endpoints, client, tokens):
        """Nothing, without a limit."""

    def limit(self, endpoint, seconds):
        """None is known."""


def _check(counts):
    if counts != dataset.EXPECTED:
        raise Failed(f"the data set should have {dataset.EXPECTED} {'/'.join(dataset.SIZES)}, not {counts}")


@contextmanager
def engine(name, folder):
    """An engine with an empty database, gone afterwards."""
    if name == "sqlite":
        yield SqliteEngine(folder)
    else:
        with postgres() as server:
            yield PostgresEngine(server, folder)
