"""Conduit servers as processes, configured like the chart's Pods."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import environ
from pathlib import Path
from signal import SIGKILL, SIGTERM
from subprocess import STDOUT, Popen

from chart import Manifests
from commands import run
from net import free_ports, is_ready, wait_until
from paths import ROOT


class Backend:
    """One server with its own IP address, like a Pod."""

    def __init__(self, program: Path, settings: Mapping[str, str], address: str, folder: Path) -> None:
        self.address = address
        self.port, metrics = free_ports(2)
        address_settings = {"HOST": address, "PORT": str(self.port), "METRICS_PORT": str(metrics)}
        with (folder / f"{address}.log").open("w") as output:
            variables = {**environ, **settings, **address_settings}
            self._process = Popen([program, "serve"], env=variables, stdout=output, stderr=STDOUT, cwd=folder)

    @property
    def url(self) -> str:
        """Returns the base URL."""
        return f"http://{self.address}:{self.port}"

    def wait_until_ready(self) -> None:
        """Waits for the readiness probe to succeed."""
        wait_until(lambda: self._process.poll() is not None or is_ready(self.url), f"{self.address} is ready")
        assert self._process.poll() is None, f"{self.address} exited with {self._process.returncode}"

    def terminate(self) -> None:
        """Sends SIGTERM, as the kubelet does first."""
        self._process.send_signal(SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL, as the kubelet does after the grace period."""
        self._process.send_signal(SIGKILL)

    def wait(self, seconds: float) -> int:
        """Waits for the process and returns its exit code."""
        return self._process.wait(seconds)

    def close(self) -> None:
        """Kills the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


class Backends:
    """Servers on one database, with the settings from the chart."""

    def __init__(self, manifests: Manifests, database: str, folder: Path) -> None:
        pod = manifests.named("Deployment", "conduit")["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        variables = {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
        self._settings = {**variables, "DATABASE_URL": database, "JWT_SECRET": secrets.token_hex(32)}
        self._folder = folder
        self._program = debug_build()
        self._started: list[Backend] = []
        self.grace_period = float(pod["terminationGracePeriodSeconds"])
        self.pre_stop = float(container["lifecycle"]["preStop"]["sleep"]["seconds"]) if "lifecycle" in container else 0
        run(self._program, "migrate", env=self._settings, cwd=folder)

    def start(self) -> Backend:
        """Starts one more server."""
        address = f"127.0.1.{len(self._started) + 1}"
        self._started.append(Backend(self._program, self._settings, address, self._folder))
        return self._started[-1]

    def close(self) -> None:
        """Kills all servers that still run."""
        for backend in self._started:
            backend.close()


def debug_build() -> Path:
    """Returns the program that CONDUIT_BIN names, or builds it."""
    if "CONDUIT_BIN" in environ:
        return Path(environ["CONDUIT_BIN"]).resolve()
    run("cargo", "build", "--locked", timeout=1800)
    return Path(environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "debug/conduit"


@contextmanager
def backends(manifests: Manifests, database: str, folder: Path) -> Iterator[Backends]:
    """Yields servers that are killed on exit."""
    servers = Backends(manifests, database, folder)
    try:
        yield servers
    finally:
        servers.close()
