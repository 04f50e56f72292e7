"""What the tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import postgres
from places import PROGRAM
from postgres import Postgres

ENGINES = ("SQLite", "PostgreSQL")


@pytest.fixture(scope="session", autouse=True)
def program() -> None:
    """The program is there."""
    assert PROGRAM.is_file(), f"{PROGRAM} is not there: build it, or name another in CONDUIT_BIN"


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL for those who leave it as it is."""
    with postgres.servers() as (only,):
        yield only


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    name: str = request.param
    return name


@pytest.fixture
def database(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a new database of this engine."""
    if engine == "SQLite":
        return f"sqlite://{tmp_path / 'conduit.db'}"
    server: Postgres = request.getfixturevalue("server")
    return server.database(f"fault_{abs(hash(request.node.nodeid))}")
