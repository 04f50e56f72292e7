"""The rules as a real Prometheus evaluates them on real metrics."""

from typing import Any

from live import Live


def rules(live: Live) -> list[dict[str, Any]]:
    return [rule for group in live.ask("rules")["groups"] for rule in group["rules"]]


def test_prometheus_evaluates_all_of_them(live: Live) -> None:
    found = rules(live)
    assert [(rule["name"], rule["lastError"]) for rule in found if rule["health"] != "ok"] == []
    assert len([rule for rule in found if rule["type"] == "alerting"]) == 16


def test_each_recording_rule_has_something_to_record(live: Live) -> None:
    names = {rule["name"] for rule in rules(live) if rule["type"] == "recording"}
    assert {name for name in names if not live.instant(name)} == set()


def test_a_panic_is_alerted_and_nothing_else_after_so_short_a_time(live: Live) -> None:
    firing = [alert["labels"] for alert in live.ask("alerts")["alerts"] if alert["state"] == "firing"]
    panics = {"alertname": "ConduitPanics", "severity": "warning", "namespace": "test", "pod": "conduit-1"}
    assert firing == [panics]


def test_the_promise_of_latency_has_its_bucket(live: Live) -> None:
    assert live.instant('http_server_request_duration_seconds_bucket{le="0.25"}')
