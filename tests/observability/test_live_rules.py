"""Rules, evaluated by a real Prometheus on real metrics."""

from typing import Any

from live import Live


def rules(live: Live) -> list[dict[str, Any]]:
    return [rule for group in live.get("rules")["groups"] for rule in group["rules"]]


def test_prometheus_evaluates_all_rules(live: Live) -> None:
    evaluated = rules(live)
    assert [(rule["name"], rule["lastError"]) for rule in evaluated if rule["health"] != "ok"] == []
    assert len([rule for rule in evaluated if rule["type"] == "alerting"]) == 16


def test_recording_rules_have_data(live: Live) -> None:
    names = {rule["name"] for rule in rules(live) if rule["type"] == "recording"}
    assert {name for name in names if not live.instant(name)} == set()


def test_only_the_panic_alert_fires(live: Live) -> None:
    firing = [alert["labels"] for alert in live.get("alerts")["alerts"] if alert["state"] == "firing"]
    panics = {"alertname": "ConduitPanics", "severity": "warning", "namespace": "test", "pod": "conduit-1"}
    assert firing == [panics]


def test_latency_objective_has_a_histogram_bucket(live: Live) -> None:
    assert live.instant('http_server_request_duration_seconds_bucket{le="0.25"}')
