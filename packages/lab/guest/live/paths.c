// SPDX-License-Identifier: MIT
// Other ways from a to b than a device of a's own, and other places where packets wait than above it.
#define _GNU_SOURCE
#include "live.h"
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MS 100
#define QUEUE 5000

static void stop_reading(struct wire *w)
{
	w->hold_data = 1;
}

static void read_on(struct wire *w)
{
	w->hold_data = 0;
}

/* In the device's own queue: the process behind it does not read. */
void wait_in_device(struct wire *w)
{
	w->hold = stop_reading;
	w->release = read_on;
}

static void lengthen(struct wire *w)
{
	delay(w->a.index, LINE_MS);
}

static void wait_and_shorten(struct wire *w)
{
	usleep(LINE_MS * 1000);
	delay(w->a.index, 0);
}

/* On a line that is long, as netem plays it: they go on by themselves. */
void wait_on_line(struct wire *w)
{
	delay(w->a.index, 0);
	w->hold = lengthen;
	w->release = wait_and_shorten;
}

/* Who sends is joined to the namespace of device a by a pair of veth, here 10.78.0.1 there `there`. */
static int joined_by_veth(int ns_device, const char *here, const char *there, int mtu)
{
	int ns = new_namespace();

	up("lo");
	new_veth("va", ns_device, "vr");
	configure("va", here, mtu, QUEUE);
	up("va");
	enter(ns_device);
	configure("vr", there, mtu, QUEUE);
	up("vr");
	return ns;
}

/* Device a belongs to a router. */
void routed_wire(struct wire *w, int mtu)
{
	int ns;

	new_wire(w, mtu, 1);
	ns = joined_by_veth(w->ns_device, "10.78.0.1", "10.78.0.2", mtu);
	sysctl_set("/proc/sys/net/ipv4/ip_forward", "1");
	enter(w->ns_b);
	route("10.78.0.0", "10.77.0.1");
	enter(ns);
	route("10.77.0.0", "10.78.0.2");
	w->ns_a = ns;
}

/* Device a is a port of a bridge, as that of another guest is: every frame goes to both. */
void bridged_wire(struct wire *w, int mtu)
{
	*w = (struct wire){ .ip_b = "10.77.0.2" };
	w->ns_device = new_namespace();
	new_bridge("br0");
	w->a = new_tap("ta", NULL, mtu, QUEUE);
	w->other = new_tap("tc", NULL, mtu, QUEUE);
	w->ns_a = joined_by_veth(w->ns_device, "10.77.0.1", NULL, mtu);
	add_port("br0", "ta");
	add_port("br0", "tc");
	add_port("br0", "vr");
	up("ta");
	up("tc");
	up("br0");
	w->ns_b = new_namespace();
	w->b = new_tap("tb", w->ip_b, mtu, QUEUE);
	up("tb");
}
