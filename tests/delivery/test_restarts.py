"""Rolling restarts behind Traefik under load, with the delay before or after SIGTERM."""

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
from load import Load, steady_load
from net import fetch, wait_until
from rollout import Rollout
from traefik import traefik

PER_SECOND = 200
CONNECTIONS = 20


@contextmanager
def site(tmp_path: Path, shutdown: Mapping[str, int]) -> Iterator[tuple[Rollout, str]]:
    """Yields two servers behind Traefik, and Traefik's URL."""
    manifests = Manifests({"kind": "traefik", "traefik": {"entryPoints": ["web"]}}, shutdown={**shutdown})
    database = os.environ["TEST_DATABASE_URL"]
    with kubernetes_api() as (api, url), backends(manifests, database, tmp_path) as servers:
        for found in manifests.of("IngressRoute", "Service"):
            api.put(found)
        rollout = Rollout(servers, api)
        rollout.add()
        rollout.add()
        with traefik(url, "kubernetescrd", tmp_path) as web:
            wait_until(lambda: fetch(f"{web}/api/tags", host=HOST)[0] == 200, "Traefik has the route")
            yield rollout, web


@contextmanager
def user_requests(web: str) -> Iterator[Load]:
    """Sends requests of a logged-in user. Some are POST, which proxies must not retry."""
    name = f"amy{time.monotonic_ns()}"
    user = {"user": {"username": name, "email": f"{name}@example.com", "password": "correct horse battery"}}
    _, body = fetch(f"{web}/api/users", user, host=HOST)
    token = json.loads(body)["user"]["token"]
    article = {"article": {"title": f"Dragons of {name}", "description": "How?", "body": "Carefully.", "tagList": []}}
    status, body = fetch(f"{web}/api/articles", article, token, HOST)
    assert status == 201, body
    slug = json.loads(body)["article"]["slug"]
    operations = ("GET /api/articles", f"POST /api/articles/{slug}/favorite", "GET /api/tags")
    head = f"Host: {HOST}\r\nAuthorization: Token {token}\r\nContent-Length: 0\r\n\r\n"
    requests = [f"{operation} HTTP/1.1\r\n{head}".encode() for operation in operations]
    address = urlsplit(web)
    with steady_load((address.hostname or "", address.port or 0), requests, PER_SECOND, CONNECTIONS) as load:
        yield load


@pytest.mark.parametrize(
    ("shutdown", "restarts"),
    (({}, 20), ({"preStopSeconds": 0, "delaySeconds": 5}, 5)),
    ids=("waiting before SIGTERM", "waiting after SIGTERM"),
)
def test_rolling_restarts_lose_no_request(tmp_path: Path, shutdown: Mapping[str, int], restarts: int) -> None:
    with site(tmp_path, shutdown) as (rollout, web), user_requests(web) as load:
        start = time.monotonic()
        for _ in range(restarts):
            rollout.restart()
        codes = rollout.exit_codes()
        seconds = time.monotonic() - start
    print(f"{len(codes)} servers replaced in {seconds:.0f} s, {load.succeeded} requests succeeded, {len(load.failures)} failed")
    assert load.failures == []
    assert load.connections == CONNECTIONS
    assert load.succeeded > 0.9 * PER_SECOND * seconds
    assert codes == [0] * 2 * restarts


def test_killed_server_loses_requests(tmp_path: Path) -> None:
    """Proves that the test above can fail."""
    with site(tmp_path, {}) as (rollout, web), user_requests(web) as load:
        wait_until(lambda: load.succeeded > PER_SECOND, "requests succeed")
        rollout.live[0].kill()
        wait_until(lambda: load.failures, "a request fails", 10)
