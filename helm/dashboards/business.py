"""Do people use it? What they registered, wrote and liked, and who could not log in."""

from board import Board, of_prometheus
from panels import ORANGE, RED, Builder, Query, count, curves
from promql import increase, rate

HOUR = 3600
COUNTED = {
    "Users": ("conduit_users_registered_total", "Users who registered"),
    "Articles": ("conduit_articles_published_total", "Articles that were published"),
    "Comments": ("conduit_comments_added_total", "Comments that were added"),
    "Favorites": ("conduit_favorites_added_total", "Articles that somebody made a favorite"),
    "Follows": ("conduit_follows_added_total", "Authors whom somebody began to follow"),
    "Log-ins": ("conduit_logins_total", "Log-ins that succeeded"),
}


def board() -> Board:
    """The dashboard."""
    about = "What people do with it. Counted by instances since they started, so that a restart may cost a few."
    return (
        Board("conduit-business", "Business", about, of_prometheus(), hours=24)
        .row("In the chosen time", [number(title) for title in COUNTED], across=6, height=4)
        .row("By the hour", [by_the_hour(title) for title in COUNTED], across=3)
        .row("Who could not log in", failures(), across=2)
    )


def number(title: str) -> Builder:
    """How many."""
    metric, about = COUNTED[title]
    return count(title, f"{about} in the chosen time.", increase(metric))


def by_the_hour(title: str) -> Builder:
    """How many an hour."""
    metric, about = COUNTED[title]
    return curves(
        f"{title} an hour", f"{about}, as a rate an hour.", "short", Query(f"{rate(metric)} * {HOUR}", title.lower())
    )


def failures() -> list[Builder]:
    """Mistakes, guesses and overload."""
    return [
        curves(
            "Failed log-ins by reason",
            "unknown_email and wrong_password: mistyped or guessed. throttled: one address tried too often. "
            "overloaded: the queue for hashing was full.",
            "reqps",
            Query(rate("conduit_login_failures_total", "reason"), "{{reason}}"),
            stacked=True,
        ),
        curves(
            "Share of log-ins that fail",
            "Of those who tried, by namespace; the alert begins above a half, if that is more than one a second.",
            "percentunit",
            Query('namespace:conduit_login_failures:ratio_rate5m{namespace=~"$namespace"}', "{{namespace}}"),
            limits=((0.25, ORANGE), (0.5, RED)),
        ),
    ]
