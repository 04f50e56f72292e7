"""What refers to what: Services to Pods, routes to Services, monitors to Services, autoscalers to Deployments; and Argo CD's waves."""

import json
import re

import pytest
import yaml

from charts import CHARTS, Case, Object, cases, containers, labels, pod_templates


def selected(case: Case, wanted: dict[str, str]) -> list[Object]:
    """Pod templates with these labels."""
    return [template for _, template in pod_templates(case.objects()) if wanted.items() <= labels(template).items()]


def service_port(case: Case, name: str, port: str | int) -> Object:
    ports: list[Object] = case.object("Service", name)["spec"]["ports"]
    (found,) = [it for it in ports if port in (it["name"], it["port"])]
    return found


def component(found: Object) -> str:
    return labels(found)["app.kubernetes.io/component"]


@pytest.mark.parametrize("case", cases(), ids=str)
def test_selectors_match_the_pods_below_them_and_no_others(case: Case) -> None:
    for found, template in pod_templates(case.objects()):
        if "selector" in found["spec"]:
            assert selected(case, found["spec"]["selector"]["matchLabels"]) == [template]
            for constraint in template["spec"].get("topologySpreadConstraints", []):
                assert selected(case, constraint["labelSelector"]["matchLabels"]) == [template]
    for found in case.objects("PodDisruptionBudget"):
        (template,) = selected(case, found["spec"]["selector"]["matchLabels"])
        assert component(template) == component(found)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_services_lead_to_ports_that_exist(case: Case) -> None:
    for service in case.objects("Service"):
        (template,) = selected(case, service["spec"]["selector"])
        ports = [port for container in containers(template) for port in container.get("ports", [])]
        for port in service["spec"]["ports"]:
            assert port["protocol"] == "TCP"  # without it, Argo CD sees a difference for ever
            assert port["targetPort"] in {it["name"] for it in ports}


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_the_metrics_are_behind_a_service_of_their_own(case: Case) -> None:
    services = {it["metadata"]["name"]: {port["targetPort"] for port in it["spec"]["ports"]} for it in case.objects("Service")}
    assert [ports for ports in services.values() if "metrics" in ports] == [{"metrics"}]


def routes_of(case: Case) -> list[tuple[str, str, str]]:
    """Host, path and component for every route, however it is written."""
    found = []
    for route in case.objects("IngressRoute"):
        for rule in route["spec"]["routes"]:
            assert re.sub(r"Host\(`[^`]+`\)|Path(Prefix)?\(`/api/?`\)|&&|\|\||[() ]", "", rule["match"]) == ""
            (service,) = rule["services"]
            is_api = "PathPrefix(`/api/`)" in rule["match"] and "Path(`/api`)" in rule["match"]
            assert rule["priority"] == (20 if is_api else 10)
            service_port(case, service["name"], service["port"])
            for host in re.findall(r"Host\(`([^`]+)`\)", rule["match"]):
                found.append((host, "/api" if is_api else "/", component(case.object("Service", service["name"]))))
    for ingress in case.objects("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["pathType"] == "Prefix"
                backend = path["backend"]["service"]
                service_port(case, backend["name"], backend["port"]["name"])
                found.append((rule["host"], path["path"], component(case.object("Service", backend["name"]))))
    for route in case.objects("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            ((match,), (backend,)) = rule["matches"], rule["backendRefs"]
            assert match["path"]["type"] == "PathPrefix"
            service_port(case, backend["name"], backend["port"])
            target = component(case.object("Service", backend["name"]))
            found += [(host, match["path"]["value"], target) for host in route["spec"]["hostnames"]]
    return sorted(found)


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_the_api_and_the_front_end_are_where_they_should_be(case: Case) -> None:
    routes = case.values.get("routes", {})
    wanted = [(host, "/api", "backend") for host in routes.get("hosts", [])]
    if case.values.get("frontend", {}).get("enabled"):
        wanted += [(host, "/", "frontend") for host in routes.get("hosts", [])]
    assert routes_of(case) == sorted(wanted)
    kind = {"traefik": "IngressRoute", "ingress": "Ingress", "gateway": "HTTPRoute"}.get(routes.get("kind", "none"))
    assert {it["kind"] for it in case.objects() if it["kind"] in {"IngressRoute", "Ingress", "HTTPRoute"}} == (
        {kind} if kind else set()
    )


def test_the_way_in_is_https_unless_somebody_says_otherwise() -> None:
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
    for name, (kind, wanted) in tls.items():
        (route,) = Case("conduit", name).objects(kind)
        assert route["spec"].get("tls") == wanted, name


def test_an_autoscaler_has_the_deployment_for_itself() -> None:
    for name in ("autoscaling", "everything-on"):
        case = Case("conduit", name)
        (scaler,) = case.objects("HorizontalPodAutoscaler")
        deployment = case.object("Deployment", scaler["spec"]["scaleTargetRef"]["name"])
        assert component(deployment) == "backend"
        assert "replicas" not in deployment["spec"]
    (deployment,) = Case("conduit", "external").objects("Deployment")
    assert deployment["spec"]["replicas"] == 2


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_prometheus_finds_what_is_for_it(case: Case) -> None:
    for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule"):
        for found in case.objects(kind):
            assert labels(found)["release"] == "observability"
    for monitor in case.objects("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        (service,) = [it for it in case.objects("Service") if wanted.items() <= labels(it).items()]
        assert labels(service)[monitor["spec"]["jobLabel"]] == "conduit"
        (endpoint,) = monitor["spec"]["endpoints"]
        service_port(case, service["metadata"]["name"], endpoint["port"])
    for monitor in case.objects("PodMonitor"):
        (cluster,) = case.objects("Cluster")
        assert monitor["spec"]["selector"]["matchLabels"]["cnpg.io/cluster"] == cluster["metadata"]["name"]


def test_rules_reach_prometheus_word_for_word() -> None:
    """With their own {{ templates }}, which Helm must not try to fill in."""
    files = sorted((CHARTS / "conduit/rules").glob("*.yaml"))
    assert files
    case = Case("conduit", "monitoring")
    for file in files:
        found = case.object("PrometheusRule", f"conduit-{file.stem}")
        assert found["spec"] == yaml.safe_load(file.read_text())
    assert len(case.objects("PrometheusRule")) == len(files)


def test_dashboards_reach_grafana_word_for_word() -> None:
    files = sorted((CHARTS / "conduit/dashboards").glob("*.json"))
    case = Case("conduit", "monitoring")
    for file in files:
        found = case.object("ConfigMap", f"conduit-dashboard-{file.stem}")
        assert labels(found)["grafana_dashboard"] == "1"
        assert found["metadata"]["annotations"] == {"grafana_folder": "Conduit"}
        assert json.loads(found["data"][file.name]) == json.loads(file.read_text())
    assert len(case.objects("ConfigMap")) == len(files)


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_argo_cd_makes_the_database_first_then_migrates_then_serves(case: Case) -> None:
    def wave(found: Object) -> int:
        return int(found["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))

    for found in case.objects():
        wanted = {"StatefulSet": -2, "Cluster": -2, "Job": -1, "Deployment": 0}.get(found["kind"])
        if wanted is not None:
            assert wave(found) == wanted
        if component(found) == "database" and found["kind"] in {"Service", "NetworkPolicy"}:
            assert wave(found) == -2


def test_what_holds_data_outlives_the_release() -> None:
    for case in cases("conduit"):
        for cluster in case.objects("Cluster"):
            assert cluster["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
            assert cluster["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"
        for database in case.objects("StatefulSet"):
            assert set(database["spec"]["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}
