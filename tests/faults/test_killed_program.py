"""1. The program is killed repeatedly during writes."""

import random
import time
from pathlib import Path

from clients import Client, Writers, register
from paths import for_mode
from report import FaultResult, milliseconds, percentile, record_result
from server import conduit

ROUNDS = for_mode(short=3, full=50)
WRITERS = 8


def test_killed_program_loses_no_acknowledged_write(engine: str, database: str, tmp_path: Path) -> None:
    acknowledged, lost, starts, consistent = 0, [], [], 0
    with conduit(database, tmp_path) as server:
        users = [register(server) for _ in range(WRITERS)]
        for _ in range(ROUNDS):
            writers = Writers([Client(server, user.token) for user in users])
            with writers as record:
                time.sleep(random.uniform(0.2, 0.6))
                server.kill()
            starts.append(server.start())
            acknowledged += record.acknowledged_count()
            lost += record.missing_writes(Client(server))
            consistent += server.is_consistent()
            assert set(record.statuses()) <= {0, 200, 201}, record.statuses()
        complete = assert_articles_are_complete(users)
    measured = (
        f"{ROUNDS} rounds, {acknowledged} writes acknowledged, {len(lost)} lost; {consistent} times `conduit doctor` found no problem; "
        f"{complete} articles, all with their tags; listens again after {milliseconds(percentile(starts, 0.5))} (median)"
    )
    assert acknowledged > 5 * ROUNDS
    injection = f"`kill -9` of the program while {WRITERS} clients write, then a restart"
    result = FaultResult("1", f"Program killed, {engine}", injection, "nothing lost, nothing half-written", measured, not lost)
    record_result(f"killed-program-{engine}", result)


def assert_articles_are_complete(users: list[Client]) -> int:
    """Asserts that every article has its tags, acknowledged or not, and returns their number."""
    count = 0
    for user in users:
        for offset in range(0, 1_000_000, 100):
            response = user.get(f"/api/articles?author={user.name}&limit=100&offset={offset}")
            assert response.status == 200
            for article in response.body["articles"]:
                assert article["tagList"] == ["fault", "test"], article
                count += 1
            if len(response.body["articles"]) < 100:
                break
    return count
