#!/usr/bin/env python3
"""Make the tables and the plot of `make bench` from what the guests counted.

    bench.py DIR COLUMNS OUTPUT

DIR/KERNEL/sizes and DIR/versions are from tools/bench.sh, DIR/figures/COLUMN from the
guests, COLUMNS is selftests/bench/columns. The tables go to stdout and to OUTPUT.md,
the plot to OUTPUT.svg. The exit status is 1 if a goal is missed.
"""
import os
import statistics
import sys

from bench_figures import (BASE, CROWDS, EVENT, EVENT_CLASS, SERIES, Figures, goals)
from bench_plot import plot

TITLES = {"unpatched": "unpatched", "config_n": "patched, CONFIG=n", "off": "=y, off",
          "events": "events on", "tracking": "tracking=on", "stacks": "tracking, stacks=on",
          "detectors": "tracking, detectors",
          "sched_stop": "sched_kthread_* events",
          "sched_life": "the same, process, task events",
          "sched_all": "the same, switch, wakeup",
          "kprobes": "13 kprobe events",
          "kprobes_stacks": "kprobe events, 2 stacks",
          "kprobes_noticed": "kprobe events, noticed",
          "fprobes": "13 fprobe events",
          "fprobes_noticed": "fprobe events, noticed",
          "function": "function, kthread*",
          "graph": "function_graph, kthread*",
          "bpftrace": "bpftrace, 13 kprobes",
          "bpftrace_noticed": "bpftrace, kprobes, noticed"}
WORKS = {
    "run": "create, run, stop",
    "unwoken": "create, stop before the first wake",
    "exit": "create, run, exit by itself",
    "park": "park, unpark, run on",
    "work": "kthread_work: queue, flush",
    "poll-stop": "should_stop(), false",
    "poll-park": "should_park(), false",
}
READS = {"threads": "a line of `threads`", "pending": "`pending`, per kthread",
         "history": "a line of `history`", "ps": "busybox ps, per task",
         "stack": "cat /proc/*/stack, per task"}


def title(column):
    return TITLES.get(column, column)


def number(value, calls=1):
    return f"{value:,.2f}" if calls > 1 else f"{value:,.0f}"


def change(value, base, calls=1):
    return f"{number(value, calls)} ({value - base:+,.{2 if calls > 1 else 0}f})"


def more_and_ratio(of, base):
    """The difference of the medians, the ratio of the means."""
    digits = 2 if base.calls > 1 else 0
    return f"{of.p50 - base.p50:+,.{digits}f} ({of.mean / base.mean:.2f}x)"


def work_rows(figures):
    """A row for each column of the bench; the first has what the others add to."""
    yield [title(BASE)] + [number(figures.works[work, BASE].p50,
                                  figures.works[work, BASE].calls) for work in WORKS]
    for column in figures.columns[1:]:
        yield [title(column)] + [
            more_and_ratio(figures.works[work, column], figures.works[work, BASE])
            for work in WORKS]


def spread(cell):
    return (f"{number(cell.p5, cell.calls)} to {number(cell.p95, cell.calls)}, "
            f"{number(cell.mean, cell.calls)}")


def spread_rows(figures):
    for column in figures.columns:
        yield [title(column)] + [spread(figures.works[work, column]) for work in WORKS]


def crowd_rows(figures):
    works = ["run"] + [f"run@{count}" for count in figures.counts()]
    for column in figures.columns:
        cells = [figures.works[work, column].p50 for work in works]
        events = figures.events_in("run", column)
        each = number(figures.more("run", column) / events) if events >= 1 else "-"
        yield [title(column), *map(number, cells), f"{figures.crowded(column):+.2f} %",
               f"{events:.1f}", each]


def time_rows(figures):
    time = figures.time
    for column in figures.columns:
        yield [title(column)] + [
            f"{time.nanoseconds(work, column):,.1f} "
            f"({time.nanoseconds(work, column) / time.nanoseconds(work, BASE):.2f}x)"
            for work in WORKS]


def known(table, key, columns, show=str):
    return [show(table[(*key, column)]) if (*key, column) in table else "-"
            for column in columns]


def readers(figures):
    """The columns in which something was read."""
    return [column for column in figures.columns if any(key[3] == column for key in figures.reads)]


def read_rows(figures):
    for file, crowd, count in sorted({key[:3] for key in figures.reads},
                                     key=lambda key: (list(READS).index(key[0]), *key[1:])):
        yield [f"{READS[file]}, {count:,} kthreads ({CROWDS[crowd]})"] + known(
            figures.reads, (file, crowd, count), readers(figures),
            lambda costs: number(statistics.median(costs)))


MEMORY = (BASE, "config_n", "tracking")


def memory_rows(figures):
    columns = MEMORY
    yield ["struct kthread, bytes (slab)"] + [
        f"{figures.structs['kthread', column]} ({figures.slab_of_kthread(column)})"
        for column in columns]
    yield ["a record, bytes"] + known(figures.structs, ("kthread_record",), columns)
    yield ["a record in its slab, bytes"] + known(figures.slabs, ("kthread_record",), columns)
    yield ["a slot of the history, bytes"] + known(figures.structs, ("history_slot",), columns)
    base = figures.code_without_events(BASE)
    yield ["kthread.o: code but the events' own, bytes"] + [
        change(figures.code_without_events(column), base) for column in columns]
    for name in dict.fromkeys(key[0] for key in figures.objects):
        yield [f"{name}: text, data, bss"] + known(
            figures.objects, (name,), columns, lambda sizes: ", ".join(map(str, sizes)))
    yield ["all of them: text and data"] + [
        change(figures.text_and_data(column), figures.text_and_data(BASE)) for column in columns]
    yield ["of that, classes of events"] + [
        number(figures.bytes_of(EVENT_CLASS, column)) for column in columns]
    yield ["of that, each event's own"] + [
        number(figures.bytes_of(EVENT, column)) for column in columns]


def goal_rows(figures):
    for goal in goals(figures):
        value = goal.measure(figures)
        yield [goal.text, f"{goal.most:,}", f"{round(value, 2):,}",
               "met" if goal.met(figures) else "**MISSED**"]


def reasons(figures):
    """A line for each goal that is missed and has a reason."""
    return "\n".join(f"- *{goal.text}*: {goal.why}." for goal in goals(figures)
                     if goal.why and not goal.met(figures))


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
good to 10 instructions (a run cycle with events on: to 80), the mean to 0.2 %, from run to run
and between kernels. Each cycle is timed on its own, in a FIFO task, after 8,192 cycles to warm
up and with the history full. A poll is one of 1,000 calls, without the loop. All kernels have
function tracing, fprobes and BPF built in.

{versions}

![Extra instructions per run cycle, by tool]({plot})

## Work

The first row is the median; the others are what the median is above it, and in parentheses the
ratio of the means.

{work}

- *off*: built in, and never switched on. *events on*: `events/kthread/enable`, into the ring
  buffer as it is by default, without records. *tracking=on* is with `comm=*`, without events
  and detectors. *tracking, detectors*: all of them, and nothing is wrong.
- The rows below are what people use today, on the unpatched kernel, as selftests/bench/columns and
  selftests/bench/peers/ have it. *noticed*: with an event when kthread_should_stop() returns true,
  which *events on* has for nothing. bpftrace counts and makes histograms, it writes no events; it
  uses kprobes, because its kfunc probes want BTF, and that wants the whole kernel compiled with
  debug information.
- A kthread that exits by itself is slower than the FIFO task that waits for it: what it does
  after its last word counts in the next cycle.

The 5th to the 95th percentile, and the mean:

{spread}

## A run cycle among many kthreads

The median of create, run and stop, with so many other kthreads that sleep; how many events a
cycle writes, and what each costs. The 13 kprobe events should write 10: a kprobe that is hit
in an interrupt while another is being handled is missed, most often the one of the free.

{crowd}

## Reading

Reading the whole file, by the number of its lines. `pending` looks at every kthread: each one
created has a line, no running one has. A command is counted from fork() to its end, without
what it prints.

{reading}

## Memory

{memory}

{time}## Goals

{goals}

Why goals are missed:

{reasons}
"""

TIME = """\
## Time

Nanoseconds under KVM, the median, and its ratio to the unpatched kernel's. The machine was as it
was: a difference of a few per cent says nothing.

{time}

"""


def versions(path):
    with open(path, encoding="utf-8") as file:
        return "\n".join(f"- {line.strip()}" for line in file)


def time_part(figures):
    if not figures.time:
        return ""
    return TIME.format(time=table(["ns", *WORKS.values()], time_rows(figures)))


def document(directory, figures, svg):
    counts = [f"{count:,}" for count in figures.counts()]
    return TEXT.format(
        versions=versions(os.path.join(directory, "versions")),
        plot=os.path.basename(svg),
        work=table(["instructions", *WORKS.values()], work_rows(figures)),
        spread=table(["instructions", *WORKS.values()], spread_rows(figures)),
        crowd=table(["instructions", "1", *counts, f"{counts[-1]} to {counts[0]}",
                     "events", "each"], crowd_rows(figures)),
        reading=table(["instructions", *map(title, readers(figures))], read_rows(figures)),
        memory=table(["bytes", title(BASE), title("config_n"), "=y"], memory_rows(figures)),
        time=time_part(figures),
        goals=table(["what", "at most", "measured", ""], goal_rows(figures)),
        reasons=reasons(figures) or "none is.")


def bars(figures):
    """What the plot shows: title, extra instructions, label, is it the series?"""
    base = figures.works["run", BASE]
    for column in figures.columns[1:]:
        yield (title(column), figures.more("run", column),
               more_and_ratio(figures.works["run", column], base), column in SERIES)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    directory, columns, output = sys.argv[1:]
    try:
        figures = Figures.read(directory, columns)
        text = document(directory, figures, f"{output}.svg")
        drawing = plot("Extra instructions per run cycle of a kthread, by tool",
                       list(bars(figures)))
    except OSError as error:
        sys.exit(f"bench: {error.filename}: {error.strerror}; expected what was measured")
    except ValueError as error:
        sys.exit(f"bench: {error}")
    except KeyError as error:
        sys.exit(f"bench: nothing was measured for {error}; see {directory}/figures/")
    write(f"{output}.md", text)
    write(f"{output}.svg", drawing)
    print(text, end="")
    missed = [goal.text for goal in goals(figures) if not goal.met(figures)]
    if missed:
        sys.exit("bench: missed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
