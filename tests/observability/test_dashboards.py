"""Dashboard files: up to date with their sources, loadable by Grafana, described for readers."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import grafana_types
from paths import DASHBOARDS, ROOT, RUNBOOK

Json = dict[str, Any]
BOARDS: list[Json] = [json.loads(file.read_text()) for file in DASHBOARDS]
PANELS = [(board["title"], panel) for board in BOARDS for panel in board["panels"] if panel["type"] != "row"]

every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board["title"])
every_panel = pytest.mark.parametrize(
    "panel", [panel for _, panel in PANELS], ids=[f"{b}: {p['title']}" for b, p in PANELS]
)


def test_dashboards_are_up_to_date_with_their_sources() -> None:
    result = subprocess.run([ROOT / "scripts" / "dashboards", "--check"], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr


def test_dashboard_uids_and_titles_are_unique() -> None:
    for key in ("uid", "title"):
        assert len({board[key] for board in BOARDS}) == len(BOARDS) == 4


def compile_errors(program: str, folder: Path) -> str:
    """Returns the errors of TypeScript's compiler."""
    tools = ROOT / "target" / "tools" / "grafana" / "node_modules"
    (folder / "node_modules").symlink_to(tools)
    (folder / "grafana").symlink_to(tools / "@grafana" / "schema" / "dist" / "types")
    (folder / "boards.ts").write_text(program)
    command = f"node {tools}/typescript/bin/tsc --noEmit --strict --skipLibCheck --module esnext --target es2022"
    command += " --moduleResolution bundler boards.ts"
    return subprocess.run(command.split(), cwd=folder, stdout=subprocess.PIPE, text=True, timeout=300).stdout


def test_dashboards_match_the_types_of_the_newest_grafana(tmp_path: Path) -> None:
    assert compile_errors(grafana_types.program(BOARDS), tmp_path) == ""


def test_types_of_grafana_detect_an_invalid_value(tmp_path: Path) -> None:
    invalid = grafana_types.program(BOARDS).replace('"showPoints": "never"', '"showPoints": "seldom"')
    assert "is not assignable to type" in compile_errors(invalid, tmp_path)


@every_board
def test_dashboard_is_loadable_from_a_file(board: Json) -> None:
    assert board["schemaVersion"] >= 41  # that of Grafana 11.6, which 12 reads too
    assert re.fullmatch(r"[a-z-]{8,40}", board["uid"])
    # Keys of a manual export, which cause prompts or conflicts on import.
    assert not {"__inputs", "__requires", "__elements", "id", "version", "iteration"} & board.keys()
    assert "conduit" in board["tags"]


@every_board
def test_panels_have_unique_ids_and_do_not_overlap(board: Json) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) and 0 not in ids
    occupied: set[tuple[int, int]] = set()
    for position in (panel["gridPos"] for panel in board["panels"]):
        cells = {
            (x, y)
            for x in range(position["x"], position["x"] + position["w"])
            for y in range(position["y"], position["y"] + position["h"])
        }
        assert not occupied & cells and position["x"] + position["w"] <= 24
        occupied |= cells


@every_board
def test_dashboard_defines_every_variable_it_uses(board: Json) -> None:
    names = [variable["name"] for variable in board["templating"]["list"]]
    assert names[0] in ("datasource", "logs") and names[1:3] == ["namespace", "pod"]
    used = re.findall(r"\$\{?(\w+)", json.dumps(board["panels"]))
    assert {name for name in used if not name.startswith("__")} <= set(names)


@every_panel
def test_panel_has_description_unit_and_thresholds(panel: Json) -> None:
    assert len(panel["description"]) > 15
    defaults = panel["fieldConfig"]["defaults"]
    units = [p["value"] for rule in panel["fieldConfig"]["overrides"] for p in rule["properties"] if p["id"] == "unit"]
    assert defaults.get("unit") or units
    assert defaults["thresholds"]["steps"][0]["value"] is None


@every_panel
def test_panel_uses_the_selected_data_source(panel: Json) -> None:
    source = panel["datasource"]
    assert (source["type"], source["uid"]) in (("prometheus", "${datasource}"), ("elasticsearch", "${logs}"))
    assert panel["targets"]


def test_panels_in_the_runbook_exist() -> None:
    known = {board["title"].removeprefix("Conduit / "): {p["title"] for p in board["panels"]} for board in BOARDS}
    mentions = re.findall(r"`(\w[\w ]+)`,\s(?:panel |row )?((?:\*[^*]+\*(?:,\s|\sand\s)?)+)", RUNBOOK.read_text())
    mentioned = [
        (board, re.sub(r"\s", " ", panel)) for board, panels in mentions for panel in re.findall(r"\*([^*]+)\*", panels)
    ]
    assert len(mentioned) > 15
    assert [(board, panel) for board, panel in mentioned if panel not in known.get(board, set())] == []


def test_file_is_named_after_its_dashboard() -> None:
    for file in DASHBOARDS:
        assert json.loads(file.read_text())["uid"] == f"conduit-{Path(file).stem}"
