"""4. A lock exhausts the pool; a statement is slow."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from clients import Client, Response
from postgres import Postgres
from report import FaultResult, milliseconds, record_result
from server import conduit

CONNECTIONS, OTHERS = 4, 24
BOUND = 1.0
STATEMENT_TIMEOUT = 1.0


def test_exhausted_pool_responds_with_503_within_its_bound(server: Postgres, tmp_path: Path) -> None:
    database = server.database("held_lock")
    with conduit(database, tmp_path, DATABASE_POOL_SIZE=str(CONNECTIONS), DATABASE_LOCK_TIMEOUT="5s") as program:

        def get(path: str) -> Response:
            return Client(program).get(path)

        with psycopg.connect(database) as holder, ThreadPoolExecutor(OTHERS + CONNECTIONS) as threads:
            holder.execute("lock table tags in access exclusive mode")
            waiting = [threads.submit(get, "/api/tags") for _ in range(CONNECTIONS)]
            time.sleep(0.3)
            others = list(threads.map(get, ["/api/articles"] * OTHERS))
            alive, ready = get("/livez"), get("/readyz")
            holder.rollback()
            held = [future.result() for future in waiting]
        after = [get("/api/tags"), get("/readyz")]
    slowest = max(response.seconds for response in [*others, ready])
    measured = (
        f"{OTHERS} other requests: all 503 with `Retry-After`, the slowest after {milliseconds(slowest)}; `/livez` {alive.status} in "
        f"{milliseconds(alive.seconds)}, `/readyz` {ready.status}; after the release {after[0].status} and {after[1].status}"
    )
    holds = (
        all(response.is_retryable_503 for response in others) and slowest <= BOUND and alive.status == 200 and ready.status == 503
        and all(response.status == 200 for response in [*held, *after])
    )  # fmt: skip
    injection = f"a table lock blocks all {CONNECTIONS} connections"
    bound = f"503 within {BOUND:.0f} s, `/livez` 200, `/readyz` 503"
    record_result("held-lock", FaultResult("4a", "Pool exhausted", injection, bound, measured, holds))


def test_slow_statement_is_cancelled_at_its_timeout(server: Postgres, tmp_path: Path) -> None:
    database = server.database("slow_statement")
    timeout = f"{STATEMENT_TIMEOUT:.0f}s"
    with conduit(database, tmp_path, DATABASE_STATEMENT_TIMEOUT=timeout) as program, psycopg.connect(database, autocommit=True) as other:
        other.execute("alter table tags rename to tags_table")
        other.execute("create view tags as select t.* from pg_sleep(60), tags_table t")
        response = Client(program).get("/api/tags")
        running = other.execute("select count(*) from pg_stat_activity where query like '%tags%' and state = 'active'").fetchone()
        other.execute("drop view tags")
        other.execute("alter table tags_table rename to tags")
        after = Client(program).get("/api/tags")
    assert running
    measured = (
        f"{response.status} after {milliseconds(response.seconds)}, {int(running[0]) - 1} statements left running; then {after.status}"
    )
    holds = response.is_retryable_503 and response.seconds < STATEMENT_TIMEOUT + 0.5 and running[0] == 1 and after.status == 200
    bound = "503 within 0.5 s of the timeout, no statement left running"
    injection = f"a statement takes a minute, `DATABASE_STATEMENT_TIMEOUT={timeout}`"
    record_result("slow-statement", FaultResult("4b", "Slow statement", injection, bound, measured, holds))
