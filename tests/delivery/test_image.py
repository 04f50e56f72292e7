"""Image: small, contains only the program, and runs without privileges."""

import json
import re
import secrets
import stat
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from os import environ, geteuid
from pathlib import Path
from tarfile import TarInfo
from typing import Any
from urllib.parse import urlsplit

import pytest

from commands import run
from containers import CONFINED, Engine
from name_server import name_server
from net import fetch, free_ports, is_ready, wait_until
from paths import DOCKERFILE, ROOT

MEGABYTE = 1_000_000
CA_CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
PASSWORD = "correct horse battery"


@dataclass
class Unpacked:
    """Files of the image, as archive members and on disk."""

    members: dict[str, TarInfo]
    root: Path


@pytest.fixture(scope="module")
def unpacked(engine: Engine, image: str, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    folder = tmp_path_factory.mktemp("image")
    return Unpacked(engine.files(image, folder), folder / "root")


@pytest.fixture(scope="module")
def config(engine: Engine, image: str) -> dict[str, Any]:
    return engine.config(image)


def test_image_contains_only_the_program_and_ca_certificates(unpacked: Unpacked) -> None:
    files = {path for path, member in unpacked.members.items() if not member.isdir()}
    assert files == {"conduit", CA_CERTIFICATES}
    assert (unpacked.root / CA_CERTIFICATES).read_text().count("BEGIN CERTIFICATE") > 100


def test_image_is_smaller_than_30_megabytes(unpacked: Unpacked) -> None:
    size = sum(member.size for member in unpacked.members.values())
    print(f"the image has {size / MEGABYTE:.1f} MB")
    assert size < 30 * MEGABYTE


def test_program_belongs_to_root_and_the_data_folder_to_its_user(unpacked: Unpacked) -> None:
    program = unpacked.members["conduit"]
    assert (program.uid, program.gid, stat.S_IMODE(program.mode)) == (0, 0, 0o755)
    data = unpacked.members["data"]
    assert (data.uid, data.gid) == (65532, 65532)


def test_image_configuration_is_complete(config: dict[str, Any], revision: str) -> None:
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/conduit"]
    assert config["WorkingDir"] == "/data"
    assert set(config["ExposedPorts"]) == {"8080/tcp", "9464/tcp"}
    assert config["Healthcheck"]["Test"] == ["CMD", "/conduit", "healthcheck"]
    variables = dict(line.split("=", 1) for line in config["Env"])
    variables.pop("PATH", None)
    assert variables == {"CONDUIT_PROFILE": "prod", "HOST": "0.0.0.0"}
    assert config["Labels"]["org.opencontainers.image.revision"] == revision


def test_program_contains_its_bill_of_materials(unpacked: Unpacked) -> None:
    report = run("syft", "scan", "--quiet", f"dir:{unpacked.root}", "--output", "syft-json", timeout=120)
    components = {(item["name"], item["version"]) for item in json.loads(report)["artifacts"]}
    locked = {(item["name"], item["version"]) for item in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]}
    assert components <= locked
    assert {"conduit", "actix-web", "libsqlite3-sys", "rustls"} <= {name for name, _ in components}


@dataclass
class Container:
    """Running container and its base URL."""

    name: str
    url: str


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """Ports and a secret, passed by environment so that no command line shows them."""
    port, metrics = free_ports(2)
    return {"PORT": str(port), "METRICS_PORT": str(metrics), "JWT_SECRET": secrets.token_hex(32)}


@pytest.fixture(scope="module")
def container(engine: Engine, image: str, settings: dict[str, str]) -> Iterator[Container]:
    """Container on SQLite, migrated and ready."""
    with engine.volume("conduit-data") as volume:
        shared = (f"--volume={volume}:/data", *(f"--env={name}" for name in settings))
        migrated = engine("run", "--rm", *CONFINED, *shared, image, "migrate", env=settings)
        assert re.search(r"^\d+ applied, 0 pending$", migrated, re.MULTILINE)
        with engine.running("conduit", *shared, image, env=settings) as name:
            url = f"http://127.0.0.1:{settings['PORT']}"
            wait_until(lambda: is_ready(url), "the container is ready")
            yield Container(name, url)


def test_confined_container_serves_the_api(container: Container) -> None:
    author = {"user": {"username": "amy", "email": "amy@example.com", "password": PASSWORD}}
    status, body = fetch(f"{container.url}/api/users", author)
    assert status == 201, body
    article = {"article": {"title": "Dragons", "description": "How?", "body": "Very carefully.", "tagList": ["dragons"]}}
    status, body = fetch(f"{container.url}/api/articles", article, json.loads(body)["user"]["token"])
    assert status == 201, body
    assert fetch(f"{container.url}/api/tags") == (200, '{"tags":["dragons"]}')


def test_running_container_passes_its_health_check(engine: Engine, container: Container) -> None:
    engine("exec", container.name, *DOCKERFILE_CHECK)


def test_container_has_no_shell(engine: Engine, container: Container) -> None:
    assert engine.attempt("exec", container.name, "/bin/sh", "-c", "true").returncode != 0


def test_container_resolves_the_host_name_of_its_database(engine: Engine, image: str, settings: dict[str, str]) -> None:
    name = "database.conduit.test"
    url = urlsplit(environ["TEST_DATABASE_URL"])
    user = url.netloc.rpartition("@")[0]
    by_name = url._replace(netloc=f"{user}@{name}:{url.port}").geturl()
    variables = {**settings, "DATABASE_URL": by_name}
    shared = (*CONFINED, *(f"--env={variable}" for variable in variables))
    with ExitStack() as stack:
        # Only root may bind port 53. Other users add the name to /etc/hosts.
        resolution = f"--dns={stack.enter_context(name_server(name))}" if geteuid() == 0 else f"--add-host={name}:127.0.0.1"
        migrated = engine("run", "--rm", *shared, resolution, image, "migrate", env=variables)
    assert re.search(r"^\d+ applied, 0 pending$", migrated, re.MULTILINE)


def test_container_without_a_secret_does_not_start(engine: Engine, image: str) -> None:
    result = engine.attempt("run", "--rm", *CONFINED, image)
    assert result.returncode == 1
    assert "JWT_SECRET is not set" in result.stderr


def test_health_check_fails_without_a_server(engine: Engine, image: str, settings: dict[str, str]) -> None:
    unused_port = {**settings, "PORT": str(free_ports(1)[0])}
    variables = [f"--env={name}" for name in unused_port]
    assert engine.attempt("run", "--rm", *CONFINED, *variables, image, "healthcheck", env=unused_port).returncode == 1


def test_stopped_container_exits_with_0_and_logs_no_secret(engine: Engine, container: Container, settings: dict[str, str]) -> None:
    engine("stop", container.name)
    assert engine("inspect", "--format", "{{.State.ExitCode}}", container.name).strip() == "0"
    logs = engine.attempt("logs", container.name)
    lines = (logs.stdout + logs.stderr).splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert not any(secret in line for line in lines for secret in (PASSWORD, settings["JWT_SECRET"]))


DOCKERFILE_CHECK = json.loads(re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)[1])
