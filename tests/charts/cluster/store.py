"""Objects of the cluster and the rules for changing them."""

import copy
import threading
import uuid
from typing import Any

import kubernetes_validate

from .kinds import Kind

Object = dict[str, Any]
Key = tuple[str, str, str]  # kind, namespace, name

VERSION = "1.30.0"

# Mutable fields of a spec, for kinds whose other fields are immutable.
MUTABLE = {
    "StatefulSet": {"replicas", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "ordinals",
                    "revisionHistoryLimit"},
    "Job": {"parallelism", "completions", "suspend", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"},
}  # fmt: skip
IMMUTABLE = {"Deployment": {"selector"}, "DaemonSet": {"selector"}}


class ApiError(Exception):
    """Error response of the API."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


class Store:
    """Thread-safe store of objects. Every change wakes the watchers."""

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
                raise ApiError(404, "NotFound", f'{kind} "{name}" not found') from None

    def has(self, kind: str, namespace: str, name: str) -> bool:
        return (kind, namespace, name) in self.objects

    def create(self, kind: Kind, namespace: str, desired: Object) -> Object:
        key = (kind.name, namespace, desired["metadata"]["name"])
        with self.changed:
            if key in self.objects:
                raise ApiError(409, "AlreadyExists", f'{kind.plural} "{key[2]}" already exists')
            self._applied[key] = copy.deepcopy(desired)
            return self._put(kind, key, desired)

    def apply(self, kind: Kind, namespace: str, name: str, desired: Object) -> Object:
        """Applies an object server-side, with a single field manager.

        Fields that the manager no longer sets are removed, fields set by others stay. Lists are
        replaced as a whole.
        """
        key = (kind.name, namespace, name)
        with self.changed:
            current = copy.deepcopy(self.objects.get(key, {}))
            merged = merge_into(current, self._applied.get(key, {}), desired)
            self._applied[key] = copy.deepcopy(desired)
            return self._put(kind, key, merged)

    def set_status(self, key: Key, status: Object) -> None:
        with self.changed:
            changed = copy.deepcopy(self.objects[key])
            changed["status"] = status
            self._record("MODIFIED", key, changed)

    def delete(self, kind: str, namespace: str, name: str) -> Object:
        with self.changed:
            deleted = self.get(kind, namespace, name)
            del self.objects[kind, namespace, name]
            self._applied.pop((kind, namespace, name), None)
            self._record("DELETED", None, deleted)
            return deleted

    def _put(self, kind: Kind, key: Key, desired: Object) -> Object:
        before = self.objects.get(key)
        check_schema(kind, desired)
        check_immutable_fields(key[0], before, desired)
        desired = copy.deepcopy(desired)
        same_spec = before is not None and before.get("spec") == desired.get("spec")
        meta = desired["metadata"]
        meta["namespace"] = key[1]
        meta["uid"] = before["metadata"]["uid"] if before else str(uuid.uuid4())
        meta["creationTimestamp"] = "2030-01-01T00:00:00Z"
        generation = before["metadata"]["generation"] if before else 0
        meta["generation"] = generation if same_spec else generation + 1
        self._record("MODIFIED" if before else "ADDED", key, desired)
        return desired

    def _record(self, event_type: str, key: Key | None, changed: Object) -> None:
        version = len(self.log) + 1
        changed["metadata"]["resourceVersion"] = str(version)
        if key:
            self.objects[key] = changed
        self.log.append((version, event_type, copy.deepcopy(changed)))
        self.changed.notify_all()


def merge_into(current: Object, before: Object, desired: Object) -> Object:
    for field in before.keys() - desired.keys():
        current.pop(field, None)
    for field, value in desired.items():
        if isinstance(value, dict) and isinstance(current.get(field), dict):
            earlier = before.get(field)
            merge_into(current[field], earlier if isinstance(earlier, dict) else {}, value)
        else:
            current[field] = copy.deepcopy(value)
    return current


def check_schema(kind: Kind, desired: Object) -> None:
    if not kind.is_builtin:
        return
    bare = {field: value for field, value in desired.items() if field != "status"}
    try:
        kubernetes_validate.validate(bare, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(part) for part in error.path)
        raise ApiError(422, "Invalid", f"{kind.name} is invalid: {where}: {error.message}") from None


def check_immutable_fields(kind: str, before: Object | None, desired: Object) -> None:
    if before is None:
        return
    old, new = before.get("spec", {}), desired.get("spec", {})
    changed = {field for field in old.keys() | new.keys() if old.get(field) != new.get(field)}
    forbidden = changed - MUTABLE[kind] if kind in MUTABLE else changed & IMMUTABLE.get(kind, set())
    if forbidden:
        raise ApiError(422, "Invalid", f"{kind} is invalid: spec: field is immutable: {', '.join(sorted(forbidden))}")
