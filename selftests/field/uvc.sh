# shellcheck shell=bash
# The USB camera of a gadget, with one format. Sourced, not run.
# shellcheck source=gadget.sh
. /guest/field/gadget.sh

camera() {
	local function=$GADGET/functions/uvc.0 class

	gadget uvc.0 || return
	mkdir $function/control/header/h $function/streaming/header/h
	mkdir -p $function/streaming/uncompressed/u/360p
	echo 666666 > $function/streaming/uncompressed/u/360p/dwFrameInterval
	ln -s $function/streaming/uncompressed/u $function/streaming/header/h/
	for class in fs ss; do
		ln -s $function/control/header/h $function/control/class/$class/
	done
	for class in fs hs ss; do
		ln -s $function/streaming/header/h $function/streaming/class/$class/
	done
	plug uvc.0
}
