"""Checks dashboards against Grafana's own TypeScript types; Grafana ignores unknown fields.

The builders that generate the dashboards target the oldest supported Grafana; these types are those
of the newest.
"""

import json
from typing import Any

Json = dict[str, Any]

# In JSON, enumerations appear as their values.
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
    """Returns a TypeScript program that compiles if the dashboards match the types."""
    typed_values = [pair for board in boards for pair in board_values(board)]
    lines = [
        f"export const value{number}: Plain<{kind}> = {json.dumps(value)};"
        for number, (kind, value) in enumerate(typed_values)
    ]
    return "\n".join([PRELUDE, *lines, ""])


def board_values(board: Json) -> list[tuple[str, Json]]:
    """Returns the parts of a dashboard with their types."""
    typed_values = [("Omit<Dashboard, 'panels'>", without(board, "panels"))]
    for panel in board["panels"]:
        typed_values += [("RowPanel", panel)] if panel["type"] == "row" else panel_values(panel)
    return typed_values


def panel_values(panel: Json) -> list[tuple[str, Json]]:
    """Returns the parts of a panel with their types, some of which depend on its kind."""
    kind, config = panel["type"], panel["fieldConfig"]
    field_config = "object" if kind == "stat" else f"{kind}.FieldConfig"
    return [
        (SHARED, without(panel, "targets", "options", "fieldConfig")),
        (f"Partial<{kind}.Options>", panel["options"]),
        (f"Partial<{field_config}>", config["defaults"].get("custom", {})),
        ("FieldConfigSource", {**config, "defaults": without(config["defaults"], "custom")}),
    ]


def without(mapping: Json, *keys: str) -> Json:
    """Returns a copy without these keys."""
    return {key: value for key, value in mapping.items() if key not in keys}
