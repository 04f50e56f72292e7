"""The metrics tell what clients got, and in the words of Prometheus."""

import subprocess
import urllib.request

import pytest

from live import COUNT, Live
from traffic import Counts

PODS = ("conduit-0", "conduit-1")
every_server = pytest.mark.parametrize("pod", PODS)


@every_server
def test_they_count_each_answer_as_the_client_got_it(live: Live, pod: str) -> None:
    sent = live.counts[pod].answers
    found = live.answers(pod)
    assert {"metrics": found - sent, "clients": sent - found} == {"metrics": {}, "clients": {}}


def test_the_load_was_a_mixed_one(live: Live) -> None:
    whole, defective = (set(live.counts[pod].by_status()) for pod in PODS)
    common = {"200", "201", "204", "401", "404", "405", "409", "413", "422", "500"}
    assert common | {"499", "503"} <= whole
    assert common <= defective


@every_server
def test_paths_that_nobody_laid_are_one_series(live: Live, pod: str) -> None:
    series = live.instant(f'{COUNT}{{pod="{pod}", route="unmatched"}}')
    assert len(series) == 1
    assert int(series[0]["value"][1]) >= 500


@every_server
def test_promtool_finds_no_fault_in_them(live: Live, pod: str) -> None:
    server = next(server for server in live.servers if server.pod == pod)
    with urllib.request.urlopen(server.metrics, timeout=10) as answer:
        exposition = answer.read()
    result = subprocess.run(["promtool", "check", "metrics"], input=exposition, capture_output=True, timeout=60)
    assert (result.returncode, result.stdout + result.stderr) == (0, b"")


def test_panics_are_counted(live: Live) -> None:
    panics = {each["metric"]["pod"]: int(each["value"][1]) for each in live.instant("http_server_panics_total")}
    assert panics == {"conduit-0": 0, "conduit-1": panicked(live.counts["conduit-1"])}


def panicked(counts: Counts) -> int:
    """Unfollowing is what panics."""
    return counts.answers["DELETE", "/api/profiles/{username}/follow", "500"]
