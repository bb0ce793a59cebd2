"""A bar chart as SVG: a bar for each tool, its number beside it."""
from html import escape

BAR, GAP, LEFT, WIDTH, RIGHT, TOP = 20, 8, 215, 520, 150, 64
OURS, PEERS = "#2a6f97", "#b5651d"
LEGEND = ((OURS, "this series"), (PEERS, "what people use today, on the unpatched kernel"))


def text(x, y, words, more=""):
    return f'<text x="{x:g}" y="{y:g}" {more}>{escape(words)}</text>'


def box(x, y, width, height, colour):
    return (f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{height:g}" '
            f'fill="{colour}"/>')


def bar(place, scale, row):
    """One row: name, bar, number. What is less than nothing is no bar."""
    name, value, label, ours = row
    y = TOP + place * (BAR + GAP)
    length = max(value, 0) * scale
    return [text(LEFT - 8, y + BAR - 6, name, 'text-anchor="end"'),
            box(LEFT, y, length, BAR, OURS if ours else PEERS),
            text(LEFT + length + 6, y + BAR - 6, label)]


def legend():
    x = LEFT
    for colour, words in LEGEND:
        yield box(x, 36, 12, 12, colour)
        yield text(x + 18, 47, words)
        x += 110


def plot(heading, rows):
    """ROWS are (name, value, label, is it ours)."""
    scale = WIDTH / max(value for _, value, _, _ in rows)
    width, height = LEFT + WIDTH + RIGHT, TOP + len(rows) * (BAR + GAP) + 8
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
             box(0, 0, width, height, "white"),
             text(LEFT, 22, heading, 'font-size="16" font-weight="bold"'), *legend()]
    for place, row in enumerate(rows):
        lines += bar(place, scale, row)
    return "\n".join([*lines, "</svg>", ""])
