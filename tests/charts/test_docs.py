"""docs/deploy.md and the charts' READMEs: the commands and values in them work with the charts."""

import re
from typing import Iterator

import pytest
import yaml

from charts import CHARTS, ROOT, Object, render

DEPLOY = (ROOT / "docs/deploy.md").read_text()
PAGES = {"deploy.md": DEPLOY} | {f"{path.parent.name}/README.md": path.read_text() for path in CHARTS.glob("*/README.md")}
MINIMAL: Object = {"image": {"repository": "registry.example.com/conduit"}, "jwt": {"existingSecret": "conduit-jwt"}}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DEPLOY, re.DOTALL)


def commands(text: str) -> Iterator[str]:
    """Yields shell lines, with continued lines joined."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()


def chart_of(values: Object) -> str:
    return "argocd" if "repository" in values else "conduit"


def test_values_files_in_the_text_are_accepted() -> None:
    documents = [yaml.safe_load(block.replace("IMAGE", "registry.example.com/conduit")) for block in blocks("yaml")]
    values = [item for item in documents if "kind" not in item]
    assert [chart_of(item) for item in values] == ["conduit", "argocd", "conduit"]
    for item in values:
        chart = chart_of(item)
        assert render(chart, MINIMAL | item if chart == "conduit" else item)


def test_values_in_heredocs_are_accepted() -> None:
    heredocs = re.findall(r"helm install ingress helm/ingress .*? <<'END'\n(.*?)END\n", DEPLOY, re.DOTALL)
    assert len(heredocs) == 1
    assert len(render("ingress", yaml.safe_load(heredocs[0]))) > 10


@pytest.mark.parametrize("page", PAGES)
def test_values_set_on_the_command_line_exist(page: str) -> None:
    for command in commands(PAGES[page]):
        chart = re.search(r"\bhelm/(conduit|observability|ingress|argocd)\b", command)
        for path in re.findall(r"--set ([A-Za-z.]+)=", command):
            assert chart, command
            node = yaml.safe_load((CHARTS / chart[1] / "values.yaml").read_text())
            for key in path.split("."):
                assert key in node, f"{chart[1]} has no value {path}"
                node = node[key]


def test_the_trial_installation_is_complete() -> None:
    (command,) = [item for item in commands(DEPLOY) if item.startswith("helm install conduit") and "standalone" in item]
    values: Object = {}
    for path, value in re.findall(r"--set ([A-Za-z.]+)=(\S+)", command):
        node = values
        *groups, last = path.split(".")
        for group in groups:
            node = node.setdefault(group, {})
        node[last] = value.replace("IMAGE", "registry.example.com/conduit")
    assert {item["kind"] for item in render("conduit", values)} >= {"Deployment", "StatefulSet", "Service"}


def test_versions_in_the_text_match_the_chart() -> None:
    values = yaml.safe_load((CHARTS / "argocd/values.yaml").read_text())
    charts = {
        "cloudnative-pg": "cloudnativePg",
        "eck-operator": "eckOperator",
        "kube-prometheus-stack": "kubePrometheusStack",
        "traefik": "traefik",
    }
    for chart, key in charts.items():
        assert f"/{chart} --version {values[key]['version']} " in DEPLOY
        assert values[key]["url"] in DEPLOY


def test_the_table_of_value_groups_has_every_group() -> None:
    values = yaml.safe_load((CHARTS / "conduit/values.yaml").read_text())
    table = DEPLOY.split("## What the values are for")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", "".join(rows))) == sorted(values.keys() - {"fullnameOverride"})


def test_link_targets_exist() -> None:
    for page, text in PAGES.items():
        folder = ROOT / "docs" if page == "deploy.md" else CHARTS / page.split("/")[0]
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (folder / link).exists(), f"{page}: {link}"
