"""Injected faults: missing table, busy database, disconnecting clients, panic."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from traffic import Client, Counts

TIMES = 5


def missing_table(base: str, counts: Counts, database: str) -> None:
    """Causes 500: an unexpected database error."""
    client = Client(base, counts)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("alter table comments rename to comments_renamed")
        try:
            for _ in range(TIMES):
                client.send("GET", "/api/articles/{slug}/comments", None, "wave0-user0-0")
        finally:
            connection.execute("alter table comments_renamed rename to comments")


def busy_database(base: str, counts: Counts, database: str, clients: int = 24) -> None:
    """Causes 503: clients wait longer than the pool allows. Two disconnect first: 499."""

    def send(number: int) -> None:
        client = Client(base, counts)
        if number < 2:
            client.disconnect("/api/tags")
        else:
            client.send("GET", "/api/tags")

    with locked("tags", database), ThreadPoolExecutor(clients) as threads:
        list(threads.map(send, range(clients)))


@contextmanager
def locked(table: str, database: str, seconds: float = 1) -> Iterator[None]:
    """Locks a table exclusively for a while."""
    acquired = threading.Event()

    def hold() -> None:
        with psycopg.connect(database) as connection:
            connection.execute(f"lock table {table} in access exclusive mode")
            acquired.set()
            threading.Event().wait(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    assert acquired.wait(10)
    yield
    holder.join()


def defect(base: str, counts: Counts, name: str) -> None:
    """Causes 500: a panic, see defect.rs."""
    client = Client(base, counts).registered(name)
    for _ in range(TIMES):
        client.send("DELETE", "/api/profiles/{username}/follow", None, name)
