"""The dashboards as files: as generated, fit to be loaded by Grafana, with words for whoever looks at them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import grafana_types
from places import DASHBOARDS, ROOT, RUNBOOK

Json = dict[str, Any]
BOARDS: list[Json] = [json.loads(file.read_text()) for file in DASHBOARDS]
PANELS = [(board["title"], panel) for board in BOARDS for panel in board["panels"] if panel["type"] != "row"]

every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board["title"])
every_panel = pytest.mark.parametrize(
    "panel", [panel for _, panel in PANELS], ids=[f"{b}: {p['title']}" for b, p in PANELS]
)


def test_they_are_what_their_sources_say() -> None:
    result = subprocess.run([ROOT / "scripts" / "dashboards", "--check"], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr


def test_their_names_are_their_own() -> None:
    for key in ("uid", "title"):
        assert len({board[key] for board in BOARDS}) == len(BOARDS) == 4


def compiled(program: str, folder: Path) -> str:
    """What TypeScript's compiler says of it."""
    tools = ROOT / "target" / "tools" / "grafana" / "node_modules"
    (folder / "node_modules").symlink_to(tools)
    (folder / "grafana").symlink_to(tools / "@grafana" / "schema" / "dist" / "types")
    (folder / "boards.ts").write_text(program)
    command = f"node {tools}/typescript/bin/tsc --noEmit --strict --skipLibCheck --module esnext --target es2022"
    command += " --moduleResolution bundler boards.ts"
    return subprocess.run(command.split(), cwd=folder, stdout=subprocess.PIPE, text=True, timeout=300).stdout


def test_the_types_of_the_newest_grafana_know_all_that_is_in_them(tmp_path: Path) -> None:
    assert compiled(grafana_types.program(BOARDS), tmp_path) == ""


def test_the_types_of_grafana_find_what_is_wrong(tmp_path: Path) -> None:
    wrong = grafana_types.program(BOARDS).replace('"showPoints": "never"', '"showPoints": "seldom"')
    assert "is not assignable to type" in compiled(wrong, tmp_path)


@every_board
def test_grafana_can_load_it_from_a_file(board: Json) -> None:
    assert board["schemaVersion"] >= 41  # of Grafana 11.6, which is also what 12 reads
    assert re.fullmatch(r"[a-z-]{8,40}", board["uid"])
    # Leftovers of an export by hand, which ask questions or clash with what is there.
    assert not {"__inputs", "__requires", "__elements", "id", "version", "iteration"} & board.keys()
    assert "conduit" in board["tags"]


@every_board
def test_its_panels_have_ids_of_their_own_and_share_the_grid_without_overlap(board: Json) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) and 0 not in ids
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in board["panels"]):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells and place["x"] + place["w"] <= 24
        taken |= cells


@every_board
def test_it_has_every_variable_that_it_uses(board: Json) -> None:
    names = [variable["name"] for variable in board["templating"]["list"]]
    assert names[0] in ("datasource", "logs") and names[1:3] == ["namespace", "pod"]
    used = re.findall(r"\$\{?(\w+)", json.dumps(board["panels"]))
    assert {name for name in used if not name.startswith("__")} <= set(names)


@every_panel
def test_it_says_what_it_shows_and_in_which_unit_and_when_that_is_bad(panel: Json) -> None:
    assert len(panel["description"]) > 15
    defaults = panel["fieldConfig"]["defaults"]
    units = [p["value"] for rule in panel["fieldConfig"]["overrides"] for p in rule["properties"] if p["id"] == "unit"]
    assert defaults.get("unit") or units
    assert defaults["thresholds"]["steps"][0]["value"] is None


@every_panel
def test_it_asks_the_data_source_that_the_reader_chose(panel: Json) -> None:
    source = panel["datasource"]
    assert (source["type"], source["uid"]) in (("prometheus", "${datasource}"), ("elasticsearch", "${logs}"))
    assert panel["targets"]


def test_the_runbook_names_panels_that_are_there() -> None:
    known = {board["title"].removeprefix("Conduit / "): {p["title"] for p in board["panels"]} for board in BOARDS}
    mentions = re.findall(r"`(\w[\w ]+)`,\s(?:panel |row )?((?:\*[^*]+\*(?:,\s|\sand\s)?)+)", RUNBOOK.read_text())
    mentioned = [
        (board, re.sub(r"\s", " ", panel)) for board, panels in mentions for panel in re.findall(r"\*([^*]+)\*", panels)
    ]
    assert len(mentioned) > 15
    assert [(board, panel) for board, panel in mentioned if panel not in known.get(board, set())] == []


def test_each_file_is_named_after_its_board() -> None:
    for file in DASHBOARDS:
        assert json.loads(file.read_text())["uid"] == f"conduit-{Path(file).stem}"
