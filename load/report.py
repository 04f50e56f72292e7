"""The results as Markdown tables, each figure beside its target."""

import math
import re
import textwrap

MARKS = ("<!-- measured: ./scripts/bench writes from here -->", "<!-- measured: to here -->")
TITLES = {"postgres": "PostgreSQL", "sqlite": "SQLite"}


def paragraph(text):
    """Wraps a paragraph at 100 columns."""
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


HEAD = (
    "# Benchmarks\n\n"
    + paragraph(
        "Measured by `./scripts/bench`; see `load/`. Absolute figures are valid for one machine on one day; compare "
        "the ratios. A ratio is the median of the rounds' ratios, each of two measurements in alternation. It may "
        "therefore differ from the quotient of the medians beside it."
    )
    + "\n\n"
)
SCENARIO = paragraph(
    "50 users, 500 articles, 5,000 comments, favorites and follows. Then 32 visitors use every endpoint, with eleven "
    "reads to ten writes, each as fast as responses arrive. k6 uses more processor time than the server, so this shows "
    "response times, not the highest possible throughput."
)
COUNTERS = {
    "none": "without counting all articles",
    "spread": "the count spread over 32 rows, as it is",
    "single": "the count in a single row",
}
LIBC = paragraph(
    "The program of the image, which is linked statically, beside one that loads the system's C library, in "
    "alternation under the same load (wrk, 32 connections): ratio of their requests per second, median of all rounds."
)
MIDDLEWARE = paragraph(
    "What metrics, request ids, spans, the access log (JSON, to a file), CORS and the security headers cost: the "
    "service beside a program that mounts the same routes without them and writes no log. Both measure their "
    "statements and catch panics, which belongs to the routes."
)
START_MS = {"postgres": 100, "sqlite": 50}


def checks(name, result):
    """Yields what must be true besides the ratios: label, figure, bound, and whether it is met."""
    endpoints, cores = result["endpoints"], result["machine"]["cores"]
    peak = lambda kind: max((e["memory_mib"] for e in endpoints if e["kind"] == kind), default=None)
    worst = max(endpoints, key=lambda e: e["p99_ms"] / e["p50_ms"])
    figures = [
        ("errors and timeouts", sum(e["errors"] for e in endpoints), 0, "{:.0f}"),
        (f"p99 ÷ p50, the highest ({worst['name']})", worst["p99_ms"] / worst["p50_ms"], 6, "{:.1f}"),
        ("resident memory, idle", result["idle_memory_mib"], 40, "{:.0f} MiB"),
        ("resident memory under reads", peak("read"), 120, "{:.0f} MiB"),
        ("resident memory under log-ins", peak("login"), 120 + 19 * cores, "{:.0f} MiB"),
        ("resident memory under writes", peak("write"), None, "{:.0f} MiB"),
        ("from exec to the first 200, median", result["start_ms"], START_MS[name], "{:.0f} ms"),
        ("size of the program", result["binary_mb"], 25, "{:.1f} MB"),
    ]
    for label, figure, bound, form in figures:
        if figure is not None:
            target = "" if bound is None else ("" if bound == 0 else "≤ ") + form.format(bound)
            yield label, form.format(figure), target, bound is None or figure <= bound


def endpoint_table(result):
    """Returns a table with a row per endpoint."""
    rows = [
        "| endpoint | requests/s | limit | ratio | target | | of a bare handler | of both | p50 | p99 | errors | memory |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for e in result["endpoints"]:
        cells = [
            e["name"],
            f"{e['per_second']:,.0f}",
            f"{e['limit_per_second']:,.0f}",
            rounded_down(e["ratio"]),
            f"≥ {e['target']:.2f}",
            verdict(e["ratio"] >= e["target"]),
            *(("–", "–") if e["of_bare_handler"] is None else map(rounded_down, (e["of_bare_handler"], of_both(e)))),
            f"{e['p50_ms']:.2f} ms",
            f"{e['p99_ms']:.2f} ms",
            str(e["errors"]),
            f"{e['memory_mib']:.0f} MiB",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def of_both(endpoint):
    """Returns the share of a program that needs the limit's time plus the bare handler's."""
    return endpoint["ratio"] + endpoint["of_bare_handler"]


def rounded_down(ratio):
    """Formats a ratio that has a lower bound, so that rounding cannot make it look met."""
    return f"{math.floor(100 * ratio) / 100:.2f}"


def rounded_up(ratio):
    """Formats a ratio that has an upper bound."""
    return f"{math.ceil(100 * ratio) / 100:.2f}"


def wal_paragraph(result):
    """Returns how much writes add to the write-ahead log, if that is known."""
    writes = [e for e in result["endpoints"] if e["log_bytes_each"]]
    each = ", ".join(f"{e['name']} {e['log_bytes_each'] / 1024:.1f} KiB" for e in writes)
    text = f"Write-ahead log per request, soon after a checkpoint, when it contains whole pages: {each}."
    return [paragraph(text)] if writes else []


def check_table(name, result):
    """Returns a table with a row per check."""
    rows = ["| what | measured | target | |", "|---|--:|--:|---|"]
    for label, figure, target, is_met in checks(name, result):
        rows.append(f"| {label} | {figure} | {target} | {verdict(is_met) if target else ''} |")
    return "\n".join(rows)


def verdict(is_met):
    """Formats whether a target is met; a missed one stands out."""
    return "met" if is_met else "**missed**"


def environment(result):
    """Describes where and when the result was measured."""
    machine = result["machine"]
    return (
        f"{result['engine']}, {machine['cores']} cores ({machine['processor']}) shared by database, server and load "
        f"generator, {machine['memory_gib']} GiB, {machine['kernel']}. Revision {result['revision']}, {result['taken']}."
    )


def endpoint_method(result):
    """Describes where, when and how the endpoints were measured."""
    return paragraph(
        f"{environment(result)} wrk, 32 connections, medians of {result['rounds']} rounds of {result['seconds']} s. "
        f"The limit is {result['limit']}. The limit of log-ins is cores ÷ duration of one verification, which is that "
        "of a log-in without other load less that of a `GET /api/user`. A bare handler is one of actix-web that "
        "returns the same bytes and uses no database. “Of both” is the share of a program that needs, for each "
        "request, the time of the limit plus that of the bare handler."
    )


def growth_table(result):
    """Returns a table with a row per GET and a column per size."""
    steps = result["steps"]
    sizes = " | ".join(f"{step['articles']:,}" for step in steps)
    rows = [f"| p50 at … articles | {sizes} | last ÷ first | target | |", "|---|" + "--:|" * (len(steps) + 2) + "---|"]
    for name, ratio in result["ratios"].items():
        times = " | ".join(f"{step['p50_ms'][name]:.2f} ms" for step in steps)
        target = f"≤ {result['target']:.1f} | {verdict(ratio <= result['target'])}"
        rows.append(f"| {name} | {times} | {ratio:.2f} | {target} |")
    rows.append(f"| errors | {' | '.join(str(step['errors']) for step in steps)} | | | |")
    for part in steps[0]["bytes"]:
        each = " | ".join(f"{step['bytes'][part] / step['articles']:,.0f} B" for step in steps)
        rows.append(f"| {part}, per article with everything that belongs to it | {each} | | | |")
    rows.append(f"| resident memory | {' | '.join('%.0f MiB' % step['memory_mib'] for step in steps)} | | | |")
    return "\n".join(rows)


def scenario_table(results):
    """Returns a table with a row per endpoint, the engines side by side."""
    names = sorted(results)
    columns = "".join(f" {TITLES[name]}: p50 | p95 | p99 |" for name in names)
    rows = [f"| endpoint |{columns}", "|---|" + "--:|" * 3 * len(names)]
    for endpoint in results[names[0]]["endpoints"]:
        trends = [results[name]["endpoints"][endpoint] for name in names]
        times = "".join(f" {t['med']:.2f} ms | {t['p(95)']:.2f} ms | {t['p(99)']:.2f} ms |" for t in trends)
        rows.append(f"| {endpoint} |{times}")
    return "\n".join(rows)


def counter_table(result):
    """Returns a table with a row per way to count."""
    rows = ["| `POST /api/articles` by 32 clients | requests/s | ÷ without | target | |", "|---|--:|--:|--:|---|"]
    for name, label in COUNTERS.items():
        ratio, bound = result["ratios"][name], result["target"]
        target = f"≥ {bound:.2f} | {verdict(ratio >= bound)}" if name == "spread" else "|"
        rows.append(f"| {label} | {result['per_second'][name]:,.0f} | {rounded_down(ratio)} | {target} |")
    return "\n".join(rows)


def libc_table(results):
    """Returns a table with a row per endpoint, the engines side by side."""
    names = sorted(results)
    columns = "".join(f" {TITLES[name]} |" for name in names)
    rows = [f"| static ÷ dynamic |{columns}", f"|---|{'--:|' * len(names)}"]
    for endpoint in results[names[0]]["ratios"]:
        ratios = "".join(f" {results[name]['ratios'][endpoint]:.2f} |" for name in names)
        rows.append(f"| {endpoint} |{ratios}")
    return "\n".join(rows)


def middleware_table(results):
    """Returns a table with a row per engine."""
    rows = ["| | requests/s with | without | ratio (of the rounds) | target | | errors |", "|---|--:|--:|--:|--:|---|--:|"]
    for name, result in sorted(results.items()):
        lowest, highest = result["range"]
        ratio = f"{rounded_up(result['ratio'])} ({lowest:.2f} to {highest:.2f})"
        figures = f"{result['per_second_with']:,.0f} | {result['per_second_without']:,.0f} | {ratio}"
        target = f"≤ {result['target']:.2f} | {verdict(result['ratio'] <= result['target'])}"
        rows.append(f"| {TITLES[name]} | {figures} | {target} | {result['errors']} |")
    return "\n".join(rows)


def endpoint_section(results):
    """Returns the paragraphs about the endpoints."""
    parts = ["![Each endpoint as a share of the limit](benchmarks.svg)"] if results else []
    for name, result in sorted(results.items()):
        parts += [f"## {TITLES[name]}", endpoint_method(result), endpoint_table(result)]
        parts += [*wal_paragraph(result), check_table(name, result)]
    return parts


def growth_section(results):
    """Returns the paragraphs about growing data."""
    parts = ["## Growth", "![p50 of each GET as the data grows](growth.svg)"] if results else []
    for name, result in sorted(results.items()):
        method = f"wrk, 32 connections, medians of {result['rounds']} rounds of {result['seconds']} s."
        parts += [f"### {TITLES[name]}", paragraph(f"{environment(result)} {method}"), growth_table(result)]
    return parts


def counter_section(results):
    """Returns the paragraphs about the count of all articles."""
    parts = []
    for result in results.values():
        method = f"wrk, medians of {result['rounds']} rounds of {result['seconds']} s, in alternation."
        parts += ["## The count of all articles", paragraph(f"{environment(result)} {method}"), counter_table(result)]
    return parts


def libc_section(results):
    """Returns the paragraphs about static linking."""
    environments = [paragraph(environment(result)) for result in results.values()]
    return ["## Static linking", LIBC, *environments, libc_table(results)] if results else []


def scenario_section(results):
    """Returns the paragraphs about the scenario."""
    totals = [
        paragraph(
            f"{TITLES[name]}: {result['per_second']:,.0f} requests/s, {result['errors']} errors, "
            f"at most {result['memory_mib']:.0f} MiB. {environment(result)}"
        )
        for name, result in sorted(results.items())
    ]
    title = "## The scenario of public comparisons"
    return [title, SCENARIO, *totals, scenario_table(results)] if results else []


def middleware_section(results):
    """Returns the paragraphs about the middleware."""
    methods = [
        paragraph(
            f"{TITLES[name]}: `{result['request']}`, wrk, 32 connections, medians of {result['rounds']} rounds of "
            f"{result['seconds']} s. {environment(result)}"
        )
        for name, result in sorted(results.items())
    ]
    return ["## Middleware", MIDDLEWARE, middleware_table(results), *methods] if results else []


def markdown(results):
    """Returns the measured part of the document."""
    sections = {
        "endpoints": endpoint_section,
        "growth": growth_section,
        "counter": counter_section,
        "libc": libc_section,
        "scenario": scenario_section,
        "middleware": middleware_section,
    }
    return "\n\n".join(part for name, section in sections.items() for part in section(results.get(name, {})))


def document(results, old):
    """Returns the document with a new measured part; the text around it stays."""
    part = f"{MARKS[0]}\n\n{markdown(results)}\n\n{MARKS[1]}"
    if old is None or not all(mark in old for mark in MARKS):
        return f"{old or HEAD}{part}\n"
    return re.sub(f"{re.escape(MARKS[0])}.*{re.escape(MARKS[1])}", lambda _: part, old, flags=re.DOTALL)
