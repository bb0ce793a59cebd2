#!/usr/bin/env python3
"""Count the results in files of KTAP and print a summary.

    ktap.py [--listed FILE] NAME=FILE...

The last line is "N passed, N failed, N skipped"; the exit status is 1 if
anything failed.  Where a test has subtests, those are what is counted.  Also
failures are: a plan that is missing or not kept, "Bail out!", a file without
results, and a test of the list (kselftest-list.txt) that did not run.
"""
import re
import sys

RESULT = re.compile(r"^(ok|not ok)\b(?: (\d+))?(?: - | )?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)(?:\s+#\s*(.*))?$")
SUMMARY = re.compile(r"\S+: pass:\d+ fail:\d+ skip:\d+ total:(\d+)$")
# kselftest puts "# " before the lines of a subtest, KUnit four blanks.
INDENT = re.compile(r"^(?:# ?| {4})")


class Test:
    """One result line, or a whole file, with the subtests that came before it."""

    def __init__(self, name, good=True, reason=None):
        self.name = name
        self.good = good
        self.reason = reason        # why it was skipped
        self.group = None           # its subtests


class Group:
    """What is printed at one depth: a plan and results."""

    def __init__(self):
        self.plan = None
        self.skipped = None
        self.tests = []
        self.numbers = []
        self.problems = []

    def empty(self):
        return self.plan is None and not self.tests and not self.problems

    def complaints(self):
        wrong = list(self.problems)
        if self.plan is None:
            wrong.append("there is no plan (1..N)")
        elif self.plan != len(self.tests):
            wrong.append(f"{self.plan} results were planned, {len(self.tests)} came")
        if self.numbers != list(range(1, len(self.numbers) + 1)):
            wrong.append("the results are not numbered 1, 2, ...")
        return wrong


def split_directive(text):
    """A description and, if it was skipped, the reason, which it may have itself."""
    match = re.search(r"#\s*SKIP\b:?\s*(.*)$", text, re.I)
    if not match:
        return text.strip(), None
    return text[:match.start()].strip(), match.group(1).strip()


def strip_indent(line):
    depth = 0
    while INDENT.match(line) and not RESULT.match(line):
        line = INDENT.sub("", line, count=1)
        depth += 1
    return depth, line


class Parser:
    def __init__(self):
        self.groups = {}        # by depth: what is printed there now

    def group(self, depth):
        return self.groups.setdefault(depth, Group())

    def subtests(self, depth):
        """Take the group below a depth, which belongs to the result just read."""
        below = sorted(key for key in self.groups if key > depth)
        group = self.groups[below[0]] if below else None
        for key in below:
            del self.groups[key]
        return group if group and not group.empty() else None

    def line(self, raw):
        depth, line = strip_indent(raw.rstrip())
        result, plan = RESULT.match(line), PLAN.match(line)
        if result and result.group(2):
            self.result(depth, result)
        elif plan:
            group = self.group(depth)
            if group.plan is not None:
                group.problems.append("there is a second plan")
            group.plan = int(plan.group(1))
            if group.plan == 0:
                group.skipped = split_directive("# " + (plan.group(2) or ""))[1]
        elif SUMMARY.match(line):
            self.summary(depth, int(SUMMARY.match(line).group(1)))
        elif line.startswith("Bail out!"):
            self.group(depth).problems.append(line)

    def summary(self, depth, total):
        """KUnit plans no parameters: it sums them up when they are through."""
        group = self.groups.get(depth)
        if group and group.plan is None and group.tests:
            group.plan = total

    def result(self, depth, match):
        name, reason = split_directive(match.group(3))
        test = Test(name, match.group(1) == "ok", reason)
        test.group = self.subtests(depth)
        group = self.group(depth)
        group.tests.append(test)
        group.numbers.append(int(match.group(2)))


def parse(text):
    """A file's outermost group."""
    parser = Parser()
    for line in text.splitlines():
        parser.line(line)
    depths = sorted(parser.groups)
    group = parser.groups[depths[0]] if depths else Group()
    for depth in depths[1:]:
        if not parser.groups[depth].empty():
            group.problems.append("the last subtests belong to no result")
            break
    return group


def skipped(path, reason):
    return f"{path}: {reason}" if reason else path


class Totals:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def add_group(self, path, group):
        """Count the results of a group; the number of failures in it."""
        before = len(self.failed)
        for wrong in group.complaints():
            self.failed.append(f"{path}: {wrong}")
        if group.plan == 0 and group.skipped is not None:
            self.skipped.append(skipped(path, group.skipped))
        for test in group.tests:
            self.add_test(f"{path}: {test.name}", test)
        return len(self.failed) - before

    def add_test(self, path, test):
        if test.group:
            failures = self.add_group(path, test.group)
            if not test.good and not failures:
                self.failed.append(f"{path}: all its subtests passed, and it failed")
        elif not test.good:
            self.failed.append(path)
        elif test.reason is not None:
            self.skipped.append(skipped(path, test.reason))
        else:
            self.passed += 1

    def add_file(self, name, text):
        group = parse(text)
        if group.empty():
            self.failed.append(f"{name}: it printed no result")
        else:
            self.add_group(name, group)
        return group

    def show(self):
        for title, lines in (("Failed:", self.failed), ("Skipped:", self.skipped)):
            if lines:
                print(title)
            for line in lines:
                print(f"    {line}")
        print(f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped")


def not_run(listed, names):
    """The entries "collection:test" that no "selftests: collection: test" reports."""
    return [entry for entry in listed
            if not any(name.startswith("selftests: " + entry.replace(":", ": ", 1))
                       for name in names)]


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        print(f"ktap.py: {path}: {error.strerror}", file=sys.stderr)
        return ""


def main(arguments):
    listed = []
    if arguments[:1] == ["--listed"]:
        listed = read(arguments[1]).split()
        arguments = arguments[2:]
    if not arguments or any("=" not in argument for argument in arguments):
        sys.exit(__doc__)
    totals, names = Totals(), []
    for argument in arguments:
        name, _, path = argument.partition("=")
        names += [test.name for test in totals.add_file(name, read(path)).tests]
    for entry in not_run(listed, names):
        totals.failed.append(f"{entry}: it is in the list of tests and did not run")
    totals.show()
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
