"""The results as charts, in SVG."""

from html import escape
from math import log10

from report import TITLES

WIDTH, LEFT, BAR, ROW = 860, 110, 480, 26
GROWTH_WIDTH, GROWTH_HEIGHT = 260, 360
INK, FAINT, MET, MISSED = "#24292f", "#d8dee4", "#4c8dae", "#d98b4a"


def endpoints(results):
    """Draws each endpoint as a share of the limit: one panel per engine, one below the other."""
    y, body = 16, []
    for name in sorted(results):
        title, rows = _panel(name, results[name])
        body.append(_text(16, y + 16, title, 'font-size="16" font-weight="600"'))
        y += 34
        for row in rows:
            body += _row(y, *row)
            y += ROW
        y += 24
    return _document(y, body)


def growth(results):
    """Draws the p50 of each GET over the number of articles, both on logarithmic scales.

    The panels of the engines stand side by side.
    """
    body = []
    for index, name in enumerate(sorted(results)):
        body += _growth_panel(index * WIDTH // 2, name, results[name])
    return _document(GROWTH_HEIGHT + 70, body)


def _growth_panel(x, name, result):
    steps = result["steps"]
    times = [time for step in steps for time in step["p50_ms"].values()]
    low, high = log10(min(times)) - 0.05, log10(max(times)) + 0.05
    across = lambda index: x + 60 + index * GROWTH_WIDTH / (len(steps) - 1)
    down = lambda time: 40 + (high - log10(time)) / (high - low) * GROWTH_HEIGHT
    yield _text(x + 60, 24, f"{TITLES[name]}: p50 in ms by articles", 'font-size="15" font-weight="600"')
    for index, step in enumerate(steps):
        yield _line(across(index), 40, across(index), 40 + GROWTH_HEIGHT, FAINT)
        yield _text(across(index), 58 + GROWTH_HEIGHT, f"{step['articles']:,}", 'text-anchor="middle"')
    label_y = 40 + GROWTH_HEIGHT + 14
    for endpoint in sorted(result["ratios"], key=lambda endpoint: steps[-1]["p50_ms"][endpoint]):
        values = [step["p50_ms"][endpoint] for step in steps]
        points = " ".join(f"{across(index):.1f},{down(value):.1f}" for index, value in enumerate(values))
        colour = MET if result["ratios"][endpoint] <= result["target"] else MISSED
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        label_y = min(label_y - 14, down(values[-1]) + 4)  # labels must not overlap
        yield _text(across(len(steps) - 1) + 8, label_y, f"{endpoint} {values[-1]:.1f}", 'font-size="11"')


def _document(height, body):
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    font = f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>'
    return "\n".join([start, '<rect width="100%" height="100%" fill="#ffffff"/>', *body, "</svg>\n"])


def _panel(name, result):
    """Returns a panel's title, and the name, share, target and label of each bar."""
    endpoints = result["endpoints"]
    scale = max(1, *(e["ratio"] for e in endpoints))
    rows = []
    for e in endpoints:
        label = f"{e['ratio']:.2f}   {e['per_second']:,.0f}/s of {e['limit_per_second']:,.0f}/s"
        rows.append((e["name"], e["ratio"] / scale, e["target"] / scale, label))
    return f"{TITLES[name]}: requests per second as a share of the limit; | marks the target", rows


def _row(y, name, share, target, label):
    colour = MET if share >= target else MISSED
    yield _text(LEFT - 10, y + 16, name, 'text-anchor="end"')
    yield _bar(LEFT, y + 4, BAR, FAINT)
    yield _bar(LEFT, y + 4, BAR * share, colour)
    x = LEFT + BAR * target
    yield _line(x, y + 1, x, y + 23, INK, 2)
    yield _text(LEFT + BAR + 12, y + 16, label, "")


def _bar(x, y, width, colour):
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="16" rx="2" fill="{colour}"/>'


def _line(x1, y1, x2, y2, colour, width=1):
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x, y, text, attributes):
    return f'<text x="{x}" y="{y}" xml:space="preserve" {attributes}>{escape(text)}</text>'
