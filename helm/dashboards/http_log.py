"""HTTP log, from the data stream that Fluentd writes."""

import json
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, elasticsearch, table, timeseries
from grafana_foundation_sdk.models.common import GraphDrawStyle
from grafana_foundation_sdk.models.dashboard import DataSourceRef, DataTransformerConfig
from grafana_foundation_sdk.models.elasticsearch import TermsOrder

from board import Board, Variable, labels
from panels import ORANGE, RED, color_by_class, colored, graph, steps, value

ELASTICSEARCH = DataSourceRef(type_val="elasticsearch", uid="${logs}")
TIME = "@timestamp"
SELECTOR = "kubernetes.namespace:$namespace AND kubernetes.pod:$pod"
ACCESS_LOG = f'{SELECTOR} AND message:"answered" AND (${{search:raw}})'
COLUMNS = {
    TIME: "Time",
    "status": "Status",
    "method": "Method",
    "route": "Route",
    "path": "Path",
    "duration_ms": "Duration",
    "bytes": "Bytes",
    "user_id": "User",
    "client_ip": "Client",
    "user_agent": "User agent",
    "kubernetes.namespace": "Namespace",
    "kubernetes.pod": "Pod",
    "request_id": "Request",
    "trace_id": "Trace",
}
EVENTS = {
    TIME: "Time",
    "level": "Level",
    "target": "Where",
    "message": "Message",
    "error": "Cause",
    "kubernetes.namespace": "Namespace",
    "kubernetes.pod": "Pod",
    "request_id": "Request",
    "trace_id": "Trace",
}


def board() -> Board:
    """Builds the dashboard."""
    description = 'Every answer, from Elasticsearch. Filter by anything, such as status:500 or request_id:"...".'
    return (
        Board("conduit-http-log", "HTTP log", description, variables())
        .row("Requests", [by_status(), duration()], across=2, height=7)
        .row("Each request", [requests()], across=1, height=16)
        .row("Warnings and errors", [events()], across=1, height=10)
    )


def variables() -> list[Variable]:
    """Returns the variables that select the data source, instances and a search query."""

    def terms(field: str, query: str = "*") -> str:
        return json.dumps({"find": "terms", "field": field, "query": query, "size": 500})

    return [
        dashboard.DatasourceVariable("logs").label("Data source").type("elasticsearch"),
        labels("namespace", "Namespace", terms("kubernetes.namespace"), ELASTICSEARCH, "*"),
        labels("pod", "Pod", terms("kubernetes.pod", "kubernetes.namespace:$namespace"), ELASTICSEARCH, "*"),
        dashboard.TextBoxVariable("search")
        .label("Filter")
        .description("A query of Lucene's syntax.")
        .default_value("*"),
    ]


def by_status() -> timeseries.Panel:
    """Builds a panel with the requests by status."""
    statuses = elasticsearch.Terms().id("3").field("status").settings(terms_settings())
    panel = graph("By status", "Requests by what was answered.", "short", stacked=True)
    panel.datasource(ELASTICSEARCH).draw_style(GraphDrawStyle.BARS)
    return color_by_class(panel).with_target(
        query_builder(ACCESS_LOG, elasticsearch.Count().id("1"), statuses, over_time())
    )


def duration() -> timeseries.Panel:
    """Builds a panel with percentiles of the duration."""
    percents = elasticsearch.ElasticsearchPercentilesSettings().percents(["50", "95", "99"])
    percentiles = elasticsearch.Percentiles().id("1").field("duration_ms").settings(percents)
    description = "Half, 95 and 99 of 100 requests were answered within this time; the line is the promise."
    panel = graph("Duration", description, "ms", limits=((250, RED),)).datasource(ELASTICSEARCH)
    return panel.with_target(query_builder(ACCESS_LOG, percentiles, over_time()))


def requests() -> table.Panel:
    """Builds a table of access log lines."""
    description = (
        "One line for each answer, the latest 500. A click on a request's or a trace's id shows all that belongs to it."
    )
    panel = lines("Requests", description, ACCESS_LOG, COLUMNS)
    panel.override_by_name("Duration", [value("unit", "ms"), *colored("transparent", ((250, ORANGE), (1000, RED)))])
    panel.override_by_name("Bytes", [value("unit", "bytes")])
    return panel.override_by_name("Status", colored("transparent", ((400, "yellow"), (500, RED))))


def events() -> table.Panel:
    """Builds a table of warnings and errors."""
    description = "The latest 500 events above info, with their causes."
    return lines(
        "Warnings and errors", description, f"{SELECTOR} AND level:(WARN OR ERROR) AND (${{search:raw}})", EVENTS
    )


def lines(title: str, description: str, query: str, columns: dict[str, str]) -> table.Panel:
    """Builds a table of matching log lines. `columns` maps fields to headings."""
    order = {field: position for position, field in enumerate(columns)}
    raw = elasticsearch.RawData().id("1").settings(elasticsearch.ElasticsearchRawDataSettings().size("500"))
    panel = table.Panel().title(title).description(description).datasource(ELASTICSEARCH).unit("none").no_value("none")
    panel.thresholds(steps("text")).filterable(True).with_target(query_builder(query, raw))
    for name, options in (
        ("filterFieldsByName", {"include": {"names": list(columns)}}),
        ("organize", {"indexByName": order, "renameByName": columns}),
    ):
        panel.with_transformation(DataTransformerConfig(id_val=name, options=options))
    for field in ("request_id", "trace_id"):
        search = f'var-search={field}:"${{__value.raw}}"'
        url = f"/d/conduit-http-log?${{__url_time_range}}&${{logs:queryparam}}&{search}"
        panel.override_by_name(columns[field], [value("links", [{"title": "Only this one", "url": url}])])
    return panel.sort_by([common.TableSortByFieldState().display_name("Time").desc(True)])


def query_builder(query: str, metric: Any, *buckets: Any) -> elasticsearch.Dataquery:
    """Builds a query to Elasticsearch."""
    builder = elasticsearch.Dataquery().ref_id("A").query(query).time_field(TIME)
    return builder.metrics([metric]).bucket_aggs(list(buckets))


def over_time() -> elasticsearch.DateHistogram:
    """Groups by time, one bucket per point of the graph."""
    settings = elasticsearch.ElasticsearchDateHistogramSettings().interval("auto").min_doc_count("0")
    return elasticsearch.DateHistogram().id("2").field(TIME).settings(settings)


def terms_settings() -> elasticsearch.ElasticsearchTermsSettings:
    """Returns settings for all values in ascending order."""
    settings = elasticsearch.ElasticsearchTermsSettings().order(TermsOrder.ASC).order_by("_term")
    return settings.size("0").min_doc_count("1")
