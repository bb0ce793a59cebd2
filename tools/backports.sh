#!/bin/sh
# Say what is wrong with the patches that a base has of its own: made from a patch of
# patches/ that has changed since, or missing.  Prints nothing if all is well.
#
#   backports.sh [BASE...]      all bases that have a list, by default
set -eu
. "$(dirname "$0")/lib.sh"

# check_entry BASE PATH HASH: a line of the list
check_entry() {
	if [ ! -f "$PATCHES/$2" ]; then
		echo "series-$1 names $2, which is not there"
		return
	fi
	other=$(counterpart "$2")
	case $2,$other,${3:--} in
	*/*,,-|[!/]*,*,-) ;;
	*/*,,*) echo "$2 was made from a patch that patches/ does not have any more" ;;
	*)
		now=$(essence "$other" | hash_of)
		[ "$now" = "$3" ] ||
			echo "$2 was made from another version of ${other##*/}: carry the change over" \
				"(now $now)"
		;;
	esac
}

# Patches that the list has not
unlisted() {
	series_of "$1" | sed 's|.*/[0-9]*-||' > "$listed"
	first_series | while read -r patch; do
		grep -qxF "$(echo "$patch" | sed 's|.*/[0-9]*-||')" "$listed" ||
			echo "series-$1 has nothing of ${patch##*/}"
	done
}

check_list() {
	awk '!/^#/ && NF { print $1, $2 }' "$PATCHES/series-$1" |
		while read -r path hash; do
			check_entry "$1" "$path" "$hash"
		done
	unlisted "$1"
}

listed=$(mktemp)
trap 'rm -f "$listed"' EXIT
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(keys bases)
for base; do
	[ ! -f "$PATCHES/series-$base" ] || check_list "$base"
done
