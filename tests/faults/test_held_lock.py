"""4. The pool is exhausted by a lock that somebody holds; a statement is slow."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from findings import Finding, found, milliseconds
from people import Answer, Client
from postgres import Postgres
from programs import conduit

CONNECTIONS, CROWD = 4, 24
BOUND = 1.0
STATEMENT_TIMEOUT = 1.0


def test_who_finds_no_connection_is_told_so_soon(server: Postgres, tmp_path: Path) -> None:
    database = server.database("held_lock")
    with conduit(database, tmp_path, DATABASE_POOL_SIZE=str(CONNECTIONS), DATABASE_LOCK_TIMEOUT="5s") as program:

        def ask(path: str) -> Answer:
            return Client(program).get(path)

        with psycopg.connect(database) as holder, ThreadPoolExecutor(CROWD + CONNECTIONS) as crowd:
            holder.execute("lock table tags in access exclusive mode")
            waiting = [crowd.submit(ask, "/api/tags") for _ in range(CONNECTIONS)]
            time.sleep(0.3)
            others = list(crowd.map(ask, ["/api/articles"] * CROWD))
            alive, ready = ask("/livez"), ask("/readyz")
            holder.rollback()
            held = [each.result() for each in waiting]
        after = [ask("/api/tags"), ask("/readyz")]
    slowest = max(answer.seconds for answer in [*others, ready])
    measured = (
        f"{CROWD} others: all 503 with `Retry-After`, the slowest after {milliseconds(slowest)}; `/livez` {alive.status} in "
        f"{milliseconds(alive.seconds)}, `/readyz` {ready.status}; after the release {after[0].status} and {after[1].status}"
    )
    holds = (
        all(answer.says_try_again for answer in others) and slowest <= BOUND and alive.status == 200 and ready.status == 503
        and all(answer.status == 200 for answer in [*held, *after])
    )  # fmt: skip
    happened = f"a lock on a table holds all {CONNECTIONS} connections"
    bound = f"503 within {BOUND:.0f} s, `/livez` 200, `/readyz` 503"
    found("held-lock", Finding("4a", "Pool exhausted", happened, bound, measured, holds))


def test_a_slow_statement_is_cut(server: Postgres, tmp_path: Path) -> None:
    database = server.database("slow_statement")
    timeout = f"{STATEMENT_TIMEOUT:.0f}s"
    with conduit(database, tmp_path, DATABASE_STATEMENT_TIMEOUT=timeout) as program, psycopg.connect(database, autocommit=True) as other:
        other.execute("alter table tags rename to tags_in_fact")
        other.execute("create view tags as select t.* from pg_sleep(60), tags_in_fact t")
        answer = Client(program).get("/api/tags")
        running = other.execute("select count(*) from pg_stat_activity where query like '%tags%' and state = 'active'").fetchone()
        other.execute("drop view tags")
        other.execute("alter table tags_in_fact rename to tags")
        after = Client(program).get("/api/tags")
    assert running
    measured = f"{answer.status} after {milliseconds(answer.seconds)}, {int(running[0]) - 1} statements left running; then {after.status}"
    holds = answer.says_try_again and answer.seconds < STATEMENT_TIMEOUT + 0.5 and running[0] == 1 and after.status == 200
    bound = "503 within 0.5 s of the limit, nothing left behind"
    happened = f"a statement that takes a minute, `DATABASE_STATEMENT_TIMEOUT={timeout}`"
    found("slow-statement", Finding("4b", "Slow statement", happened, bound, measured, holds))
