"""Is it well? And if not: which promise, which route, since when? The first dashboard that anybody opens."""

from board import Board, of_prometheus, routes
from panels import GREEN, ORANGE, RED, Builder, Query, by_class, coloured, curves, figure, ranking, value
from promql import DURATION, HERE, NAMESPACE, USERS, quantile, rate

COUNT = f"{DURATION}_count"
FAILED = f'{USERS}, status=~"5.."'
BURNS = ((1, ORANGE), (6, RED), (14.4, "dark-red"))
PROMISED_SECONDS = 0.25


def board() -> Board:
    """The dashboard."""
    about = "Rate, errors and duration of what users ask, and what is left of the promises."
    return (
        Board("conduit-overview", "Overview", about, of_prometheus(routes()))
        .row("Is it well?", well(), across=8, height=4)
        .row("Requests", requests(), across=3)
        .row("Promises", promises(), across=2)
        .row("By route", by_route(), across=3)
        .row("Slowest routes", [slowest()], across=1, height=11)
    )


def well() -> list[Builder]:
    """Green means yes."""
    firing = 'ALERTS{alertname=~"Conduit.+", alertstate="firing", namespace=~"$namespace|"}'
    everything = f"sum(rate({COUNT}{{{USERS}}}[5m]))"
    failed = f"(sum(rate({COUNT}{{{FAILED}}}[5m])) or 0 * {everything})"
    return [
        figure(
            "Instances",
            "Those that Prometheus reaches.",
            "short",
            f"sum(up{{{HERE}}}) or vector(0)",
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
        figure("Requests now", "Of users, a second; without probes.", "reqps", everything, "blue"),
        figure(
            "Failed now",
            "Share of the requests that were answered with a 5xx, over 5 minutes.",
            "percentunit",
            f"{failed} / {everything}",
            GREEN,
            ((0.001, ORANGE), (0.0144, RED)),
            decimals=2,
        ),
        figure(
            "99th percentile now",
            "99 of 100 requests are answered within this time, over 5 minutes.",
            "s",
            quantile(0.99, DURATION, where=USERS, over="5m"),
            GREEN,
            ((PROMISED_SECONDS, ORANGE), (1, RED)),
        ),
        figure(
            "Burn rate now",
            "The worse of the two promises, over an hour. At 1 a month's budget lasts a month, at 14.4 two days.",
            "none",
            f"max(namespace:conduit_availability_errors:ratio_rate1h{{{NAMESPACE}}} / 0.001"
            # A label of its own, or it would be taken for the other.
            f" or label_replace(namespace:conduit_latency_errors:ratio_rate1h{{{NAMESPACE}}} / 0.01,"
            ' "promise", "latency", "", ""))',
            GREEN,
            ((1, ORANGE), (6, RED)),
            decimals=1,
        ),
        left("Error budget left", "0.1 % of the requests may fail", "failed", "requests", 0.001),
        left(
            "Latency budget left", "1 % of the requests may take longer than 250 ms", "slow", "requests_answered", 0.01
        ),
    ]


def left(title: str, promise: str, bad: str, everything: str, budget: float) -> Builder:
    """How much of a budget is left."""
    spent = (
        f"sum(avg_over_time(namespace:conduit_requests_{bad}:rate5m{{{NAMESPACE}}}[30d]))"
        f" / sum(avg_over_time(namespace:conduit_{everything}:rate5m{{{NAMESPACE}}}[30d]))"
    )
    about = f"{promise}, over 30 days or as long as Prometheus remembers; below 0 the promise is broken."
    return figure(title, about, "percentunit", f"1 - {spent} / {budget}", RED, ((0, ORANGE), (0.5, GREEN)), decimals=1)


def requests() -> list[Builder]:
    """All routes together."""
    statuses = curves(
        "By status",
        "Requests a second by what was answered. 499: the client went away before the answer.",
        "reqps",
        Query(rate(COUNT, "status", USERS), "{{status}}"),
        stacked=True,
    )
    return [
        by_class(statuses),
        curves(
            "Share that fails",
            "Share of the requests that were answered with a 5xx; the line is the promise.",
            "percentunit",
            Query(
                f"({rate(COUNT, where=FAILED)} or 0 * {rate(COUNT, where=USERS)}) / {rate(COUNT, where=USERS)}",
                "failed",
            ),
            limits=((0.001, RED),),
        ),
        curves(
            "Duration",
            "Half, 95 and 99 of 100 requests are answered within this time; the line is the promise.",
            "s",
            *(Query(quantile(share, DURATION, where=USERS), f"p{share * 100:.0f}") for share in (0.5, 0.95, 0.99)),
            limits=((PROMISED_SECONDS, RED),),
        ),
    ]


def promises() -> list[Builder]:
    """How fast the budgets burn."""
    promised = {
        "availability": (0.001, "requests that fail"),
        "latency": (0.01, "requests that take longer than 250 ms"),
    }
    about = (
        "How many times as fast as sustainable {} use up their budget. The lines are where alerts begin: 1, 6 and 14.4."
    )
    return [
        curves(
            f"Burn rate of {name}",
            about.format(what),
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
        for name, (budget, what) in promised.items()
    ]


def by_route() -> list[Builder]:
    """Where it is."""
    durations = [
        curves(
            f"Duration by route, {share * 100:.0f} %",
            f"{share * 100:.0f} of 100 requests of a route are answered within this time; the line is the promise.",
            "s",
            Query(quantile(share, DURATION, "method, route", USERS), "{{method}} {{route}}"),
            limits=((PROMISED_SECONDS, RED),),
        )
        for share in (0.5, 0.95, 0.99)
    ]
    return [
        curves(
            "Requests by route",
            "Requests a second.",
            "reqps",
            Query(rate(COUNT, "method, route", USERS), "{{method}} {{route}}"),
        ),
        curves(
            "Errors by route",
            "Answers with a 5xx, a second.",
            "reqps",
            Query(rate(COUNT, "method, route, status", FAILED), "{{status}} {{method}} {{route}}"),
        ),
        curves(
            "Refusals by route",
            "Answers with a 4xx, a second: a front end's mistake, or somebody who tries things. unmatched: no route.",
            "reqps",
            Query(rate(COUNT, "method, route, status", f'{USERS}, status=~"4.."'), "{{status}} {{method}} {{route}}"),
        ),
        *durations,
    ]


def slowest() -> Builder:
    """What to make faster first."""

    def within(share: float) -> str:
        return quantile(share, DURATION, "method, route", USERS, "$__range")

    everything = rate(COUNT, "method, route", USERS, "$__range")
    failed = rate(COUNT, "method, route", FAILED, "$__range")
    columns = {
        "Requests": Query(everything, "reqps"),
        "Failed": Query(f"({failed} or 0 * {everything}) / {everything}", "percentunit"),
        "p50": Query(within(0.5), "s"),
        "p95": Query(within(0.95), "s"),
        "p99": Query(within(0.99), "s"),
    }
    about = "Every route in the chosen time, the slowest on top. A click on a route chooses it."
    panel = ranking("Slowest routes", about, columns, {"method": "Method", "route": "Route"}, by="p95")
    link = {
        "title": "Only this route",
        "url": "/d/conduit-overview?${__url_time_range}&var-route=${__value.raw:percentencode}",
    }
    return (
        panel.override_by_name("Route", [value("links", [link])])
        .override_by_name("Failed", coloured("transparent", ((0.001, ORANGE), (0.0144, RED))))
        .override_by_regexp("/^p/", coloured("transparent", ((PROMISED_SECONDS, ORANGE), (1, RED))))
    )
