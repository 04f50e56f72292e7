"""Shared fixtures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import postgres
from paths import PROGRAM
from postgres import Postgres

ENGINES = ("SQLite", "PostgreSQL")


@pytest.fixture(scope="session", autouse=True)
def program() -> None:
    """Checks that the program exists."""
    assert PROGRAM.is_file(), f"{PROGRAM} does not exist: build it, or set CONDUIT_BIN"


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """PostgreSQL server that tests share and must not stop."""
    with postgres.servers() as (shared,):
        yield shared


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Name of the database engine; tests run once for each."""
    name: str = request.param
    return name


@pytest.fixture
def database(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of a new database of this engine."""
    if engine == "SQLite":
        return f"sqlite://{tmp_path / 'conduit.db'}"
    server: Postgres = request.getfixturevalue("server")
    return server.database(f"fault_{abs(hash(request.node.nodeid))}")
