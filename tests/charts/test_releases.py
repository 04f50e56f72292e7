"""Releases: Helm's engine installs, upgrades, rolls back and uninstalls against an API that validates, merges and refuses."""

import threading
from pathlib import Path
from typing import Iterator

import helm_python as helm
import pytest

from charts import CHARTS, NAMESPACE, RELEASE, Case, Object, cases
from cluster.controllers import MADE, references
from cluster.server import Cluster

SECONDS = 30  # that an operation may take

# Sets whose whole life is watched, with Helm waiting for readiness; the others are installed and upgraded without.
WATCHED = ["cloudnativepg-backup", "everything-on", "migration-job", "standalone-site"]
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
        qps=1000,  # the client is gentle otherwise
        burst_limit=1000,
    )


def stored(cluster: Cluster) -> set[tuple[str, str]]:
    """What the release has made: without what was there, and what operators make."""
    made_by_operators = {("Secret", f"{name}-{suffix}") for kind in MADE for name in cluster.names(kind) for suffix in MADE[kind]}
    everything = {(kind, name) for kind, _, name in cluster.store.objects}
    return everything - set(PREREQUISITES) - made_by_operators


def wanted(case: Case) -> set[tuple[str, str]]:
    return {(found["kind"], found["metadata"]["name"]) for found in case.objects()}


@pytest.mark.parametrize("name", WATCHED)
def test_the_life_of_a_release(cluster: Cluster, name: str) -> None:
    case = Case("conduit", name)
    chart = CHARTS / "conduit"
    with connect(cluster) as config:
        first = config.install(chart, RELEASE, case.values, wait="watcher", timeout=SECONDS)
        assert (first["revision"], first["status"]) == (1, "deployed")
        assert stored(cluster) == wanted(case)
        before = servers(cluster)

        changed = case.values | {"podAnnotations": {"example.com/changed": "yes"}}
        second = config.upgrade(chart, RELEASE, changed, wait="watcher", timeout=SECONDS)
        assert (second["revision"], second["status"]) == (2, "deployed")
        assert servers(cluster)["spec"]["template"]["metadata"]["annotations"]["example.com/changed"] == "yes"

        config.rollback(RELEASE, version=1, wait="watcher", timeout=SECONDS)
        assert [it["status"] for it in config.history(RELEASE)] == ["superseded", "superseded", "deployed"]
        assert servers(cluster)["spec"] == before["spec"]
        assert stored(cluster) == wanted(case)

        config.uninstall(RELEASE, wait="watcher", timeout=SECONDS)
    left = {(it["kind"], it["metadata"]["name"]) for it in case.objects() if it["kind"] in {"Cluster", "Job"}}
    assert stored(cluster) == left  # a database's data, and the last hook's log


def test_the_life_of_the_logs(cluster: Cluster) -> None:
    case = Case("observability", "logs")
    with connect(cluster) as config:
        config.install(CHARTS / "observability", RELEASE, case.values, wait="watcher", timeout=SECONDS)
        assert stored(cluster) == wanted(case)
        config.uninstall(RELEASE, wait="watcher", timeout=SECONDS)
    assert stored(cluster) == {("Elasticsearch", "conduit")}


def servers(cluster: Cluster) -> Object:
    return cluster.store.get(
        "Deployment", NAMESPACE, next(it for it in cluster.names("Deployment") if not it.endswith("-frontend"))
    )


@pytest.mark.parametrize("case", cases(), ids=str)
def test_installs_and_upgrades_to_a_new_version(cluster: Cluster, case: Case, tmp_path: Path) -> None:
    """A new version of the program and of the chart changes nothing that cannot be changed."""
    newer = helm.package(CHARTS / case.chart, destination=tmp_path, version="9.9.9", app_version="9.9.9")
    with connect(cluster) as config:
        config.install(CHARTS / case.chart, RELEASE, case.values, timeout=SECONDS)
        assert stored(cluster) == wanted(case)
        upgraded = config.upgrade(newer, RELEASE, case.values, timeout=SECONDS)
        assert (upgraded["revision"], upgraded["status"]) == (2, "deployed")
        assert stored(cluster) == wanted(case)


def test_an_upgrade_leaves_the_number_of_servers_to_the_autoscaler(cluster: Cluster) -> None:
    case = Case("conduit", "autoscaling")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, case.values, timeout=SECONDS)
        with cluster.store.changed:
            servers(cluster)["spec"]["replicas"] = 5  # as the autoscaler does
        config.upgrade(CHARTS / "conduit", RELEASE, case.values | {"podAnnotations": {"a": "b"}}, timeout=SECONDS)
        assert servers(cluster)["spec"]["replicas"] == 5


def test_from_one_server_to_all_that_there_is_and_back(cluster: Cluster) -> None:
    """Features come and go with an upgrade; what goes is removed."""
    small, large = Case("conduit", "external"), Case("conduit", "monitoring")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, small.values, timeout=SECONDS)
        for case in (large, small):
            config.upgrade(CHARTS / "conduit", RELEASE, case.values, timeout=SECONDS)
            assert stored(cluster) == wanted(case)


def test_the_job_migrates_before_anything_else_changes(cluster: Cluster) -> None:
    case = Case("conduit", "migration-job")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, case.values, timeout=SECONDS)
        start = len(cluster.store.log)
        config.upgrade(CHARTS / "conduit", RELEASE, case.values | {"replicas": 3}, timeout=SECONDS)
    events = [(what, found["kind"]) for _, what, found in cluster.store.log[start:]]
    assert events[0] == ("DELETED", "Job") and events[1] == ("ADDED", "Job")
    assert events.index(("MODIFIED", "Deployment")) > 1


def test_an_upgrade_whose_migration_fails_changes_nothing(cluster: Cluster) -> None:
    case = Case("conduit", "migration-job")
    with connect(cluster) as config:
        config.install(CHARTS / "conduit", RELEASE, case.values, timeout=SECONDS)
        before = servers(cluster)
        cluster.store.delete("Secret", NAMESPACE, "conduit-owner")
        with pytest.raises(helm.HelmReleaseError, match="pre-upgrade hooks failed"):
            config.upgrade(CHARTS / "conduit", RELEASE, case.values | {"replicas": 3}, timeout=SECONDS)
        assert servers(cluster) == before
        assert [it["status"] for it in config.history(RELEASE)] == ["deployed", "failed"]


def test_servers_without_their_secret_are_seen_to_be_missing(cluster: Cluster) -> None:
    cluster.store.delete("Secret", NAMESPACE, "conduit-jwt")
    with connect(cluster) as config, pytest.raises(helm.HelmError, match="Deployment/conduit/conduit not ready"):
        config.install(CHARTS / "conduit", RELEASE, Case("conduit", "external").values, wait="watcher", timeout=3)


def test_servers_wait_for_the_secret_and_then_start(cluster: Cluster) -> None:
    cluster.store.delete("Secret", NAMESPACE, "conduit-jwt")
    later = threading.Timer(1, lambda: cluster.add("Secret", NAMESPACE, "conduit-jwt"))
    later.start()
    with connect(cluster) as config:
        release = config.install(CHARTS / "conduit", RELEASE, Case("conduit", "external").values, wait="watcher", timeout=SECONDS)
    later.join()
    assert release["status"] == "deployed"


def test_two_releases_live_side_by_side(cluster: Cluster) -> None:
    case = Case("conduit", "standalone-site")
    with connect(cluster) as config:
        for release in ("conduit", "staging"):
            config.install(CHARTS / "conduit", release, case.values, timeout=SECONDS)
    assert cluster.names("Deployment") == ["conduit", "conduit-frontend", "staging-conduit", "staging-conduit-frontend"]
    selectors = [
        it["spec"]["selector"] for (kind, _, _), it in cluster.store.objects.items() if kind in {"Deployment", "StatefulSet"}
    ]
    assert len({str(selector) for selector in selectors}) == len(selectors) == 6


def test_the_cluster_of_these_tests_refuses_what_a_real_one_refuses(cluster: Cluster) -> None:
    """Or else the tests above would show nothing."""
    with connect(cluster) as config:
        values = Case("conduit", "standalone").values
        config.install(CHARTS / "conduit", RELEASE, values, timeout=SECONDS)
        values["database"]["standalone"]["storage"] = {"size": "99Gi"}
        with pytest.raises(helm.HelmReleaseError, match="field is immutable: volumeClaimTemplates"):
            config.upgrade(CHARTS / "conduit", RELEASE, values, timeout=SECONDS)
        bad = values | {"networkPolicy": {"extraEgress": [{"ports": [{"prot": 1}]}]}}
        with pytest.raises(helm.HelmReleaseError, match="NetworkPolicy is invalid: spec.egress"):
            config.install(CHARTS / "conduit", "other-conduit", bad, timeout=SECONDS)


def test_references_are_found_wherever_a_pod_has_them() -> None:
    (database,) = Case("conduit", "cloudnativepg").objects("Deployment")
    found = set(references(database["spec"]["template"]["spec"]))
    assert found == {
        ("Secret", "conduit-jwt"), ("Secret", "conduit-db-app"), ("Secret", "conduit-db-ca"), ("ServiceAccount", "conduit")}  # fmt: skip
