"""What happens after an object is stored: Pods start if everything that they refer to is there, and operators make their Secrets."""

import copy
from typing import Any, Iterator

from .kinds import kind_of
from .store import Object, Store


def reconcile(store: Store, namespace: str) -> None:
    """One round over a namespace; called after every change, so that nothing stays behind."""
    with store.changed:
        for (kind, owner_namespace, name), found in list(store.objects.items()):
            make_secrets(store, owner_namespace, kind, name)
            if owner_namespace == namespace and kind in STATUS:
                wanted = STATUS[kind](found, missing(store, owner_namespace, found))
                if found.get("status") != wanted:
                    store.set_status((kind, owner_namespace, name), wanted)


# Secrets that operators make for their resources: credentials, and the authority of the servers' certificates.
MADE = {"Cluster": ["app", "ca"], "Elasticsearch": ["es-http-certs-public", "es-elastic-user"]}


def make_secrets(store: Store, namespace: str, kind: str, name: str) -> None:
    secret = kind_of("v1", "secrets")
    assert secret
    for suffix in MADE.get(kind, []):
        if not store.has("Secret", namespace, f"{name}-{suffix}"):
            made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-{suffix}"}}
            store.create(secret, namespace, made)


def references(node: Any) -> Iterator[tuple[str, str]]:
    """What a Pod cannot start without: kind and name."""
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


def missing(store: Store, namespace: str, owner: Object) -> list[str]:
    pod = owner["spec"]["template"]["spec"]
    wanted = {reference for reference in references(pod) if reference != ("ServiceAccount", "default")}
    return sorted(f"{kind} {name}" for kind, name in wanted if not store.has(kind, namespace, name))


def deployment(found: Object, absent: list[str]) -> Object:
    replicas = found["spec"].get("replicas", 1)
    status: Object = {"observedGeneration": found["metadata"]["generation"], "replicas": replicas}
    if absent:
        return status | {"unavailableReplicas": replicas, "conditions": [waiting(absent)]}
    ready = {field: replicas for field in ("readyReplicas", "updatedReplicas", "availableReplicas")}
    done = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    return status | ready | {"conditions": [{"type": "Available", "status": "True"}, done]}


def stateful_set(found: Object, absent: list[str]) -> Object:
    replicas = found["spec"]["replicas"]
    status: Object = {"observedGeneration": found["metadata"]["generation"], "replicas": replicas}
    if absent:
        return status
    ready = {field: replicas for field in ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")}
    return status | ready | {"currentRevision": "1", "updateRevision": "1"}


def daemon_set(found: Object, absent: list[str]) -> Object:
    names = ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady")
    return {"observedGeneration": found["metadata"]["generation"], "numberMisscheduled": 0} | {
        name: int(not absent) for name in names
    }


def job(found: Object, absent: list[str]) -> Object:
    """Runs once: what was missing when it started stays missing."""
    if before := found.get("status"):
        return copy.deepcopy(before)
    if absent:
        return {
            "failed": 1,
            "conditions": [{"type": "Failed", "status": "True", "reason": "Missing", "message": ", ".join(absent)}],
        }
    return {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}


def waiting(absent: list[str]) -> Object:
    return {"type": "Available", "status": "False", "reason": "Missing", "message": ", ".join(absent)}


STATUS = {"Deployment": deployment, "StatefulSet": stateful_set, "DaemonSet": daemon_set, "Job": job}
