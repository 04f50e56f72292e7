"""The three kinds of panels in their common style: a coloured figure, a graph, a table."""

from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import common, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TableCellDisplayMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, ORANGE, RED = "green", "orange", "red"

Steps = tuple[tuple[float, str], ...]
Builder = stat.Panel | timeseries.Panel | table.Panel


@dataclass(frozen=True)
class Query:
    """Expression and legend, which may contain labels such as `{{route}}`."""

    expr: str
    name: str = ""


def steps(base_color: str, thresholds: Steps = ()) -> ThresholdsConfig:
    """Returns thresholds: a base colour, and colours from certain values upwards."""
    all_steps = [Threshold(color=base_color), *(Threshold(value=value, color=color) for value, color in thresholds)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(all_steps)


def figure(
    title: str,
    description: str,
    unit: str,
    expr: str,
    base_color: str,
    thresholds: Steps = (),
    decimals: int | None = None,
) -> stat.Panel:
    """Builds a panel with one coloured number and its graph in the background."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit(unit)
        .thresholds(steps(base_color, thresholds))
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(prometheus.Dataquery().ref_id("A").expr(expr).range())
    )
    return panel if decimals is None else panel.decimals(decimals)


def count(title: str, description: str, expr: str) -> stat.Panel:
    """Builds a panel with one neutral number for the whole time range."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit("short")
        .decimals(0)
        .thresholds(steps("blue"))
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(prometheus.Dataquery().ref_id("A").expr(expr).instant())
    )


def graph(
    title: str, description: str, unit: str, *queries: Query, limits: Steps = (), stacked: bool = False
) -> timeseries.Panel:
    """Builds a graph with dashed lines as limits. A gap means that there is no data."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .unit(unit)
        .min(0)
        .no_value("none")
        .thresholds(steps(GREEN, limits))
        .show_points(VisibilityMode.NEVER)
        .fill_opacity(40 if stacked else 8)
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
        .legend(legend())
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if limits:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(prometheus.Dataquery().ref_id(letter).expr(query.expr).legend_format(query.name).range())
    return panel


def color_by_class(statuses: timeseries.Panel) -> timeseries.Panel:
    """Colours the series of each HTTP status by its class."""
    for pattern, color in (("/^[123]/", GREEN), ("/^4/", "yellow"), ("/^5/", RED)):
        statuses.override_by_regexp(pattern, [value("color", {"mode": "shades", "fixedColor": color})])
    return statuses


def legend() -> common.VizLegendOptions:
    """Returns a legend below the graph, with the last and the largest value."""
    options = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    return options.show_legend(True).calcs(["lastNotNull", "max"])


def ranking(title: str, description: str, columns: dict[str, Query], labels: dict[str, str], by: str) -> table.Panel:
    """Builds a table with a row per combination of labels and a column per query.

    Rows are sorted by column `by`, largest first. The name of a query is the unit of its column.
    `labels` maps labels to headings.
    """
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(PROMETHEUS)
        .no_value("none")
        .thresholds(steps("text"))
    )
    for letter, (heading, query) in zip("ABCDEFGH", columns.items(), strict=False):
        query_builder = prometheus.Dataquery().ref_id(letter).expr(query.expr).instant().format(PromQueryFormat.TABLE)
        panel.with_target(query_builder).override_by_name(heading, [value("unit", query.name)])
    names = {f"Value #{letter}": heading for letter, heading in zip("ABCDEFGH", columns, strict=False)}
    order = {name: position for position, name in enumerate([*labels, *names])}
    hidden = {"excludeByName": {"Time": True}, "indexByName": order, "renameByName": {**labels, **names}}
    panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(DataTransformerConfig(id_val="organize", options=hidden))
    return panel.sort_by([common.TableSortByFieldState().display_name(by).desc(True)])


def value(name: str, setting: Any) -> DynamicConfigValue:
    """Returns a setting of a column or series."""
    return DynamicConfigValue(id_val=name, value=setting)


def colored(base_color: str, thresholds: Steps) -> list[DynamicConfigValue]:
    """Returns the settings of a column with coloured cells."""
    cell = {"type": TableCellDisplayMode.COLOR_BACKGROUND, "mode": "basic"}
    return [value("thresholds", steps(base_color, thresholds).build()), value("custom.cellOptions", cell)]
