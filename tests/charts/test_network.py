"""Who may talk to whom: the NetworkPolicies played through for every pair that matters, and for some that must not."""

from typing import NamedTuple

import pytest

from charts import Case, Object, cases, containers, labels, pod_templates


class Peer(NamedTuple):
    """A Pod, here or in another namespace."""

    name: str
    namespace: str
    labels: dict[str, str]


def own(case: Case, component: str) -> Peer:
    (template,) = [it for _, it in pod_templates(case.objects()) if labels(it)["app.kubernetes.io/component"] == component]
    return Peer(component, "conduit", labels(template))


DATABASE = {"cnpg.io/cluster": "conduit-db", "cnpg.io/podRole": "instance"}
TRAEFIK = Peer("traefik", "traefik", {"app.kubernetes.io/name": "traefik"})
PROMETHEUS = Peer("prometheus", "observability", {"app.kubernetes.io/name": "prometheus"})
DNS = Peer("dns", "kube-system", {"k8s-app": "kube-dns"})
OPERATOR = Peer("operator", "cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"})
NEIGHBOUR = Peer("neighbour", "conduit", {"app": "neighbour"})
STRANGER = Peer("stranger", "elsewhere", {"app.kubernetes.io/name": "traefik"})
API_SERVER = Peer("api server", "kube-system", {"component": "kube-apiserver"})


def matches(selector: Object, found: dict[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels"}, "this test knows no matchExpressions"
    return bool(selector.get("matchLabels", {}).items() <= found.items())


def is_peer(rule: Object, peer: Peer) -> bool:
    if "ipBlock" in rule:
        return bool(rule["ipBlock"]["cidr"] == f"{peer.name}/32")
    namespace = {"kubernetes.io/metadata.name": peer.namespace}
    here = matches(rule["namespaceSelector"], namespace) if "namespaceSelector" in rule else peer.namespace == "conduit"
    return here and matches(rule.get("podSelector", {}), peer.labels)


def lets_through(case: Case, direction: str, subject: Peer, other: Peer, ports: set[str | int]) -> bool:
    """As a cluster's network plugin decides: nothing selects the Pod, or some rule of one that does allows it."""
    policies = [it["spec"] for it in case.objects("NetworkPolicy")]
    chosen = [it for it in policies if direction in it["policyTypes"] and matches(it["podSelector"], subject.labels)]
    if not chosen or subject.namespace != "conduit":
        return True
    side = "from" if direction == "Ingress" else "to"
    rules = [rule for policy in chosen for rule in policy.get(direction.lower()) or []]
    return any(
        (side not in rule or any(is_peer(peer, other) for peer in rule[side])) and ports & {port["port"] for port in rule["ports"]}
        for rule in rules
    )


def allowed(case: Case, source: Peer, target: Peer, port: int, name: str = "") -> bool:
    ports: set[str | int] = {port, name}
    return lets_through(case, "Egress", source, target, ports) and lets_through(case, "Ingress", target, source, ports)


def test_the_cluster_on_cloudnativepg() -> None:
    case = Case("conduit", "cloudnativepg")
    server, database = own(case, "backend"), Peer("database", "conduit", DATABASE)
    assert allowed(case, server, DNS, 53)
    assert allowed(case, server, database, 5432)
    assert allowed(case, database, database, 5432) and allowed(case, database, database, 8000)
    assert allowed(case, OPERATOR, database, 8000)
    for source, target, port in [
        (server, database, 8000), (server, API_SERVER, 443), (server, STRANGER, 5432), (NEIGHBOUR, database, 5432), (TRAEFIK, database, 5432),
        (TRAEFIK, server, 8080), (PROMETHEUS, server, 9464), (PROMETHEUS, database, 9187), (NEIGHBOUR, server, 8080),
    ]:  # fmt: skip
        assert not allowed(case, source, target, port, "http"), (source.name, target.name, port)


def test_the_whole_site() -> None:
    values = Case("conduit", "everything-on")
    server, front = own(values, "backend"), own(values, "frontend")
    database = Peer("database", "conduit", {"cnpg.io/cluster": values.objects("Cluster")[0]["metadata"]["name"]})
    for source, target, port, name in [
        (TRAEFIK, server, 8080, "http"), (TRAEFIK, front, 3000, "http"), (front, server, 8080, "http"), (PROMETHEUS, server, 9464, "metrics"),
        (PROMETHEUS, database, 9187, "metrics"), (server, database, 5432, ""), (server, DNS, 53, ""), (front, DNS, 53, ""),
        (server, Peer("10.9.8.7", "outside", {}), 4317, ""), (Peer("smoke", "smoke", {}), server, 8080, "http"),
    ]:  # fmt: skip
        assert allowed(values, source, target, port, name), (source.name, target.name, port)
    for source, target, port, name in [
        (TRAEFIK, server, 9464, "metrics"), (front, server, 9464, "metrics"), (front, database, 5432, ""), (STRANGER, server, 8080, "http"),
        (PROMETHEUS, server, 8080, "http"), (PROMETHEUS, front, 3000, "http"), (front, STRANGER, 443, ""), (server, front, 3000, "http"),
        (server, Peer("10.9.8.6", "outside", {}), 4317, ""), (server, Peer("10.9.8.7", "outside", {}), 443, ""),
    ]:  # fmt: skip
        assert not allowed(values, source, target, port, name), (source.name, target.name, port)


def test_the_database_to_try_things_out() -> None:
    case = Case("conduit", "standalone")
    server, database = own(case, "backend"), own(case, "database")
    assert allowed(case, server, database, 5432)
    assert not allowed(case, database, DNS, 53) and not allowed(case, database, STRANGER, 443)
    assert not allowed(case, NEIGHBOUR, database, 5432)


def test_a_database_elsewhere() -> None:
    anywhere, there = Case("conduit", "external"), Case("conduit", "external-private-authority")
    inside, outside = Peer("10.1.2.3", "outside", {}), Peer("10.1.2.9", "outside", {})
    assert allowed(anywhere, own(anywhere, "backend"), outside, 5432)
    assert not allowed(anywhere, own(anywhere, "backend"), outside, 443)
    assert allowed(there, own(there, "backend"), inside, 6432)
    assert not allowed(there, own(there, "backend"), outside, 6432)
    assert not allowed(there, own(there, "backend"), inside, 5432)
    job = Case("conduit", "migration-job")
    assert allowed(job, own(job, "migration"), outside, 5432) and not allowed(job, own(job, "migration"), outside, 443)
    assert allowed(job, own(job, "migration"), outside, 5433), "where the owner's URL does not lead through the pooler"


@pytest.mark.parametrize("case", [case for case in cases("conduit") if case.name != "everything-off"], ids=str)
def test_every_pod_is_selected_in_both_directions(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        chosen = [it["spec"] for it in case.objects("NetworkPolicy") if matches(it["spec"]["podSelector"], labels(template))]
        assert {direction for it in chosen for direction in it["policyTypes"]} == {"Ingress", "Egress"}


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_ports_by_name_exist(case: Case) -> None:
    names = {
        port["name"] for _, template in pod_templates(case.objects()) for it in containers(template) for port in it.get("ports", [])
    }
    for policy in case.objects("NetworkPolicy"):
        for rule in (policy["spec"].get("ingress") or []) + (policy["spec"].get("egress") or []):
            for port in rule["ports"]:
                assert isinstance(port["port"], int) or port["port"] in names
