"""The figures as tables, each beside what is asked of it."""

import math
import re

MARKS = ("<!-- measured: ./scripts/bench writes from here -->", "<!-- measured: to here -->")
HEAD = """# Benchmarks

Measured by `./scripts/bench`; see `load/`. Absolute figures hold for one machine on one day: the ratios are what counts. A ratio is the median of those of the rounds, in
each of which two things are measured side by side, and so not quite the quotient of the medians that stand beside it.

"""
TITLES = {"postgres": "PostgreSQL", "sqlite": "SQLite"}
SCENARIO = (
    "50 users, 500 articles, 5,000 comments, favorites and follows; then 32 visitors who use every endpoint at once, eleven reads to ten "
    "writes, as fast as they get their answers. k6 takes more of the processor than the server, so this shows times, not the most that is possible."
)
COUNTERS = {
    "none": "without the number of all articles",
    "spread": "the number spread over 32 rows, as it is",
    "single": "the number in a single row",
}
LIBC = (
    "The program of the image, which has the C library in itself, and the one that loads the system's, in turns under the same load (wrk, 32 "
    "connections): requests per second of the first over those of the second, the median of all rounds."
)
MIDDLEWARE = (
    "What metrics, request ids, spans, the access log (JSON, to a file), CORS and the headers cost: the service beside a program that mounts the "
    "same routes without them and writes no log. Both time their statements and catch what panics, which belongs to the routes."
)
START_MS = {"postgres": 100, "sqlite": 50}


def checks(name, result):
    """Everything that must hold besides the ratios: what, the figure, the bound, and whether it holds."""
    endpoints, cores = result["endpoints"], result["machine"]["cores"]
    most = lambda kind: max((e["memory_mib"] for e in endpoints if e["kind"] == kind), default=None)
    tail = max(endpoints, key=lambda e: e["p99_ms"] / e["p50_ms"])
    figures = [
        ("errors and timeouts", sum(e["errors"] for e in endpoints), 0, "{:.0f}"),
        (f"p99 ÷ p50, the worst of all ({tail['name']})", tail["p99_ms"] / tail["p50_ms"], 6, "{:.1f}"),
        ("resident memory, idle", result["idle_memory_mib"], 40, "{:.0f} MiB"),
        ("resident memory under reads", most("read"), 120, "{:.0f} MiB"),
        ("resident memory under log-ins", most("login"), 120 + 19 * cores, "{:.0f} MiB"),
        ("resident memory under writes", most("write"), None, "{:.0f} MiB"),
        ("from exec to the first 200, median", result["start_ms"], START_MS[name], "{:.0f} ms"),
        ("the program's file", result["binary_mb"], 25, "{:.1f} MB"),
    ]
    for what, figure, bound, form in figures:
        if figure is not None:
            asked = "" if bound is None else ("" if bound == 0 else "≤ ") + form.format(bound)
            yield what, form.format(figure), asked, bound is None or figure <= bound


def endpoint_table(result):
    """A row per endpoint."""
    rows = [
        "| endpoint | requests/s | limit | ratio | asked | | of a bare handler | of both | p50 | p99 | errors | memory |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for e in result["endpoints"]:
        share = f"{e['per_second']:,.0f} | {e['limit_per_second']:,.0f} | {rounded_down(e['ratio'])} | ≥ {e['target']:.2f}"
        bare = "– | –" if e["of_bare_handler"] is None else " | ".join(map(rounded_down, (e["of_bare_handler"], of_both(e))))
        times = f"{e['p50_ms']:.2f} ms | {e['p99_ms']:.2f} ms"
        rest = f"{verdict(e['ratio'] >= e['target'])} | {bare} | {times} | {e['errors']} | {e['memory_mib']:.0f} MiB"
        rows.append(f"| {e['name']} | {share} | {rest} |")
    return "\n".join(rows)


def of_both(endpoint):
    """The share of a program that takes as long for a request as the limit and the bare handler together."""
    return endpoint["ratio"] + endpoint["of_bare_handler"]


def rounded_down(ratio):
    """With two decimals, so that no figure looks as if it held."""
    return f"{math.floor(100 * ratio) / 100:.2f}"


def log_words(result):
    """What writes put into the write-ahead log."""
    each = ", ".join(f"{e['name']} {e['log_bytes_each'] / 1024:.1f} KiB" for e in result["endpoints"] if e["log_bytes_each"])
    return [f"Written to the write-ahead log per request, soon after a checkpoint, when whole pages are: {each}."] if each else []


def rounded_up(ratio):
    """The same of what must be small."""
    return f"{math.ceil(100 * ratio) / 100:.2f}"


def check_table(name, result):
    """A row per check."""
    rows = ["| what | measured | asked | |", "|---|--:|--:|---|"]
    for what, figure, asked, holds in checks(name, result):
        rows.append(f"| {what} | {figure} | {asked} | {verdict(holds) if asked else ''} |")
    return "\n".join(rows)


def verdict(holds):
    """In words that stand out."""
    return "holds" if holds else "**falls short**"


def place(result):
    """Where and when it was measured."""
    machine = result["machine"]
    return (
        f"{result['engine']}, {machine['cores']} cores ({machine['processor']}) that database, server and load generator share, "
        f"{machine['memory_gib']} GiB, {machine['kernel']}. Revision {result['revision']}, {result['taken']}."
    )


def circumstances(result):
    """Where, when and how the endpoints were measured."""
    limit = (
        f"The limit is {result['limit']}. That of log-ins is cores ÷ time of one verification, which is a lone log-in less a "
        "lone `GET /api/user`. A bare handler is one of actix-web that answers the same bytes and asks no database; of both means of a program that "
        "takes as long for a request as the limit and the bare handler together."
    )
    return f"{place(result)} wrk, 32 connections, medians of {result['rounds']} rounds of {result['seconds']} s. {limit}"


def growth_table(result):
    """A row per GET, a column per size."""
    steps = result["steps"]
    sizes = " | ".join(f"{step['articles']:,}" for step in steps)
    rows = [f"| p50 at … articles | {sizes} | last ÷ first | asked | |", "|---|" + "--:|" * (len(steps) + 2) + "---|"]
    for name, ratio in result["ratios"].items():
        times = " | ".join(f"{step['p50_ms'][name]:.2f} ms" for step in steps)
        rows.append(f"| {name} | {times} | {ratio:.2f} | ≤ {result['target']:.1f} | {verdict(ratio <= result['target'])} |")
    rows.append(f"| errors | {' | '.join(str(step['errors']) for step in steps)} | | | |")
    for part in steps[0]["bytes"]:
        each = " | ".join(f"{step['bytes'][part] / step['articles']:,.0f} B" for step in steps)
        rows.append(f"| {part}, per article with all that goes with it | {each} | | | |")
    rows.append(f"| resident memory | {' | '.join('%.0f MiB' % step['memory_mib'] for step in steps)} | | | |")
    return "\n".join(rows)


def scenario_table(results):
    """A row per endpoint, the engines beside one another."""
    names = sorted(results)
    rows = ["| endpoint |" + "".join(f" {TITLES[name]}: p50 | p95 | p99 |" for name in names), "|---|" + "--:|" * 3 * len(names)]
    for endpoint in results[names[0]]["endpoints"]:
        trends = [results[name]["endpoints"][endpoint] for name in names]
        times = "".join(f" {t['med']:.2f} ms | {t['p(95)']:.2f} ms | {t['p(99)']:.2f} ms |" for t in trends)
        rows.append(f"| {endpoint} |{times}")
    return "\n".join(rows)


def counter_table(result):
    """A row per way to count."""
    rows = ["| `POST /api/articles` by 32 clients | requests/s | ÷ without | asked | |", "|---|--:|--:|--:|---|"]
    for which, what in COUNTERS.items():
        ratio, target = result["ratios"][which], result["target"]
        asked = f"≥ {target:.2f} | {verdict(ratio >= target)}" if which == "spread" else "|"
        rows.append(f"| {what} | {result['per_second'][which]:,.0f} | {rounded_down(ratio)} | {asked} |")
    return "\n".join(rows)


def libc_table(results):
    """A row per endpoint, the engines beside one another."""
    names = sorted(results)
    rows = [f"| static ÷ dynamic |{''.join(f' {TITLES[name]} |' for name in names)}", f"|---|{'--:|' * len(names)}"]
    for endpoint in results[names[0]]["ratios"]:
        ratios = "".join(f" {results[name]['ratios'][endpoint]:.2f} |" for name in names)
        rows.append(f"| {endpoint} |{ratios}")
    return "\n".join(rows)


def middleware_table(results):
    """A row per engine."""
    rows = ["| | requests/s with it | without | ratio (of the rounds) | asked | | errors |", "|---|--:|--:|--:|--:|---|--:|"]
    for name, result in sorted(results.items()):
        lowest, highest = result["range"]
        ratio = f"{rounded_up(result['ratio'])} ({lowest:.2f} to {highest:.2f})"
        figures = f"{result['per_second_with']:,.0f} | {result['per_second_without']:,.0f} | {ratio}"
        asked = f"≤ {result['target']:.2f} | {verdict(result['ratio'] <= result['target'])}"
        rows.append(f"| {TITLES[name]} | {figures} | {asked} | {result['errors']} |")
    return "\n".join(rows)


def markdown(results):
    """The measured part of the document."""
    parts = []
    for name, result in sorted(results.get("endpoints", {}).items()):
        parts += [f"## {TITLES[name]}", circumstances(result), endpoint_table(result), *log_words(result), check_table(name, result)]
    if parts:
        parts.insert(0, "![Each endpoint as a share of the limit](benchmarks.svg)")
    growth = results.get("growth", {})
    if growth:
        parts += ["## Growth", "![p50 of each GET as the data grows](growth.svg)"]
    for name, result in sorted(growth.items()):
        how = f"wrk, 32 connections, medians of {result['rounds']} rounds of {result['seconds']} s."
        parts += [f"### {TITLES[name]}", f"{place(result)} {how}", growth_table(result)]
    for result in results.get("counter", {}).values():
        how = f"wrk, medians of {result['rounds']} rounds of {result['seconds']} s, in turns."
        parts += ["## The number of all articles", f"{place(result)} {how}", counter_table(result)]
    libc = results.get("libc", {})
    if libc:
        parts += ["## The program of the image", LIBC, *map(place, libc.values()), libc_table(libc)]
    scenario = results.get("scenario", {})
    if scenario:
        parts += ["## The scenario of public comparisons", SCENARIO]
        parts += [
            f"{TITLES[name]}: {result['per_second']:,.0f} requests/s, {result['errors']} errors, at most {result['memory_mib']:.0f} MiB. {place(result)}"
            for name, result in sorted(scenario.items())
        ]
        parts.append(scenario_table(scenario))
    middleware = results.get("middleware", {})
    if middleware:
        parts += ["## What surrounds the handlers", MIDDLEWARE, middleware_table(middleware)]
        parts += [f"{TITLES[name]}: {pairs(result)} {place(result)}" for name, result in sorted(middleware.items())]
    return "\n\n".join(parts)


def pairs(result):
    """How a request was measured with and without something."""
    return f"`{result['request']}`, wrk, 32 connections, medians of {result['rounds']} rounds of {result['seconds']} s."


def document(results, old):
    """The document with the measured part in its place; what people wrote around it stays."""
    part = f"{MARKS[0]}\n\n{markdown(results)}\n\n{MARKS[1]}"
    if old is None or not all(mark in old for mark in MARKS):
        return f"{old or HEAD}{part}\n"
    return re.sub(f"{re.escape(MARKS[0])}.*{re.escape(MARKS[1])}", lambda _: part, old, flags=re.DOTALL)
