"""Saturation: requests in flight, connections, the queue for password hashing, the process."""

from board import Board, prometheus_variables
from panels import GREEN, ORANGE, RED, Builder, Query, colored, figure, graph, ranking
from promql import SELECTOR, gauge, quantile, rate

POD = "{{namespace}}/{{pod}}"
BY_POD = "namespace, pod"
RECORDED = 'namespace=~"$namespace", pod=~"$pod"'


def board() -> Board:
    """Builds the dashboard."""
    description = "What requests wait for, and how full everything is that can be full."
    return (
        Board("conduit-saturation", "Saturation", description, prometheus_variables())
        .row("How full is it?", saturation_panels(), across=4, height=4)
        .row("Requests", requests(), across=3)
        .row("Database", database(), across=3)
        .row("Slowest statements", [slowest()], across=1, height=11)
        .row("Password hashing", hashing(), across=3)
        .row("Process", process(), across=3)
    )


def saturation_panels() -> list[Builder]:
    """Builds the panels with the fullest instance of each resource; green means spare capacity."""
    pools = f"max(namespace_pod_pool:conduit_pool_utilization:ratio_avg10m{{{RECORDED}}})"
    nearly = ((0.7, ORANGE), (0.9, RED))
    return [
        figure(
            "Database pool",
            "The fullest pool's share of connections in use, over 10 minutes.",
            "percentunit",
            pools,
            GREEN,
            nearly,
        ),
        figure(
            "Password queue",
            "The longest queue of passwords to be hashed; each core has room for 64.",
            "short",
            f"max(password_hash_queue_length{{{SELECTOR}}})",
            GREEN,
            ((16, ORANGE), (48, RED)),
        ),
        figure(
            "File descriptors",
            "The fullest process' share of open ones.",
            "percentunit",
            f"max(process_open_fds{{{SELECTOR}}} / process_max_fds{{{SELECTOR}}})",
            GREEN,
            ((0.6, ORANGE), (0.8, RED)),
        ),
        figure(
            "Turned away",
            "Requests a second that found no connection and log-ins that found the queue full, over 5 minutes.",
            "reqps",
            f"{rate('db_pool_timeouts_total', over='5m')} + {rate('password_hash_rejected_total', over='5m')}",
            GREEN,
            ((0.001, RED),),
        ),
    ]


def requests() -> list[Builder]:
    """Builds the panels about requests."""
    read = "http_server_request_body_size_bytes"
    sent = "http_server_response_body_size_bytes"
    return [
        graph(
            "In flight",
            "Requests that are being answered, by instance.",
            "short",
            Query(gauge("http_server_requests_in_flight", BY_POD), POD),
        ),
        graph(
            "Bodies",
            "Bytes a second in the bodies of requests and of answers.",
            "Bps",
            Query(rate(f"{read}_sum"), "received"),
            Query(rate(f"{sent}_sum"), "sent"),
        ),
        graph(
            "Largest answers",
            "99 of 100 answers of a route are no larger.",
            "bytes",
            Query(quantile(0.99, sent, "method, route"), "{{method}} {{route}}"),
        ),
    ]


def database() -> list[Builder]:
    """Builds the panels about connections and statements."""
    pool = "{{pod}} {{pool}}"
    return [
        graph(
            "Database pool",
            "Connections in use and at most, by instance and pool. SQLite has one writer by its nature.",
            "short",
            Query(gauge("db_pool_connections", "pod, pool", f'{SELECTOR}, state="in_use"'), f"{pool} in use"),
            Query(gauge("db_pool_connections", "pod, pool", f'{SELECTOR}, state="max"'), f"{pool} max"),
        ),
        graph(
            "Time waited for a connection",
            "95 of 100 requests waited no longer, by pool. Longer: the pool is too small or statements are too slow.",
            "s",
            Query(quantile(0.95, "db_pool_wait_seconds", "pod, pool"), pool),
            limits=((0.1, ORANGE), (0.5, RED)),
        ),
        graph(
            "Pool timeouts",
            "Requests a second that got no connection in time, and were answered with a 503.",
            "reqps",
            Query(rate("db_pool_timeouts_total", "pod, pool"), pool),
            limits=((0.001, RED),),
        ),
        graph(
            "Statements",
            "Statements a second, by what they are for.",
            "ops",
            Query(rate("db_query_duration_seconds_count", "operation"), "{{operation}}"),
        ),
        graph(
            "Statements, 95th percentile",
            "95 of 100 statements of a kind took no longer, as the instance sees it.",
            "s",
            Query(quantile(0.95, "db_query_duration_seconds", "operation"), "{{operation}}"),
            limits=((0.1, ORANGE),),
        ),
        graph(
            "Time in the database",
            "Seconds a second, by what for: how many connections each kind of statement keeps busy.",
            "none",
            Query(rate("db_query_duration_seconds_sum", "operation"), "{{operation}}"),
            stacked=True,
        ),
    ]


def slowest() -> Builder:
    """Builds a table of statements, the slowest first."""
    name = "db_query_duration_seconds"

    def within(share: float) -> Query:
        return Query(quantile(share, name, "operation", over="$__range"), "s")

    columns = {
        "Statements": Query(rate(f"{name}_count", "operation", over="$__range"), "ops"),
        "Busy": Query(rate(f"{name}_sum", "operation", over="$__range"), "none"),
        "p50": within(0.5),
        "p95": within(0.95),
        "p99": within(0.99),
    }
    description = "Every kind of statement in the chosen time, the slowest on top. Busy: connections that it kept busy."
    panel = ranking("Slowest statements", description, columns, {"operation": "Operation"}, by="p95")
    return panel.override_by_regexp("/^p/", colored("transparent", ((0.1, ORANGE), (1, RED))))


def hashing() -> list[Builder]:
    """Builds the panels about password hashing: Argon2 takes a core and 19 MiB per log-in."""
    return [
        graph(
            "Password hashing",
            "Half and 95 of 100 hashes took no longer, without the wait for their turn.",
            "s",
            *(
                Query(quantile(share, "password_hash_duration_seconds", "pod"), f"{{{{pod}}}} p{share * 100:.0f}")
                for share in (0.5, 0.95)
            ),
        ),
        graph(
            "Queue",
            "Those who wait for their turn, by instance.",
            "short",
            Query(gauge("password_hash_queue_length", BY_POD), POD),
        ),
        graph(
            "Hashed and turned away",
            "Hashes a second, and log-ins and registrations that found the queue full.",
            "reqps",
            Query(rate("password_hash_duration_seconds_count"), "hashed"),
            Query(rate("password_hash_rejected_total"), "turned away"),
        ),
    ]


def process() -> list[Builder]:
    """Builds the panels about the process, as the operating system reports it."""
    return [
        graph("CPU", "Cores in use, by instance.", "none", Query(rate("process_cpu_seconds_total", BY_POD), POD)),
        graph(
            "Memory",
            "Resident memory, by instance. A plateau is well, a slope is a leak.",
            "bytes",
            Query(gauge("process_resident_memory_bytes", BY_POD), POD),
        ),
        graph(
            "File descriptors",
            "Open ones, mostly connections, and the most that there may be.",
            "short",
            Query(gauge("process_open_fds", BY_POD), f"{POD} open"),
            Query(gauge("process_max_fds", BY_POD), f"{POD} max"),
        ),
        graph("Threads", "Threads, by instance.", "short", Query(gauge("process_threads", BY_POD), POD)),
        graph(
            "Running since",
            "How long an instance has been running. A drop is a restart, and is expected at a deployment only.",
            "s",
            Query(f"time() - max by ({BY_POD}) (process_start_time_seconds{{{SELECTOR}}})", POD),
        ),
        versions(),
    ]


def versions() -> Builder:
    """Builds a table of the versions that run."""
    description = "What runs where; more than one version only during a deployment."
    labels = {"namespace": "Namespace", "pod": "Pod", "version": "Version", "revision": "Revision", "engine": "Engine"}
    running = Query(f"max by ({', '.join(labels)}) (conduit_build_info{{{SELECTOR}}})", "short")
    return ranking("Versions", description, {"Instances": running}, labels, by="Pod")
