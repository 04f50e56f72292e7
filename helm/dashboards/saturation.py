"""What does it wait for? What is nearly full: requests in flight, connections, the queue for hashing, the process."""

from board import Board, of_prometheus
from panels import GREEN, ORANGE, RED, Builder, Query, coloured, curves, figure, ranking
from promql import HERE, gauge, quantile, rate

POD = "{{namespace}}/{{pod}}"
BY_POD = "namespace, pod"
RECORDED = 'namespace=~"$namespace", pod=~"$pod"'


def board() -> Board:
    """The dashboard."""
    about = "What requests wait for, and how full everything is that can be full."
    return (
        Board("conduit-saturation", "Saturation", about, of_prometheus())
        .row("How full is it?", full(), across=4, height=4)
        .row("Requests", requests(), across=3)
        .row("Database", database(), across=3)
        .row("Slowest statements", [slowest()], across=1, height=11)
        .row("Password hashing", hashing(), across=3)
        .row("Process", process(), across=3)
    )


def full() -> list[Builder]:
    """The fullest instance of each kind; green means that there is room."""
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
            f"max(password_hash_queue_length{{{HERE}}})",
            GREEN,
            ((16, ORANGE), (48, RED)),
        ),
        figure(
            "File descriptors",
            "The fullest process' share of open ones.",
            "percentunit",
            f"max(process_open_fds{{{HERE}}} / process_max_fds{{{HERE}}})",
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
    """What is being worked on."""
    read = "http_server_request_body_size_bytes"
    sent = "http_server_response_body_size_bytes"
    return [
        curves(
            "In flight",
            "Requests that are being answered, by instance.",
            "short",
            Query(gauge("http_server_requests_in_flight", BY_POD), POD),
        ),
        curves(
            "Bodies",
            "Bytes a second in the bodies of requests and of answers.",
            "Bps",
            Query(rate(f"{read}_sum"), "received"),
            Query(rate(f"{sent}_sum"), "sent"),
        ),
        curves(
            "Largest answers",
            "99 of 100 answers of a route are no larger.",
            "bytes",
            Query(quantile(0.99, sent, "method, route"), "{{method}} {{route}}"),
        ),
    ]


def database() -> list[Builder]:
    """Connections and statements."""
    pool = "{{pod}} {{pool}}"
    return [
        curves(
            "Database pool",
            "Connections in use and at most, by instance and pool. SQLite has one writer by its nature.",
            "short",
            Query(gauge("db_pool_connections", "pod, pool", f'{HERE}, state="in_use"'), f"{pool} in use"),
            Query(gauge("db_pool_connections", "pod, pool", f'{HERE}, state="max"'), f"{pool} max"),
        ),
        curves(
            "Time waited for a connection",
            "95 of 100 requests waited no longer, by pool. Longer: the pool is too small or statements are too slow.",
            "s",
            Query(quantile(0.95, "db_pool_wait_seconds", "pod, pool"), pool),
            limits=((0.1, ORANGE), (0.5, RED)),
        ),
        curves(
            "Waited in vain",
            "Requests a second that got no connection in time, and were answered with a 503.",
            "reqps",
            Query(rate("db_pool_timeouts_total", "pod, pool"), pool),
            limits=((0.001, RED),),
        ),
        curves(
            "Statements",
            "Statements a second, by what they are for.",
            "ops",
            Query(rate("db_query_duration_seconds_count", "operation"), "{{operation}}"),
        ),
        curves(
            "Statements, 95th percentile",
            "95 of 100 statements of a kind took no longer, as the instance sees it.",
            "s",
            Query(quantile(0.95, "db_query_duration_seconds", "operation"), "{{operation}}"),
            limits=((0.1, ORANGE),),
        ),
        curves(
            "Time in the database",
            "Seconds a second, by what for: how many connections each kind of statement keeps busy.",
            "none",
            Query(rate("db_query_duration_seconds_sum", "operation"), "{{operation}}"),
            stacked=True,
        ),
    ]


def slowest() -> Builder:
    """Which statement to look at first."""
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
    about = "Every kind of statement in the chosen time, the slowest on top. Busy: connections that it kept busy."
    panel = ranking("Slowest statements", about, columns, {"operation": "Operation"}, by="p95")
    return panel.override_by_regexp("/^p/", coloured("transparent", ((0.1, ORANGE), (1, RED))))


def hashing() -> list[Builder]:
    """Argon2 takes a core and 19 MiB for each log-in, so log-ins queue."""
    return [
        curves(
            "Password hashing",
            "Half and 95 of 100 hashes took no longer, without the wait for their turn.",
            "s",
            *(
                Query(quantile(share, "password_hash_duration_seconds", "pod"), f"{{{{pod}}}} p{share * 100:.0f}")
                for share in (0.5, 0.95)
            ),
        ),
        curves(
            "Queue",
            "Those who wait for their turn, by instance.",
            "short",
            Query(gauge("password_hash_queue_length", BY_POD), POD),
        ),
        curves(
            "Hashed and turned away",
            "Hashes a second, and log-ins and registrations that found the queue full.",
            "reqps",
            Query(rate("password_hash_duration_seconds_count"), "hashed"),
            Query(rate("password_hash_rejected_total"), "turned away"),
        ),
    ]


def process() -> list[Builder]:
    """As the operating system sees it."""
    return [
        curves("CPU", "Cores in use, by instance.", "none", Query(rate("process_cpu_seconds_total", BY_POD), POD)),
        curves(
            "Memory",
            "Resident memory, by instance. A plateau is well, a slope is a leak.",
            "bytes",
            Query(gauge("process_resident_memory_bytes", BY_POD), POD),
        ),
        curves(
            "File descriptors",
            "Open ones, mostly connections, and the most that there may be.",
            "short",
            Query(gauge("process_open_fds", BY_POD), f"{POD} open"),
            Query(gauge("process_max_fds", BY_POD), f"{POD} max"),
        ),
        curves("Threads", "Threads, by instance.", "short", Query(gauge("process_threads", BY_POD), POD)),
        curves(
            "Running since",
            "How long an instance has been running. A drop is a restart, and is expected at a deployment only.",
            "s",
            Query(f"time() - max by ({BY_POD}) (process_start_time_seconds{{{HERE}}})", POD),
        ),
        versions(),
    ]


def versions() -> Builder:
    """What runs where."""
    about = "What runs where; more than one version only during a deployment."
    labels = {"namespace": "Namespace", "pod": "Pod", "version": "Version", "revision": "Revision", "engine": "Engine"}
    running = Query(f"max by ({', '.join(labels)}) (conduit_build_info{{{HERE}}})", "short")
    return ranking("Versions", about, {"Instances": running}, labels, by="Pod")
