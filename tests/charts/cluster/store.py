"""The objects of the cluster, and the rules by which they change."""

import copy
import threading
import uuid
from typing import Any

import kubernetes_validate

from .kinds import Kind

Object = dict[str, Any]
Key = tuple[str, str, str]  # kind, namespace, name

VERSION = "1.30.0"

# Fields of a spec that may change in a living object, where the API is strict about the others.
MUTABLE = {
    "StatefulSet": {"replicas", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "ordinals",
                    "revisionHistoryLimit"},
    "Job": {"parallelism", "completions", "suspend", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"},
}  # fmt: skip
IMMUTABLE = {"Deployment": {"selector"}, "DaemonSet": {"selector"}}


class Refused(Exception):
    """The API's answer to what it does not do."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


class Store:
    """Thread-safe; every change wakes the watchers."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.objects: dict[Key, Object] = {}
        self.log: list[tuple[int, str, Object]] = []  # version, ADDED | MODIFIED | DELETED, object
        self._applied: dict[Key, Object] = {}

    def get(self, kind: str, namespace: str, name: str) -> Object:
        with self.changed:
            try:
                return self.objects[kind, namespace, name]
            except KeyError:
                raise Refused(404, "NotFound", f'{kind} "{name}" not found') from None

    def has(self, kind: str, namespace: str, name: str) -> bool:
        return (kind, namespace, name) in self.objects

    def create(self, kind: Kind, namespace: str, wanted: Object) -> Object:
        key = (kind.name, namespace, wanted["metadata"]["name"])
        with self.changed:
            if key in self.objects:
                raise Refused(409, "AlreadyExists", f'{kind.plural} "{key[2]}" already exists')
            self._applied[key] = copy.deepcopy(wanted)
            return self._put(kind, key, wanted)

    def apply(self, kind: Kind, namespace: str, name: str, wanted: Object) -> Object:
        """Server-side apply by one manager: what it no longer wants goes, what others set stays. Lists are taken whole."""
        key = (kind.name, namespace, name)
        with self.changed:
            live = copy.deepcopy(self.objects.get(key, {}))
            merged = merged_into(live, self._applied.get(key, {}), wanted)
            self._applied[key] = copy.deepcopy(wanted)
            return self._put(kind, key, merged)

    def set_status(self, key: Key, status: Object) -> None:
        with self.changed:
            changed = copy.deepcopy(self.objects[key])
            changed["status"] = status
            self._record("MODIFIED", key, changed)

    def delete(self, kind: str, namespace: str, name: str) -> Object:
        with self.changed:
            gone = self.get(kind, namespace, name)
            del self.objects[kind, namespace, name]
            self._applied.pop((kind, namespace, name), None)
            self._record("DELETED", None, gone)
            return gone

    def _put(self, kind: Kind, key: Key, wanted: Object) -> Object:
        before = self.objects.get(key)
        valid(kind, wanted)
        unchangeable(key[0], before, wanted)
        wanted = copy.deepcopy(wanted)
        same_spec = before is not None and before.get("spec") == wanted.get("spec")
        meta = wanted["metadata"]
        meta["namespace"] = key[1]
        meta["uid"] = before["metadata"]["uid"] if before else str(uuid.uuid4())
        meta["creationTimestamp"] = "2030-01-01T00:00:00Z"
        generation = before["metadata"]["generation"] if before else 0
        meta["generation"] = generation if same_spec else generation + 1
        self._record("MODIFIED" if before else "ADDED", key, wanted)
        return wanted

    def _record(self, what: str, key: Key | None, changed: Object) -> None:
        version = len(self.log) + 1
        changed["metadata"]["resourceVersion"] = str(version)
        if key:
            self.objects[key] = changed
        self.log.append((version, what, copy.deepcopy(changed)))
        self.changed.notify_all()


def merged_into(live: Object, before: Object, wanted: Object) -> Object:
    for field in before.keys() - wanted.keys():
        live.pop(field, None)
    for field, value in wanted.items():
        if isinstance(value, dict) and isinstance(live.get(field), dict):
            earlier = before.get(field)
            merged_into(live[field], earlier if isinstance(earlier, dict) else {}, value)
        else:
            live[field] = copy.deepcopy(value)
    return live


def valid(kind: Kind, wanted: Object) -> None:
    if not kind.own_schema:
        return
    bare = {field: value for field, value in wanted.items() if field != "status"}
    try:
        kubernetes_validate.validate(bare, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(part) for part in error.path)
        raise Refused(422, "Invalid", f"{kind.name} is invalid: {where}: {error.message}") from None


def unchangeable(kind: str, before: Object | None, wanted: Object) -> None:
    if before is None:
        return
    old, new = before.get("spec", {}), wanted.get("spec", {})
    changed = {field for field in old.keys() | new.keys() if old.get(field) != new.get(field)}
    forbidden = changed - MUTABLE[kind] if kind in MUTABLE else changed & IMMUTABLE.get(kind, set())
    if forbidden:
        raise Refused(422, "Invalid", f"{kind} is invalid: spec: field is immutable: {', '.join(sorted(forbidden))}")
