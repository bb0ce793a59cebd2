# life.awk: from a trace with the kthread events, the lines of one kthread.
# -v comm=COMM names it; of several with that name the first is taken.
#
# A line of the trace: TASK-PID [CPU] FLAGS TIME: EVENT: FIELDS
# The request knows no pid yet: it is held until its asker has one.

function field(name,    text) {
	text = " " $0
	if (!match(text, " " name "=[^ ]*"))
		return ""
	return substr(text, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
}

function keep(event, says) {
	n++
	time[n] = $4 + 0
	who[n] = $1
	what[n] = event
	text[n] = says
}

/: kthread_[a-z_]+: / {
	event = $5
	gsub(/^kthread_|:$/, "", event)
	says = $0
	sub(/.*: kthread_[a-z_]+: */, "", says)
	name = substr(field("name"), 1, 15)

	if (event == "create") {
		if (!pid && name == comm) {
			n = 0
			asker = $1
			keep(event, says)
		}
	} else if (event == "spawn") {
		if (!pid && asker && name == comm)
			keep(event, says)
	} else if (event == "create_done") {
		if (!pid && $1 == asker) {
			pid = field("pid")
			keep(event, says)
		}
	} else if (pid ? field("pid") == pid : !asker && field("comm") == comm) {
		pid = field("pid")
		keep(event, says)
	}
}

END {
	for (i = 1; i <= n; i++)
		printf "%10.3f ms  %-20s %-12s %s\n",
			(time[i] - time[1]) * 1000, who[i], what[i], text[i]
	exit !n
}
