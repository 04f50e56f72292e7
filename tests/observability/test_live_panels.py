"""Runs every expression of every panel, and every variable, on a real Prometheus."""

import json
import math
import re
import time
from typing import Any

import pytest

from live import Live
from paths import DASHBOARDS

Json = dict[str, Any]
BOARDS: list[Json] = [json.loads(file.read_text()) for file in DASHBOARDS]
# Values that Grafana substitutes for its variables: with all values selected, and with one each.
TIMES = {"__rate_interval": "1m", "__range": "5m", "__interval": "1s"}
ALL = {**TIMES, "namespace": ".*", "pod": ".*", "route": ".*"}
ONE = {**TIMES, "namespace": "test", "pod": "(conduit-0|conduit-1)", "route": r"/api/articles/\\{slug\\}"}

TARGETS = [
    pytest.param(target, id=f"{board['title']}: {panel['title']} {target['refId']}")
    for board in BOARDS
    for panel in board["panels"]
    for target in panel.get("targets", [])
    if panel["datasource"]["type"] == "prometheus"
]
VARIABLES = [
    pytest.param(variable, id=f"{board['title']}: {variable['name']}")
    for board in BOARDS
    for variable in board["templating"]["list"]
    if variable["type"] == "query" and variable["datasource"]["type"] == "prometheus"
]


def substituted(expression: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda name: values[name[1]], expression)


def samples(live: Live, target: Json, values: dict[str, str]) -> list[float]:
    expression = substituted(target["expr"], values)
    if target.get("range"):
        now = time.time()
        span = {"start": str(now - 30), "end": str(now), "step": "1"}
        series = live.get("query_range", query=expression, **span)["result"]
        return [float(value) for each in series for _, value in each["values"]]
    assert target.get("instant")
    return [float(each["value"][1]) for each in live.instant(expression)]


@pytest.mark.parametrize("target", TARGETS)
def test_expression_has_data(live: Live, target: Json) -> None:
    assert any(math.isfinite(value) for value in samples(live, target, ALL))


@pytest.mark.parametrize("target", TARGETS)
def test_expression_is_valid_with_one_value_selected(live: Live, target: Json) -> None:
    samples(live, target, ONE)  # Prometheus rejects an invalid expression


@pytest.mark.parametrize("variable", VARIABLES)
def test_variable_has_values(live: Live, variable: Json) -> None:
    parts = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
    assert parts
    selector, label = substituted(parts[1], ALL), parts[2]
    assert live.get(f"label/{label}/values", **{"match[]": selector})


def test_dashboards_have_expressions_and_variables() -> None:
    assert len(TARGETS) > 50 and len(VARIABLES) >= 7
