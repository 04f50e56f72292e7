"""A dashboard with rows of panels, and the variables and links that all dashboards share."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    Panel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.table import Options as TableOptions

from panels import PROMETHEUS, Builder

TAG = "conduit"
WIDTH = 24

Variable = dashboard.DatasourceVariable | dashboard.QueryVariable | dashboard.TextBoxVariable


class Board:
    """Builds a dashboard row by row. The panels of a row share its width and wrap as needed."""

    def __init__(self, uid: str, title: str, description: str, variables: Sequence[Variable], hours: int = 1) -> None:
        links = dashboard.DashboardLink("Conduit").type(DashboardLinkType.DASHBOARDS).tags([TAG])
        self._id = 0
        self._dashboard = (
            dashboard.Dashboard(f"Conduit / {title}")
            .uid(uid)
            .description(description)
            .tags([TAG])
            .timezone("browser")
            .time(f"now-{hours}h", "now")
            .refresh("30s")
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .variables(list(variables))
            .link(links.as_dropdown(False).include_vars(True).keep_time(True))
        )

    def row(self, title: str, panels: Sequence[Builder], across: int, height: int = 8) -> "Board":
        """Adds a row of panels, `across` of them side by side."""
        self._dashboard.with_row(dashboard.Row(title).id(self._next()))
        for panel in panels:
            self._dashboard.with_panel(panel.id(self._next()).span(WIDTH // across).height(height))
        return self

    def build(self) -> Dashboard:
        """Returns the dashboard without redundant fields that move between Grafana versions."""
        board = self._dashboard.build()
        for variable in board.templating.list_val or [] if board.templating else []:
            variable.auto = variable.auto_count = variable.auto_min = None
        for panel in board.panels or []:
            if isinstance(panel, Panel):
                panel.repeat_direction = None
            if isinstance(panel, Panel) and isinstance(panel.options, TableOptions):
                panel.options.footer = None
        return board

    def _next(self) -> int:
        """Returns the next panel id. Links contain ids, so ids depend on the order only."""
        self._id += 1
        return self._id


def prometheus_variables(*more: Variable) -> list[Variable]:
    """Returns the variables that select the data source, namespaces and instances."""
    return [
        dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        labels("namespace", "Namespace", 'label_values(conduit_build_info{job="conduit"}, namespace)'),
        labels("pod", "Pod", 'label_values(conduit_build_info{job="conduit", namespace=~"$namespace"}, pod)'),
        *more,
    ]


def routes() -> Variable:
    """Returns a variable that selects routes, without those of probes."""
    query = 'label_values(http_server_request_duration_seconds_count{job="conduit", namespace=~"$namespace"}, route)'
    return labels("route", "Route", query).regex("/^(?!.(livez|readyz)$).*/")


def labels(
    name: str, title: str, query: str, source: DataSourceRef = PROMETHEUS, every: str = ".*"
) -> dashboard.QueryVariable:
    """Returns a multi-value variable with the values of a label, all selected by default."""
    variable = dashboard.QueryVariable(name).label(title).datasource(source).query(query)
    variable.multi(True).include_all(True).all_value(every).current(VariableOption(text="All", value="$__all"))
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
