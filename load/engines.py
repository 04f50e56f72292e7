"""The databases: what differs between them for the benchmark."""

import sqlite3
from contextlib import closing, contextmanager

import dataset
import pgbench
import plans
import sqlite_loop
from client import Client
from processes import Failed
from script import script
from servers import postgres
from statements import Recorder


class PostgresEngine:
    """PostgreSQL, whose limit pgbench finds."""

    name = "postgres"
    limit_is = "pgbench running the same SQL by as many connections"

    def __init__(self, server, folder):
        self.database_url, self._server, self._folder = server.url, server, folder
        self._scripts = {}

    def target(self, endpoint):
        """The share of the limit that it must reach."""
        return endpoint.target

    def version(self):
        """The program, by name and version, and the memory that it has."""
        version, memory = (self._server.sql(f"show {what}").strip() for what in ("server_version", "shared_buffers"))
        return f"PostgreSQL {version}, shared_buffers {memory}"

    def fill(self, sizes):
        """Loads a data set of these sizes, without what triggers derive."""
        file = self._folder / "dataset.sql"
        file.write_text(dataset.script(self.name, sizes))
        self._server.script(file)
        _check(tuple(int(count) for count in self._server.sql(dataset.COUNTS).split("|")), sizes)

    def sql(self, text):
        """Runs a statement; its rows as lines."""
        return self._server.sql(text)

    def settle(self):
        """Clears away what writes have left behind, so that each measurement of a write begins alike."""
        self._server.sql("vacuum (analyze)", "checkpoint")

    def bytes_held(self):
        """What the data takes: the tables with what is stored beside them, and the indexes."""
        sizes = "sum(pg_table_size(oid)), sum(pg_indexes_size(oid))"
        tables = "relkind = 'r' and relnamespace = 'public'::regnamespace"
        held = self._server.sql(f"select {sizes} from pg_class where {tables}")
        return dict(zip(("tables", "indexes"), map(int, held.split("|"))))

    def bytes_logged(self):
        """How far the write-ahead log has come."""
        return int(self._server.sql("select pg_current_wal_lsn() - '0/0'"))

    def learn(self, endpoints, fixture):
        """Makes pgbench's scripts of what the server sends."""
        with fixture.server() as server, Recorder(self._server) as recorder:
            client = Client(server.url)
            for endpoint in endpoints:
                requests, token = fixture.example(endpoint)
                recorded = recorder.statements(lambda: [client.send(request, token) for request in requests])
                if not recorded:
                    raise Failed(f"the server sent no SQL for {endpoint.name}")
                made = script(recorded, endpoint, fixture.sizes)
                plans.check(self._server, made, endpoint.name)
                self._scripts[endpoint.name] = made

    def limit(self, endpoint, seconds):
        """Requests per second, if the server cost nothing."""
        file = self._folder / f"{endpoint.name}.pgbench"
        return len(endpoint.requests) * pgbench.per_second(self._server, self._scripts[endpoint.name], file, seconds)


class SqliteEngine:
    """SQLite, whose limit a loop of the same SQL finds."""

    name = "sqlite"
    limit_is = "a loop of the same SQL, on one thread per core for reads and on one for writes"

    def __init__(self, programs, folder):
        self._programs, self._folder, self._file = programs, folder, folder / "conduit.db"
        self.database_url = f"sqlite://{self._file}"

    def target(self, endpoint):
        """The share of the limit that it must reach."""
        return {"read": 0.50, "write": 0.70, "login": 0.90}[endpoint.kind]

    def version(self):
        """The program, by name."""
        return "SQLite, as bundled with the server"

    def fill(self, sizes):
        """Loads a data set of these sizes, without what triggers derive."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            triggers = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"drop trigger {name}")
            connection.executescript(dataset.script(self.name, sizes))
            for _, text in triggers:
                connection.execute(text)
            _check(connection.execute(dataset.COUNTS).fetchone(), sizes)

    def settle(self):
        """Takes the write-ahead log into the database, so that each measurement of a write begins alike."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")

    def bytes_held(self):
        """What the data takes: tables and indexes lie in one file."""
        return {"tables and indexes": self._file.stat().st_size}

    def bytes_logged(self):
        """Not known: the log begins anew each time that it was taken into the database."""
        return None

    def learn(self, endpoints, fixture):
        """Makes the loop's scripts of what the server sends, which takes a server that tells it."""
        with fixture.server(self._programs.statements) as server:
            client = Client(server.url)
            for endpoint in endpoints:
                requests, token = fixture.example(endpoint)
                server.forget_log()
                for request in requests:
                    client.send(request, token)
                asked = sqlite_loop.statements(server.log(), endpoint, fixture.sizes)
                self._script(endpoint).write_text(sqlite_loop.script(asked, endpoint, fixture.sizes))

    def limit(self, endpoint, seconds):
        """Requests per second, if the server cost nothing."""
        rate = sqlite_loop.per_second(self._programs.sqlite_loop, self._file, self._script(endpoint), endpoint, seconds)
        return len(endpoint.requests) * rate

    def _script(self, endpoint):
        return self._folder / f"{endpoint.name}.loop"


def _check(counts, sizes):
    expected = tuple(sizes.values())
    if counts != expected:
        raise Failed(f"the data set should have {expected} {'/'.join(sizes)}, not {counts}")


@contextmanager
def engine(name, programs, folder):
    """An engine with an empty database, gone afterwards."""
    if name == "sqlite":
        yield SqliteEngine(programs, folder)
    else:
        with postgres() as server:
            yield PostgresEngine(server, folder)
