"""What differs between the databases."""

import sqlite3
from contextlib import closing, contextmanager

import dataset
import pgbench
import plans
import sqlite_loop
from client import Client
from pgbench_script import script
from processes import BenchmarkError
from servers import postgres
from statements import Recorder


class PostgresEngine:
    """PostgreSQL, whose limit is measured with pgbench."""

    name = "postgres"
    limit_description = "pgbench running the same SQL on as many connections"

    def __init__(self, server, folder):
        self.database_url, self._server, self._folder = server.url, server, folder
        self._scripts = {}

    def target(self, endpoint):
        """Returns the share of the limit that the endpoint must reach."""
        return endpoint.target

    def version(self):
        """Describes the database server and its memory."""
        version, memory = (self._server.sql(f"show {name}").strip() for name in ("server_version", "shared_buffers"))
        return f"PostgreSQL {version}, shared_buffers {memory}"

    def fill(self, sizes):
        """Loads a data set of these sizes without what triggers derive."""
        file = self._folder / "dataset.sql"
        file.write_text(dataset.script(self.name, sizes))
        self._server.script(file)
        _check_sizes(tuple(int(count) for count in self._server.sql(dataset.COUNTS).split("|")), sizes)

    def sql(self, text):
        """Runs a statement and returns its rows as lines."""
        return self._server.sql(text)

    def checkpoint(self):
        """Vacuums and checkpoints, so that all measurements of writes start from the same state."""
        self._server.sql("vacuum (analyze)", "checkpoint")

    def size_bytes(self):
        """Returns the size of the tables, TOAST included, and of the indexes."""
        sizes = "sum(pg_table_size(oid)), sum(pg_indexes_size(oid))"
        tables = "relkind = 'r' and relnamespace = 'public'::regnamespace"
        row = self._server.sql(f"select {sizes} from pg_class where {tables}")
        return dict(zip(("tables", "indexes"), map(int, row.split("|"))))

    def wal_bytes(self):
        """Returns the current position of the write-ahead log."""
        return int(self._server.sql("select pg_current_wal_lsn() - '0/0'"))

    def record_statements(self, endpoints, fixture):
        """Makes pgbench scripts of the statements that the server sends."""
        with fixture.server() as server, Recorder(self._server) as recorder:
            client = Client(server.url)
            for endpoint in endpoints:
                requests, token = fixture.example(endpoint)
                recorded = recorder.record(lambda: [client.send(request, token) for request in requests])
                if not recorded:
                    raise BenchmarkError(f"the server sent no SQL for {endpoint.name}")
                recorded_script = script(recorded, endpoint, fixture.sizes)
                plans.check(self._server, recorded_script, endpoint.name)
                self._scripts[endpoint.name] = recorded_script

    def limit(self, endpoint, seconds):
        """Returns the requests per second that the SQL alone would allow."""
        file = self._folder / f"{endpoint.name}.pgbench"
        rate = pgbench.runs_per_second(self._server, self._scripts[endpoint.name], file, seconds)
        return len(endpoint.requests) * rate


class SqliteEngine:
    """SQLite, whose limit is measured with a loop of the same SQL."""

    name = "sqlite"
    limit_description = "a loop of the same SQL, with one thread per core for reads and one for writes"

    def __init__(self, programs, folder):
        self._programs, self._folder, self._file = programs, folder, folder / "conduit.db"
        self.database_url = f"sqlite://{self._file}"

    def target(self, endpoint):
        """Returns the share of the limit that the endpoint must reach."""
        return {"read": 0.50, "write": 0.70, "login": 0.90}[endpoint.kind]

    def version(self):
        """Describes the database."""
        return "SQLite, as bundled with the server"

    def fill(self, sizes):
        """Loads a data set of these sizes without what triggers derive."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            triggers = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"drop trigger {name}")
            connection.executescript(dataset.script(self.name, sizes))
            for _, text in triggers:
                connection.execute(text)
            _check_sizes(connection.execute(dataset.COUNTS).fetchone(), sizes)

    def checkpoint(self):
        """Truncates the log, so that all measurements of writes start from the same state."""
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")

    def size_bytes(self):
        """Returns the size of the file, which holds tables and indexes."""
        return {"tables and indexes": self._file.stat().st_size}

    def wal_bytes(self):
        """Returns None: the position starts again after each checkpoint."""
        return None

    def record_statements(self, endpoints, fixture):
        """Makes scripts for the loop of the statements that the server sends."""
        with fixture.server(self._programs.statements) as server:
            client = Client(server.url)
            for endpoint in endpoints:
                requests, token = fixture.example(endpoint)
                server.truncate_log()
                for request in requests:
                    client.send(request, token)
                statements = sqlite_loop.statements(server.log(), endpoint, fixture.sizes)
                self._script(endpoint).write_text(sqlite_loop.script(statements, endpoint, fixture.sizes))

    def limit(self, endpoint, seconds):
        """Returns the requests per second that the SQL alone would allow."""
        rate = sqlite_loop.runs_per_second(
            self._programs.sqlite_loop, self._file, self._script(endpoint), endpoint, seconds
        )
        return len(endpoint.requests) * rate

    def _script(self, endpoint):
        return self._folder / f"{endpoint.name}.loop"


def _check_sizes(counts, sizes):
    expected = tuple(sizes.values())
    if counts != expected:
        raise BenchmarkError(f"the data set has {counts} {'/'.join(sizes)}, expected {expected}")


@contextmanager
def open_engine(name, programs, folder):
    """Provides an engine with an empty database, and removes it afterwards."""
    if name == "sqlite":
        yield SqliteEngine(programs, folder)
    else:
        with postgres() as server:
            yield PostgresEngine(server, folder)
