"""The three kinds of panels, as they look everywhere: a figure with a colour, curves over time, and a table."""

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
    """What is asked, and what the answer is called: text with labels such as `{{route}}`."""

    expr: str
    name: str = ""


def steps(first: str, then: Steps = ()) -> ThresholdsConfig:
    """A colour, and others from certain values on."""
    all_steps = [Threshold(color=first), *(Threshold(value=value, color=colour) for value, colour in then)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(all_steps)


def figure(
    title: str, about: str, unit: str, expr: str, first: str, then: Steps = (), decimals: int | None = None
) -> stat.Panel:
    """One number whose colour says whether it is well, with its course behind it."""
    panel = (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(PROMETHEUS)
        .unit(unit)
        .thresholds(steps(first, then))
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(prometheus.Dataquery().ref_id("A").expr(expr).range())
    )
    return panel if decimals is None else panel.decimals(decimals)


def count(title: str, about: str, expr: str) -> stat.Panel:
    """One number, for the time range as a whole, that is neither good nor bad."""
    return (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(PROMETHEUS)
        .unit("short")
        .decimals(0)
        .thresholds(steps("blue"))
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(prometheus.Dataquery().ref_id("A").expr(expr).instant())
    )


def curves(
    title: str, about: str, unit: str, *queries: Query, limits: Steps = (), stacked: bool = False
) -> timeseries.Panel:
    """Courses over time; limits are dashed lines. A gap means that there was nothing to measure."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
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


def by_class(statuses: timeseries.Panel) -> timeseries.Panel:
    """Gives the curve of each HTTP status the colour of its class."""
    for pattern, colour in (("/^[123]/", GREEN), ("/^4/", "yellow"), ("/^5/", RED)):
        statuses.override_by_regexp(pattern, [value("color", {"mode": "shades", "fixedColor": colour})])
    return statuses


def legend() -> common.VizLegendOptions:
    """Names below, with the last and the largest value."""
    options = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    return options.show_legend(True).calcs(["lastNotNull", "max"])


def ranking(title: str, about: str, columns: dict[str, Query], labels: dict[str, str], by: str) -> table.Panel:
    """A table with a row for each combination of labels and a column for each query, the largest `by` on top.

    A column's query has the column's unit for a name; labels are given with their headings.
    """
    panel = (
        table.Panel().title(title).description(about).datasource(PROMETHEUS).no_value("none").thresholds(steps("text"))
    )
    for letter, (heading, query) in zip("ABCDEFGH", columns.items(), strict=False):
        asked = prometheus.Dataquery().ref_id(letter).expr(query.expr).instant().format(PromQueryFormat.TABLE)
        panel.with_target(asked).override_by_name(heading, [value("unit", query.name)])
    names = {f"Value #{letter}": heading for letter, heading in zip("ABCDEFGH", columns, strict=False)}
    order = {name: place for place, name in enumerate([*labels, *names])}
    hidden = {"excludeByName": {"Time": True}, "indexByName": order, "renameByName": {**labels, **names}}
    panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(DataTransformerConfig(id_val="organize", options=hidden))
    return panel.sort_by([common.TableSortByFieldState().display_name(by).desc(True)])


def value(name: str, setting: Any) -> DynamicConfigValue:
    """A setting of a column or of a curve."""
    return DynamicConfigValue(id_val=name, value=setting)


def coloured(first: str, then: Steps) -> list[DynamicConfigValue]:
    """The settings of a column whose cells have colours."""
    cell = {"type": TableCellDisplayMode.COLOR_BACKGROUND, "mode": "basic"}
    return [value("thresholds", steps(first, then).build()), value("custom.cellOptions", cell)]
