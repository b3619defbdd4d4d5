# SPDX-License-Identifier: Apache-2.0 OR MIT
"""SVG charts of benchmark results."""
import math
from xml.sax.saxutils import escape

STYLE = ('<style>text{font:12px sans-serif;fill:#222}.t{font-size:15px}.bar{fill:#4878a8}'
         '.ref{stroke:#c04030;stroke-width:2}.goal{stroke:#2a8a4a;stroke-width:2}'
         '.axis{stroke:#999}.n{fill:#555}.in{fill:#fff;text-anchor:end}</style>')
HEAD = '<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->\n'

# Row -> (target, reference kernel measured by its own suite), instructions.
GOALS = {
    "call_len0_same_as": (165, 191), "call_len0_other_as": (165, 191),
    "replyrecv_len0_same_as": (185, 215), "replyrecv_len0_other_as": (185, 215),
    "call_fpu_other_as": (205, 243), "replyrecv_fpu_other_as": (225, 267),
    "call_len10_other_as": (300, 703), "replyrecv_len10_other_as": (300, 687),
    "send_len0_prio_253_254": (300, 634),
    "signal_low_prio": (230, 384), "signal_high_prio_thread": (350, 656),
    "signal_high_prio_process": (350, 656), "yield_two_threads": (220, 329),
    "fault_to_handler": (330, 511), "handler_to_faulter": (350, 617),
    "fault_round_trip": (680, 1129), "page_map": (400, 561), "page_protect": (400, 570),
}


def bars(result):
    """The rows that have a target, with target (green) and reference (red) as marks."""
    rows = [r for r in result["rows"] if r["name"] in GOALS and "median" in r]
    left, width, step, top = 230, 640, 24, 56
    largest = max([GOALS[r["name"]][1] for r in rows] + [r["median"] for r in rows] + [1])
    height = top + step * len(rows) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" '
           f'height="{height}">', HEAD, STYLE,
           f'<text class="t" x="12" y="22">Instructions, {escape(result["kernel"])}, '
           f'{escape(result["machine"])}</text>',
           '<text class="n" x="12" y="40">green mark: target, red mark: reference kernel</text>']
    for i, row in enumerate(rows):
        y = top + i * step
        goal, reference = GOALS[row["name"]]
        scale = width / largest
        out.append(f'<text x="12" y="{y + 14}">{escape(row["name"])}</text>'
                   f'<rect class="bar" x="{left}" y="{y + 3}" width="{row["median"] * scale:.1f}" '
                   f'height="{step - 9}"/>'
                   f'<text class="in" x="{left + row["median"] * scale - 4:.1f}" y="{y + 14}">'
                   f'{row["median"]}</text>')
        for kind, value in (("goal", goal), ("ref", reference)):
            x = left + value * scale
            out.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" '
                       f'y2="{y + step - 4}"/>')
    out.append("</svg>\n")
    return "\n".join(out)


COLOURS = ("#4878a8", "#c04030", "#2a8a4a", "#b07a20", "#7a5aa0", "#30909a", "#884466", "#667722")


def decade(value):
    return math.log10(max(value, 1))


def curves(data):
    """Cost over size, both logarithmic: name -> {size: instructions}."""
    left, top, width, height = 70, 50, 640, 420
    right = max(decade(s) for points in data.values() for s in points)
    high = math.ceil(max(decade(c) for points in data.values() for c in points.values()))

    def place(size, cost):
        return left + decade(size) / right * width, top + height - decade(cost) / high * height

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 230}" '
           f'height="{top + height + 56}">', HEAD, STYLE,
           '<text class="t" x="12" y="22">Instructions as a function of size '
           '(both logarithmic)</text>']
    for power in range(high + 1):
        _, y = place(1, 10 ** power)
        out.append(f'<line class="axis" x1="{left}" x2="{left + width}" y1="{y:.1f}" '
                   f'y2="{y:.1f}" stroke-dasharray="2 4"/>'
                   f'<text x="12" y="{y + 4:.1f}">{10 ** power:g}</text>')
    for power in range(int(right) + 1):
        x, _ = place(10 ** power, 1)
        out.append(f'<text x="{x - 8:.1f}" y="{top + height + 20}">{10 ** power:g}</text>')
    out.append(f'<text class="n" x="{left}" y="{top + height + 40}">size: threads, priorities, '
               'caps, KiB, MiB, as the name of the curve says</text>')
    for i, (name, points) in enumerate(sorted(data.items(), key=lambda p: -max(p[1].values()))):
        colour = COLOURS[i % len(COLOURS)]
        dots = [place(s, c) for s, c in sorted(points.items())]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{line}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in dots]
        out.append(f'<text style="fill:{colour}" x="{left + width + 16}" y="{top + 14 + 18 * i}">'
                   f'{escape(name)}</text>')
    out.append("</svg>\n")
    return "\n".join(out)
