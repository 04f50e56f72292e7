"""Every object is valid by the schemas of Kubernetes or of the project that defines its kind."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import kubernetes_validate
import pytest

from charts import Case, Object, cases, tool

OLDEST, NEWEST = "1.30", ".".join(kubernetes_validate.latest_version().split(".")[:2])

# API groups of custom resources with published schemas, which crds.mjs checks.
PUBLISHED = {"argoproj.io", "gateway.networking.k8s.io", "monitoring.coreos.com", "postgresql.cnpg.io", "traefik.io"}

# Elastic publishes no schema that tests could fetch. These are the fields in its API reference.
ELASTIC = {
    "Elasticsearch": {"auth", "http", "image", "monitoring", "nodeSets", "podDisruptionBudget", "remoteClusters", "revisionHistoryLimit",
                      "secureSettings", "serviceAccountName", "transport", "updateStrategy", "version", "volumeClaimDeletePolicy"},
    "Kibana": {"config", "count", "elasticsearchRef", "http", "image", "monitoring", "podTemplate", "revisionHistoryLimit", "secureSettings",
               "serviceAccountName", "version"},
}  # fmt: skip


def group(obj: Object) -> str:
    return str(obj["apiVersion"]).split("/")[0]


def custom_problems(objects: list[Object]) -> list[tuple[int, str]]:
    script = Path(__file__).with_name("crds.mjs")
    done = subprocess.run(
        ["node", script, tool("chart-schemas")], input=json.dumps(objects), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    problems: list[tuple[int, str]] = json.loads(done.stdout)
    return problems


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("case", cases(), ids=str)
def test_builtin_resources_match_the_schema_of_kubernetes(case: Case, version: str) -> None:
    for obj in case.objects():
        if group(obj) not in PUBLISHED and obj["kind"] not in ELASTIC:
            assert kubernetes_validate.validate(obj, version, strict=True) == version


def test_custom_resources_match_their_published_schemas() -> None:
    resources = [(case, item) for case in cases() for item in case.objects() if group(item) in PUBLISHED]
    kinds = {item["kind"] for _, item in resources}
    assert kinds >= {"Cluster", "HTTPRoute", "IngressRoute", "PodMonitor", "PrometheusRule", "ScheduledBackup", "ServiceMonitor"}
    problems = custom_problems([item for _, item in resources])
    assert [(str(resources[index][0]), resources[index][1]["kind"], problem) for index, problem in problems] == []


@pytest.mark.parametrize("case", cases("observability"), ids=str)
def test_elastic_resources_have_known_fields_and_valid_pod_templates(case: Case) -> None:
    for obj in case.objects("Elasticsearch") + case.objects("Kibana"):
        kind, spec = obj["kind"], obj["spec"]
        assert obj["apiVersion"] == f"{kind.lower()}.k8s.elastic.co/v1"
        assert spec.keys() <= ELASTIC[kind]
        for part in spec.get("nodeSets", [spec]):
            if kind == "Elasticsearch":
                assert part.keys() == {"name", "count", "config", "podTemplate", "volumeClaimTemplates"}
            template = {"apiVersion": "v1", "kind": "PodTemplate", "template": part["podTemplate"]}
            kubernetes_validate.validate(template, OLDEST, strict=True)
            assert [item["name"] for item in part["podTemplate"]["spec"]["containers"]] == [kind.lower()]
            for claim in part.get("volumeClaimTemplates", []):
                kubernetes_validate.validate({"apiVersion": "v1", "kind": "PersistentVolumeClaim"} | claim, OLDEST, strict=True)
                assert claim["metadata"]["name"] == "elasticsearch-data"  # required by the operator


def test_the_check_of_custom_resources_finds_defects() -> None:
    route: Object = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": {"name": "a"}}
    rule: Object = {"kind": "Rule", "match": "Host(`a`)", "services": [{"name": "a", "port": "http"}]}
    objects = [
        route | {"spec": {"routes": [rule]}},
        route | {"spec": {"routes": [rule | {"middleware": []}]}},
        route | {"spec": {"routes": [{"kind": "Rule"}]}},
        route | {"kind": "IngressRoutes", "spec": {}},
    ]
    problems = custom_problems(objects)
    assert not [problem for index, problem in problems if index == 0]
    assert any("'\"middleware\"' does not exist" in problem for index, problem in problems if index == 1)
    assert any("must have required property match" in problem for index, problem in problems if index == 2)
    assert any("has no kind IngressRoutes" in problem for index, problem in problems if index == 3)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_objects_are_unique(case: Case) -> None:
    keys = Counter((item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in case.objects())
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("case", cases(), ids=str)
def test_names_are_within_their_length_limits(case: Case) -> None:
    """63 characters for labels and hosts; 52 for a StatefulSet, whose Pods' label adds a hash."""
    for obj in case.objects():
        assert len(obj["metadata"]["name"]) <= {"StatefulSet": 52, "Cluster": 50}.get(obj["kind"], 63)
