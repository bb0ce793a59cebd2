#!/usr/bin/env python3
"""Print a mailbox: patches that git format-patch wrote, as one thread.

    mbox.py VERSION RECIPIENTS COVER PATCH...

RECIPIENTS has an address per line, lists without a name.  The same patches give the
same mailbox.  Headers are not folded where b4 0.12 cannot unfold them.
"""
import hashlib
import re
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def fail(text):
    sys.exit(f"mbox: {text}")


class Mail:
    def __init__(self, path, version):
        self.path = path
        self.head, _, self.body = read(path).partition("\n\n")
        self.head = re.sub(r"\n[ \t]+", " ", self.head)
        if version > 1:
            self.head = self.head.replace("\nSubject: [PATCH", f"\nSubject: [PATCH v{version}", 1)
        if re.search(r"^From ", self.body, re.M):
            fail(f"{path}: a line of the message begins with 'From ', and would end the mail")
        if "Signed-off-by:" in self.body:
            fail(f"{path}: a Signed-off-by: only who sends the patches may sign them off")

    def sender(self):
        match = re.search(r"^From: .*<(\S+@(\S+))>$", self.head, re.M)
        if not match:
            fail(f"{self.path}: expected a line 'From: NAME <ADDRESS>'")
        return match.group(1), match.group(2)

    def message_id(self, version, number):
        content = hashlib.sha256((self.head + self.body).encode()).hexdigest()[:12]
        return f"<kthread-lifecycle-v{version}-{number}-{content}@{self.sender()[1]}>"

    def text(self, headers):
        lines = "".join(f"{name}: {value}\n" for name, value in headers if value)
        return f"{self.head}\n{lines}\n{self.body.rstrip()}\n\n"


def addresses(lines):
    return ",\n\t".join(lines)


def thread(mails, version, recipients):
    """The mails with what makes a thread of them"""
    first = mails[0].message_id(version, 0)
    sender = mails[0].sender()[0]
    others = [line for line in recipients if f"<{sender}>" not in line]
    common = [("To", addresses([line for line in others if "<" in line])),
              ("Cc", addresses([line for line in others if "<" not in line]))]
    for number, mail in enumerate(mails):
        own = [("Message-ID", mail.message_id(version, number))]
        if number:
            own += [("In-Reply-To", first), ("References", first)]
        yield mail.text(own + common)


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    version = int(sys.argv[1])
    recipients = read(sys.argv[2]).splitlines()
    mails = [Mail(path, version) for path in sys.argv[3:]]
    sys.stdout.write("".join(thread(mails, version, recipients)))


if __name__ == "__main__":
    main()
