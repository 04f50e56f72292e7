"""5. The disk is full."""

import os
import random
import string
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clients import Client, Response, register
from paths import for_mode
from postgres import Postgres
from report import FaultResult, record_result
from server import conduit
from small_disk import Filler, small_disk

WRITES = for_mode(short=20, full=100)
READS = ("/api/articles", "/api/articles/first", "/api/articles/first/comments", "/api/tags", "/api/articles?tag=fault")


@contextmanager
def on_small_disk(engine: str, server: Postgres, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields a database whose tables are on a small disk, and that disk.

    PostgreSQL's WAL is elsewhere, because the server stops when the WAL cannot grow.
    """
    disk = folder / "small"
    if engine == "SQLite":
        with small_disk(disk, 16, os.stat(folder)) as mount:
            yield f"sqlite://{mount / 'conduit.db'}", mount
        return
    # In a folder that the server's user can enter.
    disk = server.data.parent / "small"
    with small_disk(disk, 32, server.data.stat()) as mount:
        server.execute(f"create tablespace small location '{mount}'")
        yield server.database("full_disk", "tablespace small"), mount
        server.execute("drop database full_disk with (force)", "drop tablespace small")


def long_body() -> str:
    """Returns a text that does not compress."""
    return "".join(random.choices(string.ascii_letters, k=100_000))


def test_full_disk_fails_only_writes_until_space_is_free(engine: str, server: Postgres, tmp_path: Path) -> None:
    with on_small_disk(engine, server, tmp_path) as (database, disk), conduit(database, tmp_path) as program:
        amy, reader = register(program), Client(program)
        assert amy.publish("First").status == 201
        filler = Filler(disk)
        filler.fill()
        writes = [amy.publish(f"Article {number}", long_body()) for number in range(WRITES)]
        reads = [reader.get(path) for path in READS * 3]
        unexpected = [response for response in writes[WRITES // 2 :] if not response.is_retryable_503]
        filler.free_space()
        after = [amy.publish(f"Later {number}", long_body()) for number in range(5)]
        acknowledged = [response for response in [*writes, *after] if response.status == 201]
        lost = [response for response in acknowledged if reader.get(f"/api/articles/{response.body['article']['slug']}").status != 200]
        is_consistent, is_running = program.is_consistent(), program.is_running()
    measured = (
        f"{WRITES} writes: {summary(writes)}; {len(reads)} reads: {summary(reads)}; with free space 5 writes: {summary(after)}; "
        f"{len(lost)} acknowledged writes lost, `conduit doctor` finds no problem"
    )
    holds = (
        not unexpected and all(response.status == 200 for response in reads) and all(response.status == 201 for response in after)
        and all(response.status in (201, 503) for response in writes) and not lost and is_consistent and is_running
    )  # fmt: skip
    injection = "the file system of the tables has no space left" + ("; the WAL is on another" if engine == "PostgreSQL" else "")
    bound = "writes 503, reads continue, recovers without a restart"
    record_result(f"full-disk-{engine}", FaultResult("5", f"Disk full, {engine}", injection, bound, measured, holds))


def summary(responses: list[Response]) -> str:
    """Returns the number of responses by status, as text."""
    counts = Counter(response.status for response in responses)
    return ", ".join(f"{count} × {status}" for status, count in sorted(counts.items()))
