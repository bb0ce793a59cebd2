#!/usr/bin/env python3
"""Make the table of `make bench` from what the guests counted.

    bench.py DIR COLUMNS OUTPUT

DIR/KERNEL/sizes and DIR/versions are from tools/bench.sh, DIR/figures/COLUMN from the
guests, COLUMNS is selftests/bench/columns. The table goes to stdout and to OUTPUT. The
exit status is 1 if a goal is missed.
"""
import os
import re
import statistics
import sys
from dataclasses import dataclass
from typing import Callable

BASE = "unpatched"
TITLES = {"unpatched": "unpatched", "config_n": "patched, CONFIG=n", "off": "=y, off",
          "events": "events on", "tracking": "tracking=on", "stacks": "and stacks=on",
          "detectors": "tracking, detectors"}
WORKS = {
    "run": "create, run, stop",
    "unwoken": "create, stop before the first wake",
    "exit": "create, run, exit by itself",
    "park": "park, unpark, run on",
    "poll-stop": "kthread_should_stop(), false",
    "poll-park": "kthread_should_park(), false",
}
CROWDS = {"created": "created, never woken", "running": "run, polled, sleep",
          "exited": "exited"}
LIVE = ("created", "running")
# What the records have in kthread.o: functions, what is called, the static key
RECORDS = ("kthread_lifecycle", "kthread_record")
# What TRACE_EVENT() makes
EVENT_CODE = re.compile(r"trace|_tp_func_|__probestub_")
KMALLOC = (8, 16, 32, 64, 96, 128, 192, 256, 512, 1024)


@dataclass
class Work:
    """What one piece of work cost, in instructions per call."""
    p5: float
    p50: float
    p95: float
    mean: float
    calls: int

    @classmethod
    def parse(cls, words):
        samples, calls, p5, p50, p95, _, _, total = map(int, words)
        return cls(p5 / calls, p50 / calls, p95 / calls, total / samples / calls, calls)


class Figures:
    """Everything that was counted."""

    def __init__(self, directory, columns):
        self.kernels = dict(line.split()[:2] for line in lines_of(columns))
        self.columns = list(self.kernels)
        self.works = {}         # (work, column): Work
        self.reads = {}         # (file, crowd, count, column): [instructions per line]
        self.slabs = {}         # (slab, column): bytes
        self.structs = {}       # (struct, column): bytes
        self.objects = {}       # (object, column): (text, data, bss)
        self.functions = {}     # column: {function of kthread.o: bytes}
        self.symbols = {}       # column: [symbol of kthread.o]
        for column in self.columns:
            self.take(column, os.path.join(directory, "figures", column))
            self.take(column, os.path.join(directory, self.kernels[column], "sizes"))

    def take(self, column, path):
        for line in lines_of(path):
            kind, *words = line.split()
            getattr(self, f"take_{kind}")(column, words)

    def take_work(self, column, words):
        self.works[words[0], column] = Work.parse(words[1:])

    def take_read(self, column, words):
        file, crowd, count, lines, _, cost = words
        # The first line is the header. "pending" looks at all kthreads, and has a
        # line for some.
        per = int(count) if file == "pending" else int(lines) - 1
        self.reads.setdefault((file, crowd, int(count), column), []).append(int(cost) / per)

    def take_slab(self, column, words):
        self.slabs[words[0], column] = int(words[1])

    def take_struct(self, column, words):
        self.structs[words[0], column] = int(words[1], 16)

    def take_size(self, column, words):
        self.objects[words[0], column] = tuple(map(int, words[1:]))

    def take_function(self, column, words):
        sizes = self.functions.setdefault(column, {})
        # Parts that the compiler has split off belong to their function.
        name = words[0].split(".")[0]
        sizes[name] = sizes.get(name, 0) + int(words[1], 16)

    def take_symbol(self, column, words):
        self.symbols.setdefault(column, []).append(words[0])

    def more(self, work, column, than=BASE):
        """How much more the median is than on the unpatched kernel, or in a column."""
        return self.works[work, column].p50 - self.works[work, than].p50

    def line(self, file, crowd, count, column):
        return statistics.median(self.reads[file, crowd, count, column])

    def counts(self):
        return sorted({key[2] for key in self.reads})

    def linear(self, crowd, column):
        """A line among many against a line among few."""
        few, many = self.counts()[0], self.counts()[-1]
        return (self.line("threads", crowd, many, column) /
                self.line("threads", crowd, few, column))

    def slab_of_kthread(self, column):
        """The slab that struct kthread comes from."""
        return min(size for size in KMALLOC if size >= self.structs["kthread", column])

    def symbols_of_records(self, column):
        return sum(name.lstrip("_").startswith(RECORDS) for name in self.symbols[column])

    def code_without_events(self, column):
        """The bytes of kthread.o's functions but those that TRACE_EVENT() makes."""
        return sum(size for name, size in self.functions[column].items()
                   if not EVENT_CODE.search(name))

    def history_entry(self, column):
        return self.slabs["kthread_record", column] + self.structs["history_slot", column]


@dataclass
class Goal:
    """What must not be exceeded."""
    text: str
    most: float
    measure: Callable[[Figures], float]

    def met(self, figures):
        return round(self.measure(figures), 2) <= self.most


def goals(figures):
    """Those of the records; a larger bench has more."""
    return [
        Goal("CONFIG=n: symbols of the records in kthread.o", 0,
             lambda f: f.symbols_of_records("config_n")),
        Goal("CONFIG=n: more per poll of should_stop", 0,
             lambda f: f.more("poll-stop", "config_n")),
        Goal("CONFIG=n: struct kthread, bytes of its slab", 192,
             lambda f: f.slab_of_kthread("config_n")),
        Goal("off: more per run cycle", 80, lambda f: f.more("run", "off")),
        Goal("off: more per poll of should_stop", 0, lambda f: f.more("poll-stop", "off")),
        Goal("off: more per poll of should_park", 0, lambda f: f.more("poll-park", "off")),
        Goal("tracking: more per run cycle", 1500, lambda f: f.more("run", "tracking")),
        Goal("tracking: more per park cycle", 400, lambda f: f.more("park", "tracking")),
        Goal("tracking: more per poll of should_stop", 60,
             lambda f: f.more("poll-stop", "tracking")),
        Goal("tracking: more per poll of should_park", 60,
             lambda f: f.more("poll-park", "tracking")),
        Goal("detectors: more per run cycle than tracking", 300,
             lambda f: f.more("run", "detectors", "tracking")),
        *(Goal(f"threads: per line, {count:,} kthreads ({CROWDS[crowd]})", 5000,
               lambda f, crowd=crowd, count=count: f.line("threads", crowd, count, "tracking"))
          for crowd in LIVE for count in figures.counts()),
        *(Goal(f"threads: linear, a line among many to one among few ({CROWDS[crowd]})", 1.1,
               lambda f, crowd=crowd: f.linear(crowd, "tracking")) for crowd in LIVE),
        Goal("struct kthread: bytes of its slab", 192, lambda f: f.slab_of_kthread("off")),
        Goal("a record: bytes of its slab", 256,
             lambda f: f.slabs["kthread_record", "tracking"]),
        Goal("an entry of the history: its record and its slot, bytes", 256,
             lambda f: f.history_entry("tracking")),
    ]


def lines_of(path):
    """The lines of a file without comments and empty ones."""
    with open(path, encoding="utf-8") as file:
        return [line for line in (text.split("#")[0].strip() for text in file) if line]


def number(value, calls=1):
    return f"{value:,.2f}" if calls > 1 else f"{value:,.0f}"


def change(value, base, calls):
    return f"{number(value, calls)} ({value - base:+,.{2 if calls > 1 else 0}f})"


def work_rows(figures):
    """Three rows for each work: median, mean, spread."""
    for work, title in WORKS.items():
        cells = [figures.works[work, column] for column in figures.columns]
        base, calls = cells[0], cells[0].calls
        for name, of in (("median", lambda c: c.p50), ("mean", lambda c: c.mean)):
            yield [f"{title}: {name}", number(of(base), calls)] + [
                change(of(cell), of(base), calls) for cell in cells[1:]]
        yield [f"{title}: p5 to p95"] + [
            f"{number(cell.p5, calls)} to {number(cell.p95, calls)}" for cell in cells]


def known(table, key, columns, show=str):
    return [show(table[(*key, column)]) if (*key, column) in table else "-"
            for column in columns]


def read_rows(figures):
    keys = dict.fromkeys(key[:3] for key in figures.reads)
    for file, crowd, count in keys:
        what = "`pending`, per kthread" if file == "pending" else f"a line of `{file}`"
        yield [f"{what}, {count:,} kthreads ({CROWDS[crowd]})"] + known(
            figures.reads, (file, crowd, count), figures.columns,
            lambda costs: number(statistics.median(costs)))


def memory_rows(figures):
    columns = figures.columns
    yield ["struct kthread, bytes (slab)"] + [
        f"{figures.structs['kthread', column]} ({figures.slab_of_kthread(column)})"
        for column in columns]
    yield ["a record, bytes"] + known(figures.structs, ("kthread_record",), columns)
    yield ["a record in its slab, bytes"] + known(figures.slabs, ("kthread_record",), columns)
    base = figures.code_without_events(BASE)
    yield ["kthread.o: code but the events' own, bytes"] + [
        change(figures.code_without_events(column), base, 1) for column in columns]
    for name in dict.fromkeys(key[0] for key in figures.objects):
        yield [f"{name}: text, data, bss"] + known(
            figures.objects, (name,), columns, lambda sizes: ", ".join(map(str, sizes)))


def goal_rows(figures):
    for goal in goals(figures):
        value = goal.measure(figures)
        yield [goal.text, f"{goal.most:,}", f"{round(value, 2):,}",
               "met" if goal.met(figures) else "**MISSED**"]


def table(head, rows):
    """Markdown that can be read as it is."""
    rows = [head, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    rule = "|" + "|".join("-" * (width + 2) if i == 0 else "-" * (width + 1) + ":"
                          for i, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


TEXT = """\
# What it costs

Written by `make bench`; do not edit. Numbers are guest instructions, not time: QEMU's TCG
counts them with -icount, on one CPU. Not in them: caches, contention, more CPUs. The median is
good to 10 instructions, the mean to 0.2 %, from run to run and between kernels. A number in
parentheses is the difference to the unpatched kernel. Each cycle is timed on its own, in a FIFO
task, after 8,192 cycles to warm up and with the history full. A poll is one of 1,000 calls,
without the loop.

{versions}

## Work, reading, memory

{figures}

- *off*: built in, and never switched on. *events on*: `events/kthread/enable`, into the ring
  buffer as it is by default, without records. *tracking=on* is with `comm=*`, without events
  and detectors. *tracking, detectors*: all of them, and nothing is wrong.
- A kthread that exits by itself is slower than the FIFO task that waits for it: what it does
  after its last word counts in the next cycle.
- A line of `threads` is what reading the whole file takes, by the number of its lines.
  `pending` looks at every kthread: each one created has a line, no running one has.

## Goals

{goals}
"""


def versions(path):
    with open(path, encoding="utf-8") as file:
        return "\n".join(f"- {line.strip()}" for line in file)


def document(directory, figures):
    head = ["instructions; bytes"] + [TITLES.get(c, c) for c in figures.columns]
    rows = [*work_rows(figures), *read_rows(figures), *memory_rows(figures)]
    return TEXT.format(
        versions=versions(os.path.join(directory, "versions")),
        figures=table(head, rows),
        goals=table(["what", "at most", "measured", ""], goal_rows(figures)))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    directory, columns, output = sys.argv[1:]
    try:
        figures = Figures(directory, columns)
        text = document(directory, figures)
    except OSError as error:
        sys.exit(f"bench: {error.filename}: {error.strerror}; expected what was measured")
    except KeyError as error:
        sys.exit(f"bench: nothing was measured for {error}; see {directory}/figures/")
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    print(text, end="")
    missed = [goal.text for goal in goals(figures) if not goal.met(figures)]
    if missed:
        sys.exit("bench: missed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
