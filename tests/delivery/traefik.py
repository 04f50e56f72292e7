"""A real Traefik that reads its routes from a Kubernetes API."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT, Popen

from servers import ask, free_ports, until

# An Ingress' prefix ends where an element of the path ends: /api is not the beginning of /apis. Traefik asks to be told.
STRICT = {"kubernetesingress": ("--providers.kubernetesingress.strictPrefixMatching",)}


@contextmanager
def traefik(api: str, provider: str, folder: Path) -> Iterator[str]:
    """Traefik with one of its providers, such as kubernetescrd; where its entry point `web` is.

    It is set up as its chart does, but for the addresses: it applies changes at most every 2 s.
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
            until(lambda: is_up(f"http://127.0.0.1:{ping}/ping"), f"Traefik answers; {log}")
            yield f"http://127.0.0.1:{web}"
        finally:
            process.terminate()


def is_up(url: str) -> bool:
    """Whether somebody answers with 200."""
    try:
        return ask(url)[0] == 200
    except OSError:
        return False
