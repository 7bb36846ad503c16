// SPDX-License-Identifier: MIT
// A program that netfilter asks about each packet that leaves a. It gets what is in the packet, and lets it go on.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <sys/socket.h>

#define TABLES (NFNL_SUBSYS_NFTABLES << 8)
#define QUEUES (NFNL_SUBSYS_QUEUE << 8)

static int queue_fd = -1, sleeps;

/* nft add table ip t; add chain ip t c { type filter hook output priority 0; }; add rule ip t c queue num 0 */
static void queue_what_leaves(void)
{
	struct nfgenmsg batch = { .res_id = htons(NFNL_SUBSYS_NFTABLES) }, ip = { .nfgen_family = AF_INET };
	uint32_t hook = htonl(NF_INET_LOCAL_OUT), priority = 0;
	struct netlink n = { 0 };
	uint16_t number = 0;

	message(&n, NFNL_MSG_BATCH_BEGIN, 0, &batch, sizeof(batch));
	message(&n, TABLES | NFT_MSG_NEWTABLE, NLM_F_CREATE, &ip, sizeof(ip));
	text_attribute(&n, NFTA_TABLE_NAME, "t");
	message(&n, TABLES | NFT_MSG_NEWCHAIN, NLM_F_CREATE, &ip, sizeof(ip));
	text_attribute(&n, NFTA_CHAIN_TABLE, "t");
	text_attribute(&n, NFTA_CHAIN_NAME, "c");
	text_attribute(&n, NFTA_CHAIN_TYPE, "filter");
	begin(&n, NFTA_CHAIN_HOOK, NULL, 0);
	attribute(&n, NFTA_HOOK_HOOKNUM, &hook, 4);
	attribute(&n, NFTA_HOOK_PRIORITY, &priority, 4);
	message(&n, TABLES | NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, &ip, sizeof(ip));
	text_attribute(&n, NFTA_RULE_TABLE, "t");
	text_attribute(&n, NFTA_RULE_CHAIN, "c");
	begin(&n, NFTA_RULE_EXPRESSIONS, NULL, 0);
	begin(&n, NFTA_LIST_ELEM, NULL, 0);
	text_attribute(&n, NFTA_EXPR_NAME, "queue");
	begin(&n, NFTA_EXPR_DATA, NULL, 0);
	attribute(&n, NFTA_QUEUE_NUM, &number, 2);
	message(&n, NFNL_MSG_BATCH_END, 0, &batch, sizeof(batch));
	errno = ask_once(NETLINK_NETFILTER, &n);
	if (errno)
		fail("nf_tables");
}

/* All of a packet is wanted. `whole`: a large one is not cut, and its checksum need not be there. */
static void listen_to_queue(int whole)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = { .copy_range = htonl(0xffff), .copy_mode = NFQNL_COPY_PACKET };
	uint32_t flags = htonl(whole ? NFQA_CFG_F_GSO : 0), mask = htonl(NFQA_CFG_F_GSO);
	struct nfgenmsg queue = { 0 };
	struct netlink n = { 0 };
	int big = 8 << 20;

	queue_fd = netlink_socket(NETLINK_NETFILTER);
	setsockopt(queue_fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	message(&n, QUEUES | NFQNL_MSG_CONFIG, NLM_F_ACK, &queue, sizeof(queue));
	attribute(&n, NFQA_CFG_CMD, &bind, sizeof(bind));
	attribute(&n, NFQA_CFG_PARAMS, &params, sizeof(params));
	attribute(&n, NFQA_CFG_FLAGS, &flags, 4);
	attribute(&n, NFQA_CFG_MASK, &mask, 4);
	errno = ask(queue_fd, &n);
	if (errno)
		fail("nfnetlink_queue");
}

static void accept_packet(uint32_t id)
{
	struct nfqnl_msg_verdict_hdr verdict = { .verdict = htonl(NF_ACCEPT), .id = id };
	struct nfgenmsg queue = { 0 };
	struct netlink n = { 0 };

	message(&n, QUEUES | NFQNL_MSG_VERDICT, 0, &queue, sizeof(queue));
	attribute(&n, NFQA_VERDICT_HDR, &verdict, sizeof(verdict));
	if (send(queue_fd, n.bytes, n.used, 0) < 0)
		fail("verdict");
}

/* Reads of the packets that wait, and lets them go on. */
static int asked(struct wire *w)
{
	static _Alignas(4) unsigned char text[80000];
	int some = 0, n;

	while (!sleeps && (n = recv(queue_fd, text, sizeof(text), MSG_DONTWAIT)) > 0) {
		int at = NLMSG_LENGTH(sizeof(struct nfgenmsg));
		uint32_t id = 0;

		while (at < n) {
			struct nlattr *a = (void *)(text + at);
			unsigned char *value = text + at + NLA_HDRLEN;

			if ((a->nla_type & NLA_TYPE_MASK) == NFQA_PACKET_HDR)
				id = ((struct nfqnl_msg_packet_hdr *)value)->packet_id;
			if ((a->nla_type & NLA_TYPE_MASK) == NFQA_PAYLOAD)
				w->changed += changed_data(value, a->nla_len - NLA_HDRLEN);
			at += NLA_ALIGN(a->nla_len);
		}
		accept_packet(id);
		some = 1;
	}
	return some;
}

static void sleep_on(struct wire *w)
{
	(void)w;
	sleeps = 1;
}

static void wake_up(struct wire *w)
{
	(void)w;
	sleeps = 0;
}

/* Every packet from a waits until the program has read of it. */
void wait_for_verdict(struct wire *w, int whole)
{
	enter(w->ns_a);
	queue_what_leaves();
	listen_to_queue(whole);
	w->also = asked;
	w->hold = sleep_on;
	w->release = wake_up;
}
