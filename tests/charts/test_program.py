"""The program accepts the arguments and environment variables that the chart passes to it."""

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


def resolved_environment(container: Object, authority: Path) -> dict[str, str]:
    """Returns the environment of a container, with Secrets and $(VARIABLE) references resolved."""
    resolved: dict[str, str] = {}
    for name, entry in env(container).items():
        source = entry.get("valueFrom", {})
        text = SECRETS[source["secretKeyRef"]["key"]] if "secretKeyRef" in source else entry.get("value", "a-pod")
        resolved[name] = re.sub(r"\$\((\w+)\)", lambda match: resolved[match[1]], text)
    if "DATABASE_CA_FILE" in resolved:
        resolved["DATABASE_CA_FILE"] = str(authority)
    return resolved


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_program_accepts_its_settings(case: Case, tmp_path: Path) -> None:
    """Every command validates all settings first; the health check then needs no database."""
    authority = tmp_path / "ca.crt"
    authority.write_text("")
    for _, container in own_containers(case):
        variables = resolved_environment(container, authority)
        done = subprocess.run([PROGRAM, "healthcheck"], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert re.fullmatch(r"(http://\S+/readyz: [^\n]*\n)?", done.stderr), done.stderr


def test_invalid_setting_is_reported(tmp_path: Path) -> None:
    (container,) = [item for _, item in own_containers(Case("conduit", "external")) if item["name"] == "conduit"]
    variables = resolved_environment(container, tmp_path) | {"SHUTDOWN_TIMEOUT": "soon"}
    done = subprocess.run([PROGRAM, "healthcheck"], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.startswith('SHUTDOWN_TIMEOUT is "soon": expected a duration')


@pytest.mark.parametrize("command", [["serve", "--help"], ["migrate", "--help"]])
def test_program_has_the_commands_of_the_containers(command: list[str]) -> None:
    subprocess.run([PROGRAM, *command], check=True, capture_output=True)
