"""8. Statements fail with an injected serialization failure or deadlock.

tests/deadlocks.rs provokes real deadlocks.
"""

from pathlib import Path

import psycopg
import pytest

from clients import Response, register
from paths import for_mode
from postgres import Postgres
from report import FaultResult, milliseconds, record_result
from server import conduit

RETRIES = 3
TIMES = for_mode(short=3, full=20)
CODES = {"40001": "serialization failure", "40P01": "deadlock"}

# A sequence, because its value survives a rollback.
FAIL = """
create sequence tries;
create function fail_insert() returns trigger language plpgsql as $$ begin
    if nextval('tries') <= {times} then raise exception 'injected' using errcode = '{code}'; end if;
    return new;
end $$;
create trigger fail_insert before insert on comments for each row execute function fail_insert();
"""


@pytest.mark.parametrize("code", CODES)
def test_transient_failure_is_retried_at_most_three_times(server: Postgres, tmp_path: Path, code: str) -> None:
    database = server.database(f"races_{code.lower()}")
    with conduit(database, tmp_path) as program, psycopg.connect(database, autocommit=True) as other:
        amy = register(program)
        slug = amy.publish("Dragons").body["article"]["slug"]

        def comment() -> Response:
            return amy.send("POST", f"/api/articles/{slug}/comments", {"comment": {"body": "b"}})

        temporary, permanent, tries = [], [], set()
        for _ in range(TIMES):
            other.execute(FAIL.format(times=RETRIES, code=code).encode())
            temporary.append(comment())
            other.execute(b"drop trigger fail_insert on comments; drop function fail_insert(); drop sequence tries")
            other.execute(FAIL.format(times=1_000_000, code=code).encode())
            permanent.append(comment())
            row = other.execute(b"select last_value from tries").fetchone()
            assert row
            tries.add(row[0])
            other.execute(b"drop trigger fail_insert on comments; drop function fail_insert(); drop sequence tries")
        stored = len(amy.get(f"/api/articles/{slug}/comments").body["comments"])
        is_consistent = program.is_consistent()
    pauses = sorted(response.seconds for response in permanent)
    measured = (
        f"{RETRIES} failures: {sum(response.status == 201 for response in temporary)} of {TIMES} succeed; permanent failure: "
        f"{sum(response.is_retryable_503 for response in permanent)} of {TIMES} are 503 with `Retry-After` after {max(tries)} tries, in "
        f"{milliseconds(pauses[0])} to {milliseconds(pauses[-1])}; {stored} comments stored"
    )
    holds = (
        all(response.status == 201 for response in temporary) and all(response.is_retryable_503 for response in permanent) and tries == {RETRIES + 1}
        and stored == TIMES and is_consistent and len({round(pause, 3) for pause in pauses}) > 1
    )  # fmt: skip
    bound = f"at most {RETRIES} retries with jitter, then 503"
    injection = f"a statement fails with SQLSTATE {code}, {RETRIES} times or always"
    record_result(f"retry-{code}", FaultResult("8", f"Retry: {CODES[code]}", injection, bound, measured, holds))
