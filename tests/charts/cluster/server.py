"""HTTP API of the cluster: discovery, objects, lists and watches, as far as Helm uses them."""

import http.server
import json
import threading
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from .controllers import reconcile
from .kinds import KINDS, Kind, kind_of
from .store import VERSION, ApiError, Object, Store

VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
WATCH_SECONDS = 60.0


class Cluster:
    """Running cluster whose API is at `url`."""

    def __init__(self) -> None:
        self.store = Store()
        handler = type("BoundHandler", (Handler,), {"store": self.store})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Cluster":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, kind: str, namespace: str, name: str) -> None:
        """Creates an empty Secret or ConfigMap that a release expects to exist."""
        known = kind_of("v1", f"{kind.lower()}s")
        assert known
        self.store.create(known, namespace, {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}})
        reconcile(self.store, namespace)

    def names(self, kind: str) -> list[str]:
        return sorted(name for object_kind, _, name in self.store.objects if object_kind == kind)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise every response waits 40 ms for the client to acknowledge its head.
    disable_nagle_algorithm = True
    store: Store

    def handle_any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        url = urlsplit(self.path)
        try:
            response = self.discovery(url.path) or self.objects(url.path, parse_qs(url.query), body)
            if response is not None:
                self.respond(200, response)
        except ApiError as error:
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": str(error)}
            self.respond(error.code, status | {"reason": error.reason, "code": error.code})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""

    def respond(self, code: int, body: Object) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def discovery(self, path: str) -> Object | None:
        groups: dict[str, list[Kind]] = {}
        for kind in KINDS:
            groups.setdefault(kind.group_version, []).append(kind)
        match path.strip("/").split("/"):
            case ["version"]:
                return {"major": "1", "minor": "30", "gitVersion": f"v{VERSION}"}
            case ["api"]:
                return {"kind": "APIVersions", "versions": ["v1"]}
            case ["apis"]:
                versions = {group: {"groupVersion": group, "version": group.split("/")[1]} for group in groups if "/" in group}
                api_groups = [
                    {"name": group.split("/")[0], "versions": [version], "preferredVersion": version}
                    for group, version in versions.items()
                ]
                return {"kind": "APIGroupList", "apiVersion": "v1", "groups": api_groups}
            case ["api", version] if version in groups:
                return self.resources(version, groups[version])
            case ["apis", group, version] if f"{group}/{version}" in groups:
                return self.resources(f"{group}/{version}", groups[f"{group}/{version}"])
            case ["openapi", "v3"]:
                return {"paths": {prefix(group): {"serverRelativeURL": f"/openapi/v3/{prefix(group)}"} for group in groups}}
            case ["openapi", "v3", *rest]:
                return self.openapi([kind for group, kinds in groups.items() if prefix(group) == "/".join(rest) for kind in kinds])
        return None

    @staticmethod
    def resources(group_version: str, kinds: list[Kind]) -> Object:
        resources = [
            {"name": kind.plural, "singularName": "", "namespaced": kind.namespaced, "kind": kind.name, "verbs": VERBS}
            for kind in kinds
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}

    @staticmethod
    def openapi(kinds: list[Kind]) -> Object:
        """Announces server-side field validation, so that the client skips its own."""
        parameter = {"name": "fieldValidation", "in": "query"}
        paths = {}
        for kind in kinds:
            group, _, version = kind.group_version.rpartition("/")
            patch = {
                "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind.name},
                "parameters": [parameter],
            }
            paths[f"/{prefix(kind.group_version)}/{kind.plural}/{{name}}"] = {"patch": patch}
        return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": VERSION}, "paths": paths}

    def objects(self, path: str, query: dict[str, list[str]], body: bytes) -> Object | None:
        kind, namespace, name = parse_path(path)
        method = self.command
        if method == "GET" and not name and "watch" in query:
            self.watch(kind, namespace, query)
            return None
        if method == "GET" and not name:
            return self.list_objects(kind, namespace, query)
        if method == "GET":
            return self.store.get(kind.name, namespace, name)
        with self.store.changed:
            if method == "DELETE":
                changed = self.store.delete(kind.name, namespace, name)
            elif method == "POST":
                changed = self.store.create(kind, namespace, yaml.safe_load(body))
            elif method == "PATCH" and "apply-patch" in (self.headers.get("content-type") or ""):
                changed = self.store.apply(kind, namespace, name, yaml.safe_load(body))
            else:
                raise ApiError(415, "UnsupportedMediaType", f"{method} {self.headers.get('content-type')}")
            reconcile(self.store, namespace)
            return changed

    def matches(self, kind: Kind, namespace: str, query: dict[str, list[str]], obj: Object) -> bool:
        meta = obj["metadata"]
        match_labels = dict(part.split("=") for part in query.get("labelSelector", [""])[0].split(",") if part)
        fields = dict(part.split("=") for part in query.get("fieldSelector", [""])[0].split(",") if part)
        return (
            obj["kind"] == kind.name
            and namespace in ("", meta["namespace"])
            and match_labels.items() <= meta.get("labels", {}).items()
            and fields.get("metadata.name", meta["name"]) == meta["name"]
        )

    def list_objects(self, kind: Kind, namespace: str, query: dict[str, list[str]]) -> Object:
        with self.store.changed:
            items = [obj for obj in self.store.objects.values() if self.matches(kind, namespace, query, obj)]
            version = str(len(self.store.log))
        page = {"kind": f"{kind.name}List", "apiVersion": kind.group_version, "items": items}
        return page | {"metadata": {"resourceVersion": version}}

    def watch(self, kind: Kind, namespace: str, query: dict[str, list[str]]) -> None:
        """Streams events until the client disconnects, after the current objects if requested."""
        seen = int(query.get("resourceVersion", ["0"])[0] or 0)
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            if "sendInitialEvents" in query:
                everything = self.list_objects(kind, namespace, query)
                seen = int(everything["metadata"]["resourceVersion"])
                for obj in everything["items"]:
                    self.event("ADDED", obj)
                end = {"resourceVersion": str(seen), "annotations": {"k8s.io/initial-events-end": "true"}}
                self.event("BOOKMARK", {"kind": kind.name, "apiVersion": kind.group_version, "metadata": end})
            while True:
                with self.store.changed:
                    if len(self.store.log) <= seen and not self.store.changed.wait(WATCH_SECONDS):
                        break
                    events, seen = self.store.log[seen:], len(self.store.log)
                for _, event_type, obj in events:
                    if self.matches(kind, namespace, query, obj):
                        self.event(event_type, obj)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def event(self, event_type: str, obj: Object) -> None:
        line = json.dumps({"type": event_type, "object": obj}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))


def prefix(group_version: str) -> str:
    return f"apis/{group_version}" if "/" in group_version else f"api/{group_version}"


def parse_path(path: str) -> tuple[Kind, str, str]:
    """Parses a path such as /apis/apps/v1/namespaces/N/deployments/X; absent parts are empty."""
    parts = path.strip("/").split("/")
    group_version, rest = (parts[1], parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    kind = kind_of(group_version, rest[0]) if rest else None
    if kind is None:
        raise ApiError(404, "NotFound", f"the server could not find the requested resource: {path}")
    return kind, namespace, rest[1] if len(rest) > 1 else ""
