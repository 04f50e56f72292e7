"""9. Instances migrate one empty PostgreSQL at once; backups serve identical responses."""

import subprocess
import time
from pathlib import Path

import pytest

import postgres
from clients import Client, Writers, register
from paths import for_mode
from postgres import Postgres
from report import FaultResult, record_result
from server import Conduit, conduit

INSTANCES = 4
ROUNDS = for_mode(short=2, full=20)
BACKUP_METHODS = {
    "SQLite": "`conduit backup` during writes, a new instance on the copy",
    "PostgreSQL": "`pg_dump` during writes, `pg_restore` into an empty database, a new instance",
}


def test_concurrent_migrations_all_succeed(server: Postgres, tmp_path: Path) -> None:
    served = 0
    for number in range(ROUNDS):
        database = server.database(f"together_{number}")
        instances = [Conduit(database, tmp_path / str(instance), MIGRATE_ON_START="true") for instance in range(INSTANCES)]
        for instance in instances:
            instance.folder.mkdir(exist_ok=True)
            instance.log = instance.folder / f"{number}.log"
        for instance in instances:
            instance.launch()
        for instance in instances:
            instance.wait_until_listening()
        responses = [Client(instance).get(path) for instance in instances for path in ("/readyz", "/api/articles")]
        served += sum(response.status == 200 for response in responses) // 2
        assert instances[0].is_consistent()
        for instance in instances:
            instance.kill()
    measured = f"{ROUNDS} rounds: {served} of {INSTANCES * ROUNDS} instances serve"
    injection = f"{INSTANCES} instances with `MIGRATE_ON_START` start at once on an empty PostgreSQL"
    record_result("together", FaultResult("9a", "Migrations at once", injection, "all succeed", measured, served == INSTANCES * ROUNDS))


def test_restored_backup_serves_identical_responses(engine: str, database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "restored"
    folder.mkdir()
    with conduit(database, tmp_path) as program:
        users = [register(program) for _ in range(4)]
        with Writers(users, pause=0.01) as record:
            time.sleep(1)
        users[0].send("POST", f"/api/profiles/{users[1].name}/follow")
        if engine == "SQLite":
            copy = backup(program, folder)
        else:
            copy = dump_and_restore(database, request.getfixturevalue("server"), folder)
        with conduit(copy, folder) as restored:
            paths = read_paths(record.slugs, [user.name for user in users])
            differing = [path for path in paths for user in users if body_for(program, user, path) != body_for(restored, user, path)]
            is_consistent = restored.is_consistent()
            new = Client(restored, users[0].token).publish("New")
    count = len(paths) * len(users)
    measured = f"{count} responses, {len(differing)} differ; `conduit doctor` finds no problem, and a write succeeds ({new.status})"
    holds = not differing and is_consistent and new.status == 201 and len(record.slugs) > 5
    result = FaultResult("9b", f"Backup, {engine}", BACKUP_METHODS[engine], "identical responses", measured, holds)
    record_result(f"backup_{engine}", result)


def backup(program: Conduit, folder: Path) -> str:
    """Copies the database with `conduit backup` and returns the URL of the copy."""
    file = folder / "backup.db"
    result = program.command("backup", str(file))
    assert result.returncode == 0, result.stderr
    return f"sqlite://{file}"


def dump_and_restore(database: str, server: Postgres, folder: Path) -> str:
    """Copies a database with pg_dump and pg_restore, and returns the URL of the copy."""
    dump, copy = folder / "dump", server.database("restored")
    subprocess.run([postgres.program("pg_dump"), "--format=custom", f"--file={dump}", database], check=True, timeout=60)
    subprocess.run([postgres.program("pg_restore"), "--exit-on-error", f"--dbname={copy}", dump], check=True, timeout=60)
    return copy


def read_paths(slugs: list[str], names: list[str]) -> list[str]:
    """Returns the paths whose responses are compared."""
    by_user = [f"?{role}={name}" for role in ("author", "favorited") for name in names]
    lists = ["", "?limit=100", "?tag=fault&limit=50", "/feed", *by_user]
    articles = [f"/{slug}{part}" for slug in slugs[:20] for part in ("", "/comments")]
    return ["/api/tags", *(f"/api/profiles/{name}" for name in names), *(f"/api/articles{suffix}" for suffix in lists + articles)]


def body_for(program: Conduit, user: Client, path: str) -> object:
    """Returns the body of a GET by this user."""
    response = Client(program, user.token).get(path)
    assert response.status == 200, response
    return response.body
