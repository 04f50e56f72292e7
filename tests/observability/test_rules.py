"""Rules: valid, tested by promtool, and every alert documented in the runbook."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from paths import DASHBOARDS, RULE_TESTS, RULES, RUNBOOK

Alert = dict[str, Any]


def loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def alerts() -> list[Alert]:
    rules = (rule for file in RULES for group in loaded(file)["groups"] for rule in group["rules"])
    return [rule for rule in rules if "alert" in rule]


def expectations() -> list[dict[str, Any]]:
    tests = (test for file in RULE_TESTS for test in loaded(file)["tests"])
    return [case for test in tests for case in test.get("alert_rule_test", [])]


def alert_id(alert: Alert) -> str:
    return "-".join([alert["alert"], *alert["labels"].values()])


def promtool(*arguments: object) -> None:
    result = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr


def test_rules_pass_promtool() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.stem)
def test_rule_tests_pass_promtool(file: Path) -> None:
    promtool("test", "rules", file)


@pytest.mark.parametrize("failed, slow, higher", [(0.02, 0.01, 20), (0, 0.2, 20), (0, 0, 0)])
def test_burn_rate_panel_shows_the_higher_of_two_rates(
    failed: float, slow: float, higher: float, tmp_path: Path
) -> None:
    panels = [panel for file in DASHBOARDS for panel in json.loads(file.read_text())["panels"]]
    (burn,) = [panel["targets"][0]["expr"] for panel in panels if panel["title"] == "Burn rate now"]
    recorded = {"availability": failed, "latency": slow}
    series = [
        {"series": f'namespace:conduit_{name}_errors:ratio_rate1h{{namespace="prod"}}', "values": str(value)}
        for name, value in recorded.items()
    ]
    expression_test = {
        "expr": burn.replace("$namespace", "prod"),
        "eval_time": "0m",
        "exp_samples": [{"labels": "{}", "value": higher}],
    }
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [expression_test]}
    (tmp_path / "burn.yaml").write_text(json.dumps({"tests": [test]}))
    promtool("test", "rules", tmp_path / "burn.yaml")


@pytest.mark.parametrize("alert", alerts(), ids=alert_id)
def test_rule_tests_cover_each_alert_firing_and_not_firing(alert: Alert) -> None:
    cases = [case for case in expectations() if case["alertname"] == alert["alert"]]
    fired = [expected["exp_labels"] for case in cases for expected in case.get("exp_alerts") or []]
    assert any(alert["labels"].items() <= labels.items() for labels in fired), "no test expects the alert to fire"
    assert any(not case.get("exp_alerts") for case in cases), "no test expects the alert not to fire"


@pytest.mark.parametrize("alert", alerts(), ids=alert_id)
def test_alert_has_severity_texts_and_a_runbook_link(alert: Alert) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    annotations = alert["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url"}
    assert annotations["runbook_url"] == f"docs/runbook.md#{alert['alert'].lower()}"


def test_runbook_sections_match_the_alerts() -> None:
    sections = re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert sorted(sections) == sorted({alert["alert"] for alert in alerts()})


def test_internal_links_of_the_runbook_exist() -> None:
    text = RUNBOOK.read_text()
    anchors = {name.lower() for name in re.findall(r"^## (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= anchors
