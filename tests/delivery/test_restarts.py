"""Rolling restarts of two servers behind Traefik, under load: nobody notices, whether they wait before SIGTERM or after it."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from backends import backends
from chart import HOST, Manifests
from kubernetes_api import kubernetes_api
from load import Load, steady
from rollout import Rollout
from servers import ask, until
from traefik import traefik

PER_SECOND = 200
CONNECTIONS = 20


@contextmanager
def site(tmp_path: Path, shutdown: Mapping[str, int]) -> Iterator[tuple[Rollout, str]]:
    """Two servers behind Traefik, and where that is."""
    manifests = Manifests({"kind": "traefik", "traefik": {"entryPoints": ["web"]}}, shutdown={**shutdown})
    database = os.environ["TEST_DATABASE_URL"]
    with kubernetes_api() as (api, url), backends(manifests, database, tmp_path) as servers:
        for found in manifests.of("IngressRoute", "Service"):
            api.put(found)
        rollout = Rollout(servers, api)
        rollout.add()
        rollout.add()
        with traefik(url, "kubernetescrd", tmp_path) as web:
            until(lambda: ask(f"{web}/api/tags", host=HOST)[0] == 200, "Traefik knows the route")
            yield rollout, web


@contextmanager
def readers(web: str) -> Iterator[Load]:
    """Reads and writes by somebody who is logged in. Some are POST, which no proxy may send twice."""
    name = f"amy{time.monotonic_ns()}"
    user = {"user": {"username": name, "email": f"{name}@example.com", "password": "correct horse battery"}}
    _, body = ask(f"{web}/api/users", user, host=HOST)
    token = json.loads(body)["user"]["token"]
    article = {"article": {"title": f"Dragons of {name}", "description": "How?", "body": "Carefully.", "tagList": []}}
    status, body = ask(f"{web}/api/articles", article, token, HOST)
    assert status == 201, body
    slug = json.loads(body)["article"]["slug"]
    asked = ("GET /api/articles", f"POST /api/articles/{slug}/favorite", "GET /api/tags")
    head = f"Host: {HOST}\r\nAuthorization: Token {token}\r\nContent-Length: 0\r\n\r\n"
    requests = [f"{what} HTTP/1.1\r\n{head}".encode() for what in asked]
    address = urlsplit(web)
    with steady((address.hostname or "", address.port or 0), requests, PER_SECOND, CONNECTIONS) as load:
        yield load


@pytest.mark.parametrize(
    ("shutdown", "restarts"),
    (({}, 20), ({"preStopSeconds": 0, "delaySeconds": 5}, 5)),
    ids=("waiting before SIGTERM", "waiting after SIGTERM"),
)
def test_rolling_restarts_lose_no_request(tmp_path: Path, shutdown: Mapping[str, int], restarts: int) -> None:
    with site(tmp_path, shutdown) as (rollout, web), readers(web) as load:
        begin = time.monotonic()
        for _ in range(restarts):
            rollout.restart()
        codes = rollout.exit_codes()
        seconds = time.monotonic() - begin
    print(f"{len(codes)} servers replaced in {seconds:.0f} s, {load.answered} requests answered, {len(load.lost)} lost")
    assert load.lost == []
    assert load.connections == CONNECTIONS
    assert load.answered > 0.9 * PER_SECOND * seconds
    assert codes == [0] * 2 * restarts


def test_a_server_that_dies_does_lose_requests(tmp_path: Path) -> None:
    """Otherwise the test above would show nothing."""
    with site(tmp_path, {}) as (rollout, web), readers(web) as load:
        until(lambda: load.answered > PER_SECOND, "requests are answered")
        rollout.live[0].kill()
        until(lambda: load.lost, "a request is lost", 10)
