#!/bin/sh
# Boot the guest with every kthread watched, and do all that must raise no report:
# selftests/quiet.sh.
#
#   quiet.sh [all|PART...]    all: the upstream kselftests as well, which takes long
set -eu
CONFIG=quiet
. "$(dirname "$0")/lib.sh"

known=$(sed -n 's/^parts="\(.*\)"$/\1/p' "$top/selftests/quiet.sh")
suites=
timeout=1800
parts=
for part; do
	case " $known all " in
	*" $part "*) ;;
	*) die "there is no part $part" "expected all, or some of: $known" ;;
	esac
done
case " $* " in
*" all "*)
	suites="cpu-hotplug livepatch kmod ftrace"
	timeout=7200
	;;
*) parts=$(echo "$*" | tr ' ' ,) ;;
esac

"$tools/kernel.sh"
KSELFTESTS="kthread $suites" "$tools/guest.sh"
exec "$tools/boot.sh" --timeout "$timeout" \
	--append "kthread_lifecycle=tracking=on,comm=* log_buf_len=8M \
${parts:+quiet_parts=$parts} quiet_suites=$(echo "$suites" | tr ' ' ,)" \
	"$top/selftests/quiet.sh"
