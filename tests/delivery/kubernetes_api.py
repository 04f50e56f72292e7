"""As much of the Kubernetes API as Traefik asks: it watches collections of objects, and hears of every change.

Traefik reads through it what the chart renders, by the very code by which it reads a cluster. There is no controller behind
it; tests say which endpoints are ready, as the kubelet's probes do.
"""

import json
import queue
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Object = dict[str, Any]

KINDS = (
    *("ConfigMap", "EndpointSlice", "Ingress", "IngressClass", "Node", "Secret", "Service"),
    *("IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Middleware", "MiddlewareTCP", "ServersTransport"),
    *("ServersTransportTCP", "TLSOption", "TLSStore", "TraefikService"),
)


class KubernetesApi:
    """Objects by collection, and who watches them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = count(1)
        self._objects: dict[str, dict[tuple[str, str], Object]] = defaultdict(dict)
        self._watchers: dict[str, list[queue.SimpleQueue[Object]]] = defaultdict(list)

    def put(self, wanted: Object) -> None:
        """Stores an object, and tells the watchers."""
        metadata = {"namespace": "default", "uid": wanted["metadata"]["name"], **wanted["metadata"]}
        with self._lock:
            stored = {**wanted, "metadata": {**metadata, "resourceVersion": str(next(self._version))}}
            collection = collection_of(wanted)
            known = self._objects[collection]
            key = (metadata["namespace"], metadata["name"])
            event = {"type": "MODIFIED" if key in known else "ADDED", "object": stored}
            known[key] = stored
            self._tell(collection, event)

    def delete(self, wanted: Object) -> None:
        """Removes an object, and tells the watchers."""
        metadata = {"namespace": "default", **wanted["metadata"]}
        with self._lock:
            collection = collection_of(wanted)
            gone = self._objects[collection].pop((metadata["namespace"], metadata["name"]))
            self._tell(collection, {"type": "DELETED", "object": gone})

    def watch(self, collection: str) -> queue.SimpleQueue[Object]:
        """What there is, a mark that this was all, and everything that changes from then on."""
        events: queue.SimpleQueue[Object] = queue.SimpleQueue()
        with self._lock:
            for stored in self._objects[collection].values():
                events.put({"type": "ADDED", "object": stored})
            end = {"resourceVersion": str(next(self._version)), "annotations": {"k8s.io/initial-events-end": "true"}}
            events.put({"type": "BOOKMARK", "object": {"metadata": end}})
            self._watchers[collection].append(events)
        return events

    def _tell(self, collection: str, event: Object) -> None:
        for watcher in self._watchers[collection]:
            watcher.put(event)


def plural(kind: str) -> str:
    """What a kind is called in paths."""
    return f"{kind.lower()}{'es' if kind.endswith('s') else 's'}"


KIND_OF = {plural(kind): kind for kind in KINDS}


def collection_of(wanted: Object) -> str:
    """The path under which objects of its kind are found."""
    version = wanted["apiVersion"]
    return f"/{'apis' if '/' in version else 'api'}/{version}/{plural(wanted['kind'])}"


class Handler(BaseHTTPRequestHandler):
    """Streams one watch."""

    protocol_version = "HTTP/1.1"
    api: KubernetesApi

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if "sendInitialEvents" not in parse_qs(url.query):
            self.send_error(501, "only watches that begin with what there is are known here")
            return
        *version, collection = url.path.split("/")[2:]
        kind = {"apiVersion": "/".join(version), "kind": KIND_OF[collection]}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        events = self.api.watch(url.path)
        while True:
            event = events.get()
            line = json.dumps({**event, "object": {**kind, **event["object"]}}).encode() + b"\n"
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def kubernetes_api() -> Iterator[tuple[KubernetesApi, str]]:
    """A running API, and where."""
    api = KubernetesApi()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"api": api}))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield api, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
