"""Observability chart: Fluentd's configuration and permissions, and Elasticsearch's accounts."""

import base64
import http.server
import json
import os
import re
import subprocess
import threading
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
import yaml

from charts import CHARTS, Case, Object, cases, containers, pod_templates, render
from test_network import Peer, allowed, pod_of

FLUENTD = CHARTS / "observability/fluentd"
LOGS = Case("observability", "logs")


def env(container: Object) -> Object:
    return {entry["name"]: entry for entry in container["env"]}


def test_fluentd_gets_its_configuration_verbatim() -> None:
    configuration = dict(LOGS.object("ConfigMap", "conduit-fluentd")["data"])
    files = {path.name: path.read_text() for path in FLUENTD.iterdir() if path.suffix != ".md"}
    assert {"fluent.conf", "index-template.json", "lifecycle.json"} <= files.keys()
    assert configuration.pop("kubernetes.conf").startswith("@include fluent.conf\n")
    assert configuration == files


@pytest.mark.parametrize("case", cases("observability"), ids=str)
def test_fluentd_has_exactly_the_variables_of_its_configuration(case: Case) -> None:
    expected = set(re.findall(r"ENV\['([A-Z_]+)'\]", (FLUENTD / "fluent.conf").read_text()))
    for daemon in case.objects("DaemonSet"):
        (container,) = daemon["spec"]["template"]["spec"]["containers"]
        variables = env(container)
        assert variables.keys() == expected | {"FLUENTD_CONF", "SSL_CERT_FILE"}  # image, OpenSSL
        assert variables["ELASTICSEARCH_PASSWORD"]["valueFrom"]["secretKeyRef"] == {
            "name": "fluentd-elasticsearch",
            "key": "password",
        }


def test_fluentd_writes_only_its_state_to_the_nodes() -> None:
    (daemon,) = LOGS.objects("DaemonSet")
    spec = daemon["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in spec["volumes"] if "hostPath" in volume}
    assert paths == {"logs": "/var/log", "state": "/var/log/fluentd"}
    assert mounts["logs"]["readOnly"] is True
    state = re.findall(r"(?:pos_file|path) (/var/log/fluentd/\S+)", (FLUENTD / "fluent.conf").read_text())
    assert len(state) >= 2 and mounts["state"]["mountPath"] == "/var/log/fluentd"
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.parametrize("case", cases("observability"), ids=str)
def test_pods_have_no_token_and_no_privileges(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        assert template["spec"]["automountServiceAccountToken"] is False
        for container in containers(template):
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()


def test_accounts_have_only_the_privileges_they_need() -> None:
    roles = yaml.safe_load(LOGS.object("Secret", "conduit-roles")["stringData"]["roles.yml"])
    assert set(roles["fluentd"]["cluster"]) == {"monitor", "manage_ilm", "manage_index_templates"}
    # Without auto_configure, a data stream rejects documents that contain a new field.
    assert {"create_doc", "auto_configure"} < set(roles["fluentd"]["indices"][0]["privileges"])
    assert "read" not in roles["fluentd"]["indices"][0]["privileges"]
    assert "create_doc" not in roles["logs-reader"]["indices"][0]["privileges"]
    patterns = json.loads((FLUENTD / "index-template.json").read_text())["index_patterns"]
    assert roles["fluentd"]["indices"][0]["names"] == roles["logs-reader"]["indices"][0]["names"] == patterns
    (elasticsearch,) = LOGS.objects("Elasticsearch")
    assert elasticsearch["spec"]["auth"]["fileRealm"] == [
        {"secretName": "fluentd-elasticsearch"},
        {"secretName": "grafana-elasticsearch"},
    ]


def test_only_known_clients_reach_elasticsearch_and_kibana() -> None:
    fluentd = pod_of(LOGS, "fluentd")
    server = Peer("elasticsearch", "conduit", {"elasticsearch.k8s.elastic.co/cluster-name": "conduit"})
    kibana = Peer("kibana", "conduit", {"kibana.k8s.elastic.co/name": "conduit"})
    grafana = Peer("grafana", "observability", {"app.kubernetes.io/name": "grafana"})
    operator = Peer("operator", "elastic-system", {})
    traefik = Peer("traefik", "traefik", {"app.kubernetes.io/name": "traefik"})
    stranger = Peer("stranger", "elsewhere", {})
    for source in (fluentd, kibana, grafana, operator, server):
        assert allowed(LOGS, source, server, 9200), source.name
    assert allowed(LOGS, server, server, 9300) and allowed(LOGS, traefik, kibana, 5601)
    for source, target, port in [
        (stranger, server, 9200), (traefik, server, 9200), (fluentd, server, 9300), (stranger, kibana, 5601), (fluentd, stranger, 443),
        (server, stranger, 443),
    ]:  # fmt: skip
        assert not allowed(LOGS, source, target, port), (source.name, target.name, port)
    external = Case("observability", "external-elasticsearch")
    assert allowed(external, pod_of(external, "fluentd"), stranger, 9243) and not allowed(
        external, pod_of(external, "fluentd"), stranger, 443
    )


REJECTED = [
    ({}, "fluentd.existingSecret is empty: name a Secret, made by: kubectl create secret"),
    ({"elasticsearch": {"enabled": False}}, "elasticsearch.url is empty"),
    ({"elasticsearch": {"enabled": False}}, "kibana.enabled needs elasticsearch.enabled"),
    ({"elasticsearch": {"url": "https://me:hunter2@logs.example.com"}}, "'/elasticsearch/url'"),
    ({"elasticsearch": {"password": "a"}}, "'/elasticsearch': additional properties 'password' not allowed"),
    ({"fluentd": {"image": {"tag": "a b"}}}, "'/fluentd/image/tag'"),
]


@pytest.mark.parametrize("values, expected", REJECTED)
def test_wrong_values_are_rejected_with_an_explanation(values: Object, expected: str) -> None:
    with pytest.raises(helm.HelmError) as error:
        render("observability", values)
    assert expected in str(error.value)


class Elasticsearch(http.server.BaseHTTPRequestHandler):
    """Records PUT requests, after `failures` of them got a 503."""

    puts: list[tuple[str, str, Any]] = []
    failures = 0

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if Elasticsearch.failures:
            Elasticsearch.failures -= 1
            self.send_response(503)
        else:
            user = base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()
            self.puts.append((self.path, user, json.loads(body)))
            self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""


def test_policy_and_template_are_installed_before_fluentd_starts(tmp_path: Path) -> None:
    """Runs the init container's own script against a server that fails at first."""
    values = Case("observability", "external-elasticsearch").values
    values["elasticsearch"]["caSecret"] = ""
    (daemons,) = [item for item in render("observability", values) if item["kind"] == "DaemonSet"]
    (container,) = daemons["spec"]["template"]["spec"]["initContainers"]
    (script,) = container["args"]
    assert container["command"] == ["sh", "-euc"]
    script = script.replace("/fluentd/etc", str(FLUENTD)).replace("/var/log/fluentd", str(tmp_path)).replace("sleep 5", "sleep 0.1")
    policy = ("/_ilm/policy/logs-conduit", "fluentd:a b$c", json.loads((FLUENTD / "lifecycle.json").read_text()))
    template = ("/_index_template/logs-conduit", "fluentd:a b$c", json.loads((FLUENTD / "index-template.json").read_text()))
    with http.server.HTTPServer(("127.0.0.1", 0), Elasticsearch) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        variables = {
            "ELASTICSEARCH_URL": f"http://127.0.0.1:{server.server_port}",
            "ELASTICSEARCH_USER": "fluentd",
            "ELASTICSEARCH_PASSWORD": "a b$c",
        }
        assert variables.keys() == env(container).keys()
        # The first start on a node retries until it succeeds; later ones try once and continue.
        for failures, expected in [(3, [policy, template]), (1, []), (0, [policy, template])]:
            Elasticsearch.puts.clear()
            Elasticsearch.failures = failures
            done = subprocess.run(
                ["sh", "-euc", script], env=os.environ | variables, capture_output=True, text=True, check=False, timeout=60
            )
            assert (done.returncode, Elasticsearch.puts) == (0, expected), done.stderr
        server.shutdown()
