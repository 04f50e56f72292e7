"""8. Statements lose races. tests/deadlocks.rs makes circles of locks; here the program meets any number of losses."""

from pathlib import Path

import psycopg
import pytest

from findings import Finding, found, milliseconds
from people import Answer, register
from places import extent
from postgres import Postgres
from programs import conduit

TRIES = 3
TIMES = extent(short=3, full=20)
CODES = {"40001": "serialization failure", "40P01": "deadlock"}

# A sequence counts also what is rolled back.
LOSE = """
create sequence tries;
create function lose() returns trigger language plpgsql as $$ begin
    if nextval('tries') <= {times} then raise exception 'lost' using errcode = '{code}'; end if;
    return new;
end $$;
create trigger lose before insert on comments for each row execute function lose();
"""


@pytest.mark.parametrize("code", CODES)
def test_a_lost_race_is_run_again_three_times_at_most(server: Postgres, tmp_path: Path, code: str) -> None:
    database = server.database(f"races_{code.lower()}")
    with conduit(database, tmp_path) as program, psycopg.connect(database, autocommit=True) as other:
        amy = register(program)
        slug = amy.publish("Dragons").body["article"]["slug"]

        def comment() -> Answer:
            return amy.send("POST", f"/api/articles/{slug}/comments", {"comment": {"body": "b"}})

        won, lost, tries = [], [], set()
        for _ in range(TIMES):
            other.execute(LOSE.format(times=TRIES, code=code).encode())
            won.append(comment())
            other.execute(b"drop trigger lose on comments; drop function lose(); drop sequence tries")
            other.execute(LOSE.format(times=1_000_000, code=code).encode())
            lost.append(comment())
            row = other.execute(b"select last_value from tries").fetchone()
            assert row
            tries.add(row[0])
            other.execute(b"drop trigger lose on comments; drop function lose(); drop sequence tries")
        stored = len(amy.get(f"/api/articles/{slug}/comments").body["comments"])
        is_sound = program.is_sound()
    pauses = sorted(answer.seconds for answer in lost)
    measured = (
        f"lost {TRIES} times: {sum(answer.status == 201 for answer in won)} of {TIMES} succeed; lost always: "
        f"{sum(answer.says_try_again for answer in lost)} of {TIMES} are 503 with `Retry-After` after {max(tries)} tries, in "
        f"{milliseconds(pauses[0])} to {milliseconds(pauses[-1])}; {stored} comments stored"
    )
    holds = (
        all(answer.status == 201 for answer in won) and all(answer.says_try_again for answer in lost) and tries == {TRIES + 1}
        and stored == TIMES and is_sound and len({round(pause, 3) for pause in pauses}) > 1
    )  # fmt: skip
    bound = f"at most {TRIES} further tries with jitter, or 503"
    happened = f"a statement meets SQLSTATE {code} {TRIES} times, or always"
    found(f"lost-race-{code}", Finding("8", f"Lost race: {CODES[code]}", happened, bound, measured, holds))
