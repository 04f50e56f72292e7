"""Charts pass Helm's strict linter, and packages contain everything."""

from pathlib import Path

import helm_python as helm
import pytest
import yaml

from charts import CHARTS, Case, cases

ALL = sorted(path.parent.name for path in CHARTS.glob("*/Chart.yaml"))
NO_ICON = "icon is recommended"  # the project has none


@pytest.mark.parametrize("case", cases(), ids=str)
def test_chart_with_values_passes_the_strict_linter(case: Case) -> None:
    report = helm.lint(CHARTS / case.chart, case.values, strict=True, kube_version="v1.30.0")
    assert report["errors"] == []
    assert [message for message in report["messages"] if message["error"] != NO_ICON] == []


@pytest.mark.parametrize("chart", ALL)
def test_chart_without_values_passes_the_strict_linter(chart: str) -> None:
    report = helm.lint(CHARTS / chart, {}, strict=True)
    assert report["errors"] == []


@pytest.mark.parametrize("chart", ALL)
def test_package_contains_the_whole_chart(chart: str, tmp_path: Path) -> None:
    archive = helm.package(CHARTS / chart, destination=tmp_path, version="9.8.7", app_version="6.5.4")
    assert Path(archive).name == f"{chart}-9.8.7.tgz"
    packed_cases = [case for case in cases() if case.chart == chart]
    with helm.Chart.load(CHARTS / chart) as folder, helm.Chart.load(archive) as packed:
        assert (packed.version, packed.metadata["appVersion"]) == ("9.8.7", "6.5.4")
        assert {file["name"] for file in packed.files} == {file["name"] for file in folder.files}
        assert packed.schema == folder.schema is not None
        for case in packed_cases:
            assert packed.render(case.values).keys() == {name for name in folder.render(case.values)}
    assert packed_cases, f"no values for {chart}"


@pytest.mark.parametrize("chart", ALL)
def test_chart_has_no_dependencies(chart: str) -> None:
    assert helm.dependency_list(CHARTS / chart) == []


def test_app_version_is_the_version_of_the_program() -> None:
    manifest = (CHARTS.parent / "Cargo.toml").read_text()
    version = manifest.split('version = "')[1].split('"')[0]
    assert yaml.safe_load((CHARTS / "conduit/Chart.yaml").read_text())["appVersion"] == version


def test_notes_contain_the_next_commands() -> None:
    for case in cases("conduit"):
        with helm.Chart.load(CHARTS / "conduit") as chart:
            notes = chart.render(case.values, name="conduit", namespace="blog")["conduit/templates/NOTES.txt"]
        assert "kubectl -n blog rollout status deployment/" in notes
        assert ("/api/tags" in notes) and ("<no value>" not in notes)
