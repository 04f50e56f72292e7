"""The part of the Kubernetes API that Traefik uses: watches of collections of objects.

Traefik reads the rendered chart from it with the same code that reads from a real cluster. There
are no controllers; tests set which endpoints are ready.
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
    """Objects and their watchers, by collection."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = count(1)
        self._objects: dict[str, dict[tuple[str, str], Object]] = defaultdict(dict)
        self._watchers: dict[str, list[queue.SimpleQueue[Object]]] = defaultdict(list)

    def put(self, obj: Object) -> None:
        """Stores an object and notifies the watchers."""
        metadata = {"namespace": "default", "uid": obj["metadata"]["name"], **obj["metadata"]}
        with self._lock:
            stored = {**obj, "metadata": {**metadata, "resourceVersion": str(next(self._version))}}
            collection = collection_of(obj)
            objects = self._objects[collection]
            key = (metadata["namespace"], metadata["name"])
            event = {"type": "MODIFIED" if key in objects else "ADDED", "object": stored}
            objects[key] = stored
            self._notify(collection, event)

    def delete(self, obj: Object) -> None:
        """Removes an object and notifies the watchers."""
        metadata = {"namespace": "default", **obj["metadata"]}
        with self._lock:
            collection = collection_of(obj)
            deleted = self._objects[collection].pop((metadata["namespace"], metadata["name"]))
            self._notify(collection, {"type": "DELETED", "object": deleted})

    def watch(self, collection: str) -> queue.SimpleQueue[Object]:
        """Returns a queue of the current objects, a bookmark, and every later change."""
        events: queue.SimpleQueue[Object] = queue.SimpleQueue()
        with self._lock:
            for stored in self._objects[collection].values():
                events.put({"type": "ADDED", "object": stored})
            end = {"resourceVersion": str(next(self._version)), "annotations": {"k8s.io/initial-events-end": "true"}}
            events.put({"type": "BOOKMARK", "object": {"metadata": end}})
            self._watchers[collection].append(events)
        return events

    def _notify(self, collection: str, event: Object) -> None:
        for watcher in self._watchers[collection]:
            watcher.put(event)


def plural(kind: str) -> str:
    """Returns the name of a kind in paths."""
    return f"{kind.lower()}{'es' if kind.endswith('s') else 's'}"


KIND_OF = {plural(kind): kind for kind in KINDS}


def collection_of(obj: Object) -> str:
    """Returns the path of the collection that contains an object."""
    version = obj["apiVersion"]
    return f"/{'apis' if '/' in version else 'api'}/{version}/{plural(obj['kind'])}"


class Handler(BaseHTTPRequestHandler):
    """Streams one watch."""

    protocol_version = "HTTP/1.1"
    api: KubernetesApi

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if "sendInitialEvents" not in parse_qs(url.query):
            self.send_error(501, "only watches with sendInitialEvents are supported")
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
        """Logs nothing."""


@contextmanager
def kubernetes_api() -> Iterator[tuple[KubernetesApi, str]]:
    """Yields a running API and its URL."""
    api = KubernetesApi()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"api": api}))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield api, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
