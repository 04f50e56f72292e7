"""Values: the schema rejects unknown keys, the tables list every value, errors explain the fix."""

import json
import subprocess
from typing import Any, Iterator

import helm_python as helm
import pytest
import yaml

from charts import CHARTS, ROOT, Object, render

ALL = sorted(path.parent.name for path in CHARTS.glob("*/Chart.yaml"))


def schema(chart: str) -> Object:
    document: Object = json.loads((CHARTS / chart / "values.schema.json").read_text())
    return document


def nodes(node: Any) -> Iterator[Object]:
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from nodes(value)


@pytest.mark.parametrize("chart", ALL)
def test_schema_rejects_unknown_keys(chart: str) -> None:
    document = schema(chart)
    document["properties"].pop("global")  # Helm's own
    for node in nodes(document):
        if "properties" in node and node.get("type") == "object":
            assert node["additionalProperties"] is False, node


@pytest.mark.parametrize("chart", ALL)
def test_values_and_schema_have_the_same_keys(chart: str) -> None:
    document = schema(chart)

    def compare(values: Object, node: Object, path: str) -> None:
        while "$ref" in node:
            node = document["$defs"][node["$ref"].rsplit("/", 1)[1]]
        if "properties" in node and values:  # otherwise a free-form map
            assert values.keys() == node["properties"].keys() - {"global", "ephemeral-storage"}, path
        for key, value in values.items():
            if isinstance(value, dict) and "properties" in node:
                compare(value, node["properties"][key], f"{path}.{key}")

    compare(yaml.safe_load((CHARTS / chart / "values.yaml").read_text()), document, "")


def test_generated_tables_and_settings_are_up_to_date() -> None:
    done = subprocess.run([ROOT / "scripts/chart-docs", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


MINIMAL: Object = {
    "image": {"repository": "registry.example.com/conduit"},
    "jwt": {"existingSecret": "conduit-jwt"},
    "database": {"external": {"existingSecret": "conduit-database"}},
}


def with_values(path: str, value: Any) -> Object:
    values: Object = json.loads(json.dumps(MINIMAL))
    node = values
    *groups, last = path.split("/")
    for group in groups:
        node = node.setdefault(group, {})
    node[last] = value
    return values


# Path, value, and what the error message must contain.
REJECTED = [
    ("replicaCount", 3, "additional properties 'replicaCount' not allowed"),
    ("image/tags", "1.0", "additional properties 'tags' not allowed"),
    ("database/external/exsitingSecret", "a", "'/database/external': additional properties 'exsitingSecret' not allowed"),
    ("replicas", -1, "'/replicas': minimum: got -1, want 0"),
    ("replicas", "two", "'/replicas': got string, want integer"),
    ("image/repository", "", "image.repository is empty: name the image"),
    ("image/digest", "sha256:abc", "'/image/digest'"),
    ("jwt/existingSecret", "", "jwt.existingSecret is empty: name a Secret, made by: kubectl create secret"),
    ("database/external/existingSecret", "", "database.external.existingSecret is empty: name a Secret whose key uri is"),
    ("database/mode", "mysql", "'/database/mode': value must be one of 'external', 'standalone', 'cloudnativepg'"),
    ("database/mode", "standalone", "database.standalone.existingSecret is empty: name a Secret"),
    ("settings", {"JWT_SECRET": "hunter2"}, "'/settings': additional properties 'JWT_SECRET' not allowed"),
    ("settings", {"DATABASE_POOLSIZE": 3}, "'/settings': additional properties 'DATABASE_POOLSIZE' not allowed"),
    ("extraEnv", [{"name": "JWT_SECRET", "value": "hunter2"}], "'/extraEnv/0/name': 'not' failed"),
    ("extraEnv", [{"name": "A"}], "'/extraEnv/0': missing property 'value'"),
    ("autoscaling", {"enabled": True, "minReplicas": 9}, "autoscaling.minReplicas is 9, more than maxReplicas, which is 6"),
    ("monitoring/rules", {"enabled": True}, "monitoring.rules.enabled without monitoring.serviceMonitor.enabled"),
    ("routes/kind", "nginx", "'/routes/kind': value must be one of 'none', 'traefik', 'ingress', 'gateway'"),
    ("routes/kind", "traefik", "routes.hosts is empty: with routes.kind traefik name at least one host"),
    ("routes/hosts", ["Conduit.example.com/api"], "'/routes/hosts/0'"),
    ("routes", {"kind": "gateway", "hosts": ["a.example"]}, "routes.gateway.parentRefs is empty: name the Gateway"),
    ("frontend/enabled", True, "frontend.image.repository is empty: name the image of the front end"),
    ("frontend/runAsUser", 0, "'/frontend/runAsUser': minimum: got 0, want 1"),
    ("shutdown/preStopSeconds", -1, "'/shutdown/preStopSeconds': minimum: got -1, want 0"),
    ("shutdown/delaySeconds", 601, "'/shutdown/delaySeconds': maximum: got 601, want 600"),
    ("resources/limits/memory", "lots", "'/resources/limits/memory'"),
    ("networkPolicy/dns/namespace", "", "'/networkPolicy/dns/namespace'"),
    (
        "database",
        {"mode": "cloudnativepg", "cloudnativepg": {"instances": 1}},
        "synchronousStandbys is 1: with instances at 1 it can be 0",
    ),
    ("database", {"mode": "cloudnativepg", "maxConnections": 50}, "database.maxConnections is 50: the servers may open 88"),
    (
        "database",
        {"mode": "cloudnativepg", "cloudnativepg": {"recovery": {"objectStore": "a"}}},
        "recovery.serverName is empty: name the cluster whose backup it is",
    ),
    (
        "database",
        {
            "mode": "cloudnativepg",
            "cloudnativepg": {"backup": {"objectStore": "a"}, "recovery": {"objectStore": "a", "serverName": "conduit-db"}},
        },
        "recovery reads the folder that backup writes: choose another clusterName or backup.serverName",
    ),
]


@pytest.mark.parametrize(
    "path, value, expected", REJECTED, ids=lambda part: part if isinstance(part, str) and " " not in part else ""
)
def test_wrong_values_are_rejected_with_an_explanation(path: str, value: Any, expected: str) -> None:
    with pytest.raises(helm.HelmError) as error:
        render("conduit", with_values(path, value))
    assert expected in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("mode", ["standalone", "cloudnativepg"])
def test_migration_job_is_rejected_for_a_database_of_the_release(mode: str) -> None:
    database = {"mode": mode, "standalone": {"existingSecret": "conduit-db"}}
    with pytest.raises(helm.HelmError, match=f"migrations.mode is job, .* a {mode} database is not there yet; use initContainer"):
        render("conduit", MINIMAL | {"database": database, "migrations": {"mode": "job"}})


def test_all_missing_values_are_reported_together() -> None:
    with pytest.raises(helm.HelmError) as error:
        render("conduit", {"routes": {"kind": "ingress"}})
    lines = [line for line in str(error.value).splitlines() if " is empty: " in line]
    names = ["image.repository", "jwt.existingSecret", "database.external.existingSecret", "routes.hosts"]
    assert [line.split()[0] for line in lines] == names


def test_secrets_have_no_default() -> None:
    values = yaml.safe_load((CHARTS / "conduit/values.yaml").read_text())
    assert values["jwt"]["existingSecret"] == ""
    assert values["database"]["external"]["existingSecret"] == ""
    assert values["database"]["standalone"]["existingSecret"] == ""
