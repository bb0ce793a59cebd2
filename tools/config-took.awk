#!/usr/bin/awk -f
# config-took.awk .config FRAGMENT...
# Every symbol that the fragments ask for must be in .config as asked.  A later
# fragment overrides an earlier one.

function symbol(line) {
	sub(/^# /, "", line)
	sub(/( is not set|=).*/, "", line)
	return line
}

function value(line) {
	if (line ~ / is not set$/)
		return "n"
	sub(/^[^=]*=/, "", line)
	return line
}

/^CONFIG_[A-Z0-9a-z_]+=/ || /^# CONFIG_[A-Z0-9a-z_]+ is not set$/ {
	if (FILENAME == ARGV[1]) {
		took[symbol($0)] = value($0)
	} else {
		asked[symbol($0)] = value($0)
		where[symbol($0)] = FILENAME ":" FNR
	}
}

END {
	for (name in asked) {
		has = (name in took) ? took[name] : "n"
		if (has != asked[name]) {
			printf "%s: asked for %s=%s, the kernel's configuration has %s\n",
				where[name], name, asked[name], has > "/dev/stderr"
			bad = 1
		}
	}
	exit bad
}
