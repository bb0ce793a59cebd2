# shellcheck shell=bash
# A USB gadget on a host controller that is made of software. Sourced, not run.
GADGET=/sys/kernel/config/usb_gadget/field

# gadget FUNCTION - with that function, which is left to be set up
gadget() {
	modprobe dummy_hcd
	modprobe libcomposite
	mount -t configfs configfs /sys/kernel/config
	mkdir -p $GADGET/configs/c.1 "$GADGET/functions/$1" &&
		echo 0x1d6b > $GADGET/idVendor && echo 0x0104 > $GADGET/idProduct
}

plug() { ln -s "$GADGET/functions/$1" $GADGET/configs/c.1/; }

bind() { echo dummy_udc.0 > $GADGET/UDC; }
unbind() { echo > $GADGET/UDC; }

# Links keep what they lead to, and default directories go with what is above them.
remove_gadget() {
	while [ -n "$(find $GADGET -type l)" ]; do
		find $GADGET -type l -exec rm {} + || return
	done
	find $GADGET -depth -type d -exec rmdir {} \; 2> /dev/null
	[ ! -e $GADGET ]
}
