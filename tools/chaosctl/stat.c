// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl stat: counters of the network namespace. */
#include <stdio.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "complain.h"
#include "object.h"

#define VALUE_COLUMN	20
#define ABOUT_COLUMN	32

static const struct counter {
	const char *name;
	const char *about;
} counters[CHAOS_STAT_MAX + 1] = {
	[CHAOS_STAT_RX] = { "rx", "packets taken from a link, valid or not" },
	[CHAOS_STAT_TX] = { "tx", "packets handed to a link" },
	[CHAOS_STAT_DELIVERED] = { "delivered", "packets accepted for this host" },
	[CHAOS_STAT_DROP_SHORT] = { "drop_short", "received shorter than the header" },
	[CHAOS_STAT_DROP_TRUNCATED] = { "drop_truncated", "received shorter than the byte count" },
	[CHAOS_STAT_DROP_TOO_LONG] = { "drop_too_long", "byte count over 488" },
	[CHAOS_STAT_DROP_RESERVED] = { "drop_reserved", "reserved bits set" },
	[CHAOS_STAT_DROP_OPCODE] = { "drop_opcode", "undefined opcode" },
	[CHAOS_STAT_DROP_SRC_ZERO] = { "drop_src_zero", "source is no host address" },
	[CHAOS_STAT_DROP_SRC_SELF] = {
		"drop_src_self", "from the wire with our own source address"
	},
	[CHAOS_STAT_DROP_NOT_HERE] = { "drop_not_here", "for another host, forwarding is off" },
	[CHAOS_STAT_DROP_BROADCAST] = { "drop_broadcast", "broadcast that nobody here takes" },
	[CHAOS_STAT_DROP_NO_LISTENER] = { "drop_no_listener", "RFC for a contact nobody serves" },
	[CHAOS_STAT_DROP_NO_CONN] = { "drop_no_conn", "for a connection that does not exist" },
	[CHAOS_STAT_DROP_WRONG_SOURCE] = {
		"drop_wrong_source", "for a connection with another peer"
	},
	[CHAOS_STAT_DROP_WRONG_STATE] = {
		"drop_wrong_state", "senseless in the connection's state"
	},
	[CHAOS_STAT_DROP_DUPLICATE] = { "drop_duplicate", "had arrived before" },
	[CHAOS_STAT_DROP_WINDOW] = { "drop_window", "beyond the window we offered" },
	[CHAOS_STAT_DROP_MALFORMED] = {
		"drop_malformed", "OPN, STS or contact name without sense"
	},
	[CHAOS_STAT_DROP_BACKLOG] = { "drop_backlog", "queue of the listener full" },
	[CHAOS_STAT_DROP_MNT] = { "drop_mnt", "maintenance packets, always discarded" },
	[CHAOS_STAT_DROP_RUT] = { "drop_rut", "routing packets where we do not listen" },
	[CHAOS_STAT_DROP_NO_ROUTE] = { "drop_no_route", "to send, no route" },
	[CHAOS_STAT_DROP_LINK_DOWN] = { "drop_link_down", "to send, link down" },
	[CHAOS_STAT_DROP_NO_NEIGH] = { "drop_no_neigh", "to send, neighbour did not answer ARP" },
	[CHAOS_STAT_DROP_NEIGH_QUEUE] = { "drop_neigh_queue", "to send, too many waiting for ARP" },
	[CHAOS_STAT_DROP_NEIGH_FULL] = { "drop_neigh_full", "to send, neighbour table full" },
	[CHAOS_STAT_DROP_NO_MEMORY] = { "drop_no_memory", "no memory" },
	[CHAOS_STAT_DROP_RATE_LIMIT] = {
		"drop_rate_limit", "answers to strangers beyond the limit"
	},
	[CHAOS_STAT_ARP_RX] = { "arp_rx", "ARP packets received" },
	[CHAOS_STAT_ARP_TX] = { "arp_tx", "ARP packets sent" },
	[CHAOS_STAT_ARP_BAD] = { "arp_bad", "ARP with wrong lengths, types or addresses" },
	[CHAOS_STAT_ARP_CONFLICT] = { "arp_conflict", "another host uses our address" },
	[CHAOS_STAT_LOS_TX] = { "los_tx", "LOS sent: no such connection" },
	[CHAOS_STAT_CLS_TX] = { "cls_tx", "CLS sent: requests refused" },
	[CHAOS_STAT_ANS_TX] = { "ans_tx", "ANS sent by the kernel's responders" },
	[CHAOS_STAT_RETRANS] = { "retrans", "packets sent again" },
	[CHAOS_STAT_DROP_LIMIT] = { "drop_limit", "requests beyond net.chaos.max_halfopen" },
	[CHAOS_STAT_DROP_MEM_LIMIT] = { "drop_mem_limit", "data beyond net.chaos.max_mem" },
	[CHAOS_STAT_ABORT_ORPHAN] = {
		"abort_orphan", "closed in a hurry, net.chaos.max_orphans reached"
	},
	[CHAOS_STAT_DROP_NO_FOREIGN] = {
		"drop_no_foreign", "UNC for no connection and no foreign-protocol socket"
	},
	[CHAOS_STAT_FORWARDED] = { "forwarded", "packets for other hosts sent on" },
	[CHAOS_STAT_BRD_FORWARDED] = { "brd_forwarded", "copies of BRDs sent on" },
	[CHAOS_STAT_DROP_HOPS] = { "drop_hops", "forwarded too often already" },
	[CHAOS_STAT_DROP_PRIVATE] = { "drop_private", "private subnet, left or entered" },
	[CHAOS_STAT_DROP_LINK_CAST] = {
		"drop_link_cast", "for another host, but sent to all on the link"
	},
	[CHAOS_STAT_DROP_FILTER] = { "drop_filter", "by a rule" },
	[CHAOS_STAT_DROP_BRD_RATE] = { "drop_brd_rate", "BRDs to forward beyond the limit" },
	[CHAOS_STAT_RUT_RX] = { "rut_rx", "routing packets learned from" },
	[CHAOS_STAT_RUT_TX] = { "rut_tx", "routing packets sent" },
	[CHAOS_STAT_DROP_RUT_SOURCE] = {
		"drop_rut_source", "routing packet from no neighbour, or not for us"
	},
	[CHAOS_STAT_DROP_RUT_MALFORMED] = {
		"drop_rut_malformed", "routing packet of no or half a pair"
	},
	[CHAOS_STAT_RUT_BAD_SUBNET] = {
		"rut_bad_subnet", "pairs ignored: no subnet, or a private one"
	},
	[CHAOS_STAT_RUT_BAD_COST] = { "rut_bad_cost", "pairs ignored: cost without sense" },
	[CHAOS_STAT_ARP_PROXY] = { "arp_proxy", "ARP answers on behalf of others" },
	[CHAOS_STAT_FWD_TX] = { "fwd_tx", "FWD sent by rules" },
	[CHAOS_STAT_DROP_RUT_RATE] = { "drop_rut_rate", "routing packets beyond the limit" },
	[CHAOS_STAT_DROP_QUEUE] = { "drop_queue", "to send, who feeds the link does not read" },
	[CHAOS_STAT_DROP_CHECKSUM] = { "drop_checksum", "wrong checksum in the trailer" },
	[CHAOS_STAT_DROP_NO_MAP] = { "drop_no_map", "to send in IP, no mapping for the next hop" },
	[CHAOS_STAT_DROP_IP_SOURCE] = {
		"drop_ip_source", "from an IP address that no mapping allows"
	},
	[CHAOS_STAT_DROP_IP_TRAILER] = {
		"drop_ip_trailer", "in IP, with length or trailer that makes no sense"
	},
	[CHAOS_STAT_DROP_IP_ROUTE] = { "drop_ip_route", "to send, refused by the IP network" },
	[CHAOS_STAT_IP_ERROR] = { "ip_error", "ICMP errors about what was sent in IP" },
};

/* One a newer kernel added has its number for a name. */
static void show_counter(struct show *s, unsigned int id, uint64_t value)
{
	const char *about = "not known to this version of chaosctl";
	char number[16];
	const char *name = number;

	snprintf(number, sizeof(number), "%u", id);
	if (id <= CHAOS_STAT_MAX && counters[id].name) {
		name = counters[id].name;
		about = counters[id].about;
	}
	show_text(s, name);
	show_column(s, VALUE_COLUMN);
	show_num(s, name, "", value);
	show_column(s, ABOUT_COLUMN);
	show_text(s, about);
	show_line_end(s);
}

/* Goes through all attributes, not only those we know: each is a counter. */
static int show_counters(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	bool all = ctl->all || (args->given & ARG_ALL);
	struct genlmsghdr *hdr;
	struct nlattr *attr;
	int err = 0;
	int rest;

	if (!genlmsg_valid_hdr(msg, 0)) {
		complain("the kernel's answer is too short");
		return -1;
	}
	hdr = nlmsg_data(msg);
	show_object_open(&ctl->out, NULL);
	nla_for_each_attr(attr, genlmsg_attrdata(hdr, 0), genlmsg_attrlen(hdr, 0), rest) {
		if (nla_type(attr) == CHAOS_STAT_PAD)
			continue;
		if (nla_len(attr) < (int)sizeof(uint64_t)) {
			complain("the kernel's answer makes no sense: counter %d is too short",
				 nla_type(attr));
			err = -1;
		} else if (all || nla_get_u64(attr)) {
			show_counter(&ctl->out, nla_type(attr), nla_get_u64(attr));
		}
	}
	show_object_close(&ctl->out);
	return err;
}

static int stat_show(struct ctl *ctl, const struct args *args)
{
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_STATS_GET, 0))
		return STATUS_FAILED;
	return object_get(ctl, &req, show_counters, args);
}

static const struct verb stat_verbs[] = {
	{ "show", "[all]", stat_show, ARG_ALL, 0, {} },
};

const struct object stat_object = {
	"stat", "counters of the network namespace", stat_verbs, ARRAY_SIZE(stat_verbs), NULL,
};
