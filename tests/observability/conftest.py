"""Shared fixtures."""

from collections.abc import Iterator

import pytest

from live import Live, live


@pytest.fixture(scope="session", name="live")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Servers and Prometheus, after the load."""
    with live(tmp_path_factory.mktemp("live")) as servers:
        yield servers
