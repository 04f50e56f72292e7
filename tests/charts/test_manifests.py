"""Every object is one that the API would take: by the schemas of Kubernetes, or by those of the projects that define it."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import kubernetes_validate
import pytest

from charts import Case, Object, cases, tool

OLDEST, NEWEST = "1.30", ".".join(kubernetes_validate.latest_version().split(".")[:2])

# Groups of custom resources with published schemas, in crds.mjs.
PUBLISHED = {"argoproj.io", "gateway.networking.k8s.io", "monitoring.coreos.com", "postgresql.cnpg.io", "traefik.io"}

# Elastic publishes no schema of its resources where tests could fetch it: here are the fields that its reference has.
ELASTIC = {
    "Elasticsearch": {"auth", "http", "image", "monitoring", "nodeSets", "podDisruptionBudget", "remoteClusters", "revisionHistoryLimit",
                      "secureSettings", "serviceAccountName", "transport", "updateStrategy", "version", "volumeClaimDeletePolicy"},
    "Kibana": {"config", "count", "elasticsearchRef", "http", "image", "monitoring", "podTemplate", "revisionHistoryLimit", "secureSettings",
               "serviceAccountName", "version"},
}  # fmt: skip


def group(found: Object) -> str:
    return str(found["apiVersion"]).split("/")[0]


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
def test_kubernetes_takes_it(case: Case, version: str) -> None:
    for found in case.objects():
        if group(found) not in PUBLISHED and found["kind"] not in ELASTIC:
            assert kubernetes_validate.validate(found, version, strict=True) == version


def test_the_custom_resources_are_what_their_projects_say() -> None:
    found = [(case, it) for case in cases() for it in case.objects() if group(it) in PUBLISHED]
    kinds = {it["kind"] for _, it in found}
    assert kinds >= {"Cluster", "HTTPRoute", "IngressRoute", "PodMonitor", "PrometheusRule", "ScheduledBackup", "ServiceMonitor"}
    problems = custom_problems([it for _, it in found])
    assert [(str(found[index][0]), found[index][1]["kind"], problem) for index, problem in problems] == []


@pytest.mark.parametrize("case", cases("observability"), ids=str)
def test_elastics_resources_have_the_fields_of_the_reference_and_pods_that_kubernetes_takes(case: Case) -> None:
    for found in case.objects("Elasticsearch") + case.objects("Kibana"):
        kind, spec = found["kind"], found["spec"]
        assert found["apiVersion"] == f"{kind.lower()}.k8s.elastic.co/v1"
        assert spec.keys() <= ELASTIC[kind]
        for part in spec.get("nodeSets", [spec]):
            if kind == "Elasticsearch":
                assert part.keys() == {"name", "count", "config", "podTemplate", "volumeClaimTemplates"}
            template = {"apiVersion": "v1", "kind": "PodTemplate", "template": part["podTemplate"]}
            kubernetes_validate.validate(template, OLDEST, strict=True)
            assert [it["name"] for it in part["podTemplate"]["spec"]["containers"]] == [kind.lower()]
            for claim in part.get("volumeClaimTemplates", []):
                kubernetes_validate.validate({"apiVersion": "v1", "kind": "PersistentVolumeClaim"} | claim, OLDEST, strict=True)
                assert claim["metadata"]["name"] == "elasticsearch-data"  # by which the operator knows it


def test_the_check_of_custom_resources_finds_what_is_wrong() -> None:
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
def test_no_object_is_there_twice(case: Case) -> None:
    keys = Counter((it["kind"], it["metadata"].get("namespace"), it["metadata"]["name"]) for it in case.objects())
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("case", cases(), ids=str)
def test_names_are_no_longer_than_they_may_be(case: Case) -> None:
    """63 for what becomes a label or a host name; 52 for a StatefulSet, whose Pods are labelled with its name and a hash."""
    for found in case.objects():
        assert len(found["metadata"]["name"]) <= {"StatefulSet": 52, "Cluster": 50}.get(found["kind"], 63)
