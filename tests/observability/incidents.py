"""What goes wrong on purpose: a table is gone, the database is busy, clients leave, the program has a defect."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from traffic import Client, Counts

TIMES = 5


def table_is_gone(base: str, counts: Counts, database: str) -> None:
    """500: an error that nobody foresaw."""
    client = Client(base, counts)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("alter table comments rename to comments_gone")
        try:
            for _ in range(TIMES):
                client.send("GET", "/api/articles/{slug}/comments", None, "wave0-user0-0")
        finally:
            connection.execute("alter table comments_gone rename to comments")


def database_is_busy(base: str, counts: Counts, database: str, crowd: int = 24) -> None:
    """503: more wait than there are connections, and longer than the pool lets them. 499: two do not wait."""

    def ask(number: int) -> None:
        client = Client(base, counts)
        if number < 2:
            client.leaves("/api/tags")
        else:
            client.send("GET", "/api/tags")

    with locked("tags", database), ThreadPoolExecutor(crowd) as threads:
        list(threads.map(ask, range(crowd)))


@contextmanager
def locked(table: str, database: str, seconds: float = 1) -> Iterator[None]:
    """A table that nobody can read for a while."""
    taken = threading.Event()

    def hold() -> None:
        with psycopg.connect(database) as connection:
            connection.execute(f"lock table {table} in access exclusive mode")
            taken.set()
            threading.Event().wait(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(10)
    yield
    holder.join()


def defect(base: str, counts: Counts, name: str) -> None:
    """500: the program panics, see defect.rs."""
    client = Client(base, counts).registered(name)
    for _ in range(TIMES):
        client.send("DELETE", "/api/profiles/{username}/follow", None, name)
