"""A database with the data set and logged-in readers, from which every measurement starts."""

import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path

from client import Client, credentials
from dataset import NAMES, READERS
from endpoints import example, log_in, write
from engines import open_engine
from servers import conduit, doctor
from wrk import write_requests


class Fixture:
    """A database with a data set of these sizes, with its files in a folder of its own."""

    def __init__(self, engine, programs, folder, sizes):
        self.engine, self.sizes = engine, sizes
        self._programs, self._folder = programs, folder
        self._secret = secrets.token_hex(32)
        self.tokens = {}

    def server(self, program=None):
        """Starts the service, or another program with its interface, on this database."""
        return conduit(program or self._programs.conduit, self.engine.database_url, self._secret, self._folder)

    def fill(self):
        """Loads the data set and logs the readers in."""
        with self.server() as server:
            first_user = {**credentials(1), "username": str(NAMES + 1)}
            Client(server.url).send(write("POST", "/api/users", "user", first_user, as_reader=False))
        self.engine.fill(self.sizes)
        self.check_consistency("--repair")
        self.engine.checkpoint()
        with self.server() as server:
            client = Client(server.url)
            for reader in range(1, READERS + 1):
                self.tokens[reader] = client.send(log_in(credentials(reader)))["user"]["token"]

    def check_consistency(self, *options):
        """Runs `conduit doctor`, which fails if a counter differs from the rows that it counts."""
        doctor(self._programs.conduit, self.engine.database_url, *options)

    def example(self, endpoint):
        """Returns an endpoint's requests with the example's numbers, and the reader's token."""
        numbers = example(endpoint.placeholders(), self.sizes)
        requests = [request.substitute(numbers) for request in endpoint.requests]
        return requests, self.tokens[numbers.get("reader", 1)]

    def requests(self, endpoint):
        """Returns the file of an endpoint's requests for wrk, which the first call writes."""
        file = self._folder / f"{endpoint.name}.requests"
        if not file.exists():
            write_requests(endpoint, self.sizes, self.tokens, file)
        return file


@contextmanager
def open_fixture(engine_name, programs, sizes, progress):
    """Provides an engine with a data set of these sizes, and removes both afterwards."""
    with tempfile.TemporaryDirectory(prefix="conduit-bench.") as name:
        folder = Path(name)
        with open_engine(engine_name, programs, folder) as engine:
            progress(f"{engine_name}: loading {sizes['articles']:,} articles")
            fixture = Fixture(engine, programs, folder, sizes)
            fixture.fill()
            yield fixture
