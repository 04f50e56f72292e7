"""References between objects (Services, routes, monitors, autoscalers) and Argo CD's sync waves."""

import json
import re

import pytest
import yaml

from charts import CHARTS, Case, Object, cases, containers, labels, pod_templates


def selected(case: Case, match_labels: dict[str, str]) -> list[Object]:
    """Returns the Pod templates that match a selector."""
    return [template for _, template in pod_templates(case.objects()) if match_labels.items() <= labels(template).items()]


def service_port(case: Case, name: str, port: str | int) -> Object:
    ports: list[Object] = case.object("Service", name)["spec"]["ports"]
    (matching,) = [item for item in ports if port in (item["name"], item["port"])]
    return matching


def component(obj: Object) -> str:
    return labels(obj)["app.kubernetes.io/component"]


@pytest.mark.parametrize("case", cases(), ids=str)
def test_selectors_match_only_the_pods_of_their_owner(case: Case) -> None:
    for obj, template in pod_templates(case.objects()):
        if "selector" in obj["spec"]:
            assert selected(case, obj["spec"]["selector"]["matchLabels"]) == [template]
            for constraint in template["spec"].get("topologySpreadConstraints", []):
                assert selected(case, constraint["labelSelector"]["matchLabels"]) == [template]
    for obj in case.objects("PodDisruptionBudget"):
        (template,) = selected(case, obj["spec"]["selector"]["matchLabels"])
        assert component(template) == component(obj)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_service_ports_exist_in_their_pods(case: Case) -> None:
    for service in case.objects("Service"):
        (template,) = selected(case, service["spec"]["selector"])
        ports = [port for container in containers(template) for port in container.get("ports", [])]
        for port in service["spec"]["ports"]:
            assert port["protocol"] == "TCP"  # without it, Argo CD reports a permanent difference
            assert port["targetPort"] in {item["name"] for item in ports}


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_metrics_have_a_separate_service(case: Case) -> None:
    services = {
        item["metadata"]["name"]: {port["targetPort"] for port in item["spec"]["ports"]} for item in case.objects("Service")
    }
    assert [ports for ports in services.values() if "metrics" in ports] == [{"metrics"}]


def routes_of(case: Case) -> list[tuple[str, str, str]]:
    """Returns host, path and component of every route, for all kinds of routes."""
    routes = []
    for route in case.objects("IngressRoute"):
        for rule in route["spec"]["routes"]:
            assert re.sub(r"Host\(`[^`]+`\)|Path(Prefix)?\(`/api/?`\)|&&|\|\||[() ]", "", rule["match"]) == ""
            (service,) = rule["services"]
            is_api = "PathPrefix(`/api/`)" in rule["match"] and "Path(`/api`)" in rule["match"]
            assert rule["priority"] == (20 if is_api else 10)
            service_port(case, service["name"], service["port"])
            for host in re.findall(r"Host\(`([^`]+)`\)", rule["match"]):
                routes.append((host, "/api" if is_api else "/", component(case.object("Service", service["name"]))))
    for ingress in case.objects("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["pathType"] == "Prefix"
                backend = path["backend"]["service"]
                service_port(case, backend["name"], backend["port"]["name"])
                routes.append((rule["host"], path["path"], component(case.object("Service", backend["name"]))))
    for route in case.objects("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            ((match,), (backend,)) = rule["matches"], rule["backendRefs"]
            assert match["path"]["type"] == "PathPrefix"
            service_port(case, backend["name"], backend["port"])
            target = component(case.object("Service", backend["name"]))
            routes += [(host, match["path"]["value"], target) for host in route["spec"]["hostnames"]]
    return sorted(routes)


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_routes_lead_to_the_api_and_the_front_end(case: Case) -> None:
    routes = case.values.get("routes", {})
    expected = [(host, "/api", "backend") for host in routes.get("hosts", [])]
    if case.values.get("frontend", {}).get("enabled"):
        expected += [(host, "/", "frontend") for host in routes.get("hosts", [])]
    assert routes_of(case) == sorted(expected)
    kind = {"traefik": "IngressRoute", "ingress": "Ingress", "gateway": "HTTPRoute"}.get(routes.get("kind", "none"))
    assert {item["kind"] for item in case.objects() if item["kind"] in {"IngressRoute", "Ingress", "HTTPRoute"}} == (
        {kind} if kind else set()
    )


def test_routes_use_https_by_default() -> None:
    tls = {
        "traefik": ("IngressRoute", {"certResolver": "letsencrypt"}),
        "traefik-api-only": ("IngressRoute", {"secretName": "api-certificate"}),
        "everything-on": ("IngressRoute", {}),
        "standalone-site": ("IngressRoute", None),
        "ingress": (
            "Ingress",
            [{"hosts": ["conduit.example.com", "www.conduit.example.com"], "secretName": "conduit-certificate"}],
        ),
    }
    for name, (kind, expected) in tls.items():
        (route,) = Case("conduit", name).objects(kind)
        assert route["spec"].get("tls") == expected, name


def test_deployment_of_an_autoscaler_sets_no_replicas() -> None:
    for name in ("autoscaling", "everything-on"):
        case = Case("conduit", name)
        (scaler,) = case.objects("HorizontalPodAutoscaler")
        deployment = case.object("Deployment", scaler["spec"]["scaleTargetRef"]["name"])
        assert component(deployment) == "backend"
        assert "replicas" not in deployment["spec"]
    (deployment,) = Case("conduit", "external").objects("Deployment")
    assert deployment["spec"]["replicas"] == 2


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_monitors_and_rules_are_selected_by_prometheus(case: Case) -> None:
    for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule"):
        for obj in case.objects(kind):
            assert labels(obj)["release"] == "observability"
    for monitor in case.objects("ServiceMonitor"):
        match_labels = monitor["spec"]["selector"]["matchLabels"]
        (service,) = [item for item in case.objects("Service") if match_labels.items() <= labels(item).items()]
        assert labels(service)[monitor["spec"]["jobLabel"]] == "conduit"
        (endpoint,) = monitor["spec"]["endpoints"]
        service_port(case, service["metadata"]["name"], endpoint["port"])
    for monitor in case.objects("PodMonitor"):
        (cluster,) = case.objects("Cluster")
        assert monitor["spec"]["selector"]["matchLabels"]["cnpg.io/cluster"] == cluster["metadata"]["name"]


def test_rules_reach_prometheus_verbatim() -> None:
    """The rules contain {{ templates }} of their own, which Helm must not expand."""
    files = sorted((CHARTS / "conduit/rules").glob("*.yaml"))
    assert files
    case = Case("conduit", "monitoring")
    for file in files:
        obj = case.object("PrometheusRule", f"conduit-{file.stem}")
        assert obj["spec"] == yaml.safe_load(file.read_text())
    assert len(case.objects("PrometheusRule")) == len(files)


def test_dashboards_reach_grafana_verbatim() -> None:
    files = sorted((CHARTS / "conduit/dashboards").glob("*.json"))
    case = Case("conduit", "monitoring")
    for file in files:
        obj = case.object("ConfigMap", f"conduit-dashboard-{file.stem}")
        assert labels(obj)["grafana_dashboard"] == "1"
        assert obj["metadata"]["annotations"] == {"grafana_folder": "Conduit"}
        assert json.loads(obj["data"][file.name]) == json.loads(file.read_text())
    assert len(case.objects("ConfigMap")) == len(files)


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_sync_waves_order_database_migration_and_servers(case: Case) -> None:
    def wave(obj: Object) -> int:
        return int(obj["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))

    for obj in case.objects():
        expected = {"StatefulSet": -2, "Cluster": -2, "Job": -1, "Deployment": 0}.get(obj["kind"])
        if expected is not None:
            assert wave(obj) == expected
        if component(obj) == "database" and obj["kind"] in {"Service", "NetworkPolicy"}:
            assert wave(obj) == -2


def test_databases_outlive_the_release() -> None:
    for case in cases("conduit"):
        for cluster in case.objects("Cluster"):
            assert cluster["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
            assert cluster["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"
        for database in case.objects("StatefulSet"):
            assert set(database["spec"]["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}
