"""compose.yaml, as far as it can be tested without its images."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from base_image import ensure_base_image
from commands import run
from containers import Engine
from paths import COMPOSE, ROOT

Service = dict[str, Any]
SERVICES: dict[str, Service] = yaml.safe_load(COMPOSE.read_text())["services"]
PROMETHEUS = ROOT / "compose/prometheus.yml"
# Owner of each secret: the users of the images of PostgreSQL, Conduit and Grafana.
OWNERS = {"database/password": "999:0", "conduit/conduit.yaml": "65532:65532", "grafana/password": "472:0"}


def test_mounted_files_exist() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    files = [name for name in mounted if name.startswith("./")]
    assert len(files) >= 5
    assert not [name for name in files if not (ROOT / name).exists()]


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_pinned_and_has_no_secret_in_its_environment(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":(v?\d+\.\d+(\.\d+)?|compose)$", service["image"]), service["image"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    secret = [key for key in service.get("environment", {}) if re.search("PASSWORD|SECRET|TOKEN", key)]
    assert all(key.endswith("_FILE") for key in secret)


def test_conduit_starts_after_migrations() -> None:
    assert SERVICES["database"]["depends_on"] == {"secrets": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["conduit"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_prometheus_accepts_its_configuration_and_finds_the_rules(tmp_path: Path) -> None:
    shutil.copy(PROMETHEUS, tmp_path)
    shutil.copytree(ROOT / "helm/conduit/rules", tmp_path / "rules")
    output = run("promtool", "check", "config", tmp_path / PROMETHEUS.name)
    assert "rules found" in output


def test_grafana_has_its_data_source_and_dashboards() -> None:
    provisioning = ROOT / "compose/grafana"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards/conduit.yaml").read_text())["providers"]
    assert source["url"] == "http://prometheus:9090"
    assert f"./helm/conduit/dashboards:{provider['options']['path']}:ro" in SERVICES["grafana"]["volumes"]
    assert list((ROOT / "helm/conduit/dashboards").glob("*.json"))


def generate_secrets(engine: Engine, folder: Path) -> dict[str, str]:
    """Runs the script that creates the secrets, and returns owner and mode of each file."""
    script = "useradd --system --uid 999 --user-group postgres && /bin/sh /generate && cd /secrets && stat -c '%n %u:%g %a' */*"
    shared = (f"--volume={ROOT}/compose/secrets.sh:/generate:ro", f"--volume={folder}:/secrets")
    limits = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
    lines = engine("run", "--rm", "--network=none", *limits, *shared, ensure_base_image(engine), "/bin/sh", "-c", script).splitlines()
    return {name: f"{owner} {mode}" for name, owner, mode in map(str.split, lines)}


def test_each_secret_is_created_once_and_readable_by_its_program_only(engine: Engine, tmp_path: Path) -> None:
    for name in OWNERS:
        (tmp_path / name).parent.mkdir()
    expected = {name: f"{owner} 600" for name, owner in OWNERS.items()}
    assert generate_secrets(engine, tmp_path) == expected
    secrets = {name: (tmp_path / name).read_text() for name in OWNERS}
    settings = yaml.safe_load(secrets["conduit/conduit.yaml"])
    assert settings["database_url"] == f"postgres://conduit:{secrets['database/password']}@database/conduit"
    assert len(bytes.fromhex(settings["jwt_secret"])) == len(bytes.fromhex(secrets["grafana/password"])) == 32
    assert generate_secrets(engine, tmp_path) == expected
    assert {name: (tmp_path / name).read_text() for name in OWNERS} == secrets
