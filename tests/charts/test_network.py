"""Evaluates the NetworkPolicies for pairs of Pods, both permitted and forbidden ones."""

from typing import NamedTuple

import pytest

from charts import Case, Object, cases, containers, labels, pod_templates


class Peer(NamedTuple):
    """A Pod, in this namespace or another."""

    name: str
    namespace: str
    labels: dict[str, str]


def pod_of(case: Case, component: str) -> Peer:
    (template,) = [item for _, item in pod_templates(case.objects()) if labels(item)["app.kubernetes.io/component"] == component]
    return Peer(component, "conduit", labels(template))


DATABASE = {"cnpg.io/cluster": "conduit-db", "cnpg.io/podRole": "instance"}
TRAEFIK = Peer("traefik", "traefik", {"app.kubernetes.io/name": "traefik"})
PROMETHEUS = Peer("prometheus", "observability", {"app.kubernetes.io/name": "prometheus"})
DNS = Peer("dns", "kube-system", {"k8s-app": "kube-dns"})
OPERATOR = Peer("operator", "cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"})
NEIGHBOUR = Peer("neighbour", "conduit", {"app": "neighbour"})
STRANGER = Peer("stranger", "elsewhere", {"app.kubernetes.io/name": "traefik"})
API_SERVER = Peer("api server", "kube-system", {"component": "kube-apiserver"})


def matches(selector: Object, pod_labels: dict[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels"}, "matchExpressions are not supported by this test"
    return bool(selector.get("matchLabels", {}).items() <= pod_labels.items())


def is_peer(rule: Object, peer: Peer) -> bool:
    if "ipBlock" in rule:
        return bool(rule["ipBlock"]["cidr"] == f"{peer.name}/32")
    namespace = {"kubernetes.io/metadata.name": peer.namespace}
    in_namespace = matches(rule["namespaceSelector"], namespace) if "namespaceSelector" in rule else peer.namespace == "conduit"
    return in_namespace and matches(rule.get("podSelector", {}), peer.labels)


def policies_allow(case: Case, direction: str, subject: Peer, other: Peer, ports: set[str | int]) -> bool:
    """Decides like a network plugin: no policy selects the Pod, or a selecting one allows it."""
    policies = [item["spec"] for item in case.objects("NetworkPolicy")]
    selecting = [item for item in policies if direction in item["policyTypes"] and matches(item["podSelector"], subject.labels)]
    if not selecting or subject.namespace != "conduit":
        return True
    peers_key = "from" if direction == "Ingress" else "to"
    rules = [rule for policy in selecting for rule in policy.get(direction.lower()) or []]
    return any(
        (peers_key not in rule or any(is_peer(peer, other) for peer in rule[peers_key]))
        and ports & {port["port"] for port in rule["ports"]}
        for rule in rules
    )


def allowed(case: Case, source: Peer, target: Peer, port: int, name: str = "") -> bool:
    ports: set[str | int] = {port, name}
    return policies_allow(case, "Egress", source, target, ports) and policies_allow(case, "Ingress", target, source, ports)


def test_only_servers_and_the_operator_reach_a_cloudnativepg_cluster() -> None:
    case = Case("conduit", "cloudnativepg")
    server, database = pod_of(case, "backend"), Peer("database", "conduit", DATABASE)
    assert allowed(case, server, DNS, 53)
    assert allowed(case, server, database, 5432)
    assert allowed(case, database, database, 5432) and allowed(case, database, database, 8000)
    assert allowed(case, OPERATOR, database, 8000)
    for source, target, port in [
        (server, database, 8000), (server, API_SERVER, 443), (server, STRANGER, 5432), (NEIGHBOUR, database, 5432), (TRAEFIK, database, 5432),
        (TRAEFIK, server, 8080), (PROMETHEUS, server, 9464), (PROMETHEUS, database, 9187), (NEIGHBOUR, server, 8080),
    ]:  # fmt: skip
        assert not allowed(case, source, target, port, "http"), (source.name, target.name, port)


def test_each_component_of_a_full_site_reaches_only_its_dependencies() -> None:
    case = Case("conduit", "everything-on")
    server, front = pod_of(case, "backend"), pod_of(case, "frontend")
    database = Peer("database", "conduit", {"cnpg.io/cluster": case.objects("Cluster")[0]["metadata"]["name"]})
    for source, target, port, name in [
        (TRAEFIK, server, 8080, "http"), (TRAEFIK, front, 3000, "http"), (front, server, 8080, "http"), (PROMETHEUS, server, 9464, "metrics"),
        (PROMETHEUS, database, 9187, "metrics"), (server, database, 5432, ""), (server, DNS, 53, ""), (front, DNS, 53, ""),
        (server, Peer("10.9.8.7", "outside", {}), 4317, ""), (Peer("smoke", "smoke", {}), server, 8080, "http"),
    ]:  # fmt: skip
        assert allowed(case, source, target, port, name), (source.name, target.name, port)
    for source, target, port, name in [
        (TRAEFIK, server, 9464, "metrics"), (front, server, 9464, "metrics"), (front, database, 5432, ""), (STRANGER, server, 8080, "http"),
        (PROMETHEUS, server, 8080, "http"), (PROMETHEUS, front, 3000, "http"), (front, STRANGER, 443, ""), (server, front, 3000, "http"),
        (server, Peer("10.9.8.6", "outside", {}), 4317, ""), (server, Peer("10.9.8.7", "outside", {}), 443, ""),
    ]:  # fmt: skip
        assert not allowed(case, source, target, port, name), (source.name, target.name, port)


def test_only_servers_reach_the_standalone_database() -> None:
    case = Case("conduit", "standalone")
    server, database = pod_of(case, "backend"), pod_of(case, "database")
    assert allowed(case, server, database, 5432)
    assert not allowed(case, database, DNS, 53) and not allowed(case, database, STRANGER, 443)
    assert not allowed(case, NEIGHBOUR, database, 5432)


def test_servers_reach_an_external_database_on_its_port_and_addresses_only() -> None:
    anywhere, restricted = Case("conduit", "external"), Case("conduit", "external-private-authority")
    inside, outside = Peer("10.1.2.3", "outside", {}), Peer("10.1.2.9", "outside", {})
    assert allowed(anywhere, pod_of(anywhere, "backend"), outside, 5432)
    assert not allowed(anywhere, pod_of(anywhere, "backend"), outside, 443)
    assert allowed(restricted, pod_of(restricted, "backend"), inside, 6432)
    assert not allowed(restricted, pod_of(restricted, "backend"), outside, 6432)
    assert not allowed(restricted, pod_of(restricted, "backend"), inside, 5432)
    job = Case("conduit", "migration-job")
    assert allowed(job, pod_of(job, "migration"), outside, 5432) and not allowed(job, pod_of(job, "migration"), outside, 443)
    assert allowed(job, pod_of(job, "migration"), outside, 5433), "the owner's URL may bypass the pooler"


@pytest.mark.parametrize("case", [case for case in cases("conduit") if case.name != "everything-off"], ids=str)
def test_policies_restrict_every_pod_in_both_directions(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        selecting = [
            item["spec"] for item in case.objects("NetworkPolicy") if matches(item["spec"]["podSelector"], labels(template))
        ]
        assert {direction for item in selecting for direction in item["policyTypes"]} == {"Ingress", "Egress"}


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_named_ports_exist(case: Case) -> None:
    names = {
        port["name"]
        for _, template in pod_templates(case.objects())
        for item in containers(template)
        for port in item.get("ports", [])
    }
    for policy in case.objects("NetworkPolicy"):
        for rule in (policy["spec"].get("ingress") or []) + (policy["spec"].get("egress") or []):
            for port in rule["ports"]:
                assert isinstance(port["port"], int) or port["port"] in names
