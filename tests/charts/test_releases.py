"""Installs, upgrades, rolls back and uninstalls releases with Helm's engine on a fake cluster."""

import threading
from pathlib import Path
from typing import Iterator

import helm_python as helm
import pytest

from charts import CHARTS, NAMESPACE, RELEASE, Case, Object, cases
from cluster.controllers import OPERATOR_SECRETS, references
from cluster.server import Cluster

TIMEOUT_SECONDS = 30

# Cases that run the whole lifecycle, with Helm waiting for readiness.
LIFECYCLE_CASES = ["cloudnativepg-backup", "everything-on", "migration-job", "standalone-site"]
PREREQUISITES = [("Secret", "conduit-jwt"), ("Secret", "conduit-db"), ("Secret", "conduit-database"), ("Secret", "conduit-owner"),
                 ("Secret", "fluentd-elasticsearch"), ("Secret", "logs-authority"), ("ConfigMap", "corporate-authorities")]  # fmt: skip


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        for kind, name in PREREQUISITES:
            running.add(kind, NAMESPACE, name)
        yield running


def connect(cluster: Cluster) -> helm.Config:
    kubeconfig = "apiVersion: v1\nkind: Config\n"
    return helm.Config(
        kube_apiserver=cluster.url,
        kubeconfig_content=kubeconfig,
        namespace=NAMESPACE,
        storage_driver="memory",
        qps=1000,  # lifts the client-side rate limit
        burst_limit=1000,
    )


def release_objects(cluster: Cluster) -> set[tuple[str, str]]:
    """Returns the objects of the release, without the prerequisites and the operators' Secrets."""
    operator_secrets = {
        ("Secret", f"{name}-{suffix}")
        for kind in OPERATOR_SECRETS
        for name in cluster.names(kind)
        for suffix in OPERATOR_SECRETS[kind]
    }
    everything = {(kind, name) for kind, _, name in cluster.store.objects}
    return everything - set(PREREQUISITES) - operator_secrets


def rendered_objects(case: Case) -> set[tuple[str, str]]:
    return {(obj["kind"], obj["metadata"]["name"]) for obj in case.objects()}


@pytest.mark.parametrize("name", LIFECYCLE_CASES)
def test_release_installs_upgrades_rolls_back_and_uninstalls(cluster: Cluster, name: str) -> None:
    case = Case("conduit", name)
    chart = CHARTS / "conduit"
    with connect(cluster) as config:
        first = config.install(chart, RELEASE, case.values, wait="watcher", timeout=TIMEOUT_SECONDS)
        assert (first["revision"], first["status"]) == (1, "deployed")
        assert release_objects(cluster) == rendered_objects(case)
        before = servers(cluster)

        changed = case.values | {"podAnnotations": {"example.com/changed": "yes"}}
        second = config.upgrade(chart, RELEASE, changed, wait="watcher", timeout=TIMEOUT_SECONDS)
        assert (second["revision"], second["status"]) == (2, "deployed")
        assert servers(cluster)["spec"]["template"]["metadata"]["annotations"]["example.com/changed"] == "yes"

        config.rollback(RELEASE, version=1, wait="watcher", timeout=TIMEOUT_SECONDS)
        assert [item["status"] for item in config.history(RELEASE)] == ["superseded", "superseded", "deployed"]
        assert servers(cluster)["spec"] == before["spec"]
        assert release_objects(cluster) == rendered_objects(case)

        config.uninstall(RELEASE, wait="watcher", timeout=TIMEOUT_SECONDS)
    kept = {(item["kind"], item["metadata"]["name"]) for item in case.objects() if item["kind"] in {"Cluster", "Job"}}
    assert release_objects(cluster) == kept  # a database's data, and the last hook's log


def test_logs_install_and_uninstall(cluster: Cluster) -> None:
    case = Case("observability", "logs")
    with connect(cluster) as config:
        config.install(CHARTS / "observability", RELEASE, case.values, wait="watcher", timeout=TIMEOUT_SECONDS)
        assert release_objects(cluster) == rendered_objects(case)
        config.uninstall(RELEASE, wait="watcher", timeout=TIMEOUT_SECONDS)
    assert release_objects(cluster) == {("Elasticsearch", "conduit")}


def servers(cluster: Cluster) -> Object:
    return cluster.store.get(
        "Deployment", NAMESPACE, next(item for item in cluster.names("Deployment") if not item.endswith("-frontend"))
    )


@pytest.mark.parametrize("case", cases(), ids=str)
def test_chart_installs_and_upgrades_to_a_new_version(cluster: Cluster, case: Case, tmp_path: Path) -> None:
    """A new version of the program and of the chart changes no immutable field."""
    newer = helm.package(CHARTS / case.chart, destination=tmp_path, version="9.9.9", app_version="9.9.9")
    with connect(cluster) as config:
        config.install(CHARTS / case.chart, RELEASE, case.values, timeout=TIMEOUT_SECONDS)
        assert release_objects(cluster) == rendered_objects(case)
        upgraded = config.upgrade(newer, RELEASE, case.values, timeout=TIMEOUT_SECONDS)
        assert (upgraded["revision"], upgraded["status"]) == (2, "deployed")
        assert release_objects(cluster) == rendered_objects(case)


def test_upgrade_keeps_the_replicas_that_the_autoscaler_set(cluster: Cluster) -> None:
    case = Case("conduit", "autoscaling")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, case.values, timeout=TIMEOUT_SECONDS)
        with cluster.store.changed:
            servers(cluster)["spec"]["replicas"] = 5  # as the autoscaler does
        config.upgrade(CHARTS / "conduit", RELEASE, case.values | {"podAnnotations": {"a": "b"}}, timeout=TIMEOUT_SECONDS)
        assert servers(cluster)["spec"]["replicas"] == 5


def test_upgrade_adds_and_removes_optional_objects(cluster: Cluster) -> None:
    minimal, extended = Case("conduit", "external"), Case("conduit", "monitoring")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, minimal.values, timeout=TIMEOUT_SECONDS)
        for case in (extended, minimal):
            config.upgrade(CHARTS / "conduit", RELEASE, case.values, timeout=TIMEOUT_SECONDS)
            assert release_objects(cluster) == rendered_objects(case)


def test_migration_job_runs_before_any_other_change(cluster: Cluster) -> None:
    case = Case("conduit", "migration-job")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, case.values, timeout=TIMEOUT_SECONDS)
        start = len(cluster.store.log)
        config.upgrade(CHARTS / "conduit", RELEASE, case.values | {"replicas": 3}, timeout=TIMEOUT_SECONDS)
    events = [(event_type, obj["kind"]) for _, event_type, obj in cluster.store.log[start:]]
    assert events[0] == ("DELETED", "Job") and events[1] == ("ADDED", "Job")
    assert events.index(("MODIFIED", "Deployment")) > 1


def test_upgrade_with_a_failed_migration_changes_nothing(cluster: Cluster) -> None:
    case = Case("conduit", "migration-job")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, case.values, timeout=TIMEOUT_SECONDS)
        before = servers(cluster)
        cluster.store.delete("Secret", NAMESPACE, "conduit-owner")
        with pytest.raises(helm.HelmReleaseError, match="pre-upgrade hooks failed"):
            config.upgrade(CHARTS / "conduit", RELEASE, case.values | {"replicas": 3}, timeout=TIMEOUT_SECONDS)
        assert servers(cluster) == before
        assert [item["status"] for item in config.history(RELEASE)] == ["deployed", "failed"]


def test_installation_fails_while_a_secret_is_missing(cluster: Cluster) -> None:
    cluster.store.delete("Secret", NAMESPACE, "conduit-jwt")
    with connect(cluster) as config, pytest.raises(helm.HelmError, match="Deployment/conduit/conduit not ready"):
        config.install(CHARTS / "conduit", RELEASE, Case("conduit", "external").values, wait="watcher", timeout=3)


def test_servers_start_once_their_secret_exists(cluster: Cluster) -> None:
    cluster.store.delete("Secret", NAMESPACE, "conduit-jwt")
    later = threading.Timer(1, lambda: cluster.add("Secret", NAMESPACE, "conduit-jwt"))
    later.start()
    with connect(cluster) as config:
        release = config.install(
            CHARTS / "conduit", RELEASE, Case("conduit", "external").values, wait="watcher", timeout=TIMEOUT_SECONDS
        )
    later.join()
    assert release["status"] == "deployed"


def test_two_releases_coexist_in_one_namespace(cluster: Cluster) -> None:
    case = Case("conduit", "standalone-site")
    with connect(cluster) as config:
        for release in ("conduit", "staging"):
            config.install(CHARTS / "conduit", release, case.values, timeout=TIMEOUT_SECONDS)
    assert cluster.names("Deployment") == ["conduit", "conduit-frontend", "staging-conduit", "staging-conduit-frontend"]
    selectors = [
        item["spec"]["selector"] for (kind, _, _), item in cluster.store.objects.items() if kind in {"Deployment", "StatefulSet"}
    ]
    assert len({str(selector) for selector in selectors}) == len(selectors) == 6


def test_fake_cluster_rejects_invalid_and_immutable_fields(cluster: Cluster) -> None:
    """Proves that the tests above can fail."""
    with connect(cluster) as config:
        values = Case("conduit", "standalone").values
        config.install(CHARTS / "conduit", RELEASE, values, timeout=TIMEOUT_SECONDS)
        values["database"]["standalone"]["storage"] = {"size": "99Gi"}
        with pytest.raises(helm.HelmReleaseError, match="field is immutable: volumeClaimTemplates"):
            config.upgrade(CHARTS / "conduit", RELEASE, values, timeout=TIMEOUT_SECONDS)
        invalid = values | {"networkPolicy": {"extraEgress": [{"ports": [{"prot": 1}]}]}}
        with pytest.raises(helm.HelmReleaseError, match="NetworkPolicy is invalid: spec.egress"):
            config.install(CHARTS / "conduit", "other-conduit", invalid, timeout=TIMEOUT_SECONDS)


def test_references_are_found_anywhere_in_a_pod() -> None:
    (deployment,) = Case("conduit", "cloudnativepg").objects("Deployment")
    assert set(references(deployment["spec"]["template"]["spec"])) == {
        ("Secret", "conduit-jwt"), ("Secret", "conduit-db-app"), ("Secret", "conduit-db-ca"), ("ServiceAccount", "conduit")}  # fmt: skip
