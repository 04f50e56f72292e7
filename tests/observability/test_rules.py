"""The rules: valid, each alert tested both ways by promtool, each with words and a paragraph of the runbook."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from places import DASHBOARDS, RULE_TESTS, RULES, RUNBOOK

Alert = dict[str, Any]


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def alerts() -> list[Alert]:
    rules = (rule for file in RULES for group in loaded(file)["groups"] for rule in group["rules"])
    return [rule for rule in rules if "alert" in rule]


def expectations() -> list[dict[str, Any]]:
    tests = (test for file in RULE_TESTS for test in loaded(file)["tests"])
    return [case for test in tests for case in test.get("alert_rule_test", [])]


def known_as(alert: Alert) -> str:
    return "-".join([alert["alert"], *alert["labels"].values()])


def promtool(*arguments: object) -> None:
    result = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_finds_no_fault_in_the_rules() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_only_then(file: Path) -> None:
    promtool("test", "rules", file)


@pytest.mark.parametrize("failed, slow, worse", [(0.02, 0.01, 20), (0, 0.2, 20), (0, 0, 0)])
def test_the_panel_shows_the_worse_of_the_two_burn_rates(
    failed: float, slow: float, worse: float, tmp_path: Path
) -> None:
    panels = [panel for file in DASHBOARDS for panel in json.loads(file.read_text())["panels"]]
    (burn,) = [panel["targets"][0]["expr"] for panel in panels if panel["title"] == "Burn rate now"]
    recorded = {"availability": failed, "latency": slow}
    series = [
        {"series": f'namespace:conduit_{name}_errors:ratio_rate1h{{namespace="prod"}}', "values": str(value)}
        for name, value in recorded.items()
    ]
    asked = {
        "expr": burn.replace("$namespace", "prod"),
        "eval_time": "0m",
        "exp_samples": [{"labels": "{}", "value": worse}],
    }
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [asked]}
    (tmp_path / "burn.yaml").write_text(json.dumps({"tests": [test]}))
    promtool("test", "rules", tmp_path / "burn.yaml")


@pytest.mark.parametrize("alert", alerts(), ids=known_as)
def test_promtool_sees_each_alert_fire_and_not_fire(alert: Alert) -> None:
    cases = [case for case in expectations() if case["alertname"] == alert["alert"]]
    fired = [expected["exp_labels"] for case in cases for expected in case.get("exp_alerts") or []]
    assert any(alert["labels"].items() <= labels.items() for labels in fired), "no test in which it fires"
    assert any(not case.get("exp_alerts") for case in cases), "no test in which it does not"


@pytest.mark.parametrize("alert", alerts(), ids=known_as)
def test_each_alert_says_what_somebody_must_know(alert: Alert) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    words = alert["annotations"]
    assert set(words) == {"summary", "description", "runbook_url"}
    assert words["runbook_url"] == f"docs/runbook.md#{alert['alert'].lower()}"


def test_the_runbook_has_a_paragraph_for_each_alert_and_no_other() -> None:
    paragraphs = re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert sorted(paragraphs) == sorted({alert["alert"] for alert in alerts()})


def test_links_within_the_runbook_lead_somewhere() -> None:
    text = RUNBOOK.read_text()
    anchors = {name.lower() for name in re.findall(r"^## (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= anchors
