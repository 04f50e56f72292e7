"""Processes log lines with Fluentd's configuration, whose expressions run in Ruby."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from live import Live
from paths import DASHBOARDS, FLUENTD, HERE

Json = dict[str, Any]
ID = "0123456789abcdef" * 4
CONDUIT = f"/var/log/containers/conduit-7d9f-x2x_prod_conduit-{ID}.log"
MAX_LENGTH = 16 * 1024
WRITTEN_AT = "2026-01-02T03:04:05.678901234Z"


@dataclass
class ShippedRecord:
    """Record as Elasticsearch receives it."""

    stream: str
    time: str | None
    record: Json


def ship(path: str, lines: list[str]) -> list[ShippedRecord]:
    """Returns the records that the lines of a log file become."""
    command = ["ruby", f"{HERE}/fluentd/pipeline.rb", f"{FLUENTD}/fluent.conf"]
    content = json.dumps({"files": [{"path": path, "lines": lines}]})
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "NODE_NAME": "node-1"}
    result = subprocess.run(command, input=content, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return [ShippedRecord(**json.loads(line)) for line in result.stdout.splitlines()]


def container_lines(texts: list[str], max_length: int = MAX_LENGTH) -> list[str]:
    """Formats lines as containerd writes them, with a tag that marks partial lines."""
    lines = []
    for text in texts:
        parts = [text[start : start + max_length] for start in range(0, len(text), max_length)] or [""]
        tags = ["P"] * (len(parts) - 1) + ["F"]
        lines += [f"{WRITTEN_AT} stdout {tag} {part}" for tag, part in zip(tags, parts, strict=True)]
    return lines


def access_lines(live: Live) -> list[Json]:
    """Returns the access log lines of both servers."""
    lines = [json.loads(line) for server in live.servers for line in server.lines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "answered"]


@pytest.mark.parametrize("max_length", (MAX_LENGTH, 100), ids=("whole", "split and reassembled"))
def test_each_log_line_becomes_a_record_with_its_fields(live: Live, max_length: int) -> None:
    written = [line for server in live.servers for line in server.lines()][-500:]
    records = ship(CONDUIT, container_lines(written, max_length))
    assert len(records) == len(written) == 500
    for line, shipped in zip(written, records, strict=True):
        fields = json.loads(line)
        assert shipped.stream == "logs-conduit-default"
        assert shipped.time == fields.pop("timestamp")
        metadata = {"stream": "stdout", "node": "node-1", "kubernetes": origin("conduit-7d9f-x2x", "prod", "conduit")}
        assert shipped.record == {**fields, **metadata}


def origin(pod: str, namespace: str, container: str) -> Json:
    """Returns the Kubernetes fields of a record."""
    return {"pod": pod, "namespace": namespace, "container": container, "container_id": ID}


def test_access_lines_have_request_and_trace_ids(live: Live) -> None:
    lines = access_lines(live)
    assert len(lines) > 1000
    for line in lines:
        assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])
        assert re.fullmatch(r"[0-9a-f]{32}", line["trace_id"])


@pytest.mark.parametrize("text", ("thread 'main' has overflowed its stack", "[1, 2]", "42", '{"half": ', "", "ünïcode"))
def test_lines_other_than_json_objects_are_unchanged(text: str) -> None:
    (shipped,) = ship(CONDUIT, container_lines([text]))
    assert (shipped.stream, shipped.record["message"]) == ("logs-conduit-default", text)
    assert shipped.time == "2026-01-02T03:04:05.678Z"


OTHERS = {
    "web-5c_shop_nginx": '10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 12',
    "api-1_shop_api": '{"timestamp": 12, "status": "fine", "request_id": {"nested": true}}',
    "front-1_conduit-prod_frontend": '{"level": 30, "msg": "the namespace only begins like us"}',
    "conduit-db-1_prod_postgres": "LOG:  database system is ready to accept connections",
}


@pytest.mark.parametrize(("file", "text"), OTHERS.items(), ids=OTHERS.keys())
def test_lines_of_other_containers_are_unchanged(file: str, text: str) -> None:
    path = f"/var/log/containers/{file}-{ID}.log"
    (shipped,) = ship(path, container_lines([text], max_length=10))
    metadata = {"stream": "stdout", "node": "node-1", "kubernetes": origin(*file.split("_"))}
    assert (shipped.stream, shipped.record) == ("logs-containers-default", {"message": text, **metadata})


def test_fluentd_ignores_its_own_log() -> None:
    assert ship(f"/var/log/containers/fluentd-x_logging_fluentd-{ID}.log", container_lines(["warn"])) == []


def test_lines_in_an_unknown_format_are_kept() -> None:
    (shipped,) = ship(CONDUIT, ["written by something else"])
    assert shipped.record["unmatched_line"] == "written by something else"


def test_log_fields_do_not_override_kubernetes_metadata() -> None:
    line = '{"timestamp":"2026-01-02T03:04:05.000Z","kubernetes":"x","node":"y"}'
    (shipped,) = ship(CONDUIT, container_lines([line]))
    assert (shipped.record["kubernetes"]["pod"], shipped.record["node"]) == ("conduit-7d9f-x2x", "node-1")


TYPE_CHECKS = {
    "keyword": lambda value: isinstance(value, str | int),
    "match_only_text": lambda value: isinstance(value, str),
    "short": lambda value: isinstance(value, int) and abs(value) < 1 << 15,
    "long": lambda value: isinstance(value, int),
    "double": lambda value: isinstance(value, int | float),
    "ip": lambda value: bool(re.fullmatch(r"[0-9.]+|[0-9a-f:.]+", value)),
}


def test_index_template_maps_every_field_of_access_lines(live: Live) -> None:
    mappings = json.loads((FLUENTD / "index-template.json").read_text())["template"]["mappings"]["properties"]
    for line in access_lines(live):
        line.pop("timestamp")
        rejected = {name: value for name, value in line.items() if not is_accepted(mappings, name, value)}
        assert rejected == {}


def is_accepted(mappings: Json, name: str, value: Any) -> bool:
    """Returns whether the template maps the field and Elasticsearch accepts the value."""
    return name in mappings and (value is None or TYPE_CHECKS[mappings[name]["type"]](value))


def test_dashboard_uses_fields_of_access_lines(live: Live) -> None:
    (board,) = (json.loads(file.read_text()) for file in DASHBOARDS if file.stem == "http-log")
    fields = {name for line in access_lines(live) for name in line}
    known = fields | {"@timestamp", "level", "error", *(f"kubernetes.{name}" for name in origin("", "", ""))}
    assert referenced_fields(board) - known == set()
    assert {"status", "route", "duration_ms", "request_id", "trace_id", "client_ip"} <= referenced_fields(board)


def referenced_fields(board: Json) -> set[str]:
    """Returns the fields in all queries, aggregations, columns and links of a dashboard."""
    fields: set[str] = set()
    for panel in (panel for panel in board["panels"] if panel["type"] != "row"):
        for target in panel["targets"]:
            fields |= set(re.findall(r"([\w.]+):", target["query"].replace("${search:raw}", "")))
            fields |= {part["field"] for part in [*target["metrics"], *target["bucketAggs"]] if "field" in part}
        for change in panel.get("transformations", []):
            fields |= set(change["options"].get("include", {}).get("names", []))
        fields |= set(re.findall(r"var-search=(\w+):", json.dumps(panel)))
    queries = [json.loads(v["query"]) for v in board["templating"]["list"] if v["type"] == "query"]
    return fields | {query["field"] for query in queries}


def test_policy_template_and_configuration_reference_each_other() -> None:
    template = json.loads((FLUENTD / "index-template.json").read_text())
    policy = json.loads((FLUENTD / "lifecycle.json").read_text())["policy"]["phases"]
    configuration = (FLUENTD / "fluent.conf").read_text()
    assert "data_stream" in template and {"hot", "delete"} <= policy.keys()
    name = template["template"]["settings"]["index.lifecycle.name"]
    assert configuration.count(f"data_stream_ilm_name {name}\n") == 2
    for stream in re.findall(r"data_stream_name (\S+)", configuration):
        assert any(re.fullmatch(pattern.replace("*", ".*"), stream) for pattern in template["index_patterns"])
