"""Overview: health of the service, and the objectives and routes that fail."""

from board import Board, prometheus_variables, routes
from panels import GREEN, ORANGE, RED, Builder, Query, color_by_class, colored, figure, graph, ranking, value
from promql import DURATION, NAMESPACE, SELECTOR, USER_REQUESTS, quantile, rate

COUNT = f"{DURATION}_count"
FAILED = f'{USER_REQUESTS}, status=~"5.."'
BURNS = ((1, ORANGE), (6, RED), (14.4, "dark-red"))
LATENCY_OBJECTIVE = 0.25


def board() -> Board:
    """Builds the dashboard."""
    description = "Rate, errors and duration of what users ask, and what is left of the promises."
    return (
        Board("conduit-overview", "Overview", description, prometheus_variables(routes()))
        .row("Is it well?", health(), across=8, height=4)
        .row("Requests", requests(), across=3)
        .row("Promises", objectives(), across=2)
        .row("By route", by_route(), across=3)
        .row("Slowest routes", [slowest()], across=1, height=11)
    )


def health() -> list[Builder]:
    """Builds the panels of current values; green means healthy."""
    firing = 'ALERTS{alertname=~"Conduit.+", alertstate="firing", namespace=~"$namespace|"}'
    all_requests = f"sum(rate({COUNT}{{{USER_REQUESTS}}}[5m]))"
    failed = f"(sum(rate({COUNT}{{{FAILED}}}[5m])) or 0 * {all_requests})"
    return [
        figure(
            "Instances",
            "Those that Prometheus reaches.",
            "short",
            f"sum(up{{{SELECTOR}}}) or vector(0)",
            RED,
            ((1, GREEN),),
        ),
        figure(
            "Alerts",
            "Those of Conduit that fire now; docs/runbook.md says what to do.",
            "short",
            f"count({firing}) or vector(0)",
            GREEN,
            ((1, RED),),
        ),
        figure("Requests now", "Of users, a second; without probes.", "reqps", all_requests, "blue"),
        figure(
            "Failed now",
            "Share of the requests that were answered with a 5xx, over 5 minutes.",
            "percentunit",
            f"{failed} / {all_requests}",
            GREEN,
            ((0.001, ORANGE), (0.0144, RED)),
            decimals=2,
        ),
        figure(
            "99th percentile now",
            "99 of 100 requests are answered within this time, over 5 minutes.",
            "s",
            quantile(0.99, DURATION, where=USER_REQUESTS, over="5m"),
            GREEN,
            ((LATENCY_OBJECTIVE, ORANGE), (1, RED)),
        ),
        figure(
            "Burn rate now",
            "The worse of the two promises, over an hour. At 1 a month's budget lasts a month, at 14.4 two days.",
            "none",
            f"max(namespace:conduit_availability_errors:ratio_rate1h{{{NAMESPACE}}} / 0.001"
            # The label keeps `or` from treating the two series as the same.
            f" or label_replace(namespace:conduit_latency_errors:ratio_rate1h{{{NAMESPACE}}} / 0.01,"
            ' "promise", "latency", "", ""))',
            GREEN,
            ((1, ORANGE), (6, RED)),
            decimals=1,
        ),
        budget_left("Error budget left", "0.1 % of the requests may fail", "failed", "requests", 0.001),
        budget_left(
            "Latency budget left", "1 % of the requests may take longer than 250 ms", "slow", "requests_answered", 0.01
        ),
    ]


def budget_left(title: str, objective: str, bad: str, all_requests: str, budget: float) -> Builder:
    """Builds a panel with the remaining share of an error budget."""
    spent = (
        f"sum(avg_over_time(namespace:conduit_requests_{bad}:rate5m{{{NAMESPACE}}}[30d]))"
        f" / sum(avg_over_time(namespace:conduit_{all_requests}:rate5m{{{NAMESPACE}}}[30d]))"
    )
    description = f"{objective}, over 30 days or as long as Prometheus remembers; below 0 the promise is broken."
    return figure(
        title, description, "percentunit", f"1 - {spent} / {budget}", RED, ((0, ORANGE), (0.5, GREEN)), decimals=1
    )


def requests() -> list[Builder]:
    """Builds the panels about all routes together."""
    statuses = graph(
        "By status",
        "Requests a second by what was answered. 499: the client went away before the answer.",
        "reqps",
        Query(rate(COUNT, "status", USER_REQUESTS), "{{status}}"),
        stacked=True,
    )
    return [
        color_by_class(statuses),
        graph(
            "Share that fails",
            "Share of the requests that were answered with a 5xx; the line is the promise.",
            "percentunit",
            Query(
                f"({rate(COUNT, where=FAILED)} or 0 * {rate(COUNT, where=USER_REQUESTS)}) / {rate(COUNT, where=USER_REQUESTS)}",
                "failed",
            ),
            limits=((0.001, RED),),
        ),
        graph(
            "Duration",
            "Half, 95 and 99 of 100 requests are answered within this time; the line is the promise.",
            "s",
            *(
                Query(quantile(share, DURATION, where=USER_REQUESTS), f"p{share * 100:.0f}")
                for share in (0.5, 0.95, 0.99)
            ),
            limits=((LATENCY_OBJECTIVE, RED),),
        ),
    ]


def objectives() -> list[Builder]:
    """Builds the panels with the burn rates of the error budgets."""
    budgets = {
        "availability": (0.001, "requests that fail"),
        "latency": (0.01, "requests that take longer than 250 ms"),
    }
    description = (
        "How many times as fast as sustainable {} use up their budget. The lines are where alerts begin: 1, 6 and 14.4."
    )
    return [
        graph(
            f"Burn rate of {name}",
            description.format(violation),
            "none",
            *(
                Query(
                    f"namespace:conduit_{name}_errors:ratio_rate{over}{{{NAMESPACE}}} / {budget}",
                    f"{{{{namespace}}}} {over}",
                )
                for over in ("1h", "6h", "3d")
            ),
            limits=BURNS,
        )
        for name, (budget, violation) in budgets.items()
    ]


def by_route() -> list[Builder]:
    """Builds the panels by route."""
    durations = [
        graph(
            f"Duration by route, {share * 100:.0f} %",
            f"{share * 100:.0f} of 100 requests of a route are answered within this time; the line is the promise.",
            "s",
            Query(quantile(share, DURATION, "method, route", USER_REQUESTS), "{{method}} {{route}}"),
            limits=((LATENCY_OBJECTIVE, RED),),
        )
        for share in (0.5, 0.95, 0.99)
    ]
    return [
        graph(
            "Requests by route",
            "Requests a second.",
            "reqps",
            Query(rate(COUNT, "method, route", USER_REQUESTS), "{{method}} {{route}}"),
        ),
        graph(
            "Errors by route",
            "Answers with a 5xx, a second.",
            "reqps",
            Query(rate(COUNT, "method, route, status", FAILED), "{{status}} {{method}} {{route}}"),
        ),
        graph(
            "Refusals by route",
            "Answers with a 4xx, a second: a front end's mistake, or somebody who tries things. unmatched: no route.",
            "reqps",
            Query(
                rate(COUNT, "method, route, status", f'{USER_REQUESTS}, status=~"4.."'),
                "{{status}} {{method}} {{route}}",
            ),
        ),
        *durations,
    ]


def slowest() -> Builder:
    """Builds a table of routes, the slowest first."""

    def within(share: float) -> str:
        return quantile(share, DURATION, "method, route", USER_REQUESTS, "$__range")

    all_requests = rate(COUNT, "method, route", USER_REQUESTS, "$__range")
    failed = rate(COUNT, "method, route", FAILED, "$__range")
    columns = {
        "Requests": Query(all_requests, "reqps"),
        "Failed": Query(f"({failed} or 0 * {all_requests}) / {all_requests}", "percentunit"),
        "p50": Query(within(0.5), "s"),
        "p95": Query(within(0.95), "s"),
        "p99": Query(within(0.99), "s"),
    }
    description = "Every route in the chosen time, the slowest on top. A click on a route chooses it."
    panel = ranking("Slowest routes", description, columns, {"method": "Method", "route": "Route"}, by="p95")
    link = {
        "title": "Only this route",
        "url": "/d/conduit-overview?${__url_time_range}&var-route=${__value.raw:percentencode}",
    }
    return (
        panel.override_by_name("Route", [value("links", [link])])
        .override_by_name("Failed", colored("transparent", ((0.001, ORANGE), (0.0144, RED))))
        .override_by_regexp("/^p/", colored("transparent", ((LATENCY_OBJECTIVE, ORANGE), (1, RED))))
    )
