"""Has Grafana's own TypeScript types judge a dashboard: what they know nothing of, Grafana does nothing with.

The builders that write the dashboards speak the oldest Grafana that is to load them; these types are of the newest.
"""

import json
from typing import Any

Json = dict[str, Any]

# Enumerations of TypeScript are their values in JSON.
PRELUDE = """
import type {Dashboard, FieldConfigSource, Panel, RowPanel} from "./grafana/veneer/dashboard.types";
import type * as stat from "./grafana/raw/composable/stat/panelcfg/x/types.gen";
import type * as table from "./grafana/raw/composable/table/panelcfg/x/types.gen";
import type * as timeseries from "./grafana/raw/composable/timeseries/panelcfg/x/types.gen";
type Numeric<T extends number> = number extends T ? number : `${T}` extends `${infer N extends number}` ? N : never;
type Plain<T> = T extends string ? `${T}` : T extends number ? Numeric<T> : T extends boolean | null | undefined ? T
  : T extends Array<infer U> ? Array<Plain<U>> : T extends object ? {[K in keyof T]: Plain<T[K]>} : T;
"""
SHARED = "Omit<Panel, 'targets' | 'options' | 'fieldConfig'>"


def program(boards: list[Json]) -> str:
    """A program that compiles if the types know all that is in these dashboards."""
    claims = [claim for board in boards for claim in of_board(board)]
    lines = [
        f"export const claim{number}: Plain<{kind}> = {json.dumps(value)};"
        for number, (kind, value) in enumerate(claims)
    ]
    return "\n".join([PRELUDE, *lines, ""])


def of_board(board: Json) -> list[tuple[str, Json]]:
    """What is to have which type."""
    claims = [("Omit<Dashboard, 'panels'>", without(board, "panels"))]
    for panel in board["panels"]:
        claims += [("RowPanel", panel)] if panel["type"] == "row" else of_panel(panel)
    return claims


def of_panel(panel: Json) -> list[tuple[str, Json]]:
    """The parts of a panel; those that depend on its kind are checked as that kind's."""
    kind, config = panel["type"], panel["fieldConfig"]
    drawn = "object" if kind == "stat" else f"{kind}.FieldConfig"
    return [
        (SHARED, without(panel, "targets", "options", "fieldConfig")),
        (f"Partial<{kind}.Options>", panel["options"]),
        (f"Partial<{drawn}>", config["defaults"].get("custom", {})),
        ("FieldConfigSource", {**config, "defaults": without(config["defaults"], "custom")}),
    ]


def without(thing: Json, *keys: str) -> Json:
    """All but these."""
    return {key: value for key, value in thing.items() if key not in keys}
