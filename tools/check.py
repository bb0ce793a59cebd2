#!/usr/bin/env python3
"""Check the series: every patch by itself, every step, and the whole.

    check.py DIRECTORY BASE PATCH...     (check.sh calls it)

One line of TAP per item.  What was found good is remembered by the hash of all
that it depends on, so that a second run has nothing to do.
"""
import collections
import fnmatch
import glob
import hashlib
import os
import re
import subprocess
import sys

import budget

TOP = os.environ["top"]
TOOLS = os.path.join(TOP, "tools")
# Nobody has signed the patches off yet: that is for who submits them.
IGNORED_TYPES = {"MISSING_SIGN_OFF"}
# The kernel refuses a sparse without __typeof_unqual__ (Debian's 0.6.4), although it
# does not use that with a compiler that has none either.
# Linux 6.12 has it count locks as well: it takes every guard() for an imbalance, those
# of freezer.c and irq/proc.c too. Newer kernels do not ask it for that.
CHECK = "CHECK=sparse -D__typeof_unqual__=__typeof__ -Wno-context"
# It says this of every MODULE_LICENSE(); of a real one the compiler says it too.
NOISE = {"bad constant expression"}
WARNING = re.compile(r"^(\S+?):\d+(?::\d+)?: (warning|error): (.*)$")


def run(command, **options):
    """The exit status of a command and all that it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False, **options)
    return done.returncode, done.stdout


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def digest(*parts):
    text = "\0".join(str(part) for part in parts)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:20]


def table(name):
    """The lines of a table in tools/, as lists of words."""
    lines = read(os.path.join(TOOLS, name)).splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


class Report:
    """The lines of TAP, and the memory of what was good before."""

    def __init__(self, directory):
        self.cache = os.path.join(directory, "cache")
        os.makedirs(self.cache, exist_ok=True)
        self.count = self.failed = 0

    def item(self, name, key, check):
        """check() gives what is wrong as a list of lines; empty means good."""
        path = os.path.join(self.cache, digest(name, *key))
        known = os.path.exists(path)
        wrong = [] if known else check()
        self.line(name, wrong)
        if not wrong and not known:
            with open(path, "w", encoding="utf-8") as file:
                file.write(name + "\n")

    def line(self, name, wrong):
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.count} - {name}")
        for line in wrong:
            print(f"#     {line}")
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


class Patch:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.text = read(path)
        self.files = re.findall(r"^diff --git a/\S+ b/(\S+)$", self.text, re.M)
        self.new_files = re.findall(r"^new file mode.*\n(?:index.*\n)?(?:--- .*\n\+\+\+ b/(\S+))?",
                                    self.text, re.M)

    def own_lines(self):
        """The message, and the added lines without their +."""
        head, _, diff = self.text.partition("\ndiff --git ")
        added = [line[1:] for line in diff.splitlines()
                 if line.startswith("+") and not line.startswith("+++ ")]
        return head.splitlines() + added


class Tree:
    """The tree that the steps are checked out in."""

    def __init__(self, directory, base, patches):
        self.dir = os.path.join(directory, "tree")
        self.base = base
        self.patches = patches
        self.commits = []       # one per patch that applied

    def git(self, *arguments):
        return run(["git", "-C", self.dir, "-c", "core.hooksPath=/dev/null",
                    "-c", "gc.auto=0", "-c", "commit.gpgSign=false",
                    "-c", "core.autocrlf=false", *arguments])

    def create(self):
        if not os.path.isdir(self.dir):
            run(["rm", "-rf", self.dir + ".new"])
            status, text = run(["git", "clone", "-q", "--shared", "--no-checkout",
                                os.environ["tree"], self.dir + ".new"])
            if status:
                sys.exit(f"check: cannot clone {os.environ['tree']}:\n{text}")
            os.rename(self.dir + ".new", self.dir)

    def checkout(self, commit):
        status, text = self.git("checkout", "-q", "--force", "--detach", commit)
        if status:
            sys.exit(f"check: cannot check out {commit}:\n{text}")

    def apply(self, path):
        """git am of a file without 3-way: the patches fit exactly, or they do not."""
        environment = {**os.environ, "GIT_COMMITTER_NAME": "series",
                       "GIT_COMMITTER_EMAIL": "series@localhost"}
        status, text = run(
            ["git", "-C", self.dir, "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0",
             "-c", "commit.gpgSign=false", "am", "-q", "--committer-date-is-author-date",
             path], env=environment)
        if status:
            self.git("am", "--abort")
        return text.splitlines() if status else []

    def remembered(self, file):
        """The commits of an earlier run with the same patches, if still there."""
        if not os.path.exists(file):
            return False
        commits = read(file).split()
        if any(self.git("cat-file", "-e", commit)[0] for commit in commits):
            return False
        self.commits = commits
        return True


def check_applies(report, tree, directory):
    """Apply all patches in order, or take the commits of an earlier run."""
    memory = os.path.join(directory, "commits-" + digest(
        tree.base, *[patch.text for patch in tree.patches]))
    if tree.remembered(memory):
        for patch in tree.patches:
            report.line(f"{patch.name}: applies", [])
        return
    tree.git("am", "--abort")
    tree.checkout(tree.base)
    for patch in tree.patches:
        wrong = tree.apply(patch.path)
        report.line(f"{patch.name}: applies", wrong)
        if wrong:
            return
        tree.commits.append(tree.git("rev-parse", "HEAD")[1].strip())
    with open(memory, "w", encoding="ascii") as file:
        file.write("\n".join(tree.commits))


class Checkpatch:
    """checkpatch.pl --strict, minus what tools/checkpatch-justified explains."""

    SAYS = re.compile(r"^(ERROR|WARNING|CHECK):([A-Z_]+): (.*)\n(?:#\d+: (?:FILE: (\S+?):\d+:)?)?",
                      re.M)

    def __init__(self, tree):
        self.tree = tree
        self.justified = [(words[0], words[1]) for words in table("checkpatch-justified")]
        self.used = set()
        self.checked = set()
        self.covered = self.maintained()

    def maintained(self):
        """The file patterns that the series adds to MAINTAINERS."""
        lines = [line for patch in self.tree.patches for line in patch.own_lines()]
        return [line.split(None, 1)[1] for line in lines if re.match(r"F:\s", line)]

    def has_maintainer(self, file):
        return any(fnmatch.fnmatch(file, glob_) or glob_.endswith("/") and file.startswith(glob_)
                   for glob_ in self.covered)

    def excused(self, patch, level, kind, file):
        if kind in IGNORED_TYPES:
            return True
        # A base that is one commit knows no other: Fixes: cannot be looked up.
        if kind == "UNKNOWN_COMMIT_ID" and not os.environ.get("KERNEL_TREE"):
            return True
        # MAINTAINERS may come with another patch of the series.
        if kind == "FILE_PATH_CHANGES":
            return all(self.has_maintainer(new) for new in patch.new_files if new)
        for entry in self.justified:
            if level == "CHECK" and entry[0] == kind and fnmatch.fnmatch(file or patch.name, entry[1]):
                self.used.add(entry)
                return True
        return False

    def check(self, patch):
        self.checked.add(patch.name)
        status, text = run(["perl", os.path.join(self.tree.dir, "scripts/checkpatch.pl"),
                            "--strict", "--show-types", "--no-summary", patch.path],
                           cwd=self.tree.dir)
        wrong = []
        for level, kind, what, file in self.SAYS.findall(text):
            if not self.excused(patch, level, kind, file):
                wrong.append(f"{level}:{kind}: {file}: {what}")
        if status not in (0, 1):
            wrong.append(f"checkpatch.pl ended with {status}: {text[-400:]}")
        return wrong

    def unused(self):
        return [f"tools/checkpatch-justified: nothing needs '{kind} {file}' any more"
                for kind, file in self.justified if (kind, file) not in self.used]


def check_checkpatch(report, tree):
    # One item with one key: which justifications are used shows only in the whole.
    checkpatch = Checkpatch(tree)
    key = [patch.text for patch in tree.patches] + [
        read(os.path.join(TOOLS, "checkpatch-justified")), read(__file__)]
    for patch in tree.patches:
        report.item(f"{patch.name}: checkpatch", key,
                    lambda patch=patch: checkpatch.check(patch))
    report.item("checkpatch: every justification is needed", key, lambda: unused(checkpatch))


def unused(checkpatch):
    for patch in checkpatch.tree.patches:
        if patch.name not in checkpatch.checked:
            checkpatch.check(patch)
    return checkpatch.unused()


class Build:
    """One configuration that the objects are built in at every step."""

    def __init__(self, directory, tree, options, on):
        self.tree = tree
        self.on = on
        self.options = options
        self.dir = os.path.join(directory, "on" if on else "off")
        self.fragment = self.dir + ".config"

    def label(self):
        return ", ".join(f"{option}={'y' if self.on else 'n'}" for option in self.options) or "build"

    def environment(self):
        return {**os.environ, "SOURCE_DIR": self.tree.dir, "KERNEL_DIR": self.dir,
                "MORE_CONFIG": self.fragment}

    def configure(self):
        with open(self.fragment, "w", encoding="ascii") as file:
            for option in self.options:
                file.write(f"{option}=y\n" if self.on else f"# {option} is not set\n")
        return run([os.path.join(TOOLS, "kernel.sh"), "configure"], env=self.environment())

    def make(self, *targets):
        return run([os.path.join(TOOLS, "kmake.sh"), *targets], env=self.environment())

    def objects(self, sources):
        """The objects of the sources, as make's targets: (module's directory, object)."""
        found = []
        for source in sources:
            if source.startswith("tools/"):
                found.append((os.path.dirname(source), os.path.basename(source)[:-1] + "o"))
            elif self.wanted(source):
                found.append((None, source[:-1] + "o"))
        return found

    def wanted(self, source):
        """Does the Makefile beside it build it in this configuration?"""
        makefile = os.path.join(self.tree.dir, os.path.dirname(source), "Makefile")
        stem = os.path.basename(source)[:-2]
        match = re.search(rf"^obj-\$\((CONFIG_\w+)\)\s*[+:]?=.*\b{re.escape(stem)}\.o\b",
                          read(makefile) if os.path.exists(makefile) else "", re.M)
        return not match or bool(re.search(rf"^{match.group(1)}=[ym]$",
                                           read(os.path.join(self.dir, ".config")), re.M))

    def compile(self, sources):
        """The exit status and the warnings of building the objects anew."""
        objects = self.objects(sources)
        text, status = "", 0
        for directory in sorted({directory for directory, _ in objects}, key=str):
            targets = [name for where, name in objects if where == directory]
            status, more = self.compile_in(directory, targets)
            text += more
            if status:
                break
        return status, text

    def compile_in(self, directory, targets):
        if directory is None:
            self.remove(self.dir, targets)
            return self.make("-s", "W=1", "C=1", CHECK, *targets)
        where = os.path.join(self.tree.dir, directory)
        self.remove(where, targets)
        status, text = self.make("-s", "modules_prepare")
        if status:
            return status, text
        return self.make("-s", f"M={where}", "W=1", "C=1", CHECK, *targets)

    @staticmethod
    def remove(directory, targets):
        for target in targets:
            path = os.path.join(directory, target)
            if os.path.exists(path):
                os.remove(path)


def warnings(text, tree):
    """The warnings in make's output, without line numbers: those move."""
    found = collections.Counter()
    for line in text.splitlines():
        match = WARNING.match(line)
        if match and match.group(3) not in NOISE:
            path = os.path.relpath(match.group(1), tree.dir) \
                if match.group(1).startswith("/") else match.group(1).replace("../", "")
            found[f"{path}: {match.group(2)}: {match.group(3)}"] += 1
    return found


def new_warnings(old, new):
    return sorted((new - old).elements())


class Steps:
    """Build what each patch touches, and compare the warnings with the base's."""

    def __init__(self, report, tree, directory):
        self.report = report
        self.tree = tree
        self.directory = directory
        self.options = [words[0] for words in table("series-options")]
        self.how = digest(
            read(__file__), run(["gcc", "--version"])[1], run(["sparse", "--version"])[1],
            *[read(path) for path in sorted(glob.glob(os.path.join(TOP, "kernel-config/*")))])

    def existing(self, commit, files):
        return [file for file in files
                if self.tree.git("cat-file", "-e", f"{commit}:{file}")[0] == 0]

    def options_at(self, commit):
        return [option for option in self.options if self.tree.git(
            "grep", "-q", "-E", f"^config {option[7:]}$", commit, "--", "*Kconfig*")[0] == 0]

    def sources(self, step):
        """The .c files to build at a step: the patch's own; if it touches a header or
        the build, all that the series has touched so far."""
        mine = self.tree.patches[step].files
        so_far = [file for patch in self.tree.patches[:step + 1] for file in patch.files]
        if any(file.endswith(".h") or re.search(r"(Kconfig[^/]*|Makefile)$", file) for file in mine):
            mine = so_far
        # Programs of user space are built by the kselftests' own Makefile.
        files = sorted({file for file in mine if file.endswith(".c") and
                        ("/test_modules/" in file or not file.startswith("tools/"))})
        return self.existing(self.tree.commits[step], files)

    def builds(self, options):
        if not options:
            return [Build(self.directory, self.tree, [], False)]
        return [Build(self.directory, self.tree, options, on) for on in (True, False)]

    def at(self, commit, build, sources):
        """Exit status and output of building the sources of a commit."""
        self.tree.checkout(commit)
        status, text = build.configure()
        if not status:
            status, text = build.compile(sources)
        return status, text

    def before(self, build, sources):
        """The base's warnings for the same sources."""
        sources = self.existing(self.tree.base, sources)
        base = Build(self.directory, self.tree, [], False)
        base.dir, base.fragment = build.dir, build.fragment
        memory = os.path.join(self.report.cache, "base-" + digest(
            self.tree.base, build.dir, self.how, *sources))
        if not os.path.exists(memory):
            status, text = self.at(self.tree.base, base, sources)
            if status:
                sys.exit(f"check: the base does not build:\n{text[-2000:]}")
            with open(memory, "w", encoding="utf-8") as file:
                file.write(text)
        return warnings(read(memory), self.tree)

    def check(self, step, build, sources):
        old = self.before(build, sources)
        status, text = self.at(self.tree.commits[step], build, sources)
        if status:
            errors = [line for line in text.splitlines() if "error: " in line]
            return ["does not build:"] + (errors or text.splitlines()[-15:])
        if "not available or not up to date" in text:
            return ["sparse did not run: the kernel does not take this version of it"]
        return new_warnings(old, warnings(text, self.tree))

    def run(self):
        for step, commit in enumerate(self.tree.commits):
            sources = self.sources(step)
            if not sources:
                continue
            for build in self.builds(self.options_at(commit)):
                name = f"{self.tree.patches[step].name}: {build.label()}, W=1 and sparse: " \
                       + " ".join(os.path.basename(source) for source in sources)
                key = (self.tree.base, commit, self.how)
                self.report.item(name, key, lambda step=step, build=build, sources=sources:
                                 self.check(step, build, sources))


def check_unused_events(report, tree):
    """The events that the series defines are all called in the full build (UT=1)."""
    text = "\n".join(line for patch in tree.patches for line in patch.own_lines())
    events = set(re.findall(r"^(?:TRACE_EVENT|DEFINE_EVENT)\w*\((?:\w+,\s*)?(\w+),", text, re.M))
    kernel = os.environ["kernel"]
    tool = os.path.join(kernel, "scripts/tracepoint-update")
    if not os.path.exists(tool):
        print("# this base has no make UT=1: unused events are not looked for")
        return
    status, said = run([tool, "vmlinux.o"], cwd=kernel)
    wrong = [line for line in said.splitlines()
             if set(re.findall(r"tracepoint '(\w+)'", line)) & events]
    if status:
        wrong.append(f"{tool} ended with {status}")
    report.line(f"full build, UT=1: the {len(events)} events of the series are used", wrong)


def check_kernel_doc(report, tree):
    files = sorted({file for patch in tree.patches for file in patch.files
                    if file.endswith((".c", ".h"))})
    final = tree.commits[-1]
    key = (tree.base, final, read(__file__))
    report.item("kernel-doc: no new warnings", key, lambda: kernel_doc_news(tree, files, final))


def kernel_doc_news(tree, files, final):
    counts = []
    for commit in (tree.base, final):
        tree.checkout(commit)
        there = [file for file in files if os.path.exists(os.path.join(tree.dir, file))]
        tool = next(path for path in ("tools/docs/kernel-doc", "scripts/kernel-doc")
                    if os.path.exists(os.path.join(tree.dir, path)))
        _, text = run([os.path.join(tree.dir, tool), "-none", "-Wall", *there], cwd=tree.dir)
        counts.append(collections.Counter(
            re.sub(r":\d+", "", line) for line in text.splitlines()
            if re.search(r"(?i)\b(warning|error)\b", line)))
    return new_warnings(*counts)


def check_backports(report):
    """What other bases have of their own was made from what patches/ has now."""
    _, said = run([os.path.join(TOOLS, "backports.sh")])
    report.line("the patches of other bases are those of the first one", said.splitlines())


class Mailbox:
    """What who gets the series by mail does with it"""

    def __init__(self, tree, directory):
        self.tree = tree
        self.path = os.environ["mailbox"]
        self.work = os.path.join(directory, "b4")

    def b4(self, *arguments):
        """b4 without a network, and without the user's own cache"""
        environment = {**os.environ, "XDG_DATA_HOME": self.work, "XDG_CACHE_HOME": self.work,
                       "GIT_COMMITTER_NAME": "series",
                       "GIT_COMMITTER_EMAIL": "series@localhost"}
        os.makedirs(os.path.join(self.work, "am"), exist_ok=True)
        return run(["b4", "--offline-mode", *arguments], cwd=self.tree.dir, env=environment)

    def wrong(self, status, text):
        """What is wrong after the patches were applied by somebody"""
        got = self.tree.git("rev-parse", "HEAD^{tree}")[1]
        if not status and got == self.tree.git("rev-parse", self.tree.commits[-1] + "^{tree}")[1]:
            return []
        self.tree.git("am", "--abort")
        return ["the tree is not that of the series:", *text.splitlines()[-10:]]

    def am(self):
        run(["rm", "-rf", self.work])
        status, text = self.b4("am", "-m", self.path, "-o", os.path.join(self.work, "am"))
        made = glob.glob(os.path.join(self.work, "am", "*.mbx"))
        if status or len(made) != 1:
            return [f"b4 am ended with {status}:", *text.splitlines()[-10:]]
        self.tree.checkout(self.tree.base)
        return self.tree.apply(made[0]) or self.wrong(0, text)

    def shazam(self):
        self.tree.checkout(self.tree.base)
        return self.wrong(*self.b4("shazam", "-m", self.path))

    def diff(self, released):
        status, text = self.b4("diff", "-m", released, self.path)
        return [] if not status and "Running: git range-diff" in text else \
            [f"b4 diff ended with {status}:", *text.splitlines()[-10:]]


def check_mailbox(report, tree, directory):
    mailbox = Mailbox(tree, directory)
    key = [tree.base, read(mailbox.path), read(__file__), run(["b4", "--version"])[1]]
    report.item("mbox: b4 am and git am take it", key, mailbox.am)
    report.item("mbox: b4 shazam takes it", key, mailbox.shazam)
    released = glob.glob(os.path.join(TOP, "releases/v*.mbox"))
    if released:
        last = max(released, key=lambda path: int(re.sub(r"\D", "", os.path.basename(path))))
        report.item(f"mbox: b4 diff with {os.path.basename(last)}", [*key, read(last)],
                    lambda: mailbox.diff(last))


def check_spelling(report, patches):
    texts = {patch.name: "\n".join(patch.own_lines()) for patch in patches}
    for path in [os.path.join(os.environ["PATCHES"], "0000-cover-letter.patch"),
                 os.path.join(TOP, "README.md"),
                 *sorted(glob.glob(os.path.join(TOP, "Documentation/*")))]:
        if os.path.isfile(path):
            texts[os.path.relpath(path, TOP)] = read(path)
    for name, text in texts.items():
        report.item(f"{name}: spelling", (text, read(os.path.join(TOOLS, "spelling"))),
                    lambda text=text: misspelled(text))


def misspelled(text):
    _, said = run(["codespell", "--ignore-words", os.path.join(TOOLS, "spelling"), "-"],
                  input=text)
    return [line for line in said.splitlines() if "==>" in line]


def own_scripts():
    places = ["tools/*", "tools/tests/*", "selftests/*", "selftests/*/*", "selftests/*/*/*",
              ".ci/run"]
    files = [path for place in places for path in sorted(glob.glob(os.path.join(TOP, place)))]
    return [path for path in files if os.path.isfile(path) and is_shell(path)]


def is_shell(path):
    with open(path, "rb") as file:
        first = file.readline()
    return bool(re.match(rb"#!.*\b(ba)?sh\b|# shellcheck shell=", first))


def check_scripts(report, tree):
    scripts = own_scripts()
    tree.checkout(tree.commits[-1] if tree.commits else tree.base)
    scripts += sorted(glob.glob(os.path.join(
        tree.dir, "tools/testing/selftests/kthread/**/*.sh"), recursive=True))
    shared = read(os.path.join(TOOLS, "lib.sh"))
    for path in scripts:
        name = os.path.relpath(path, tree.dir if path.startswith(tree.dir) else TOP)
        report.item(f"{name}: shellcheck", (read(path), shared),
                    lambda path=path: run(["shellcheck", "--format=gcc", path])[1].splitlines())


def main():
    directory, base, *paths = sys.argv[1:]
    report = Report(directory)
    patches = [Patch(path) for path in paths]
    tree = Tree(directory, base, patches)
    tree.create()
    if not patches:
        report.line("the series has patches", [f"there are none in {os.environ['PATCHES']}"])
    check_applies(report, tree, directory)
    if patches and len(tree.commits) == len(patches):
        tree.checkout(tree.commits[-1])
        check_checkpatch(report, tree)
        Steps(report, tree, directory).run()
        check_unused_events(report, tree)
        check_kernel_doc(report, tree)
        if os.environ["mailbox"]:
            check_mailbox(report, tree, directory)
        # The series of next/; that of before had no budgets.
        if os.path.exists(os.path.join(tree.dir, "kernel/kthread_wait.c")):
            for text, good in budget.measure(tree.dir, paths):
                report.line(f"budget: {text}", [] if good else ["over the budget"])
    check_backports(report)
    check_spelling(report, patches)
    check_scripts(report, tree)
    sys.exit(report.end())


if __name__ == "__main__":
    main()
