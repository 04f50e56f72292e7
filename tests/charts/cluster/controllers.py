"""Simulated controllers, which run after each change.

Pods start once everything they reference exists; operators create their Secrets.
"""

import copy
from typing import Any, Iterator

from .kinds import kind_of
from .store import Object, Store


def reconcile(store: Store, namespace: str) -> None:
    """Updates the status of every object in a namespace."""
    with store.changed:
        for (kind, owner_namespace, name), obj in list(store.objects.items()):
            make_secrets(store, owner_namespace, kind, name)
            if owner_namespace == namespace and kind in STATUS:
                desired = STATUS[kind](obj, missing_references(store, owner_namespace, obj))
                if obj.get("status") != desired:
                    store.set_status((kind, owner_namespace, name), desired)


# Suffixes of the Secrets that operators create: credentials and the servers' CA.
OPERATOR_SECRETS = {"Cluster": ["app", "ca"], "Elasticsearch": ["es-http-certs-public", "es-elastic-user"]}


def make_secrets(store: Store, namespace: str, kind: str, name: str) -> None:
    secret = kind_of("v1", "secrets")
    assert secret
    for suffix in OPERATOR_SECRETS.get(kind, []):
        if not store.has("Secret", namespace, f"{name}-{suffix}"):
            created = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-{suffix}"}}
            store.create(secret, namespace, created)


def references(node: Any) -> Iterator[tuple[str, str]]:
    """Yields the kind and name of each object that a Pod needs in order to start."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    if isinstance(node, dict):
        for field, value in node.items():
            match field:
                case "secretKeyRef" | "configMapKeyRef" if not value.get("optional"):
                    yield ("Secret" if field == "secretKeyRef" else "ConfigMap", value["name"])
                case "secret":
                    yield "Secret", value["secretName"]
                case "configMap":
                    yield "ConfigMap", value["name"]
                case "serviceAccountName":
                    yield "ServiceAccount", value
                case _:
                    yield from references(value)


def missing_references(store: Store, namespace: str, owner: Object) -> list[str]:
    pod = owner["spec"]["template"]["spec"]
    needed = {reference for reference in references(pod) if reference != ("ServiceAccount", "default")}
    return sorted(f"{kind} {name}" for kind, name in needed if not store.has(kind, namespace, name))


def deployment(obj: Object, missing_refs: list[str]) -> Object:
    replicas = obj["spec"].get("replicas", 1)
    status: Object = {"observedGeneration": obj["metadata"]["generation"], "replicas": replicas}
    if missing_refs:
        return status | {"unavailableReplicas": replicas, "conditions": [unavailable(missing_refs)]}
    ready = {field: replicas for field in ("readyReplicas", "updatedReplicas", "availableReplicas")}
    done = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    return status | ready | {"conditions": [{"type": "Available", "status": "True"}, done]}


def stateful_set(obj: Object, missing_refs: list[str]) -> Object:
    replicas = obj["spec"]["replicas"]
    status: Object = {"observedGeneration": obj["metadata"]["generation"], "replicas": replicas}
    if missing_refs:
        return status
    ready = {field: replicas for field in ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")}
    return status | ready | {"currentRevision": "1", "updateRevision": "1"}


def daemon_set(obj: Object, missing_refs: list[str]) -> Object:
    names = ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady")
    return {"observedGeneration": obj["metadata"]["generation"], "numberMisscheduled": 0} | {
        name: int(not missing_refs) for name in names
    }


def job(obj: Object, missing_refs: list[str]) -> Object:
    """Returns the status of a Job, which runs once: its first result is final."""
    if before := obj.get("status"):
        return copy.deepcopy(before)
    if missing_refs:
        return {
            "failed": 1,
            "conditions": [{"type": "Failed", "status": "True", "reason": "Missing", "message": ", ".join(missing_refs)}],
        }
    return {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}


def unavailable(missing_refs: list[str]) -> Object:
    return {"type": "Available", "status": "False", "reason": "Missing", "message": ", ".join(missing_refs)}


STATUS = {"Deployment": deployment, "StatefulSet": stateful_set, "DaemonSet": daemon_set, "Job": job}
