"""The ingress chart: operators get in, each to a Service that is there, and nobody gets in without a password."""

import helm_python as helm
import pytest

from charts import Case, Object, render

EVERYTHING = Case("ingress", "everything")


def test_every_way_in_leads_to_its_service() -> None:
    found = {}
    for route in EVERYTHING.objects("IngressRoute"):
        assert route["spec"]["tls"] == {} and route["spec"]["entryPoints"] == ["websecure"]
        for rule in route["spec"]["routes"]:
            (service,) = rule["services"]
            found[rule["match"]] = (route["metadata"]["namespace"], service["name"], service["port"], service.get("scheme", "http"))
    assert found == {
        "Host(`grafana.example.com`)": ("observability", "grafana", 80, "http"),
        "Host(`prometheus.example.com`)": ("observability", "observability-prometheus", 9090, "http"),
        "Host(`alertmanager.example.com`)": ("observability", "observability-alertmanager", 9093, "http"),
        "Host(`kibana.example.com`)": ("observability", "logs-kb-http", 5601, "https"),
        "Host(`argocd.example.com`)": ("argocd", "argocd-server", 80, "http"),
        "Host(`argocd.example.com`) && Header(`Content-Type`, `application/grpc`)": ("argocd", "argocd-server", 80, "h2c"),
    }


def test_what_has_no_password_of_its_own_gets_one_and_all_know_the_operators_addresses() -> None:
    for route in EVERYTHING.objects("IngressRoute"):
        name, namespace = route["metadata"]["name"], route["metadata"]["namespace"]
        for rule in route["spec"]["routes"]:
            chain = [it["name"] for it in rule["middlewares"]]
            assert chain == [f"{name}-operators"] + ([f"{name}-password"] if name in {"prometheus", "alertmanager"} else [])
            for middleware in chain:
                assert EVERYTHING.object("Middleware", middleware)["metadata"]["namespace"] == namespace
    assert EVERYTHING.object("Middleware", "prometheus-password")["spec"]["basicAuth"]["secret"] == "operators"
    assert EVERYTHING.object("Middleware", "argocd-operators")["spec"]["ipAllowList"]["sourceRange"] == ["10.0.0.0/8", "192.0.2.7"]


def test_kibanas_own_authority_is_believed_and_no_other() -> None:
    transport = EVERYTHING.object("ServersTransport", "kibana")
    assert transport["spec"] == {
        "serverName": "logs-kb-http.observability.svc",
        "rootCAs": [{"secret": "logs-kb-http-certs-public"}],
    }
    (rule,) = EVERYTHING.object("IngressRoute", "kibana")["spec"]["routes"]
    assert rule["services"][0]["serversTransport"] == "kibana"


def test_traefik_shows_one_certificate_where_a_route_names_none() -> None:
    store = EVERYTHING.object("TLSStore", "default")
    assert store["spec"] == {"defaultCertificate": {"secretName": "wildcard"}}


def test_there_is_no_way_in_unless_somebody_asks_for_it() -> None:
    assert Case("ingress", "nothing").objects() == []
    assert [it["metadata"]["name"] for it in Case("ingress", "grafana").objects()] == ["grafana"]


REFUSED = [
    ({"grafana": {"enabled": True}}, "grafana.host is empty: name its host, such as grafana.example.com"),
    ({"prometheus": {"enabled": True, "host": "a.example"}}, "basicAuth.existingSecret is empty: name a Secret, made by: htpasswd"),
    ({"prometheus": {"enable": True}}, "additional properties 'enable' not allowed"),
    ({"allowedAddresses": ["everywhere"]}, "'/allowedAddresses/0'"),
]


@pytest.mark.parametrize("values, expected", REFUSED)
def test_wrong_values_are_refused_with_words(values: Object, expected: str) -> None:
    with pytest.raises(helm.HelmError) as refusal:
        render("ingress", values)
    assert expected in str(refusal.value)
