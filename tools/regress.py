#!/usr/bin/env python3
"""Compare what upstream's kselftests say on the unpatched and on the patched kernel.

    regress.py differing WORK SUITE          the results of a suite to be tried again:
                                             lines of the test, a tab, and its case
    regress.py table WORK SUITES TABLE       print the table and write it to TABLE

WORK has unpatched/SUITE.N.tap and .console for each round N, and the same in patched/;
SUITES is tools/regress-suites. A result is that of a test or of a case in it. In several
rounds it may come out differently: it is a difference if no outcome of the one kernel is
among those of the other. The last line is "N the same, N vary, N better, N worse"; the
exit status is 1 if any is worse.
"""
import collections
import glob
import os
import re
import sys
import time

import boot
import ktap

COLUMNS = ("unpatched", "patched")
# From the worst to the best; what did not come is bad where it came without the series.
OUTCOMES = ("missing", "failed", "skipped", "passed")
BUILT = "guest-unpatched/installed/kselftest/kselftest-list.txt"
END, SILENCE = "the guest comes to its end", "the kernel says"
HEAD = """# Upstream's kselftests with and without the series

Written by `make regress`, not by hand. A line is a test of kselftest's runner; where a
test has cases, these are counted. *Vary* are those that came out differently from run to
run, and in some run as on the other kernel.

"""


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def outcome(test):
    if not test.good:
        return "failed"
    return "passed" if test.reason is None else "skipped"


def add(results, key, value):
    """Cases of one name are told apart by their number."""
    test, case, number = *key, 1
    while key in results:
        number += 1
        key = (test, f"{case} ({number})")
    results[key] = value


def add_cases(results, name, path, group):
    for test in group.tests:
        case = path + test.name.split(" # ")[0]
        if test.group:
            add_cases(results, name, case + ": ", test.group)
        else:
            add(results, (name, case), outcome(test))


def tap_results(text):
    """By (test, case): what came out. The case of a test's own result is empty."""
    results = {}
    for test in ktap.parse(text).tests:
        name = test.name.split(" # ")[0].split(": ")[-1]
        results[(name, "")] = outcome(test)
        if test.group:
            add_cases(results, name, "", test.group)
    ended = re.search("^# Totals: ", text, re.M)
    results[("", END)] = "passed" if ended else "failed"
    return results


def complaint(line):
    """What the kernel complains about, without what is not the same each time"""
    line = re.sub(r"^\[[^]]*\] ", "", line)
    return re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+", "N", line)


def round_results(path):
    results = tap_results(read(path))
    console = read(path.replace(".tap", ".console")).replace("\r", "").splitlines()
    for line in boot.splats(console, "(?!)"):
        results[("", f"{SILENCE}: {complaint(line)}")] = "failed"
    return results


def rounds(work, column, suite):
    paths = sorted(glob.glob(os.path.join(work, column, f"{suite}.[0-9].tap")))
    runs = [round_results(path) for path in paths]
    for run in runs[1:]:
        forget_parts(run, runs[0])
    return runs


def forget_parts(run, first):
    """A test of which only some cases ran again says nothing as a whole."""
    size = [collections.Counter(test for test, _ in results) for results in (run, first)]
    for test in size[0]:
        if size[0][test] < size[1][test]:
            run.pop((test, ""), None)


class Result:
    """What came out on both kernels, in each round that has it"""

    def __init__(self, key, runs):
        self.key = key
        self.outcomes = [[run[key] for run in column if key in run] or [self.absent()]
                         for column in runs]

    def absent(self):
        """A complaint that does not come is well."""
        return "passed" if self.key[1].startswith(SILENCE) else "missing"

    def verdict(self):
        before, after = (set(outcomes) for outcomes in self.outcomes)
        if before & after:
            return "vary" if before ^ after or len(before) > 1 else "same"
        if before == {"missing"}:
            return "worse" if "failed" in after else "better"
        ranks = [max(map(OUTCOMES.index, outcomes)) for outcomes in (before, after)]
        return "worse" if ranks[1] < ranks[0] else "better"

    def shown(self, column):
        return ", ".join(self.outcomes[column])


def compare(work, suite):
    """The results of a suite, in the order in which they came"""
    runs = [rounds(work, column, suite) for column in COLUMNS]
    keys = {key: None for column in runs for run in column for key in run}
    return [Result(key, runs) for key in keys]


def differing(work, suite):
    """Tests to run again: all of them, if a guest itself was not well."""
    results = [result for result in compare(work, suite)]
    differ = [result.key for result in results if result.verdict() in ("better", "worse")]
    if any(test == "" for test, _ in differ):
        differ = [(result.key[0], "") for result in results if result.key[0]]
    # A test that has cases which differ differs with them.
    cases = {test for test, case in differ if case}
    return sorted({key for key in differ if key[1] or key[0] not in cases})


def count(results, column):
    """What a kernel has of each outcome; of a test with cases, without its own"""
    if len(results) > 1:
        results = [result for result in results if result.key[1]]
    counts = {}
    for result in results:
        for word in ["vary"] if result.verdict() == "vary" else {*result.outcomes[column]}:
            counts[word] = counts.get(word, 0) + 1
    if list(counts.values()) == [1]:
        return list(counts)[0]
    return ", ".join(f"{counts[word]} {word}" for word in [*reversed(OUTCOMES), "vary"]
                     if word in counts)


def by_test(results):
    tests = {}
    for result in results:
        tests.setdefault(result.key[0], []).append(result)
    return tests


def rows(suite, results):
    """The lines of the table; those with a difference have a mark."""
    for test, own in by_test(results).items():
        if not test:
            continue
        verdicts = {result.verdict() for result in own}
        mark = "**worse**" if "worse" in verdicts else "better" if "better" in verdicts else ""
        yield f"| {suite}: {test} | {count(own, 0)} | {count(own, 1)} | {mark} |"


def name_of(suite, result):
    return ": ".join(part for part in (suite, *result.key) if part)


def section(title, lines):
    return f"\n## {title}\n\n" + "".join(f"- {line}\n" for line in lines) if lines else ""


def reasons(path):
    """By suite: run, or why it is not"""
    lines = [line for line in read(path).splitlines() if line and not line.startswith("#")]
    return {suite: line.partition(": ")[0] for line in lines
            for suite in line.partition(": ")[2].split()}


def not_run(work, path, found):
    """A line for each reason, with its suites"""
    why = reasons(path)
    told = {}
    for suite, reason in why.items():
        if reason.startswith("not ") and ":" in suite:
            told.setdefault(reason, []).append(suite)
    built = set(re.findall(r"^(\S+?):", read(os.path.join(work, BUILT)), re.M))
    for suite in read(os.path.join(work, "upstream")).split():
        reason = why.get(suite, "nobody has looked at it")
        if suite not in found:
            if reason == "run":
                reason = "not run yet" if suite in built else "it does not build here"
            told.setdefault(reason, []).append(suite)
    return [f"{reason}: {' '.join(suites)}" for reason, suites in sorted(told.items())]


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)


def table(work, listed, path):
    wanted = [suite for suite, reason in reasons(listed).items() if reason == "run"]
    found = {suite: compare(work, suite) for suite in wanted}
    found = {suite: results for suite, results in found.items() if results}
    lines, told = [], {"same": [], "vary": [], "better": [], "worse": [], "fails": []}
    for suite, results in found.items():
        lines += rows(suite, results)
        for result in results:
            verdict, name = result.verdict(), name_of(suite, result)
            told[verdict].append(f"{name}: {result.shown(0)}; patched: {result.shown(1)}")
            if verdict == "same" and "failed" in result.outcomes[0]:
                told["fails"].append(name)
    last = ", ".join(f"{len(told[word])} {text}" for word, text in (
        ("same", "the same"), ("vary", "vary"), ("better", "better"), ("worse", "worse")))
    text = "\n".join(["| test | unpatched | patched | |", "|---|---|---|---|", *lines]) + "\n"
    text += section("Worse", told["worse"]) + section("Better", told["better"])
    text += section("Not the same in each run", told["vary"])
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    facts = [*read(os.path.join(work, "versions")).splitlines(),
             f"Suites: {len(found)} of the {len(wanted)} that are to be run", f"Written: {when}"]
    write(path, HEAD + "".join(f"- {fact}\n" for fact in facts) + f"\n{last}\n\n" + text
          + section("What fails without the series as well", told["fails"])
          + section("What is not run, and why", not_run(work, listed, found)))
    print(text + "\n" + last)
    return 1 if told["worse"] else 0


def main(arguments):
    if arguments[:1] == ["differing"] and len(arguments) == 3:
        for key in differing(*arguments[1:]):
            print("\t".join(key))
        return 0
    if arguments[:1] == ["table"] and len(arguments) == 4:
        return table(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
