"""What the guests of `make bench` counted, and the goals."""
import os
import re
import statistics
from dataclasses import dataclass
from typing import Callable

BASE = "unpatched"
# The columns that are this series; the others but BASE are what people use today.
SERIES = ("config_n", "off", "events", "tracking", "stacks", "detectors")
CROWDS = {"created": "created, never woken", "running": "run, polled, sleep",
          "exited": "exited"}
LIVE = ("created", "running")
# What the records have in kthread.o: functions, what is called, the static key
RECORDS = ("kthread_lifecycle", "kthread_record")
# What TRACE_EVENT() makes: of a class, which events share, and of each event
EVENT_CLASS = re.compile(
    r"((do_)?trace_event_raw_event_|(do_)?perf_trace_|trace_raw_output_|trace_event_fields_"
    r"|event_class_|print_fmt_|trace_event_type_funcs_|__bpf_trace_(?!tp_map)|str__)")
EVENT = re.compile(
    r"(__traceiter_|__probestub_|__tracepoint_|__tpstrtab_|__trace_check_|event_(?!class_)|__event_"
    r"|__bpf_trace_tp_map_|__SC[KT]__tp_func_|__UNIQUE_ID_addressable___SCK__tp_func_"
    r"|_*TRACE_SYSTEM_)")
KMALLOC = (8, 16, 32, 64, 96, 128, 192, 256, 512, 1024)
UNTIMED = 20        # see selftests/bench/bench.c


@dataclass
class Work:
    """What one piece of work cost, in instructions per call."""
    p5: float
    p50: float
    p95: float
    mean: float
    calls: int
    samples: int

    @classmethod
    def parse(cls, words):
        samples, calls, p5, p50, p95, _, _, total = map(int, words)
        return cls(p5 / calls, p50 / calls, p95 / calls, total / samples / calls, calls,
                   samples)


class Figures:
    """Everything that was counted."""

    def __init__(self, columns):
        self.kernels = dict(line.split()[:2] for line in lines_of(columns))
        self.columns = list(self.kernels)
        self.works = {}         # (work, column): Work
        self.events = {}        # (work, column): events that were written in all
        self.reads = {}         # (file, crowd, count, column): [instructions per line]
        self.slabs = {}         # (slab, column): bytes
        self.structs = {}       # (struct, column): bytes
        self.objects = {}       # (object, column): (text, data, bss)
        self.symbols = {}       # column: [(symbol of kthread.o, type, bytes)]
        self.clocks = {}        # column: what the counter counts in a ms
        self.time = None        # the same under KVM, where the counter counts time

    @classmethod
    def read(cls, directory, columns):
        figures = cls(columns)
        for column, kernel in figures.kernels.items():
            figures.take(column, os.path.join(directory, "figures", column))
            figures.take(column, os.path.join(directory, kernel, "sizes"))
        kvm = os.path.join(directory, "figures-kvm")
        if os.path.isdir(kvm):
            figures.time = cls(columns)
            for column in figures.columns:
                figures.time.take(column, os.path.join(kvm, column))
        return figures

    def take(self, column, path):
        for line in lines_of(path):
            kind, *words = line.split()
            take = getattr(self, f"take_{kind}", None)
            if not take:
                raise ValueError(f"{path}: this is no figure: {line}")
            take(column, words)

    def take_work(self, column, words):
        self.works[words[0], column] = Work.parse(words[1:])

    def take_events(self, column, words):
        self.events[words[0], column] = int(words[1])

    def take_clock(self, column, words):
        self.clocks[column] = int(words[0])

    def take_read(self, column, words):
        file, crowd, count, lines, _, cost = words
        # The first line is the header. "pending" looks at all kthreads, and has a
        # line for some.
        per = int(count) if file == "pending" else int(lines) - 1
        self.add_read((file, crowd, int(count), column), int(cost) / per)

    def take_command(self, column, words):
        name, count, tasks, cost = words
        self.add_read((name, "running", int(count), column), int(cost) / int(tasks))

    def add_read(self, key, cost):
        self.reads.setdefault(key, []).append(cost)

    def take_slab(self, column, words):
        self.slabs[words[0], column] = int(words[1])

    def take_struct(self, column, words):
        self.structs[words[0], column] = int(words[1], 16)

    def take_size(self, column, words):
        self.objects[words[0], column] = tuple(map(int, words[1:]))

    def take_symbol(self, column, words):
        name, kind, size = words
        self.symbols.setdefault(column, []).append((name, kind, int(size, 16)))

    def more(self, work, column, than=BASE):
        """How much more the median is than on the unpatched kernel, or in a column."""
        return self.works[work, column].p50 - self.works[work, than].p50

    def nanoseconds(self, work, column):
        return self.works[work, column].p50 * 1e6 / self.clocks[column]

    def events_in(self, work, column):
        """How many events a cycle writes."""
        return self.events[work, column] / (self.works[work, column].samples + UNTIMED)

    def line(self, file, crowd, count, column):
        return statistics.median(self.reads[file, crowd, count, column])

    def counts(self):
        return sorted({key[2] for key in self.reads})

    def linear(self, crowd, column):
        """A line among many against a line among few."""
        few, many = self.counts()[0], self.counts()[-1]
        return (self.line("threads", crowd, many, column) /
                self.line("threads", crowd, few, column))

    def crowded(self, column):
        """How many per cent a run cycle among many costs more than one among few."""
        few, many = self.counts()[0], self.counts()[-1]
        return 100 * (self.works[f"run@{many}", column].p50 /
                      self.works[f"run@{few}", column].p50 - 1)

    def of_kprobes(self, column):
        """How many per cent of what the kprobe events add to a run cycle."""
        return 100 * self.more("run", column) / self.more("run", "kprobes")

    def of_ps(self, count):
        """How many per cent of a line of ps a line of threads costs."""
        return 100 * (self.line("threads", "running", count, "tracking") /
                      self.line("ps", "running", count, BASE))

    def slab_of_kthread(self, column):
        """The slab that struct kthread comes from."""
        return min(size for size in KMALLOC if size >= self.structs["kthread", column])

    def symbols_of_records(self, column):
        return sum(name.lstrip("_").startswith(RECORDS) for name, _, _ in self.symbols[column])

    def code_without_events(self, column):
        """The bytes of kthread.o's functions but those that TRACE_EVENT() makes."""
        return sum(size for name, kind, size in self.symbols[column]
                   if kind in "tT" and not EVENT_CLASS.match(name) and not EVENT.match(name))

    def bytes_of(self, made, column):
        """The bytes of kthread.o's symbols that TRACE_EVENT() makes."""
        return sum(size for name, kind, size in self.symbols[column]
                   if kind not in "bB" and made.match(name))

    def text_and_data(self, column):
        return sum(text + data for (_, where), (text, data, _) in self.objects.items()
                   if where == column)

    def without_classes(self, column):
        """What the series adds to text and data but for the classes of events."""
        return sum(sign * (self.text_and_data(one) - self.bytes_of(EVENT_CLASS, one))
                   for sign, one in ((1, column), (-1, BASE)))

    def history_entry(self, column):
        return self.slabs["kthread_record", column] + self.structs["history_slot", column]


@dataclass
class Goal:
    """What must not be exceeded."""
    text: str
    most: float
    measure: Callable[[Figures], float]
    # Why it is missed, if it is
    why: str = ""

    def met(self, figures):
        return round(self.measure(figures), 2) <= self.most


def off_goals():
    return [
        Goal("CONFIG=n: symbols of the records in kthread.o", 0,
             lambda f: f.symbols_of_records("config_n")),
        Goal("CONFIG=n: more per poll of should_stop", 0,
             lambda f: f.more("poll-stop", "config_n")),
        Goal("CONFIG=n: struct kthread, bytes of its slab", 192,
             lambda f: f.slab_of_kthread("config_n")),
        Goal("off: more per run cycle", 80, lambda f: f.more("run", "off")),
        Goal("off: more per park cycle", 10, lambda f: f.more("park", "off"),
             "nine branches that are patched out, one for each event and hook that it comes "
             "by; two bits that are cleared; three instructions for the address of the "
             "caller, which gcc gets before it looks at the branch; one for a second look "
             "at whether it is to park, as polls may be recorded no longer"),
        Goal("off: more per poll of should_stop", 0, lambda f: f.more("poll-stop", "off")),
        Goal("off: more per poll of should_park", 0, lambda f: f.more("poll-park", "off")),
    ]


def tracking_goals():
    return [
        Goal("tracking: more per run cycle", 1500, lambda f: f.more("run", "tracking")),
        Goal("tracking: more per park cycle", 400, lambda f: f.more("park", "tracking"),
             "who parks notes how often the kthread was preempted, without which starved "
             "and spinning could not be told apart: three instructions"),
        Goal("tracking: more per poll of should_stop", 60,
             lambda f: f.more("poll-stop", "tracking")),
        Goal("tracking: more per poll of should_park", 60,
             lambda f: f.more("poll-park", "tracking")),
        Goal("tracking: more per run cycle, % of the 13 kprobe events", 10,
             lambda f: f.of_kprobes("tracking"),
             "the same note of who stops takes two; the median of a run cycle is good to "
             "10 instructions, which is 0.07 %"),
        Goal("tracking: a run cycle among 20,000 kthreads, % more than among 1,000", 2,
             lambda f: f.crowded("tracking")),
        Goal("stacks: more per run cycle", 13500, lambda f: f.more("run", "stacks"),
             "the two walks, with the stack depot, are within it; what tracking takes "
             "comes on top"),
        Goal("detectors: more per run cycle than tracking", 300,
             lambda f: f.more("run", "detectors", "tracking")),
    ]


def event_goals():
    return [
        Goal("events: more per run cycle, % of the 13 kprobe events", 55,
             lambda f: f.of_kprobes("events")),
        Goal("events: more per run cycle, each event", 700,
             lambda f: f.more("run", "events") / f.events_in("run", "events"),
             "the ring buffer's own part, and record-cmd, which saves the names of tasks: "
             "about 95 of it; each event has the kthread's full name, and most a caller"),
        Goal("events: more per poll of should_stop, for \"noticed\"", 0,
             lambda f: f.more("poll-stop", "events")),
    ]


def reading_goals(figures):
    return [
        *(Goal(f"threads: per line, {count:,} kthreads ({CROWDS[crowd]})", 5000,
               lambda f, crowd=crowd, count=count: f.line("threads", crowd, count, "tracking"))
          for crowd in LIVE for count in figures.counts()),
        *(Goal(f"threads: linear, a line among many to one among few ({CROWDS[crowd]})", 1.1,
               lambda f, crowd=crowd: f.linear(crowd, "tracking")) for crowd in LIVE),
        *(Goal(f"threads: a line, % of one of ps, {count:,} kthreads", 14.29,
               lambda f, count=count: f.of_ps(count),
               "by some three instructions of the 4,600 that a line takes")
          for count in figures.counts()),
    ]


def memory_goals():
    return [
        Goal("struct kthread: bytes of its slab", 192, lambda f: f.slab_of_kthread("off")),
        Goal("a record: bytes of its slab", 256,
             lambda f: f.slabs["kthread_record", "tracking"]),
        Goal("an entry of the history: its record and its slot, bytes", 256,
             lambda f: f.history_entry("tracking")),
        Goal("text and data that the series adds, but for classes of events", 16384,
             lambda f: f.without_classes("off"),
             "half of it is tables, texts and parsing that run when somebody reads or "
             "writes a file or a report is made: kthread_lifecycle_debugfs.o, _parse.o, "
             "_report.o and _symbols.o; the hooks and records are kthread_lifecycle.o"),
    ]


def goals(figures):
    return [*off_goals(), *tracking_goals(), *event_goals(), *reading_goals(figures),
            *memory_goals()]


def lines_of(path):
    """The lines of a file without comments and empty ones."""
    with open(path, encoding="utf-8") as file:
        return [line for line in (text.split("#")[0].strip() for text in file) if line]
