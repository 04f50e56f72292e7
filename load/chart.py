"""The figures as bars, in SVG."""

from html import escape

from report import TITLES

WIDTH, LEFT, BAR, ROW = 860, 110, 480, 26
INK, FAINT, HOLDS, SHORT = "#24292f", "#d8dee4", "#4c8dae", "#d98b4a"


def svg(results):
    """One panel per engine, below one another."""
    y, body = 16, []
    for name in sorted(results):
        title, rows = _panel(name, results[name])
        body.append(_text(16, y + 16, title, 'font-size="16" font-weight="600"'))
        y += 34
        for row in rows:
            body += _row(y, *row)
            y += ROW
        y += 24
    size = f'width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}"'
    letters = f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {letters}>'
    return "\n".join([start, '<rect width="100%" height="100%" fill="#ffffff"/>', *body, "</svg>\n"])


def _panel(name, result):
    """Its title, and for each bar the name, the length from 0 to 1, the target on the same scale, and the words behind it."""
    endpoints = result["endpoints"]
    scale = max(1, *(e["ratio"] for e in endpoints))
    rows = []
    for e in endpoints:
        words = f"{e['ratio']:.2f}   {e['per_second']:,.0f}/s of {e['limit_per_second']:,.0f}/s"
        rows.append((e["name"], e["ratio"] / scale, e["target"] / scale, words))
    return f"{TITLES[name]}: requests per second as a share of the limit; | is what is asked", rows


def _row(y, name, share, target, words):
    colour = HOLDS if share >= target else SHORT
    yield _text(LEFT - 10, y + 16, name, 'text-anchor="end"')
    yield _bar(LEFT, y + 4, BAR, FAINT)
    yield _bar(LEFT, y + 4, BAR * share, colour)
    x = LEFT + BAR * target
    yield f'<line x1="{x:.1f}" y1="{y + 1}" x2="{x:.1f}" y2="{y + 23}" stroke="{INK}" stroke-width="2"/>'
    yield _text(LEFT + BAR + 12, y + 16, words, "")


def _bar(x, y, width, colour):
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="16" rx="2" fill="{colour}"/>'


def _text(x, y, words, attributes):
    return f'<text x="{x}" y="{y}" xml:space="preserve" {attributes}>{escape(words)}</text>'
