"""5. The disk is full."""

import os
import random
import string
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from findings import Finding, found
from people import Answer, Client, register
from places import extent
from postgres import Postgres
from programs import conduit
from small_disk import Filler, small_disk

WRITES = extent(short=20, full=100)
READS = ("/api/articles", "/api/articles/first", "/api/articles/first/comments", "/api/tags", "/api/articles?tag=fault")


@contextmanager
def on_small_disk(engine: str, server: Postgres, folder: Path) -> Iterator[tuple[str, Path]]:
    """A database whose tables are on a small disk. PostgreSQL's log of changes is not: without it no server runs on."""
    disk = folder / "small"
    if engine == "SQLite":
        with small_disk(disk, 16, os.stat(folder)) as place:
            yield f"sqlite://{place / 'conduit.db'}", place
        return
    # Where the server's user may go.
    disk = server.data.parent / "small"
    with small_disk(disk, 32, server.data.stat()) as place:
        server.execute(f"create tablespace small location '{place}'")
        yield server.database("full_disk", "tablespace small"), place
        server.execute("drop database full_disk with (force)", "drop tablespace small")


def long_body() -> str:
    """A text that no compression makes small."""
    return "".join(random.choices(string.ascii_letters, k=100_000))


def test_reads_go_on_and_writes_come_back(engine: str, server: Postgres, tmp_path: Path) -> None:
    with on_small_disk(engine, server, tmp_path) as (database, disk), conduit(database, tmp_path) as program:
        amy, reader = register(program), Client(program)
        assert amy.publish("First").status == 201
        filler = Filler(disk)
        filler.fill()
        writes = [amy.publish(f"Article {number}", long_body()) for number in range(WRITES)]
        reads = [reader.get(path) for path in READS * 3]
        while_full = [answer for answer in writes[WRITES // 2 :] if not answer.says_try_again]
        filler.make_room()
        after = [amy.publish(f"Later {number}", long_body()) for number in range(5)]
        acknowledged = [answer for answer in [*writes, *after] if answer.status == 201]
        lost = [answer for answer in acknowledged if reader.get(f"/api/articles/{answer.body['article']['slug']}").status != 200]
        is_sound, is_same = program.is_sound(), program.is_running()
    measured = (
        f"{WRITES} writes: {words(writes)}; {len(reads)} reads: {words(reads)}; with room again 5 writes: {words(after)}; "
        f"{len(lost)} acknowledged writes lost, `conduit doctor` finds all right"
    )
    holds = (
        not while_full and all(answer.status == 200 for answer in reads) and all(answer.status == 201 for answer in after)
        and all(answer.status in (201, 503) for answer in writes) and not lost and is_sound and is_same
    )  # fmt: skip
    happened = "the file system of the tables has no room left" + ("; the WAL is on another" if engine == "PostgreSQL" else "")
    bound = "writes 503, reads go on, recovers without a restart"
    found(f"full-disk-{engine}", Finding("5", f"Disk full, {engine}", happened, bound, measured, holds))


def words(answers: list[Answer]) -> str:
    """How many of each status."""
    counts = Counter(answer.status for answer in answers)
    return ", ".join(f"{count} × {status}" for status, count in sorted(counts.items()))
