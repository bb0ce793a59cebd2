#!/usr/bin/env python3
"""Boot a guest and run one script in it as root.

The exit status is the script's.  It is 124 if the time is over, 125 if the
guest died or ended without a word, or if the kernel complained although nobody
expected it; the end of the console is shown then.  It is 126 if there was no
guest.  The file "ended" beside the logs is there only if the script ended and the
kernel was silent.

A script that provokes a complaint announces it on the console:
    echo 'expect-splat: begin' > /dev/kmsg
    ...
    echo 'expect-splat: end' > /dev/kmsg
"""
import argparse
import os
import re
import secrets
import selectors
import shutil
import subprocess
import sys
import time
import traceback

import accel

TIMED_OUT, DIED, NO_GUEST = 124, 125, 126
CONSOLE_LINES = 40
PARTS = ("programs", "modules", "selftests")
SPLAT = re.compile(
    r"\bBUG[ :]|\bWARNING: |\bOops\b|Kernel panic|rcu: INFO|INFO: (task|rcu)"
    r"|general protection fault|UBSAN: |[1-9]\d* new suspected memory leaks")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("arch", "qemu", "image", "machine", "console", "port", "cpu", "parts", "init",
                 "build", "accel", "smp", "mem"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--timeout", type=float, default=900, metavar="SECONDS")
    parser.add_argument("--label", help="name of the log directory; default: the script's")
    parser.add_argument("--append", action="append", default=[], help="more kernel parameters")
    parser.add_argument("--tolerate", default="(?!)", metavar="REGEX",
                        help="complaints of the kernel that do not count")
    parser.add_argument("--until", default="(?!)", metavar="REGEX",
                        help="end the guest, as failed, when the script prints such a line")
    parser.add_argument("--shell", action="store_true",
                        help="the script is the start-up file of an interactive bash")
    parser.add_argument("--quiet", action="store_true",
                        help="only log what the script prints")
    parser.add_argument("script")
    args = parser.parse_args()
    if not os.path.isfile(args.script):
        raise accel.Unusable(f"there is no script {args.script}")
    if args.shell and not sys.stdin.isatty():
        raise accel.Unusable("a shell needs a terminal; to run a script: "
                             "tools/boot.sh script.sh")
    args.label = args.label or os.path.splitext(os.path.basename(args.script))[0]
    args.dir = os.path.join(args.build, "run", args.label)
    args.token = secrets.token_hex(8)
    return args


def say(text):
    print(f"guest: {text}", file=sys.stderr, flush=True)


def last_part(args):
    """The part of the initramfs that is this run's own: init, the script, and
    what lies beside init."""
    stage = os.path.join(args.dir, "stage")
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(os.path.dirname(args.init), os.path.join(stage, "guest"))
    shutil.copy(args.init, os.path.join(stage, "init"))
    shutil.copy(args.script, os.path.join(stage, "guest/script"))
    os.chmod(os.path.join(stage, "init"), 0o755)
    if args.shell:
        with open(os.path.join(stage, "guest/shell"), "w", encoding="ascii"):
            pass
    files = [os.path.relpath(os.path.join(where, name), stage)
             for where, directories, names in os.walk(stage) for name in directories + names]
    return subprocess.run(
        ["cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet"], cwd=stage, check=True,
        input="\n".join(files).encode() + b"\n", stdout=subprocess.PIPE).stdout


def make_initrd(args):
    path = os.path.join(args.dir, "initrd")
    with open(path, "wb") as initrd:
        for part in PARTS:
            with open(os.path.join(args.parts, f"{part}.cpio.gz"), "rb") as file:
                data = file.read()
            # An uncompressed archive after a compressed one starts at 4 bytes.
            initrd.write(data + b"\0" * (-len(data) % 4))
        initrd.write(last_part(args))
    return path


def port(args):
    """What the script writes to. A machine with one serial port gets one on PCI."""
    device = ["-serial", "chardev:port"]
    if args.console.rstrip("0123456789") != args.port.rstrip("0123456789"):
        device = ["-device", "pci-serial,chardev=port"]
    if args.shell:
        return ["-chardev", "stdio,id=port,mux=on,signal=off", "-mon", "chardev=port", *device]
    return ["-chardev", "stdio,id=port", *device]


def parameters(args, accelerator):
    """The kernel's command line."""
    words = [f"console={args.console}", f"earlyprintk=serial,{args.console}", "panic=-1",
             f"guest_port={args.port}", f"guest_token={args.token}"]
    # Emulated on a busy machine, the timer does not tick in the time that x86 gives it.
    if accelerator != "kvm" and args.machine == "q35":
        words.append("no_timer_check")
    return " ".join([*words, *args.append]).strip()


def command(args, accelerator):
    return [args.qemu, "-M", args.machine, "-accel", accelerator,
            "-cpu", "host" if accelerator == "kvm" else args.cpu,
            # A socket for each CPU: a kernel without ACPI finds them in the BIOS's
            # MP table, which has one per socket.
            "-smp", f"{args.smp},sockets={args.smp}", "-m", args.mem, "-nodefaults", "-no-user-config",
            "-display", "none", "-monitor", "none", "-no-reboot",
            "-serial", f"file:{os.path.join(args.dir, 'console.log')}",
            *port(args),
            "-kernel", args.image, "-initrd", make_initrd(args),
            "-append", parameters(args, accelerator)]


class Output:
    """What the script prints, as it comes."""

    def __init__(self, args):
        self.file = open(os.path.join(args.dir, "output.log"), "wb", buffering=0)
        self.marker = re.compile(f"^guest-exit {args.token} ([0-9]+)$")
        self.until = re.compile(args.until)
        self.quiet = args.quiet
        self.rest = b""
        self.lines = 0
        self.held = False       # an empty line that may be the marker's
        self.status = None
        self.over = False

    def add(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.line(line.rstrip(b"\r"))

    def line(self, line):
        match = self.marker.match(line.decode(errors="replace"))
        if match:
            self.status = int(match.group(1))
            return
        if self.held:
            self.emit(b"")
        self.held = not line
        if line:
            self.emit(line)
        if self.until.search(line.decode(errors="replace")):
            self.over = True

    def emit(self, line):
        self.lines += 1
        self.file.write(line + b"\n")
        if not self.quiet:
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.flush()


def follow(qemu, output, args):
    """Until the guest ends or the time is over; true if it ended."""
    start = shown = time.monotonic()
    selector = selectors.DefaultSelector()
    selector.register(qemu.stdout, selectors.EVENT_READ)
    while time.monotonic() - start < args.timeout:
        if selector.select(timeout=0.5):
            data = os.read(qemu.stdout.fileno(), 65536)
            if not data:
                return True
            output.add(data)
            if output.over:
                return True
        if args.quiet and time.monotonic() - shown > 15:
            shown = time.monotonic()
            say(f"{args.label}: {int(shown - start)} s, {output.lines} lines of output")
    return False


def console_lines(args):
    path = os.path.join(args.dir, "console.log")
    with open(path, encoding="utf-8", errors="replace") as console:
        return console.read().replace("\r", "").splitlines()


def splats(lines, tolerated):
    """The kernel's complaints that no script announced."""
    expected, found = False, []
    for line in lines:
        if "expect-splat: begin" in line:
            expected = True
        elif "expect-splat: end" in line:
            expected = False
        elif not expected and SPLAT.search(line) and not re.search(tolerated, line):
            found.append(line)
    if expected:
        found.append("'expect-splat: begin' has no 'expect-splat: end'")
    return found


def show_failure(args, reason, lines, marked=()):
    say(f"{args.label}: FAILED: {reason}")
    for line in marked:
        print(f"    {line}", file=sys.stderr)
    say(f"the last {CONSOLE_LINES} lines of {os.path.join(args.dir, 'console.log')}:")
    for line in lines[-CONSOLE_LINES:]:
        print(f"    {line}", file=sys.stderr)


def verdict(args, output, ended):
    """The exit status, after words on what went wrong."""
    lines = console_lines(args)
    if not ended:
        show_failure(args, f"not done after {args.timeout:g} s, ended", lines)
        return TIMED_OUT
    if output.over:
        return 1
    if output.status is None:
        panic = [line for line in lines if "Kernel panic" in line]
        show_failure(args, "the kernel panicked" if panic else
                     "the guest ended before its script did", lines, panic)
        return DIED
    found = splats(lines, args.tolerate)
    if found:
        show_failure(args, "the kernel complained:", lines, found)
        return DIED
    with open(os.path.join(args.dir, "ended"), "w", encoding="ascii"):
        pass
    return output.status


def run(args, accelerator):
    output = Output(args)
    qemu = subprocess.Popen(command(args, accelerator), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE)
    try:
        ended = follow(qemu, output, args)
    finally:
        qemu.kill()
        qemu.wait()
    return verdict(args, output, ended)


def main():
    args = arguments()
    os.makedirs(args.dir, exist_ok=True)
    with open(os.path.join(args.dir, "console.log"), "w", encoding="ascii"):
        pass
    if os.path.exists(os.path.join(args.dir, "ended")):
        os.remove(os.path.join(args.dir, "ended"))
    accelerator, why = accel.choose(
        args.accel, args.arch, args.qemu, args.machine, args.image,
        os.path.join(args.build, f"accel-{args.arch}"))
    say(f"booting with {accelerator} ({why})")
    if args.shell:
        sys.exit(subprocess.call(command(args, accelerator)))
    sys.exit(run(args, accelerator))


if __name__ == "__main__":
    try:
        main()
    except accel.Unusable as error:
        print(f"boot: {error}", file=sys.stderr)
        sys.exit(NO_GUEST)
    except Exception:
        traceback.print_exc()
        sys.exit(NO_GUEST)
