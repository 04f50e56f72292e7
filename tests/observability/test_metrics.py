"""Metrics match what clients received, and follow Prometheus' conventions."""

import subprocess
import urllib.request

import pytest

from live import COUNT, Live
from traffic import Counts

PODS = ("conduit-0", "conduit-1")
every_server = pytest.mark.parametrize("pod", PODS)


@every_server
def test_metrics_count_each_response_that_clients_received(live: Live, pod: str) -> None:
    received = live.counts[pod].responses
    counted = live.responses(pod)
    assert {"metrics": counted - received, "clients": received - counted} == {"metrics": {}, "clients": {}}


def test_load_contains_all_expected_statuses(live: Live) -> None:
    healthy, defective = (set(live.counts[pod].by_status()) for pod in PODS)
    common = {"200", "201", "204", "401", "404", "405", "409", "413", "422", "500"}
    assert common | {"499", "503"} <= healthy
    assert common <= defective


@every_server
def test_unmatched_paths_share_one_series(live: Live, pod: str) -> None:
    series = live.instant(f'{COUNT}{{pod="{pod}", route="unmatched"}}')
    assert len(series) == 1
    assert int(series[0]["value"][1]) >= 500


@every_server
def test_metrics_pass_promtool(live: Live, pod: str) -> None:
    server = next(server for server in live.servers if server.pod == pod)
    with urllib.request.urlopen(server.metrics, timeout=10) as response:
        exposition = response.read()
    result = subprocess.run(["promtool", "check", "metrics"], input=exposition, capture_output=True, timeout=60)
    assert (result.returncode, result.stdout + result.stderr) == (0, b"")


def test_panics_are_counted(live: Live) -> None:
    panics = {each["metric"]["pod"]: int(each["value"][1]) for each in live.instant("http_server_panics_total")}
    assert panics == {"conduit-0": 0, "conduit-1": expected_panics(live.counts["conduit-1"])}


def expected_panics(counts: Counts) -> int:
    """Returns the number of panics; only unfollowing panics."""
    return counts.responses["DELETE", "/api/profiles/{username}/follow", "500"]
