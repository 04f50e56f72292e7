"""Usage: registrations, content, and failed log-ins."""

from board import Board, prometheus_variables
from panels import ORANGE, RED, Builder, Query, count, graph
from promql import increase, rate

SECONDS_PER_HOUR = 3600
METRICS = {
    "Users": ("conduit_users_registered_total", "Users who registered"),
    "Articles": ("conduit_articles_published_total", "Articles that were published"),
    "Comments": ("conduit_comments_added_total", "Comments that were added"),
    "Favorites": ("conduit_favorites_added_total", "Articles that somebody made a favorite"),
    "Follows": ("conduit_follows_added_total", "Authors whom somebody began to follow"),
    "Log-ins": ("conduit_logins_total", "Log-ins that succeeded"),
}


def board() -> Board:
    """Builds the dashboard."""
    description = "What people do with it. Counted by instances since they started, so that a restart may cost a few."
    return (
        Board("conduit-business", "Business", description, prometheus_variables(), hours=24)
        .row("In the chosen time", [total_in_range(title) for title in METRICS], across=6, height=4)
        .row("By the hour", [per_hour(title) for title in METRICS], across=3)
        .row("Failed log-ins", failures(), across=2)
    )


def total_in_range(title: str) -> Builder:
    """Builds a panel with the count in the selected time range."""
    metric, description = METRICS[title]
    return count(title, f"{description} in the chosen time.", increase(metric))


def per_hour(title: str) -> Builder:
    """Builds a panel with the rate per hour."""
    metric, description = METRICS[title]
    return graph(
        f"{title} an hour",
        f"{description}, as a rate an hour.",
        "short",
        Query(f"{rate(metric)} * {SECONDS_PER_HOUR}", title.lower()),
    )


def failures() -> list[Builder]:
    """Builds the panels about failed log-ins."""
    return [
        graph(
            "Failed log-ins by reason",
            "unknown_email and wrong_password: mistyped or guessed. throttled: one address tried too often. "
            "overloaded: the queue for hashing was full.",
            "reqps",
            Query(rate("conduit_login_failures_total", "reason"), "{{reason}}"),
            stacked=True,
        ),
        graph(
            "Share of log-ins that fail",
            "Of those who tried, by namespace; the alert begins above a half, if that is more than one a second.",
            "percentunit",
            Query('namespace:conduit_login_failures:ratio_rate5m{namespace=~"$namespace"}', "{{namespace}}"),
            limits=((0.25, ORANGE), (0.5, RED)),
        ),
    ]
