#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Fuzzes for a given time and writes build/soak.html: coverage growth, rate and corpus size over time.

Keeps true: the campaigns are those of `make fuzz`, `make fuzz-image` and `make fuzz-builder`, one after the
other (most of the time for the kernel); the page holds only what they measured; a failed campaign fails the
soak, and the page is written all the same. Samples come from AFL++ every second, as StatsD's datagrams to
this process: its own plot_data has one row a minute, and none while nothing is found.

    tools/soak.py --minutes N [--make COMMAND] [--out FILE.html]

Exit status: 0 nothing found, 1 a campaign failed, 2 wrong use.
"""
import argparse
import html
import os
import re
import socket
import subprocess
import sys
import threading
import time

CAMPAIGNS = [("kernel", "fuzz", 0.7), ("image", "fuzz-image", 0.15), ("builder", "fuzz-builder", 0.15)]
PLOTS = [("edges_found", "edges of the program covered"), ("rate", "executions a second"),
         ("corpus_count", "cases in the corpus")]
POINTS = 120  # of a plot, at most
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 220, 64, 28, 24


class Samples(threading.Thread):
    """What AFL++ says while it runs: self.rows, each a time in seconds and numbers by name."""

    def __init__(self):
        super().__init__(daemon=True)
        self.rows, self.began = [], time.monotonic()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.environment = dict(os.environ, AFL_STATSD="1", AFL_STATSD_HOST="127.0.0.1",
                                AFL_STATSD_PORT=str(self.socket.getsockname()[1]))
        self.start()

    def run(self):
        while True:
            text = self.socket.recv(65536).decode("ascii", "replace")
            if text == "end":
                return
            row = {name: float(value) for name, value in re.findall(r"([a-z_]+):([0-9.]+)\|", text)}
            self.rows.append((time.monotonic() - self.began, row))

    def end(self):
        self.socket.sendto(b"end", self.socket.getsockname())
        self.join()
        self.socket.close()
        return points_of(self.rows)


def points_of(rows):
    """At most POINTS rows, with the rate between each and the one before."""
    step = -(-len(rows) // POINTS) if rows else 1
    chosen = rows[::-1][::step][::-1]
    out = {name: [] for name, _ in PLOTS}
    for i, (at, row) in enumerate(chosen):
        for name in ("edges_found", "corpus_count"):
            if name in row:
                out[name].append((at, row[name]))
        if i > 0 and "execs_done" in row:
            before_at, before = chosen[i - 1]
            out["rate"].append((at, (row["execs_done"] - before["execs_done"]) / max(at - before_at, 1e-3)))
    return out


def read_stats(name):
    try:
        with open(f"build/fuzz/{name}/default/fuzzer_stats", encoding="ascii") as file:
            return dict((part.strip() for part in line.split(":", 1)) for line in file if ":" in line)
    except OSError:
        return {}


def number(value):
    return f"{value:,.0f}".replace(",", " ")


def round_up(value):
    """The end of an axis whose quarters are round numbers."""
    unit = 1
    while value > 32 * unit:
        unit *= 10
    return 4 * unit * next(n for n in (1, 2, 3, 4, 5, 6, 8) if 4 * unit * n >= value)


def plot(title, points):
    """An SVG line chart; x in seconds."""
    top_x = round_up(max(x for x, _ in points))
    top_y = round_up(max(y for _, y in points))
    inner_w, inner_h = WIDTH - LEFT - 28, HEIGHT - BOTTOM - TOP
    path = " ".join(f"{LEFT + x / top_x * inner_w:.1f},{TOP + inner_h - y / top_y * inner_h:.1f}"
                    for x, y in points)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           f'font-family="sans-serif" font-size="11"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="15" font-weight="bold">{html.escape(title)}</text>']
    for i in range(5):
        y = TOP + inner_h - i / 4 * inner_h
        out.append(f'<line x1="{LEFT}" x2="{LEFT + inner_w}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(top_y * i / 4)}</text>')
    for i in range(5):
        x = LEFT + i / 4 * inner_w
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{number(top_x * i / 4)} s</text>')
    out.append(f'<polyline points="{path}" fill="none" stroke="#1f5fa8" stroke-width="1.8"/></svg>')
    return "\n".join(out)


def section(name, ended, seconds, measured):
    stats = read_stats(name)
    out = [f"<h2>{name}</h2>"]
    facts = [("time", f"{seconds:.0f} s"), ("executions", number(float(stats.get("execs_done", 0)))),
             ("a second", number(float(stats.get("execs_per_sec", 0)))),
             ("cases found", stats.get("corpus_found", "0")), ("stability", stats.get("stability", "?")),
             ("coverage", stats.get("bitmap_cvg", "?")), ("crashes", stats.get("saved_crashes", "?")),
             ("hangs", stats.get("saved_hangs", "?")), ("ended", "good" if ended == 0 else f"status {ended}")]
    out.append("<table>" + "".join(f"<tr><td>{k}</td><td>{html.escape(v)}</td></tr>" for k, v in facts)
               + "</table>")
    for column, title in PLOTS:
        points = measured[column]
        out.append(plot(title, points) if len(points) > 1 else f"<p>{title}: too short a run to plot</p>")
    return "\n".join(out), ", ".join(f"{k} {v}" for k, v in facts)


def main():
    parser = argparse.ArgumentParser(description="fuzz for a while, with plots")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--make", default="make")
    parser.add_argument("--out", default="build/soak.html")
    args = parser.parse_args()
    if args.minutes <= 0:
        parser.error("--minutes: expected more than 0")
    parts, failed = [], False
    for name, target, share in CAMPAIGNS:
        seconds = max(1, round(args.minutes * 60 * share))
        began = time.monotonic()
        samples = Samples()
        ended = subprocess.call(args.make.split() + [target, f"FUZZ_SECS={seconds}"], env=samples.environment,
                                close_fds=False)  # make finds its job server by them
        text, line = section(name, ended, time.monotonic() - began, samples.end())
        parts.append(text)
        print(f"soak {name}: {line}")
        failed = failed or ended != 0
    with open(args.out, "w", encoding="utf-8") as file:
        file.write("<!doctype html><meta charset='utf-8'><title>KaaL soak</title>"
                   "<style>body{font-family:sans-serif;margin:2em}td{padding:1px 12px 1px 0}</style>"
                   f"<h1>Soak: {args.minutes:g} minutes</h1>\n" + "\n".join(parts))
    print(f"soak: {'FAILED' if failed else 'nothing found'}, page in {args.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
