"""1. The program is killed amid writes, again and again."""

import random
import time
from pathlib import Path

from findings import Finding, found, milliseconds, percentile
from people import Client, Writers, register
from places import extent
from programs import conduit

ROUNDS = extent(short=3, full=50)
WRITERS = 8


def test_no_acknowledged_write_is_lost(engine: str, database: str, tmp_path: Path) -> None:
    acknowledged, lost, starts, sound = 0, [], [], 0
    with conduit(database, tmp_path) as server:
        users = [register(server) for _ in range(WRITERS)]
        for _ in range(ROUNDS):
            writers = Writers([Client(server, user.token) for user in users])
            with writers as record:
                time.sleep(random.uniform(0.2, 0.6))
                server.kill()
            starts.append(server.start())
            acknowledged += record.acknowledged()
            lost += record.lost(Client(server))
            sound += server.is_sound()
            assert set(record.statuses()) <= {0, 200, 201}, record.statuses()
        whole = every_article_is_whole(users)
    measured = (
        f"{ROUNDS} rounds, {acknowledged} writes acknowledged, {len(lost)} lost; {sound} times `conduit doctor` found all right; "
        f"{whole} articles, all with their tags; listens again after {milliseconds(percentile(starts, 0.5))} (median)"
    )
    assert acknowledged > 5 * ROUNDS
    happened = f"`kill -9` of the program while {WRITERS} write, then a new start"
    finding = Finding("1", f"Program killed, {engine}", happened, "nothing lost, nothing half-written", measured, not lost)
    found(f"killed-program-{engine}", finding)


def every_article_is_whole(users: list[Client]) -> int:
    """Also those whose acknowledgement did not come through have all that belongs to them; how many there are."""
    count = 0
    for user in users:
        for offset in range(0, 1_000_000, 100):
            answer = user.get(f"/api/articles?author={user.name}&limit=100&offset={offset}")
            assert answer.status == 200
            for article in answer.body["articles"]:
                assert article["tagList"] == ["fault", "test"], article
                count += 1
            if len(answer.body["articles"]) < 100:
                break
    return count
