"""What becomes of log lines on their way to Elasticsearch: the expressions of Fluentd's configuration, run in Ruby."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from live import Live
from places import DASHBOARDS, FLUENTD, HERE

Json = dict[str, Any]
ID = "0123456789abcdef" * 4
CONDUIT = f"/var/log/containers/conduit-7d9f-x2x_prod_conduit-{ID}.log"
CUT = 16 * 1024
WRITTEN = "2026-01-02T03:04:05.678901234Z"


@dataclass
class Shipped:
    """A record as Elasticsearch gets it."""

    stream: str
    time: str | None
    record: Json


def shipped(path: str, lines: list[str]) -> list[Shipped]:
    """What becomes of the lines of a log file."""
    command = ["ruby", f"{HERE}/fluentd/pipeline.rb", f"{FLUENTD}/fluent.conf"]
    content = json.dumps({"files": [{"path": path, "lines": lines}]})
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "NODE_NAME": "node-1"}
    result = subprocess.run(command, input=content, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return [Shipped(**json.loads(line)) for line in result.stdout.splitlines()]


def as_the_runtime_writes(texts: list[str], cut: int = CUT) -> list[str]:
    """The lines of a program as containerd writes them: with time, stream and, where it cut them, what is missing."""
    lines = []
    for text in texts:
        parts = [text[start : start + cut] for start in range(0, len(text), cut)] or [""]
        marks = ["P"] * (len(parts) - 1) + ["F"]
        lines += [f"{WRITTEN} stdout {mark} {part}" for mark, part in zip(marks, parts, strict=True)]
    return lines


def answered(live: Live) -> list[Json]:
    """The access log of both servers."""
    lines = [json.loads(line) for server in live.servers for line in server.lines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "answered"]


@pytest.mark.parametrize("cut", (CUT, 100), ids=("whole", "cut and put together again"))
def test_each_line_of_the_program_becomes_a_record_of_its_fields(live: Live, cut: int) -> None:
    written = [line for server in live.servers for line in server.lines()][-500:]
    records = shipped(CONDUIT, as_the_runtime_writes(written, cut))
    assert len(records) == len(written) == 500
    for line, got in zip(written, records, strict=True):
        fields = json.loads(line)
        assert got.stream == "logs-conduit-default"
        assert got.time == fields.pop("timestamp")
        around = {"stream": "stdout", "node": "node-1", "kubernetes": place("conduit-7d9f-x2x", "prod", "conduit")}
        assert got.record == {**fields, **around}


def place(pod: str, namespace: str, container: str) -> Json:
    """Where a line comes from."""
    return {"pod": pod, "namespace": namespace, "container": container, "container_id": ID}


def test_what_ties_lines_together_is_a_field_of_each_access_line(live: Live) -> None:
    lines = answered(live)
    assert len(lines) > 1000
    for line in lines:
        assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])
        assert re.fullmatch(r"[0-9a-f]{32}", line["trace_id"])


@pytest.mark.parametrize("text", ("thread 'main' has overflowed its stack", "[1, 2]", "42", '{"half": ', "", "ünïcode"))
def test_what_the_program_did_not_write_as_json_stays_as_it_is(text: str) -> None:
    (got,) = shipped(CONDUIT, as_the_runtime_writes([text]))
    assert (got.stream, got.record["message"]) == ("logs-conduit-default", text)
    assert got.time == "2026-01-02T03:04:05.678Z"


OTHERS = {
    "web-5c_shop_nginx": '10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 12',
    "api-1_shop_api": '{"timestamp": 12, "status": "fine", "request_id": {"nested": true}}',
    "front-1_conduit-prod_frontend": '{"level": 30, "msg": "the namespace only begins like us"}',
    "conduit-db-1_prod_postgres": "LOG:  database system is ready to accept connections",
}


@pytest.mark.parametrize(("file", "text"), OTHERS.items(), ids=OTHERS.keys())
def test_lines_of_other_containers_pass_unharmed(file: str, text: str) -> None:
    path = f"/var/log/containers/{file}-{ID}.log"
    (got,) = shipped(path, as_the_runtime_writes([text], cut=10))
    around = {"stream": "stdout", "node": "node-1", "kubernetes": place(*file.split("_"))}
    assert (got.stream, got.record) == ("logs-containers-default", {"message": text, **around})


def test_fluentd_does_not_feed_itself() -> None:
    assert shipped(f"/var/log/containers/fluentd-x_logging_fluentd-{ID}.log", as_the_runtime_writes(["warn"])) == []


def test_a_line_that_no_runtime_wrote_is_kept() -> None:
    (got,) = shipped(CONDUIT, ["written by something else"])
    assert got.record["unmatched_line"] == "written by something else"


def test_a_program_cannot_pretend_to_run_elsewhere() -> None:
    line = '{"timestamp":"2026-01-02T03:04:05.000Z","kubernetes":"x","node":"y"}'
    (got,) = shipped(CONDUIT, as_the_runtime_writes([line]))
    assert (got.record["kubernetes"]["pod"], got.record["node"]) == ("conduit-7d9f-x2x", "node-1")


FITS = {
    "keyword": lambda value: isinstance(value, str | int),
    "match_only_text": lambda value: isinstance(value, str),
    "short": lambda value: isinstance(value, int) and abs(value) < 1 << 15,
    "long": lambda value: isinstance(value, int),
    "double": lambda value: isinstance(value, int | float),
    "ip": lambda value: bool(re.fullmatch(r"[0-9.]+|[0-9a-f:.]+", value)),
}


def test_the_index_template_has_a_type_for_each_field_of_an_access_line(live: Live) -> None:
    mappings = json.loads((FLUENTD / "index-template.json").read_text())["template"]["mappings"]["properties"]
    for line in answered(live):
        line.pop("timestamp")
        wrong = {name: value for name, value in line.items() if not fits(mappings, name, value)}
        assert wrong == {}


def fits(mappings: Json, name: str, value: Any) -> bool:
    """Whether the template knows the field, and Elasticsearch takes such a value for it."""
    return name in mappings and (value is None or FITS[mappings[name]["type"]](value))


def test_the_dashboard_asks_for_fields_that_access_lines_have(live: Live) -> None:
    (board,) = (json.loads(file.read_text()) for file in DASHBOARDS if file.stem == "http-log")
    fields = {name for line in answered(live) for name in line}
    known = fields | {"@timestamp", "level", "error", *(f"kubernetes.{name}" for name in place("", "", ""))}
    assert asked(board) - known == set()
    assert {"status", "route", "duration_ms", "request_id", "trace_id", "client_ip"} <= asked(board)


def asked(board: Json) -> set[str]:
    """The fields of all queries, aggregations, columns and links of a dashboard."""
    found: set[str] = set()
    for panel in (panel for panel in board["panels"] if panel["type"] != "row"):
        for target in panel["targets"]:
            found |= set(re.findall(r"([\w.]+):", target["query"].replace("${search:raw}", "")))
            found |= {part["field"] for part in [*target["metrics"], *target["bucketAggs"]] if "field" in part}
        for change in panel.get("transformations", []):
            found |= set(change["options"].get("include", {}).get("names", []))
        found |= set(re.findall(r"var-search=(\w+):", json.dumps(panel)))
    queries = [json.loads(v["query"]) for v in board["templating"]["list"] if v["type"] == "query"]
    return found | {query["field"] for query in queries}


def test_policy_template_and_configuration_name_each_other() -> None:
    template = json.loads((FLUENTD / "index-template.json").read_text())
    policy = json.loads((FLUENTD / "lifecycle.json").read_text())["policy"]["phases"]
    configuration = (FLUENTD / "fluent.conf").read_text()
    assert "data_stream" in template and {"hot", "delete"} <= policy.keys()
    name = template["template"]["settings"]["index.lifecycle.name"]
    assert configuration.count(f"data_stream_ilm_name {name}\n") == 2
    for stream in re.findall(r"data_stream_name (\S+)", configuration):
        assert any(re.fullmatch(pattern.replace("*", ".*"), stream) for pattern in template["index_patterns"])
