"""Argo CD chart, and references between charts: each uses the name that the other chart defines."""

import helm_python as helm
import pytest
import yaml

from charts import CHARTS, ROOT, Case, Object, cases, labels, pod_templates, render
from cluster.controllers import OPERATOR_SECRETS, references

SITE = Case("argocd", "site")


def wave(obj: Object) -> int:
    return int(obj["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))


def third_party(path: str) -> Object:
    values: Object = yaml.safe_load((CHARTS / path).read_text())
    return values


def test_dependencies_are_in_earlier_waves() -> None:
    waves = {item["metadata"]["name"]: wave(item) for item in SITE.objects("Application")}
    assert (
        waves["secrets"]
        < waves["cloudnative-pg"]
        == waves["eck-operator"]
        < waves["logs"]
        < waves["observability"]
        < waves["traefik"]
    )
    assert waves["traefik"] < waves["ingress"] == waves["conduit"]
    assert all(wave(item) < min(waves.values()) for item in SITE.objects("AppProject"))


@pytest.mark.parametrize("case", [case for case in cases() if case.chart != "argocd"], ids=str)
def test_no_object_depends_on_a_later_wave(case: Case) -> None:
    """Argo CD starts the next wave only when all of the current one is healthy."""
    wave_of = {(item["kind"], item["metadata"]["name"]): wave(item) for item in case.objects()}
    for item in case.objects():
        wave_of |= {
            ("Secret", f"{item['metadata']['name']}-{suffix}"): wave(item) for suffix in OPERATOR_SECRETS.get(item["kind"], [])
        }
    for obj, template in pod_templates(case.objects()):
        is_hook = "argocd.argoproj.io/hook" in obj["metadata"].get("annotations", {})
        for needed in set(references(template["spec"])) & wave_of.keys():
            assert wave_of[needed] < wave(obj) if is_hook else wave_of[needed] <= wave(obj), (obj["kind"], needed)


def test_the_site_application_renders_the_same_site() -> None:
    """The values in the Application `site` render to what was applied by hand."""
    for case in cases("argocd"):
        site = case.object("Application", "site")
        assert site["spec"]["source"]["path"] == "helm/argocd"
        assert render("argocd", site["spec"]["source"]["helm"]["valuesObject"]) == case.objects()


def test_application_sources_exist_and_accept_their_values() -> None:
    for case in cases("argocd"):
        for application in case.objects("Application"):
            spec = application["spec"]
            for source in spec.get("sources", [spec.get("source")]):
                for file in source.get("helm", {}).get("valueFiles", []):
                    assert (ROOT / file.removeprefix("$repository/")).is_file()
                path = source.get("path", "")
                if path.startswith("helm/"):
                    assert render(path.removeprefix("helm/"), source["helm"].get("valuesObject", {})) is not None


def test_applications_stay_within_the_project() -> None:
    for case in cases("argocd"):
        (project,) = case.objects("AppProject")
        namespaces = {item["namespace"] for item in project["spec"]["destinations"]}
        for application in case.objects("Application"):
            spec = application["spec"]
            assert spec["project"] == project["metadata"]["name"]
            assert spec["destination"]["namespace"] in namespaces
            assert {item["repoURL"] for item in spec.get("sources", [spec.get("source")])} <= set(project["spec"]["sourceRepos"])
            assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


def test_versions_of_third_party_charts_are_pinned() -> None:
    for application in SITE.objects("Application"):
        for source in application["spec"].get("sources", []):
            if "chart" in source:
                assert source["targetRevision"].count(".") == 2 and source["targetRevision"][0].isdigit()


def test_the_application_runs_in_a_restricted_namespace() -> None:
    application = SITE.object("Application", "conduit")
    level = application["spec"]["syncPolicy"]["managedNamespaceMetadata"]["labels"]
    assert level == {"pod-security.kubernetes.io/enforce": "restricted"}


def test_releases_have_the_names_that_other_charts_expect() -> None:
    """Prometheus selects by its release's name; Services are named after releases."""
    stack = third_party("observability/third-party/kube-prometheus-stack.yaml")
    release = SITE.object("Application", "observability")["spec"]["sources"][0]["helm"]["releaseName"]
    conduit, ingress = third_party("conduit/values.yaml"), third_party("ingress/values.yaml")
    assert conduit["monitoring"]["labels"] == {"release": release} == {"release": "observability"}
    assert third_party("ingress/third-party/traefik.yaml")["metrics"]["prometheus"]["serviceMonitor"]["additionalLabels"] == {
        "release": release
    }
    sidecar = stack["grafana"]["sidecar"]["dashboards"]
    assert conduit["monitoring"]["dashboards"]["labels"] == {sidecar["label"]: sidecar["labelValue"]}
    assert sidecar["folderAnnotation"] == "grafana_folder"
    assert ingress["prometheus"]["service"] == f"{stack['fullnameOverride']}-prometheus"
    assert ingress["alertmanager"]["service"] == f"{stack['fullnameOverride']}-alertmanager"
    assert ingress["grafana"]["service"] == stack["grafana"]["fullnameOverride"]
    logs = SITE.object("Application", "logs")["spec"]["source"]["helm"]["releaseName"]
    assert ingress["kibana"]["service"] == f"{logs}-kb-http"
    (datasource,) = stack["grafana"]["additionalDataSources"]
    assert datasource["url"] == f"https://{logs}-es-http.observability.svc:9200"
    assert [item["secretName"] for item in stack["grafana"]["extraSecretMounts"]] == [f"{logs}-es-http-certs-public"]
    reader = SITE.object("Application", "logs")["spec"]["source"]["helm"]["valuesObject"]["elasticsearch"]["readerSecret"]
    assert {item["secretKeyRef"]["name"] for item in stack["grafana"]["envValueFrom"].values()} == {reader}


def test_namespaces_have_the_names_that_other_charts_expect() -> None:
    namespaces = {item["metadata"]["name"]: item["spec"]["destination"]["namespace"] for item in SITE.objects("Application")}
    policy, logs = third_party("conduit/values.yaml")["networkPolicy"], third_party("observability/values.yaml")["networkPolicy"]
    assert (
        policy["ingressController"]["namespace"]
        == logs["ingressController"]["namespace"]
        == namespaces["traefik"]
        == namespaces["ingress"]
    )
    assert policy["monitoring"]["namespace"] == logs["grafana"]["namespace"] == namespaces["observability"] == namespaces["logs"]
    assert policy["cloudnativepg"]["namespace"] == namespaces["cloudnative-pg"]
    assert logs["operator"]["namespace"] == namespaces["eck-operator"]
    ingress = third_party("ingress/values.yaml")
    assert {ingress[item]["namespace"] for item in ("grafana", "prometheus", "alertmanager", "kibana")} == {
        namespaces["observability"]
    }
    assert ingress["argocd"]["namespace"] == namespaces["site"]


def test_no_chart_holds_a_secret() -> None:
    for case in cases():
        for obj in case.objects("Secret"):
            assert obj["stringData"].keys() == {"roles.yml"}, labels(obj)


REJECTED = [
    ({}, "repository.url is empty: name the Git repository with these charts"),
    ({}, "conduit.values is empty: the application's chart needs image.repository"),
    ({"secrets": {"enabled": True}}, "secrets.path is empty"),
    ({"eckOperator": {"enabled": False}}, "logs.enabled needs eckOperator.enabled"),
    ({"logs": {"enabled": False}}, "kubePrometheusStack.enabled needs logs.enabled"),
    ({"repository": {"url": "a b"}}, "'/repository/url'"),
    ({"traefik": {"version": "latest"}}, "'/traefik/version'"),
    ({"repo": "a"}, "additional properties 'repo' not allowed"),
]


@pytest.mark.parametrize("values, expected", REJECTED)
def test_wrong_values_are_rejected_with_an_explanation(values: Object, expected: str) -> None:
    with pytest.raises(helm.HelmError) as error:
        render("argocd", values)
    assert expected in str(error.value)
