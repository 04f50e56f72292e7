"""A dashboard of rows of panels, with the variables and the links that all have."""

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
    """Rows from the top; in a row the panels share the width, in as many lines as they need."""

    def __init__(self, uid: str, title: str, about: str, variables: Sequence[Variable], hours: int = 1) -> None:
        links = dashboard.DashboardLink("Conduit").type(DashboardLinkType.DASHBOARDS).tags([TAG])
        self._id = 0
        self._dashboard = (
            dashboard.Dashboard(f"Conduit / {title}")
            .uid(uid)
            .description(about)
            .tags([TAG])
            .timezone("browser")
            .time(f"now-{hours}h", "now")
            .refresh("30s")
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .variables(list(variables))
            .link(links.as_dropdown(False).include_vars(True).keep_time(True))
        )

    def row(self, title: str, panels: Sequence[Builder], across: int, height: int = 8) -> "Board":
        """Adds a row of panels, so many of them beside each other."""
        self._dashboard.with_row(dashboard.Row(title).id(self._next()))
        for panel in panels:
            self._dashboard.with_panel(panel.id(self._next()).span(WIDTH // across).height(height))
        return self

    def build(self) -> Dashboard:
        """What Grafana reads, without what its builders say needlessly and other versions of it have elsewhere."""
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
        """Ids are part of the links to single panels: counted, they stay as long as the order does."""
        self._id += 1
        return self._id


def of_prometheus(*more: Variable) -> list[Variable]:
    """Where the figures come from, and about which instances."""
    return [
        dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        labels("namespace", "Namespace", 'label_values(conduit_build_info{job="conduit"}, namespace)'),
        labels("pod", "Pod", 'label_values(conduit_build_info{job="conduit", namespace=~"$namespace"}, pod)'),
        *more,
    ]


def routes() -> Variable:
    """Which routes, but for probes."""
    query = 'label_values(http_server_request_duration_seconds_count{job="conduit", namespace=~"$namespace"}, route)'
    return labels("route", "Route", query).regex("/^(?!.(livez|readyz)$).*/")


def labels(
    name: str, title: str, query: str, source: DataSourceRef = PROMETHEUS, every: str = ".*"
) -> dashboard.QueryVariable:
    """The values of a label, of which any may be chosen, and at first all are."""
    variable = dashboard.QueryVariable(name).label(title).datasource(source).query(query)
    variable.multi(True).include_all(True).all_value(every).current(VariableOption(text="All", value="$__all"))
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
