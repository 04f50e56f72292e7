"""9. Several instances migrate one empty PostgreSQL at once; a backup makes a site that answers alike."""

import subprocess
import time
from pathlib import Path

import postgres
import pytest
from findings import Finding, found
from people import Client, Writers, register
from places import extent
from postgres import Postgres
from programs import Conduit, conduit

INSTANCES = 4
ROUNDS = extent(short=2, full=20)
WAYS = {
    "SQLite": "`conduit backup` while it serves, a new instance on the copy",
    "PostgreSQL": "`pg_dump` while it serves, `pg_restore` into an empty database, a new instance",
}


def test_instances_migrate_at_once(server: Postgres, tmp_path: Path) -> None:
    served = 0
    for number in range(ROUNDS):
        database = server.database(f"together_{number}")
        instances = [Conduit(database, tmp_path / str(each), MIGRATE_ON_START="true") for each in range(INSTANCES)]
        for each in instances:
            each.folder.mkdir(exist_ok=True)
            each.log = each.folder / f"{number}.log"
        for each in instances:
            each.launch()
        for each in instances:
            each.listens()
        answers = [Client(each).get(path) for each in instances for path in ("/readyz", "/api/articles")]
        served += sum(answer.status == 200 for answer in answers) // 2
        assert instances[0].is_sound()
        for each in instances:
            each.kill()
    measured = f"{ROUNDS} rounds: {served} of {INSTANCES * ROUNDS} instances serve"
    happened = f"{INSTANCES} instances with `MIGRATE_ON_START` start at once on an empty PostgreSQL"
    found("together", Finding("9a", "Migrations at once", happened, "all succeed", measured, served == INSTANCES * ROUNDS))


def test_a_backup_makes_a_site_that_answers_alike(engine: str, database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "restored"
    folder.mkdir()
    with conduit(database, tmp_path) as program:
        users = [register(program) for _ in range(4)]
        with Writers(users, pause=0.01) as record:
            time.sleep(1)
        users[0].send("POST", f"/api/profiles/{users[1].name}/follow")
        if engine == "SQLite":
            again = backed_up(program, folder)
        else:
            again = dumped(database, request.getfixturevalue("server"), folder)
        with conduit(again, folder) as restored:
            paths = questions(record.slugs, [user.name for user in users])
            differing = [path for path in paths for user in users if ask(program, user, path) != ask(restored, user, path)]
            is_sound = restored.is_sound()
            new = Client(restored, users[0].token).publish("New")
    count = len(paths) * len(users)
    measured = f"{count} answers, {len(differing)} differ; `conduit doctor` finds all right, and writing goes on ({new.status})"
    holds = not differing and is_sound and new.status == 201 and len(record.slugs) > 5
    finding = Finding("9b", f"Backup, {engine}", WAYS[engine], "identical answers", measured, holds)
    found(f"backup_{engine}", finding)


def backed_up(program: Conduit, folder: Path) -> str:
    """A copy that the program made of its own database."""
    file = folder / "backup.db"
    result = program.command("backup", str(file))
    assert result.returncode == 0, result.stderr
    return f"sqlite://{file}"


def dumped(database: str, server: Postgres, folder: Path) -> str:
    """A new database with what PostgreSQL's own program wrote down of one."""
    dump, again = folder / "dump", server.database("restored")
    subprocess.run([postgres.program("pg_dump"), "--format=custom", f"--file={dump}", database], check=True, timeout=60)
    subprocess.run([postgres.program("pg_restore"), "--exit-on-error", f"--dbname={again}", dump], check=True, timeout=60)
    return again


def questions(slugs: list[str], names: list[str]) -> list[str]:
    """What is asked of both."""
    people = [f"?{role}={name}" for role in ("author", "favorited") for name in names]
    lists = ["", "?limit=100", "?tag=fault&limit=50", "/feed", *people]
    articles = [f"/{slug}{part}" for slug in slugs[:20] for part in ("", "/comments")]
    return ["/api/tags", *(f"/api/profiles/{name}" for name in names), *(f"/api/articles{each}" for each in lists + articles)]


def ask(program: Conduit, user: Client, path: str) -> object:
    """An answer, as this user gets it."""
    answer = Client(program, user.token).get(path)
    assert answer.status == 200, answer
    return answer.body
