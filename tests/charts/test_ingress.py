"""Ingress chart: every route leads to an existing Service and requires a password."""

import helm_python as helm
import pytest

from charts import Case, Object, render

EVERYTHING = Case("ingress", "everything")


def test_every_route_leads_to_its_service() -> None:
    targets = {}
    for route in EVERYTHING.objects("IngressRoute"):
        assert route["spec"]["tls"] == {} and route["spec"]["entryPoints"] == ["websecure"]
        for rule in route["spec"]["routes"]:
            (service,) = rule["services"]
            targets[rule["match"]] = (
                route["metadata"]["namespace"],
                service["name"],
                service["port"],
                service.get("scheme", "http"),
            )
    assert targets == {
        "Host(`grafana.example.com`)": ("observability", "grafana", 80, "http"),
        "Host(`prometheus.example.com`)": ("observability", "observability-prometheus", 9090, "http"),
        "Host(`alertmanager.example.com`)": ("observability", "observability-alertmanager", 9093, "http"),
        "Host(`kibana.example.com`)": ("observability", "logs-kb-http", 5601, "https"),
        "Host(`argocd.example.com`)": ("argocd", "argocd-server", 80, "http"),
        "Host(`argocd.example.com`) && Header(`Content-Type`, `application/grpc`)": ("argocd", "argocd-server", 80, "h2c"),
    }


def test_services_without_authentication_get_a_password_and_all_filter_by_address() -> None:
    for route in EVERYTHING.objects("IngressRoute"):
        name, namespace = route["metadata"]["name"], route["metadata"]["namespace"]
        for rule in route["spec"]["routes"]:
            middlewares = [item["name"] for item in rule["middlewares"]]
            assert middlewares == [f"{name}-operators"] + ([f"{name}-password"] if name in {"prometheus", "alertmanager"} else [])
            for middleware in middlewares:
                assert EVERYTHING.object("Middleware", middleware)["metadata"]["namespace"] == namespace
    assert EVERYTHING.object("Middleware", "prometheus-password")["spec"]["basicAuth"]["secret"] == "operators"
    assert EVERYTHING.object("Middleware", "argocd-operators")["spec"]["ipAllowList"]["sourceRange"] == ["10.0.0.0/8", "192.0.2.7"]


def test_only_kibanas_own_ca_is_trusted() -> None:
    transport = EVERYTHING.object("ServersTransport", "kibana")
    assert transport["spec"] == {
        "serverName": "logs-kb-http.observability.svc",
        "rootCAs": [{"secret": "logs-kb-http-certs-public"}],
    }
    (rule,) = EVERYTHING.object("IngressRoute", "kibana")["spec"]["routes"]
    assert rule["services"][0]["serversTransport"] == "kibana"


def test_routes_without_a_certificate_share_the_default_one() -> None:
    store = EVERYTHING.object("TLSStore", "default")
    assert store["spec"] == {"defaultCertificate": {"secretName": "wildcard"}}


def test_no_route_exists_by_default() -> None:
    assert Case("ingress", "nothing").objects() == []
    assert [item["metadata"]["name"] for item in Case("ingress", "grafana").objects()] == ["grafana"]


REJECTED = [
    ({"grafana": {"enabled": True}}, "grafana.host is empty: name its host, such as grafana.example.com"),
    ({"prometheus": {"enabled": True, "host": "a.example"}}, "basicAuth.existingSecret is empty: name a Secret, made by: htpasswd"),
    ({"prometheus": {"enable": True}}, "additional properties 'enable' not allowed"),
    ({"allowedAddresses": ["everywhere"]}, "'/allowedAddresses/0'"),
]


@pytest.mark.parametrize("values, expected", REJECTED)
def test_wrong_values_are_rejected_with_an_explanation(values: Object, expected: str) -> None:
    with pytest.raises(helm.HelmError) as error:
        render("ingress", values)
    assert expected in str(error.value)
