/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Chaosnet configuration: the generic netlink family "chaos".
 *
 * Every object has one attribute set, used in requests and answers alike.
 * Numbers are never reused.  Addresses and subnets are in host byte order.  Flags
 * of the netlink header that mean something only to rtnetlink (NLM_F_CREATE ...)
 * are refused; flag attributes say the same here.
 */
#ifndef _UAPI_LINUX_CHAOS_NETLINK_H
#define _UAPI_LINUX_CHAOS_NETLINK_H

#define CHAOS_GENL_NAME		"chaos"
#define CHAOS_GENL_VERSION	1
#define CHAOS_GENL_MCGRP_EVENTS	"events"

enum chaos_cmd {
	CHAOS_CMD_UNSPEC,
	CHAOS_CMD_LINK_NEW,	/* attach to a net_device, or change a link */
	CHAOS_CMD_LINK_DEL,
	CHAOS_CMD_LINK_GET,
	CHAOS_CMD_ADDR_NEW,
	CHAOS_CMD_ADDR_DEL,
	CHAOS_CMD_ADDR_GET,
	CHAOS_CMD_ROUTE_NEW,
	CHAOS_CMD_ROUTE_DEL,
	CHAOS_CMD_ROUTE_GET,
	CHAOS_CMD_NEIGH_NEW,
	CHAOS_CMD_NEIGH_DEL,
	CHAOS_CMD_NEIGH_GET,
	CHAOS_CMD_RULE_NEW,
	CHAOS_CMD_RULE_DEL,	/* without a number: all */
	CHAOS_CMD_RULE_GET,
	CHAOS_CMD_CONN_GET,
	CHAOS_CMD_STATS_GET,
	CHAOS_CMD_NET_GET,
	CHAOS_CMD_NET_SET,
	CHAOS_CMD_CONN_NEW,	/* event only: opened, or a listener began */
	CHAOS_CMD_CONN_DEL,	/* event only */
	CHAOS_CMD_MAP_NEW,
	CHAOS_CMD_MAP_DEL,
	CHAOS_CMD_MAP_GET,
	__CHAOS_CMD_MAX
};

#define CHAOS_CMD_MAX (__CHAOS_CMD_MAX - 1)

/* LINK_*: a net_device that carries Chaosnet. */
enum {
	CHAOS_LINK_A_UNSPEC,
	CHAOS_LINK_A_PAD,
	CHAOS_LINK_A_IFINDEX,	/* u32 */
	CHAOS_LINK_A_IFNAME,	/* string; in requests, instead of the index */
	CHAOS_LINK_A_TYPE,	/* string: "ether", "loopback", "chaos", "ip"; in LINK_NEW one of
				 * the last two: make such a device
				 */
	CHAOS_LINK_A_COST,	/* u16: routing cost of the subnet, default 11 */
	CHAOS_LINK_A_ADDR,	/* u16, absent without an address */
	CHAOS_LINK_A_CARRIER,	/* u8: 1 when packets can be sent */
	CHAOS_LINK_A_STATS,	/* nest of CHAOS_LINK_STAT_* */
	CHAOS_LINK_A_CHANGE,	/* flag: change a link that exists; without it must be new */
	CHAOS_LINK_A_RUT,	/* u8: enum chaos_rut_mode, default on */
	CHAOS_LINK_A_POISON,	/* u8: 1: what it leads to is told there, at the cap */
	CHAOS_LINK_A_PROXY_ARP,	/* u8: enum chaos_proxy_arp, default hosts */
	/* Type chaos: fed by a program through /dev/chaos. */
	CHAOS_LINK_A_PEER,	/* u16: the only other host there, 0: any number of them */
	CHAOS_LINK_A_PERSIST,	/* u8: 1 if it outlives the program */
	CHAOS_LINK_A_UID,	/* u32: who may attach besides the administrator */
	CHAOS_LINK_A_GID,	/* u32: the same; with both set, either will do */
	CHAOS_LINK_A_FEEDER,	/* string, get only: command name of who feeds it; absent: nobody */
	CHAOS_LINK_A_FEEDER_PID, /* u32, get only, not in events */
	/* Type ip: Chaosnet in IP, protocol 16. */
	CHAOS_LINK_A_LOCAL4,	/* binary, 4 bytes: source address of what is sent */
	CHAOS_LINK_A_LOCAL6,	/* binary, 16 bytes */
	CHAOS_LINK_A_LEARN,	/* u32: how many mappings may be learned from packets, default 0 */
	CHAOS_LINK_A_LEARN_AGE,	/* u32, s: after how long unheard they are forgotten */
	CHAOS_LINK_A_TTL,	/* u8: of outer packets, default 64 */
	__CHAOS_LINK_A_MAX
};

#define CHAOS_LINK_A_MAX (__CHAOS_LINK_A_MAX - 1)

/* What a link has to do with routing packets. */
enum chaos_rut_mode {
	CHAOS_RUT_OFF,		/* neither sent nor listened to */
	CHAOS_RUT_LISTEN,
	CHAOS_RUT_ON,		/* sent too, if the host forwards and has a subnet to tell of */
};

/* For whom a host that forwards answers ARP requests, besides itself and what is published. */
enum chaos_proxy_arp {
	CHAOS_PROXY_ARP_OFF,
	CHAOS_PROXY_ARP_HOSTS,	/* of the link's subnet, with a host route through another link */
	CHAOS_PROXY_ARP_ALL,	/* all with a route through another link */
};

/* Counters of a link, all u64: those of the STATUS answer (AIM 628 section 5.1), then bytes. */
enum {
	CHAOS_LINK_STAT_PAD,
	CHAOS_LINK_STAT_RECEIVED,
	CHAOS_LINK_STAT_TRANSMITTED,
	CHAOS_LINK_STAT_ABORTED,	/* could not be sent: no neighbour, device refused */
	CHAOS_LINK_STAT_LOST,		/* no memory, queue full */
	CHAOS_LINK_STAT_CRC,		/* bad checksum on links that have one */
	CHAOS_LINK_STAT_RAM,		/* always 0: errors of the CADR's packet buffer */
	CHAOS_LINK_STAT_BADLEN,		/* shorter than the header or the count says */
	CHAOS_LINK_STAT_REJECTED,	/* invalid otherwise */
	CHAOS_LINK_STAT_RX_BYTES,
	CHAOS_LINK_STAT_TX_BYTES,
	__CHAOS_LINK_STAT_MAX
};

#define CHAOS_LINK_STAT_MAX (__CHAOS_LINK_STAT_MAX - 1)

/* ADDR_*: an address of this host on a link. */
enum {
	CHAOS_ADDR_A_UNSPEC,
	CHAOS_ADDR_A_IFINDEX,	/* u32 */
	CHAOS_ADDR_A_IFNAME,	/* string */
	CHAOS_ADDR_A_ADDR,	/* u16 */
	CHAOS_ADDR_A_STATE,	/* u8: enum chaos_addr_state */
	CHAOS_ADDR_A_LLADDR,	/* binary: who else has it, with state CONFLICT */
	__CHAOS_ADDR_A_MAX
};

#define CHAOS_ADDR_A_MAX (__CHAOS_ADDR_A_MAX - 1)

enum chaos_addr_state {
	CHAOS_ADDR_TENTATIVE,	/* in use, still asking whether another host has it */
	CHAOS_ADDR_VALID,
	CHAOS_ADDR_CONFLICT,	/* another host has it */
};

/* ROUTE_*: where packets for a subnet or host go. */
enum {
	CHAOS_ROUTE_A_UNSPEC,
	CHAOS_ROUTE_A_SUBNET,	/* u8, 1-255; this or HOST */
	CHAOS_ROUTE_A_HOST,	/* u16 */
	CHAOS_ROUTE_A_VIA,	/* u16: the bridge */
	CHAOS_ROUTE_A_IFINDEX,	/* u32 */
	CHAOS_ROUTE_A_IFNAME,	/* string */
	CHAOS_ROUTE_A_COST,	/* u16 */
	CHAOS_ROUTE_A_TYPE,	/* u8: enum chaos_route_type; in ROUTE_DEL: none but such a one */
	CHAOS_ROUTE_A_REPLACE,	/* flag: there may be one already */
	CHAOS_ROUTE_A_AGE,	/* u32: ms since a learned route was heard of */
	CHAOS_ROUTE_A_MATCH,	/* u8: enum chaos_route_match, in the answer to a single GET */
	CHAOS_ROUTE_A_SRC,	/* u16: in a single GET, the packet's source; in the answer, what
				 * ours have; not our own: the packet would be forwarded
				 */
	__CHAOS_ROUTE_A_MAX
};

#define CHAOS_ROUTE_A_MAX (__CHAOS_ROUTE_A_MAX - 1)

enum chaos_route_type {
	CHAOS_ROUTE_LOCAL,	/* our own address */
	CHAOS_ROUTE_DIRECT,	/* a subnet we are on, or a host on a link */
	CHAOS_ROUTE_BRIDGE,	/* learned; ages */
	CHAOS_ROUTE_FIXED,	/* configured bridge */
};

/* Which kind of entry decided. */
enum chaos_route_match {
	CHAOS_ROUTE_MATCH_HOST,
	CHAOS_ROUTE_MATCH_SUBNET,
	CHAOS_ROUTE_MATCH_DEFAULT,
};

/* NEIGH_*: hardware addresses of hosts on a link. */
enum {
	CHAOS_NEIGH_A_UNSPEC,
	CHAOS_NEIGH_A_IFINDEX,	/* u32 */
	CHAOS_NEIGH_A_IFNAME,	/* string */
	CHAOS_NEIGH_A_ADDR,	/* u16 */
	CHAOS_NEIGH_A_LLADDR,	/* binary, 6 bytes on Ethernet */
	CHAOS_NEIGH_A_STATE,	/* u8: enum chaos_neigh_state */
	CHAOS_NEIGH_A_AGE,	/* u32: ms since confirmed */
	CHAOS_NEIGH_A_REPLACE,	/* flag: there may be a permanent entry already */
	CHAOS_NEIGH_A_PROXY,	/* flag: published: we answer for the host; no LLADDR, STATE, AGE */
	__CHAOS_NEIGH_A_MAX
};

#define CHAOS_NEIGH_A_MAX (__CHAOS_NEIGH_A_MAX - 1)

enum chaos_neigh_state {
	CHAOS_NEIGH_INCOMPLETE,
	CHAOS_NEIGH_REACHABLE,
	CHAOS_NEIGH_STALE,
	CHAOS_NEIGH_FAILED,
	CHAOS_NEIGH_PERMANENT,
};

/* RULE_*: what happens to an RFC or BRD, by contact, source and destination.  The
 * first rule that matches decides; without one it is allowed.
 */
enum {
	CHAOS_RULE_A_UNSPEC,
	CHAOS_RULE_A_PAD,
	CHAOS_RULE_A_NUMBER,	/* u32, 1-: the order; in RULE_NEW absent: after the last */
	CHAOS_RULE_A_HOOKS,	/* u8: CHAOS_RULE_HOOK_*, default both */
	CHAOS_RULE_A_CONTACT,	/* string, any case; absent: all */
	CHAOS_RULE_A_FROM,	/* nest of CHAOS_RULE_MATCH_A_*; absent: any */
	CHAOS_RULE_A_TO,	/* the same */
	CHAOS_RULE_A_ACTION,	/* u8: enum chaos_rule_action */
	CHAOS_RULE_A_REASON,	/* string: text of the CLS, with REJECT */
	CHAOS_RULE_A_FWD_HOST,	/* u16, with FORWARD */
	CHAOS_RULE_A_FWD_CONTACT, /* string, with FORWARD; absent: the same contact */
	CHAOS_RULE_A_PACKETS,	/* u64: how often it decided */
	CHAOS_RULE_A_REPLACE,	/* flag: there may be one of this number */
	__CHAOS_RULE_A_MAX
};

#define CHAOS_RULE_A_MAX (__CHAOS_RULE_A_MAX - 1)

#define CHAOS_RULE_HOOK_INPUT	1	/* for this host */
#define CHAOS_RULE_HOOK_FORWARD	2	/* passing through */

enum chaos_rule_action {
	CHAOS_RULE_ALLOW,
	CHAOS_RULE_DROP,
	CHAOS_RULE_REJECT,	/* CLS with the reason; a BRD is dropped */
	CHAOS_RULE_FORWARD,	/* FWD to another host and contact; a BRD is dropped */
};

/* One side of a rule. */
enum {
	CHAOS_RULE_MATCH_A_UNSPEC,
	CHAOS_RULE_MATCH_A_KIND,	/* u8: enum chaos_rule_match */
	CHAOS_RULE_MATCH_A_HOSTS,	/* binary: 1 to 64 u16, with HOSTS */
	CHAOS_RULE_MATCH_A_SUBNETS,	/* binary: 1 to 64 u8, with SUBNETS */
	__CHAOS_RULE_MATCH_A_MAX
};

#define CHAOS_RULE_MATCH_A_MAX (__CHAOS_RULE_MATCH_A_MAX - 1)
#define CHAOS_RULE_LIST_MAX	64

enum chaos_rule_match {
	CHAOS_RULE_MATCH_ANY,
	CHAOS_RULE_MATCH_HOSTS,
	CHAOS_RULE_MATCH_SUBNETS,
	CHAOS_RULE_MATCH_LOCAL,		/* hosts of subnets we are on, ourselves too */
	CHAOS_RULE_MATCH_SELF,		/* our own addresses */
	CHAOS_RULE_MATCH_BROADCAST,	/* a BRD; only TO */
};

/* MAP_*: where hosts of an IP link are. */
enum {
	CHAOS_MAP_A_UNSPEC,
	CHAOS_MAP_A_PAD,
	CHAOS_MAP_A_IFINDEX,	/* u32 */
	CHAOS_MAP_A_IFNAME,	/* string */
	CHAOS_MAP_A_HOST,	/* u16; this or SUBNET */
	CHAOS_MAP_A_SUBNET,	/* u8: host n of it is at the prefix plus n */
	CHAOS_MAP_A_ADDR4,	/* binary, 4 bytes: its address, or the prefix; this or ADDR6 */
	CHAOS_MAP_A_ADDR6,	/* binary, 16 bytes */
	CHAOS_MAP_A_PREFIXLEN,	/* u8, with SUBNET: 24 or 120 */
	CHAOS_MAP_A_REPLACE,	/* flag: there may be one already */
	CHAOS_MAP_A_LEARNED,	/* flag: by a packet from there */
	CHAOS_MAP_A_AGE,	/* u32: ms since a packet came from there; absent: none did */
	CHAOS_MAP_A_RX,		/* u64: packets */
	CHAOS_MAP_A_TX,		/* u64 */
	CHAOS_MAP_A_ERRORS,	/* u64: ICMP errors about what we sent there */
	CHAOS_MAP_A_ERROR,	/* u32: the last of them, an errno, with ERRORS */
	__CHAOS_MAP_A_MAX
};

#define CHAOS_MAP_A_MAX (__CHAOS_MAP_A_MAX - 1)

/* CONN_GET: connections and listeners. */
enum {
	CHAOS_CONN_A_UNSPEC,
	CHAOS_CONN_A_INFO,	/* binary: struct chaos_info, may grow */
	CHAOS_CONN_A_CONTACT,	/* string */
	CHAOS_CONN_A_SOCKTYPE,	/* u8: SOCK_*; absent once the program has closed it */
	CHAOS_CONN_A_UID,	/* u32 */
	CHAOS_CONN_A_INODE,	/* u32: of the socket, as in /proc/PID/fd */
	CHAOS_CONN_A_BACKLOG,	/* u32: waiting for accept(), listeners only */
	CHAOS_CONN_A_BACKLOG_MAX, /* u32 */
	__CHAOS_CONN_A_MAX
};

#define CHAOS_CONN_A_MAX (__CHAOS_CONN_A_MAX - 1)

/* STATS_GET: counters of the namespace; attribute n is counter n, all u64. */
enum chaos_stat {
	CHAOS_STAT_PAD,
	CHAOS_STAT_RX,			/* packets taken from a link, valid or not */
	CHAOS_STAT_TX,			/* packets handed to a link */
	CHAOS_STAT_DELIVERED,		/* packets accepted for this host */
	/* Dropped on input: the packet itself is wrong. */
	CHAOS_STAT_DROP_SHORT,		/* shorter than the header */
	CHAOS_STAT_DROP_TRUNCATED,	/* shorter than its byte count */
	CHAOS_STAT_DROP_TOO_LONG,	/* byte count over 488 */
	CHAOS_STAT_DROP_RESERVED,	/* reserved bits set */
	CHAOS_STAT_DROP_OPCODE,		/* undefined opcode */
	CHAOS_STAT_DROP_SRC_ZERO,	/* source is no host address */
	CHAOS_STAT_DROP_SRC_SELF,	/* from the wire, with our own source address */
	/* Dropped on input: the packet does not fit here. */
	CHAOS_STAT_DROP_NOT_HERE,	/* for another host, and forwarding is off */
	CHAOS_STAT_DROP_BROADCAST,	/* broadcast of a kind nobody here takes */
	CHAOS_STAT_DROP_NO_LISTENER,	/* RFC for a contact nobody serves */
	CHAOS_STAT_DROP_NO_CONN,	/* for a connection that does not exist */
	CHAOS_STAT_DROP_WRONG_SOURCE,	/* for a connection with another peer */
	CHAOS_STAT_DROP_WRONG_STATE,	/* makes no sense in the connection's state */
	CHAOS_STAT_DROP_DUPLICATE,
	CHAOS_STAT_DROP_WINDOW,		/* beyond the window we offered */
	CHAOS_STAT_DROP_MALFORMED,	/* OPN, STS, BRD, contact name; index 0 */
	CHAOS_STAT_DROP_BACKLOG,	/* listener's queue is full; the RFC will come again */
	CHAOS_STAT_DROP_MNT,		/* maintenance packets, discarded by rule */
	CHAOS_STAT_DROP_RUT,		/* routing packets on a link that does not listen */
	/* Dropped on output. */
	CHAOS_STAT_DROP_NO_ROUTE,
	CHAOS_STAT_DROP_LINK_DOWN,
	CHAOS_STAT_DROP_NO_NEIGH,	/* the neighbour did not answer ARP */
	CHAOS_STAT_DROP_NEIGH_QUEUE,	/* too many packets waiting for ARP */
	CHAOS_STAT_DROP_NEIGH_FULL,	/* neighbour table full */
	CHAOS_STAT_DROP_NO_MEMORY,
	CHAOS_STAT_DROP_RATE_LIMIT,	/* answers to strangers beyond the limit */
	/* ARP. */
	CHAOS_STAT_ARP_RX,
	CHAOS_STAT_ARP_TX,
	CHAOS_STAT_ARP_BAD,		/* wrong lengths, types or addresses */
	CHAOS_STAT_ARP_CONFLICT,	/* another host uses our address */
	/* What this host sent on its own account. */
	CHAOS_STAT_LOS_TX,
	CHAOS_STAT_CLS_TX,		/* refusals */
	CHAOS_STAT_ANS_TX,		/* by the responders in the kernel */
	CHAOS_STAT_RETRANS,
	/* Appended: a number once given stays. */
	CHAOS_STAT_DROP_LIMIT,		/* RFC beyond max_halfopen; it will come again */
	CHAOS_STAT_DROP_MEM_LIMIT,	/* data beyond max_mem; it will come again */
	CHAOS_STAT_ABORT_ORPHAN,	/* closed in a hurry: more than max_orphans */
	CHAOS_STAT_DROP_NO_FOREIGN,	/* UNC for no connection and no foreign-protocol socket */
	CHAOS_STAT_FORWARDED,		/* packets for other hosts sent on */
	CHAOS_STAT_BRD_FORWARDED,	/* copies of BRDs sent on */
	CHAOS_STAT_DROP_HOPS,		/* forwarded as often as is possible already */
	CHAOS_STAT_DROP_PRIVATE,	/* from or to a private subnet, not on it */
	CHAOS_STAT_DROP_LINK_CAST,	/* for another host, but sent to all on the link */
	CHAOS_STAT_DROP_FILTER,		/* by a rule */
	CHAOS_STAT_DROP_BRD_RATE,	/* BRDs to forward beyond the limit */
	CHAOS_STAT_RUT_RX,		/* routing packets learned from */
	CHAOS_STAT_RUT_TX,
	CHAOS_STAT_DROP_RUT_SOURCE,	/* routing packet from no neighbour, or for another host */
	CHAOS_STAT_DROP_RUT_MALFORMED,	/* routing packet without or with half a pair */
	CHAOS_STAT_RUT_BAD_SUBNET,	/* pairs ignored: no subnet, or a private one */
	CHAOS_STAT_RUT_BAD_COST,	/* pairs ignored: cost 0 or beyond all sense */
	CHAOS_STAT_ARP_PROXY,		/* answers on behalf of others */
	CHAOS_STAT_FWD_TX,		/* by rules */
	CHAOS_STAT_DROP_RUT_RATE,	/* routing packets of a link beyond the limit */
	/* Links that are tunnels. */
	CHAOS_STAT_DROP_QUEUE,		/* the program that feeds the link does not read */
	CHAOS_STAT_DROP_CHECKSUM,	/* of the trailer */
	CHAOS_STAT_DROP_NO_MAP,		/* no mapping says where the next hop is */
	CHAOS_STAT_DROP_IP_SOURCE,	/* from an IP address that no mapping allows */
	CHAOS_STAT_DROP_IP_TRAILER,	/* length or trailer makes no sense */
	CHAOS_STAT_DROP_IP_ROUTE,	/* the IP network refused what we sent */
	CHAOS_STAT_IP_ERROR,		/* ICMP errors about what we sent */
	__CHAOS_STAT_MAX
};

#define CHAOS_STAT_MAX (__CHAOS_STAT_MAX - 1)

/* NET_*: the namespace as a whole. */
#define CHAOS_SUBNET_MAP_LEN	32	/* bytes: a bit for each subnet */

enum {
	CHAOS_NET_A_UNSPEC,
	CHAOS_NET_A_NAME,	/* string, at most 32 bytes: host name in STATUS answers */
	/* The next ones get only: what there is now of things that sysctls limit. */
	CHAOS_NET_A_PAD,
	CHAOS_NET_A_HALFOPEN,	/* u32: RFCs that wait for a server to decide */
	CHAOS_NET_A_ORPHANS,	/* u32: connections that close in the background */
	CHAOS_NET_A_MEM,	/* u64: bytes queued in connections */
	/* Get and set. */
	CHAOS_NET_A_FORWARDING,	/* u8: 1 to forward; sysctl net.chaos.forwarding */
	CHAOS_NET_A_PRIVATE,	/* binary, CHAOS_SUBNET_MAP_LEN bytes: bit s % 8 of byte s / 8 is
				 * subnet s; 0376 is always private
				 */
	__CHAOS_NET_A_MAX
};

#define CHAOS_NET_A_MAX (__CHAOS_NET_A_MAX - 1)

#endif /* _UAPI_LINUX_CHAOS_NETLINK_H */
