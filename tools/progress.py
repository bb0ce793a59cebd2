#!/usr/bin/env python3
"""Run a command quietly: its output goes to a log, its warnings and a sign of
life every few seconds to stderr, and the end of the log if it fails.

    progress.py NAME LOG COMMAND...
"""
import os
import re
import selectors
import signal
import subprocess
import sys
import time

STEP = re.compile(rb"^ +[A-Z][A-Z0-9_-]*(?: \[M\])? +(\S+)")
# UT=1 names every tracepoint that this small configuration leaves unused; the
# log has them, `make check` looks for the series' own.
NOTABLE = re.compile(rb"(warning: (?!tracepoint ')|error: |\*\*\*)")


class Progress:
    """The line that says how far the command is."""

    def __init__(self, name):
        self.name = name
        self.start = time.monotonic()
        self.tty = sys.stderr.isatty()
        self.every = 1 if self.tty else 15
        self.shown = self.start
        self.steps = 0
        self.last = ""

    def seconds(self):
        return int(time.monotonic() - self.start)

    def step(self, line):
        match = STEP.match(line)
        if match:
            self.steps += 1
            self.last = match.group(1).decode(errors="replace")

    def show(self):
        now = time.monotonic()
        if now - self.shown < self.every:
            return
        self.shown = now
        text = f"{self.name}: {self.seconds()} s"
        # Not every command names its steps.
        if self.steps:
            text += f", {self.steps} steps, {self.last}"
        if self.tty:
            sys.stderr.write(f"\r\033[K{text[:78]}")
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def say(self, text):
        sys.stderr.write(("\r\033[K" if self.tty else "") + text + "\n")


def follow(process, log, progress):
    """Copy the output to the log until its end."""
    selector = selectors.DefaultSelector()
    selector.register(process.stdout, selectors.EVENT_READ)
    rest = b""
    while True:
        if selector.select(timeout=1):
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            log.write(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                progress.step(line)
                if NOTABLE.search(line):
                    progress.say(line.decode(errors="replace"))
        progress.show()


def fail(name, path, status):
    with open(path, "rb") as log:
        tail = log.read().decode(errors="replace").splitlines()[-25:]
    print(f"{name}: failed (exit status {status}); the end of {path}:", file=sys.stderr)
    print("\n".join("    " + line for line in tail), file=sys.stderr)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    name, path, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    progress = Progress(name)
    # Ended from outside, it ends the command as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with open(path, "wb", buffering=0) as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            follow(process, log, progress)
        except BaseException:
            process.terminate()
            raise
    status = process.wait()
    if status:
        progress.say("")
        fail(name, path, status)
        sys.exit(1)
    steps = f" ({progress.steps} steps)" if progress.steps else ""
    progress.say(f"{name}: done in {progress.seconds()} s{steps}")


if __name__ == "__main__":
    main()
