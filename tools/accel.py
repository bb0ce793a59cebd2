#!/usr/bin/env python3
"""Which accelerator QEMU can use here.

    accel.py ARCH QEMU MACHINE IMAGE CACHE      prints it

A /dev/kvm that opens proves nothing: there are machines where it hangs every
guest.  So the last question is put to the kernel itself: does it say a word
under KVM within ten seconds?
"""
import os
import platform
import re
import subprocess
import sys
import tempfile

PROBE_SECONDS = 10


class Unusable(Exception):
    """No guest can be booted as asked for; the text says why."""


def version(qemu):
    text = subprocess.run([qemu, "--version"], capture_output=True, text=True,
                          check=True).stdout
    match = re.search(r"version (\d+)\.(\d+)", text)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


def tcg(qemu):
    """Before 8.1 QEMU loses races of text patching with a thread per CPU."""
    return "tcg,thread=single" if version(qemu) < (8, 1) else "tcg,thread=multi"


def obstacle(arch):
    """Why KVM cannot be used, as far as that shows without trying it."""
    if platform.machine() != arch:
        return f"the guest is {arch}, this machine is {platform.machine()}"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "/dev/kvm is not there, or not to be read and written"
    if arch == "x86_64":
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            if not re.search(r"^flags.*\b(vmx|svm)\b", info.read(), re.M):
                return "/proc/cpuinfo has neither vmx nor svm"
    return None


def kernel_speaks(qemu, machine, image):
    with tempfile.NamedTemporaryFile() as console:
        try:
            subprocess.run([qemu, "-accel", "kvm", "-cpu", "host", "-M", machine,
                            "-m", "512", "-nodefaults", "-display", "none",
                            "-no-reboot", "-serial", f"file:{console.name}",
                            "-kernel", image,
                            "-append", "console=ttyS0 earlyprintk=serial panic=-1"],
                           timeout=PROBE_SECONDS, check=False,
                           stdin=subprocess.DEVNULL, capture_output=True)
        except subprocess.TimeoutExpired:
            pass
        return b"Linux version" in console.read()


def probe(arch, qemu, machine, image):
    why = obstacle(arch)
    if not why and not kernel_speaks(qemu, machine, image):
        why = f"the kernel said nothing under KVM within {PROBE_SECONDS} s"
    if why:
        return tcg(qemu), why
    return "kvm", "the kernel boots under KVM"


def cached(cache, key, decide):
    """The decision of an earlier run on the same machine and QEMU."""
    try:
        with open(cache, encoding="utf-8") as file:
            old, accel, why = file.read().splitlines()
            if old == key:
                return accel, why
    except (OSError, ValueError):
        pass
    accel, why = decide()
    os.makedirs(os.path.dirname(cache), exist_ok=True)
    with open(cache, "w", encoding="utf-8") as file:
        file.write(f"{key}\n{accel}\n{why}\n")
    return accel, why


def choose(want, arch, qemu, machine, image, cache):
    """The accelerator and the reason for it."""
    if want == "kvm":
        accel, why = probe(arch, qemu, machine, image)
        if accel != "kvm":
            raise Unusable(f"ACCEL=kvm: {why}; ACCEL=tcg works everywhere")
        return accel, "ACCEL=kvm"
    if want == "tcg":
        return tcg(qemu), "ACCEL=tcg"
    if want != "auto":
        raise Unusable(f"ACCEL={want} is not known: expected auto, kvm or tcg")
    key = f"{version(qemu)} {os.access('/dev/kvm', os.R_OK | os.W_OK)} {platform.release()}"
    return cached(cache, key, lambda: probe(arch, qemu, machine, image))


if __name__ == "__main__":
    print(choose("auto", *sys.argv[1:])[0])
