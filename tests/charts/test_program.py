"""The program itself takes what the chart tells it: the real binary, with the very arguments and variables of the containers."""

import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest

from charts import ROOT, Case, Object, cases
from test_pods import env, own_containers

PROGRAM = Path(
    os.environ.get("CONDUIT_BIN") or Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/conduit"
).absolute()
SECRETS = {
    "jwt-secret": secrets.token_hex(32), "current": secrets.token_hex(32), "before": secrets.token_hex(32), "password": "0123456789abcdef",
    "uri": "postgresql://conduit:secret@conduit-db-rw.conduit:5432/conduit",
    "url": "postgres://conduit:secret@10.1.2.3:6432/conduit?sslmode=verify-full", "value": "extra",
    "replica-url": "postgres://conduit:secret@10.1.2.4:6432,10.1.2.5:6432/conduit?sslmode=verify-full",
}  # fmt: skip


def as_kubernetes_does(container: Object, authority: Path) -> dict[str, str]:
    """The environment of the container: Secrets filled in, then references to variables before."""
    filled: dict[str, str] = {}
    for name, entry in env(container).items():
        source = entry.get("valueFrom", {})
        text = SECRETS[source["secretKeyRef"]["key"]] if "secretKeyRef" in source else entry.get("value", "a-pod")
        filled[name] = re.sub(r"\$\((\w+)\)", lambda found: filled[found[1]], text)
    if "DATABASE_CA_FILE" in filled:
        filled["DATABASE_CA_FILE"] = str(authority)
    return filled


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_the_program_takes_its_settings(case: Case, tmp_path: Path) -> None:
    """Whatever it is asked, it reads all settings first and says what is wrong with each; the health check then needs no database."""
    authority = tmp_path / "ca.crt"
    authority.write_text("")
    for _, container in own_containers(case):
        given = as_kubernetes_does(container, authority)
        done = subprocess.run([PROGRAM, "healthcheck"], env=given, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert re.fullmatch(r"(http://\S+/readyz: [^\n]*\n)?", done.stderr), done.stderr


def test_the_test_would_see_a_wrong_setting(tmp_path: Path) -> None:
    (container,) = [it for _, it in own_containers(Case("conduit", "external")) if it["name"] == "conduit"]
    given = as_kubernetes_does(container, tmp_path) | {"SHUTDOWN_TIMEOUT": "soon"}
    done = subprocess.run([PROGRAM, "healthcheck"], env=given, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.startswith('SHUTDOWN_TIMEOUT is "soon": expected a duration')


@pytest.mark.parametrize("command", [["serve", "--help"], ["migrate", "--help"]])
def test_the_program_knows_the_commands_of_the_containers(command: list[str]) -> None:
    subprocess.run([PROGRAM, *command], check=True, capture_output=True)
