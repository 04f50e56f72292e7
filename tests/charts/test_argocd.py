"""The Argo CD chart, and that everything which refers to something of another chart uses its name."""

import helm_python as helm
import pytest
import yaml

from charts import CHARTS, ROOT, Case, Object, cases, labels, pod_templates, render
from cluster.controllers import MADE, references

SITE = Case("argocd", "site")


def wave(found: Object) -> int:
    return int(found["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))


def third_party(path: str) -> Object:
    values: Object = yaml.safe_load((CHARTS / path).read_text())
    return values


def test_what_others_need_comes_first() -> None:
    waves = {it["metadata"]["name"]: wave(it) for it in SITE.objects("Application")}
    assert (
        waves["secrets"]
        < waves["cloudnative-pg"]
        == waves["eck-operator"]
        < waves["logs"]
        < waves["observability"]
        < waves["traefik"]
    )
    assert waves["traefik"] < waves["ingress"] == waves["conduit"]
    assert all(wave(it) < min(waves.values()) for it in SITE.objects("AppProject"))


@pytest.mark.parametrize("case", [case for case in cases() if case.chart != "argocd"], ids=str)
def test_nothing_waits_for_a_later_wave(case: Case) -> None:
    """Argo CD goes on to the next wave only when all of this one is healthy."""
    made_at = {(it["kind"], it["metadata"]["name"]): wave(it) for it in case.objects()}
    for it in case.objects():
        made_at |= {("Secret", f"{it['metadata']['name']}-{suffix}"): wave(it) for suffix in MADE.get(it["kind"], [])}
    for found, template in pod_templates(case.objects()):
        is_hook = "argocd.argoproj.io/hook" in found["metadata"].get("annotations", {})
        for needed in set(references(template["spec"])) & made_at.keys():
            assert made_at[needed] < wave(found) if is_hook else made_at[needed] <= wave(found), (found["kind"], needed)


def test_the_site_renders_itself_again() -> None:
    """What Argo CD renders from the values in the Application is what was applied by hand."""
    for case in cases("argocd"):
        site = case.object("Application", "site")
        assert site["spec"]["source"]["path"] == "helm/argocd"
        assert render("argocd", site["spec"]["source"]["helm"]["valuesObject"]) == case.objects()


def test_applications_name_folders_and_values_that_exist_and_that_their_charts_accept() -> None:
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
        namespaces = {it["namespace"] for it in project["spec"]["destinations"]}
        for application in case.objects("Application"):
            spec = application["spec"]
            assert spec["project"] == project["metadata"]["name"]
            assert spec["destination"]["namespace"] in namespaces
            assert {it["repoURL"] for it in spec.get("sources", [spec.get("source")])} <= set(project["spec"]["sourceRepos"])
            assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


def test_versions_of_other_peoples_charts_are_pinned() -> None:
    for application in SITE.objects("Application"):
        for source in application["spec"].get("sources", []):
            if "chart" in source:
                assert source["targetRevision"].count(".") == 2 and source["targetRevision"][0].isdigit()


def test_the_application_runs_in_a_restricted_namespace() -> None:
    application = SITE.object("Application", "conduit")
    level = application["spec"]["syncPolicy"]["managedNamespaceMetadata"]["labels"]
    assert level == {"pod-security.kubernetes.io/enforce": "restricted"}


def test_releases_have_the_names_that_others_expect() -> None:
    """The label by which Prometheus selects is its release; Services are named after releases and full names."""
    stack = third_party("observability/third-party/kube-prometheus-stack.yaml")
    release = SITE.object("Application", "observability")["spec"]["sources"][0]["helm"]["releaseName"]
    conduit, ways = third_party("conduit/values.yaml"), third_party("ingress/values.yaml")
    assert conduit["monitoring"]["labels"] == {"release": release} == {"release": "observability"}
    assert third_party("ingress/third-party/traefik.yaml")["metrics"]["prometheus"]["serviceMonitor"]["additionalLabels"] == {
        "release": release
    }
    sidecar = stack["grafana"]["sidecar"]["dashboards"]
    assert conduit["monitoring"]["dashboards"]["labels"] == {sidecar["label"]: sidecar["labelValue"]}
    assert sidecar["folderAnnotation"] == "grafana_folder"
    assert ways["prometheus"]["service"] == f"{stack['fullnameOverride']}-prometheus"
    assert ways["alertmanager"]["service"] == f"{stack['fullnameOverride']}-alertmanager"
    assert ways["grafana"]["service"] == stack["grafana"]["fullnameOverride"]
    logs = SITE.object("Application", "logs")["spec"]["source"]["helm"]["releaseName"]
    assert ways["kibana"]["service"] == f"{logs}-kb-http"
    (datasource,) = stack["grafana"]["additionalDataSources"]
    assert datasource["url"] == f"https://{logs}-es-http.observability.svc:9200"
    assert [it["secretName"] for it in stack["grafana"]["extraSecretMounts"]] == [f"{logs}-es-http-certs-public"]
    reader = SITE.object("Application", "logs")["spec"]["source"]["helm"]["valuesObject"]["elasticsearch"]["readerSecret"]
    assert {it["secretKeyRef"]["name"] for it in stack["grafana"]["envValueFrom"].values()} == {reader}


def test_namespaces_have_the_names_that_others_expect() -> None:
    where = {it["metadata"]["name"]: it["spec"]["destination"]["namespace"] for it in SITE.objects("Application")}
    policy, logs = third_party("conduit/values.yaml")["networkPolicy"], third_party("observability/values.yaml")["networkPolicy"]
    assert (
        policy["ingressController"]["namespace"] == logs["ingressController"]["namespace"] == where["traefik"] == where["ingress"]
    )
    assert policy["monitoring"]["namespace"] == logs["grafana"]["namespace"] == where["observability"] == where["logs"]
    assert policy["cloudnativepg"]["namespace"] == where["cloudnative-pg"]
    assert logs["operator"]["namespace"] == where["eck-operator"]
    ways = third_party("ingress/values.yaml")
    assert {ways[it]["namespace"] for it in ("grafana", "prometheus", "alertmanager", "kibana")} == {where["observability"]}
    assert ways["argocd"]["namespace"] == where["site"]


def test_no_chart_holds_a_secret() -> None:
    for case in cases():
        for found in case.objects("Secret"):
            assert found["stringData"].keys() == {"roles.yml"}, labels(found)


REFUSED = [
    ({}, "repository.url is empty: name the Git repository with these charts"),
    ({}, "conduit.values is empty: the application's chart needs image.repository"),
    ({"secrets": {"enabled": True}}, "secrets.path is empty"),
    ({"eckOperator": {"enabled": False}}, "logs.enabled needs eckOperator.enabled"),
    ({"logs": {"enabled": False}}, "kubePrometheusStack.enabled needs logs.enabled"),
    ({"repository": {"url": "a b"}}, "'/repository/url'"),
    ({"traefik": {"version": "latest"}}, "'/traefik/version'"),
    ({"repo": "a"}, "additional properties 'repo' not allowed"),
]


@pytest.mark.parametrize("values, expected", REFUSED)
def test_wrong_values_are_refused_with_words(values: Object, expected: str) -> None:
    with pytest.raises(helm.HelmError) as refusal:
        render("argocd", values)
    assert expected in str(refusal.value)
