// SPDX-License-Identifier: MIT
// A process that sends by a ring: frames of PACKET_TX_RING go out by reference, to another process behind a TUN device,
// which is slow.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME 8192
#define DATA 6000
#define HEADERS 28 /* of IP and UDP */
#define SETTLE_MS 10

static struct device device;

static void one_device(void)
{
	new_namespace();
	device = new_tun("ta", "10.77.0.1", 9000, 1, 500);
	up("ta");
	plug(device.index);
}

/* A UDP packet from .1 to .2, without a checksum of its data. */
static void fill(unsigned char *ip)
{
	static const unsigned char head[HEADERS] = { 0x45, 0, (HEADERS + DATA) >> 8, (HEADERS + DATA) & 255, 0, 1, 0, 0, 64,
						     17, 0, 0, 10, 77, 0, 1, 10, 77, 0, 2, 27, 89, 27, 90,
						     (8 + DATA) >> 8, (8 + DATA) & 255 };
	memcpy(ip, head, HEADERS);
	memset(ip + HEADERS, OLD, DATA);
}

/* The other process takes its packet; returns how many bytes are new, or -1 without one. */
static long read_behind(void)
{
	static unsigned char packet[10000];
	int n = read(device.tun, packet, sizeof(packet));

	return n < HEADERS + DATA ? -1 : changed_in(packet + n - DATA, DATA);
}

static struct seen tx_ring(struct arm arm, int run)
{
	struct tpacket_req request = { .tp_block_size = FRAME, .tp_block_nr = 2, .tp_frame_size = FRAME, .tp_frame_nr = 2 };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(0x0800), .sll_ifindex = device.index };
	int s = socket(AF_PACKET, SOCK_DGRAM, htons(0x0800)), version = TPACKET_V2, told = 0;
	struct tpacket2_hdr *frame;
	unsigned char *data;
	uint64_t start;
	long changed;

	(void)run;
	while (read_behind() >= 0)
		;
	if (s < 0 || setsockopt(s, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(s, SOL_PACKET, PACKET_TX_RING, &request, sizeof(request)))
		fail("PACKET_TX_RING");
	frame = mmap(NULL, 2 * FRAME, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
	if (frame == MAP_FAILED || bind(s, (void *)&to, sizeof(to)))
		fail("packet socket");
	data = (unsigned char *)frame + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll);
	fill(data);
	frame->tp_len = HEADERS + DATA;
	hold_queue(device.index);
	__atomic_store_n(&frame->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
	if (sendto(s, NULL, 0, MSG_DONTWAIT, (void *)&to, sizeof(to)) < 0 && errno != EAGAIN)
		fail("send by the ring");
	start = now_ms();
	while (!told && now_ms() - start < 2 * SETTLE_MS) {
		if (now_ms() - start >= SETTLE_MS)
			release_queue(device.index); /* the device has it; the other process has not looked */
		told = arm.when == AT_RETURN || __atomic_load_n(&frame->tp_status, __ATOMIC_ACQUIRE) == TP_STATUS_AVAILABLE;
		if (told)
			memset(data + HEADERS, NEW, DATA);
	}
	release_queue(device.index);
	while ((changed = read_behind()) < 0)
		if (now_ms() - start > LIMIT_MS)
			fail("no packet came");
	for (; !told && now_ms() - start < LIMIT_MS; usleep(200))
		told = __atomic_load_n(&frame->tp_status, __ATOMIC_ACQUIRE) == TP_STATUS_AVAILABLE;
	munmap(frame, 2 * FRAME);
	close(s);
	return (struct seen){ told, 0, changed };
}

const struct scenario RINGS[] = {
	{ "tx-ring", one_device, tx_ring },
	{ 0 },
};
