"""Routes of the chart in a real Traefik: /api leads to Conduit, other paths to the front end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from backends import backends
from chart import HOST, Manifests, endpoint
from kubernetes_api import kubernetes_api
from net import wait_until
from traefik import traefik

ROUTE_KINDS = {
    "kubernetescrd": {"kind": "traefik", "traefik": {"entryPoints": ["web"]}},
    "kubernetesingress": {"kind": "ingress", "ingress": {"className": "traefik"}},
}
FRONT_END = {"enabled": True, "image": {"repository": "registry.example.com/front", "tag": "1"}}


class FrontEnd(BaseHTTPRequestHandler):
    """Responds to every GET with 200 and a Server header that identifies it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def version_string(self) -> str:
        return "front end"

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@contextmanager
def front_end() -> Iterator[int]:
    """Yields the port of a fake front end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FrontEnd)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def responder(web: str, path: str, host: str = HOST) -> str:
    """Returns `conduit`, `front end`, or Traefik's own status. The path is sent unchanged."""
    connection = HTTPConnection(urlsplit(web).netloc, timeout=20)
    connection.request("GET", path, headers={"Host": host})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.getheader("Server") == "front end":
        return "front end"
    if response.getheader("X-Request-Id"):
        assert b"http_server_requests" not in body and b"conduit_build_info" not in body
        return "conduit"
    return str(response.status)


@pytest.fixture(scope="module", params=list(ROUTE_KINDS))
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Traefik in front of Conduit and a front end."""
    folder = tmp_path_factory.mktemp("routes")
    manifests = Manifests(ROUTE_KINDS[request.param], frontend=FRONT_END)
    with kubernetes_api() as (api, url), backends(manifests, os.environ["TEST_DATABASE_URL"], folder) as servers:
        backend = servers.start()
        backend.wait_until_ready()
        with front_end() as port:
            api.put(endpoint("conduit", backend.address, backend.port))
            api.put(endpoint("conduit-frontend", "127.0.0.1", port))
            for found in manifests.of("Ingress", "IngressRoute", "Service"):
                api.put(found)
            api.put({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "traefik"},
                     "spec": {"controller": "traefik.io/ingress-controller"}})  # fmt: skip
            with traefik(url, request.param, folder) as web:
                wait_until(lambda: responder(web, "/") == "front end", f"Traefik has the routes; {folder}/traefik.log")
                yield web


@pytest.mark.parametrize("path", ["/api/tags", "/api/articles?tag=a%2Fb", "/api/articles/a%20b", "/api/unknown", "/api"])
def test_api_paths_lead_to_conduit(web: str, path: str) -> None:
    assert responder(web, path) == "conduit"


@pytest.mark.parametrize(
    "path",
    ["/", "/index.html", "/articles/dragons", "/apis", "/api-docs", "/API/tags", "/metrics", "/livez", "/readyz", "/healthz"],
)
def test_other_paths_lead_to_the_front_end(web: str, path: str) -> None:
    assert responder(web, path) == "front end"


@pytest.mark.parametrize("path", ["/api/../metrics", "/api/../readyz", "/api/./../livez", "//readyz", "/api/%2e%2e/readyz"])
def test_path_tricks_do_not_reach_internal_endpoints(web: str, path: str) -> None:
    assert responder(web, path) in ("front end", "400", "404")


def test_other_hosts_are_not_routed(web: str) -> None:
    assert responder(web, "/api/tags", "other.example.com") == "404"
    assert responder(web, "/", "other.example.com") == "404"


def test_only_the_api_is_routed_without_a_front_end(tmp_path: Path) -> None:
    manifests = Manifests(ROUTE_KINDS["kubernetescrd"])
    with kubernetes_api() as (api, url), backends(manifests, os.environ["TEST_DATABASE_URL"], tmp_path) as servers:
        backend = servers.start()
        backend.wait_until_ready()
        api.put(endpoint("conduit", backend.address, backend.port))
        for found in manifests.of("IngressRoute", "Service"):
            api.put(found)
        with traefik(url, "kubernetescrd", tmp_path) as web:
            wait_until(lambda: responder(web, "/api/tags") == "conduit", "Traefik has the route")
            for path in ("/", "/metrics", "/readyz", "/apis"):
                assert responder(web, path) == "404"
