#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Break kthread_control.c in many ways; each has to be seen by the KUnit cases or
the fuzzer. mutate.py [NAME]"""
import os
import re
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
source = open(os.path.join(here, "../kthread_control.c"), encoding="ascii").read()

MUTANTS = {
    "range": ("> key->max ? -ERANGE", ">= key->max ? -ERANGE"),
    "no range": ("return !ret && *(unsigned int *)value > key->max ? -ERANGE : ret;", "return ret;"),
    "range errno": ("? -ERANGE : ret", "? -EINVAL : ret"),
    "base 0": ("kstrtouint(text, 10", "kstrtouint(text, 0"),
    "prefix of a key": ("!strcmp(item, key->name)", "!strncmp(item, key->name, strlen(item))"),
    "setting without =": ("setting == !!key->size &&", "(setting || !key->size || 1) &&"),
    "twice": ("!(request->named & BIT(i)) && setting", "setting"),
    "column": ("request->at.column = text - line + 1", "request->at.column = text - line"),
    "column of item": ("request->at.column = item - line + 1", "request->at.column = item - item + 1"),
    "line": ("		request->at.line++;\n", "		request->at.line = 1;\n"),
    "caret": ('"#          %*s\\n"', '"#         %*s\\n"'),
    "caret behind a cut": ("	if (error.column < sizeof(error.text))\n", ""),
    "wake last": None,
    "wake place": ("	request->at = request->wake_at;\n	err = request->at.line",
                   "	err = request->wake_at.line"),
    "commit all": ("			if (request->named & BIT(i))\n", ""),
    "error stays": ("		kthread_control_error.expected = NULL;\n", ""),
    "error lost": ("	kthread_control_error = request.at;\n", ""),
    "NUL": ("return nul == end ? 0 : -EINVAL;", "return nul == end ? 0 : 0;"),
    "comment": ("rest[strcspn(rest, \"#\")] = '\\0';", ""),
    "comma": ("== '=')\n				*item = ';';", "== '\\0')\n				*item = ';';"),
    "every comma": ("			if (item[1 + strcspn(item + 1, \",;=\")] == '=')\n", ""),
    "empty glob": ("		if (!glob[*glob == '!'])\n			return -EINVAL;\n", ""),
    "strange glob": ("!isascii(*glob) || !isgraph(*glob) || ", ""),
    "= in a glob": (" || *glob == '='", ""),
    "globs cut": ("	if (strscpy(globs, text, size) < 0)\n		return -E2BIG;\n",
                  "	strscpy(globs, text, size);\n"),
    "first match": ("			matches = *glob != '!';\n", "			return *glob != '!';\n"),
    "exclusion": ("matches = *glob != '!'", "matches = true"),
    "history kept": ("	if (err)\n		kthread_history_discard(history);\n	else\n",
                     "	if (!err)\n"),
    "no memory": ("	if (IS_ERR(history))\n		return PTR_ERR(history);\n",
                  "	if (IS_ERR(history))\n		history = NULL;\n"),
    "mutex for all": ("request.tracking_at.line ?", "request.at.line ?"),
    "no mutex": ("	guard(mutex)(&kthread_control_mutex);\n",
                 "	(void)&kthread_control_mutex;\n"),
    "clear forgotten": ("	if (request->named & BIT(KTHREAD_CONTROL_CLEAR))\n		kthread_record_clear();\n", ""),
    "clear with a value": ("return *text ? -EINVAL : 0;", "return 0;"),
    "key before settings": None,
    "escapes": ("			*c = isspace(*c) ? ' ' : '?';\n", "			*c = *c;\n"),
    "words": ("return min(ret, 0);", "return 0;"),
    "boot place": ("min(error->column, sizeof(error->text)) - 1", "error->column - 1"),
    "boot length": ("strscpy(kthread_control_boot, text) >= 0 ? 0", "strscpy(kthread_control_boot, text) ? 0"),
}


def mutate(name):
    if name == "wake last":
        early = ("	request->at = request->wake_at;\n"
                 "	err = request->at.line ? kthread_wait_wake(request->pid) : 0;\n"
                 "	if (err)\n		return err;\n")
        text = source.replace(early, "")
        assert text != source
        return re.sub(r"(kthread_record_clear\(\);\n)	return 0;\n", r"\1" + early + "	return 0;\n", text)
    if name == "key before settings":
        key = ("	if (!err && (request->named & BIT(KTHREAD_CONTROL_TRACKING)))\n"
               "		kthread_tracking_set(request->settings.tracking);\n")
        text = source.replace(key, "")
        assert text != source
        return text.replace("	err = kthread_control_apply(request);\n	if (err)\n",
                            key.replace("!err && ", "") +
                            "	err = kthread_control_apply(request);\n	if (err)\n")
    old, new = MUTANTS[name]
    assert source.count(old) == 1, (name, source.count(old))
    return source.replace(old, new)


def outcome(path, work, what):
    env = dict(os.environ, SOURCE=path, WORK=work)
    done = subprocess.run(["nice", "-n", "19", os.path.join(here, "run.sh"), *what], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
    if "error generated" in done.stdout or "errors generated" in done.stdout:
        return "does not build: " + re.search(r"error: .*", done.stdout)[0]
    if not done.returncode:
        return "passes"
    failed = re.findall(r"^not ok (\S+)|(not so: .*)|SUMMARY: (.*)", done.stdout, re.M)
    return "fails: " + "; ".join("".join(f) for f in failed)[:90]


def main():
    survived = 0
    for name in sys.argv[1:] or MUTANTS:
        with tempfile.TemporaryDirectory() as work:
            path = os.path.join(work, "mutant.c")
            with open(path, "w", encoding="ascii") as f:
                f.write(mutate(name))
            kunit = outcome(path, work + "/w", ["kunit"])
            fuzz = outcome(path, work + "/w", ["fuzz", "50000"])
        survived += kunit == fuzz == "passes"
        print(f"{name}: kunit {kunit} | fuzz {fuzz}", flush=True)
    print(f"{survived} survived")
    return survived


sys.exit(main())
