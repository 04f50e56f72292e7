"""The way in, as the chart describes it and Traefik takes it: /api to Conduit, the rest to the front end, and nothing else."""

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
from servers import until
from traefik import traefik

WAYS_IN = {
    "kubernetescrd": {"kind": "traefik", "traefik": {"entryPoints": ["web"]}},
    "kubernetesingress": {"kind": "ingress", "ingress": {"className": "traefik"}},
}
FRONT_END = {"enabled": True, "image": {"repository": "registry.example.com/front", "tag": "1"}}


class FrontEnd(BaseHTTPRequestHandler):
    """Says that it was asked, whatever it was asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def version_string(self) -> str:
        return "front end"

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def front_end() -> Iterator[int]:
    """A stand-in for a front end; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FrontEnd)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def who_answers(web: str, path: str, host: str = HOST) -> str:
    """`conduit`, `front end`, or the status by which Traefik itself answers. The path is sent as it is."""
    connection = HTTPConnection(urlsplit(web).netloc, timeout=20)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.getheader("Server") == "front end":
        return "front end"
    if answer.getheader("X-Request-Id"):
        assert b"http_server_requests" not in body and b"conduit_build_info" not in body
        return "conduit"
    return str(answer.status)


@pytest.fixture(scope="module", params=list(WAYS_IN))
def way_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Traefik before Conduit and a front end."""
    folder = tmp_path_factory.mktemp("routes")
    manifests = Manifests(WAYS_IN[request.param], frontend=FRONT_END)
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
                until(lambda: who_answers(web, "/") == "front end", f"Traefik knows the routes; {folder}/traefik.log")
                yield web


@pytest.mark.parametrize("path", ["/api/tags", "/api/articles?tag=a%2Fb", "/api/articles/a%20b", "/api/unknown", "/api"])
def test_the_api_goes_to_conduit(way_in: str, path: str) -> None:
    assert who_answers(way_in, path) == "conduit"


@pytest.mark.parametrize(
    "path",
    ["/", "/index.html", "/articles/dragons", "/apis", "/api-docs", "/API/tags", "/metrics", "/livez", "/readyz", "/healthz"],
)
def test_everything_else_goes_to_the_front_end(way_in: str, path: str) -> None:
    assert who_answers(way_in, path) == "front end"


@pytest.mark.parametrize("path", ["/api/../metrics", "/api/../readyz", "/api/./../livez", "//readyz", "/api/%2e%2e/readyz"])
def test_no_detour_leads_to_what_is_not_public(way_in: str, path: str) -> None:
    assert who_answers(way_in, path) in ("front end", "400", "404")


def test_another_host_leads_nowhere(way_in: str) -> None:
    assert who_answers(way_in, "/api/tags", "other.example.com") == "404"
    assert who_answers(way_in, "/", "other.example.com") == "404"


def test_without_a_front_end_only_the_api_is_there(tmp_path: Path) -> None:
    manifests = Manifests(WAYS_IN["kubernetescrd"])
    with kubernetes_api() as (api, url), backends(manifests, os.environ["TEST_DATABASE_URL"], tmp_path) as servers:
        backend = servers.start()
        backend.wait_until_ready()
        api.put(endpoint("conduit", backend.address, backend.port))
        for found in manifests.of("IngressRoute", "Service"):
            api.put(found)
        with traefik(url, "kubernetescrd", tmp_path) as web:
            until(lambda: who_answers(web, "/api/tags") == "conduit", "Traefik knows the route")
            for path in ("/", "/metrics", "/readyz", "/apis"):
                assert who_answers(web, path) == "404"
