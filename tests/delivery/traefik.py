"""Real Traefik that reads its routes from a Kubernetes API."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT, Popen

from net import fetch, free_ports, wait_until

# By the specification an Ingress prefix matches whole path elements: /api does not match /apis.
# Traefik conforms only with this option.
STRICT = {"kubernetesingress": ("--providers.kubernetesingress.strictPrefixMatching",)}


@contextmanager
def traefik(api: str, provider: str, folder: Path) -> Iterator[str]:
    """Yields the URL of entry point `web` of a Traefik with one provider, such as kubernetescrd.

    Except for addresses, it is configured like its chart: it applies changes at most every 2 s.
    """
    web, ping = free_ports(2)
    options = (
        *(f"--providers.{provider}.endpoint={api}", f"--providers.{provider}.token=none"),
        *(f"--entryPoints.web.address=127.0.0.1:{web}", f"--entryPoints.ping.address=127.0.0.1:{ping}"),
        *STRICT.get(provider, ()),
        *("--ping.entryPoint=ping", "--log.level=DEBUG", "--log.noColor", "--accessLog"),
        *("--global.checkNewVersion=false", "--global.sendAnonymousUsage=false"),
    )
    log = folder / "traefik.log"
    with log.open("w") as output, Popen(["traefik", *options], stdout=output, stderr=STDOUT, cwd=folder) as process:
        try:
            wait_until(lambda: is_up(f"http://127.0.0.1:{ping}/ping"), f"Traefik is up; {log}")
            yield f"http://127.0.0.1:{web}"
        finally:
            process.terminate()


def is_up(url: str) -> bool:
    """Returns whether a GET succeeds with 200."""
    try:
        return fetch(url)[0] == 200
    except OSError:
        return False
