"""A database with a data set in it, and readers who have logged in: what every measurement begins with."""

import secrets

from client import Client, credentials
from dataset import NAMES, READERS
from endpoints import example, sends
from servers import conduit, doctor
from wrk import write_requests


class Fixture:
    """An engine's database with a data set of some sizes, in a folder of its own."""

    def __init__(self, engine, programs, folder, sizes):
        self.engine, self.sizes = engine, sizes
        self._programs, self._folder = programs, folder
        self._secret = secrets.token_hex(32)
        self.tokens = {}

    def server(self, program=None):
        """The service, or another program that behaves like it, on this database."""
        return conduit(program or self._programs.conduit, self.engine.database_url, self._secret, self._folder)

    def fill(self):
        """Loads the data set, and logs the readers in."""
        with self.server() as server:
            registration = {**credentials(1), "username": str(NAMES + 1)}
            Client(server.url).send(sends("POST", "/api/users", "user", registration, as_reader=False))
        self.engine.fill(self.sizes)
        self.examine("--repair")
        self.engine.settle()
        with self.server() as server:
            client = Client(server.url)
            for reader in range(1, READERS + 1):
                log_in = sends("POST", "/api/users/login", "user", credentials(reader), as_reader=False)
                self.tokens[reader] = client.send(log_in)["user"]["token"]

    def examine(self, *options):
        """Has every counter compared with the rows that it counts; fails where one is wrong."""
        doctor(self._programs.conduit, self.engine.database_url, *options)

    def example(self, endpoint):
        """An endpoint's requests with the numbers of the example, and the token that goes with them."""
        numbers = example(endpoint.names(), self.sizes)
        return [request.filled(numbers) for request in endpoint.requests], self.tokens[numbers.get("reader", 1)]

    def requests(self, endpoint):
        """The file of an endpoint's requests for wrk, written at its first use."""
        file = self._folder / f"{endpoint.name}.requests"
        if not file.exists():
            write_requests(endpoint, self.sizes, self.tokens, file)
        return file
