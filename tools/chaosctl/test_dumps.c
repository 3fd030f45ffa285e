// SPDX-License-Identifier: GPL-2.0-or-later
/* How answers of the kernel are printed, also strange ones. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/genl/genl.h>

#include <linux/chaos.h>
#include <linux/chaos_netlink.h>

#include "conninfo.h"
#include "fake.h"

/* Options of the next show(). */
static struct ctl ctl;

static int setup(void **state)
{
	memset(&ctl, 0, sizeof(ctl));
	return fake_setup(state);
}

static void show(const struct object *object, const char *words, bool json, const char *expected)
{
	assert_int_equal(fake_run_ctl(&ctl, object, words, json), STATUS_OK);
	assert_string_equal(fake_complaints(), "");
	assert_string_equal(fake_output(), expected);
}

static void put(struct nl_msg *msg, int attr, const void *value, int len)
{
	assert_int_equal(nla_put(msg, attr, len, value), 0);
}

static const uint8_t mac[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

static void answer_link(bool twice)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);
	struct nlattr *nest;

	fake_put_u32(msg, CHAOS_LINK_A_IFINDEX, 1);
	fake_put_str(msg, CHAOS_LINK_A_IFNAME, "lo");
	fake_put_str(msg, CHAOS_LINK_A_TYPE, "ether");
	fake_put_u16(msg, CHAOS_LINK_A_COST, 11);
	fake_put_u16(msg, CHAOS_LINK_A_ADDR, 03040);
	fake_put_u8(msg, CHAOS_LINK_A_CARRIER, 1);
	nest = nla_nest_start(msg, CHAOS_LINK_A_STATS);
	assert_non_null(nest);
	for (int i = 1; i <= CHAOS_LINK_STAT_MAX; i++)
		assert_int_equal(nla_put_u64(msg, i, 1000 + i), 0);
	nla_nest_end(msg, nest);
	fake_answer(msg);
	if (twice) {
		msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);
		fake_put_str(msg, CHAOS_LINK_A_IFNAME, "lo1");
		fake_put_str(msg, CHAOS_LINK_A_TYPE, "ether");
		fake_put_u8(msg, CHAOS_LINK_A_CARRIER, 0);
		fake_answer(msg);
	}
	fake_done(0, NULL);
}

static void test_link(void **state)
{
	(void)state;
	answer_link(true);
	show(&link_object, "", false, "lo: ether addr 3040 cost 11 up\nlo1: ether down\n");
	answer_link(true);
	show(&link_object, "show", true,
	     "[{\"ifindex\":1,\"dev\":\"lo\",\"type\":\"ether\",\"addr\":\"3040\",\"cost\":11,\"carrier\":true},"
	     "{\"dev\":\"lo1\",\"type\":\"ether\",\"carrier\":false}]\n");
	answer_link(true);
	show(&link_object, "show lo", false, "lo: ether addr 3040 cost 11 up\n");
}

static void test_link_stats(void **state)
{
	(void)state;
	ctl.stats = true;
	answer_link(false);
	show(&link_object, "", false,
	     "lo: ether addr 3040 cost 11 up\n"
	     "    rx packets 1001         bytes 1009          lost 1004 crc 1005 ram 1006 badlen 1007 rejected 1008\n"
	     "    tx packets 1002         bytes 1010          aborted 1003\n");
	answer_link(false);
	show(&link_object, "", true,
	     "[{\"ifindex\":1,\"dev\":\"lo\",\"type\":\"ether\",\"addr\":\"3040\",\"cost\":11,\"carrier\":true,"
	     "\"stats\":{\"rx_packets\":1001,\"rx_bytes\":1009,\"lost\":1004,\"crc\":1005,\"ram\":1006,"
	     "\"badlen\":1007,\"rejected\":1008,\"tx_packets\":1002,\"tx_bytes\":1010,\"aborted\":1003}}]\n");
}

static void answer_settings(uint8_t rut, uint8_t poison, uint8_t proxy_arp)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);

	fake_put_str(msg, CHAOS_LINK_A_IFNAME, "lo");
	fake_put_str(msg, CHAOS_LINK_A_TYPE, "ether");
	fake_put_u8(msg, CHAOS_LINK_A_CARRIER, 1);
	fake_put_u8(msg, CHAOS_LINK_A_RUT, rut);
	fake_put_u8(msg, CHAOS_LINK_A_POISON, poison);
	fake_put_u8(msg, CHAOS_LINK_A_PROXY_ARP, proxy_arp);
	fake_answer(msg);
	fake_done(0, NULL);
}

/* In plain form only what is unusual. */
static void test_link_settings(void **state)
{
	(void)state;
	answer_settings(CHAOS_RUT_ON, 0, CHAOS_PROXY_ARP_HOSTS);
	show(&link_object, "", false, "lo: ether up\n");
	answer_settings(CHAOS_RUT_ON, 0, CHAOS_PROXY_ARP_HOSTS);
	show(&link_object, "", true,
	     "[{\"dev\":\"lo\",\"type\":\"ether\",\"carrier\":true,"
	     "\"rut\":\"on\",\"poison\":false,\"proxy_arp\":\"hosts\"}]\n");
	answer_settings(CHAOS_RUT_LISTEN, 1, CHAOS_PROXY_ARP_ALL);
	show(&link_object, "", false, "lo: ether up rut listen poison on proxy_arp all\n");
	answer_settings(CHAOS_RUT_OFF, 0, 7);
	show(&link_object, "", false, "lo: ether up rut off proxy_arp 7\n");
}

/* A link of type chaos; no user with this number has a name. */
static void answer_fed(uint8_t persist, uint16_t peer, const char *feeder, uint32_t pid)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);

	fake_put_str(msg, CHAOS_LINK_A_IFNAME, "chaos0");
	fake_put_str(msg, CHAOS_LINK_A_TYPE, "chaos");
	fake_put_u8(msg, CHAOS_LINK_A_CARRIER, !!feeder);
	if (peer)
		fake_put_u16(msg, CHAOS_LINK_A_PEER, peer);
	fake_put_u8(msg, CHAOS_LINK_A_PERSIST, persist);
	if (persist) {
		fake_put_u32(msg, CHAOS_LINK_A_UID, 4000000000);
		fake_put_u32(msg, CHAOS_LINK_A_GID, 0);
	}
	if (feeder) {
		fake_put_str(msg, CHAOS_LINK_A_FEEDER, feeder);
		fake_put_u32(msg, CHAOS_LINK_A_FEEDER_PID, pid);
	}
	fake_answer(msg);
	fake_done(0, NULL);
}

static void test_link_fed(void **state)
{
	(void)state;
	answer_fed(0, 0, "chaos-udp", 1234);
	show(&link_object, "", false, "chaos0: chaos up fed by chaos-udp(1234)\n");
	answer_fed(1, 03060, "daemon", 0);
	show(&link_object, "", false,
	     "chaos0: chaos up peer 3060 user 4000000000 group root persistent fed by daemon\n");
	answer_fed(1, 0, NULL, 0);
	show(&link_object, "", false,
	     "chaos0: chaos down user 4000000000 group root persistent fed by nobody\n");
	answer_fed(1, 03060, "chaos-udp", 1234);
	show(&link_object, "", true,
	     "[{\"dev\":\"chaos0\",\"type\":\"chaos\",\"carrier\":true,\"peer\":\"3060\","
	     "\"uid\":4000000000,\"gid\":0,\"persistent\":true,"
	     "\"feeder\":\"chaos-udp\",\"feeder_pid\":1234}]\n");
	answer_fed(0, 0, NULL, 0);
	show(&link_object, "", true,
	     "[{\"dev\":\"chaos0\",\"type\":\"chaos\",\"carrier\":false,\"persistent\":false}]\n");
}

static void answer_addrs(void)
{
	struct nl_msg *msg;

	for (int i = 0; i < 4; i++) {
		msg = fake_msg(CHAOS_CMD_ADDR_NEW, NLM_F_MULTI);
		fake_put_u32(msg, CHAOS_ADDR_A_IFINDEX, 2);
		fake_put_str(msg, CHAOS_ADDR_A_IFNAME, "eth0");
		fake_put_u16(msg, CHAOS_ADDR_A_ADDR, 03040 + i);
		fake_put_u8(msg, CHAOS_ADDR_A_STATE, i);
		if (i == CHAOS_ADDR_CONFLICT)
			put(msg, CHAOS_ADDR_A_LLADDR, mac, sizeof(mac));
		fake_answer(msg);
	}
	fake_done(0, NULL);
}

static void test_addr(void **state)
{
	(void)state;
	answer_addrs();
	show(&addr_object, "", false,
	     "3040 dev eth0 tentative\n3041 dev eth0 valid\n"
	     "3042 dev eth0 conflict with 52:54:00:12:34:56\n3043 dev eth0 3\n");
	answer_addrs();
	show(&addr_object, "show dev lo", true, "[]\n");
}

static void test_addr_json(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ADDR_NEW, NLM_F_MULTI);

	(void)state;
	fake_put_u32(msg, CHAOS_ADDR_A_IFINDEX, 2);
	fake_put_str(msg, CHAOS_ADDR_A_IFNAME, "eth0");
	fake_put_u16(msg, CHAOS_ADDR_A_ADDR, 03040);
	fake_put_u8(msg, CHAOS_ADDR_A_STATE, CHAOS_ADDR_CONFLICT);
	put(msg, CHAOS_ADDR_A_LLADDR, mac, sizeof(mac));
	fake_answer(msg);
	fake_done(0, NULL);
	show(&addr_object, "", true,
	     "[{\"addr\":\"3040\",\"ifindex\":2,\"dev\":\"eth0\",\"state\":\"conflict\","
	     "\"conflict_with\":\"52:54:00:12:34:56\"}]\n");
}

static void answer_routes(void)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ROUTE_NEW, NLM_F_MULTI);

	fake_put_u16(msg, CHAOS_ROUTE_A_HOST, 03040);
	fake_put_str(msg, CHAOS_ROUTE_A_IFNAME, "eth0");
	fake_put_u8(msg, CHAOS_ROUTE_A_TYPE, CHAOS_ROUTE_LOCAL);
	fake_answer(msg);
	msg = fake_msg(CHAOS_CMD_ROUTE_NEW, NLM_F_MULTI);
	fake_put_u8(msg, CHAOS_ROUTE_A_SUBNET, 014);
	fake_put_u16(msg, CHAOS_ROUTE_A_VIA, 03060);
	fake_put_u16(msg, CHAOS_ROUTE_A_COST, 20);
	fake_put_u8(msg, CHAOS_ROUTE_A_TYPE, CHAOS_ROUTE_FIXED);
	fake_answer(msg);
	msg = fake_msg(CHAOS_CMD_ROUTE_NEW, NLM_F_MULTI);
	fake_put_u16(msg, CHAOS_ROUTE_A_VIA, 03061);
	fake_put_u8(msg, CHAOS_ROUTE_A_TYPE, 77);
	fake_answer(msg);
	fake_done(0, NULL);
}

static void test_route(void **state)
{
	(void)state;
	answer_routes();
	show(&route_object, "", false,
	     "host 3040 dev eth0 local\nsubnet 14 via 3060 cost 20 fixed\ndefault via 3061 77\n");
	answer_routes();
	show(&route_object, "", true,
	     "[{\"host\":\"3040\",\"dev\":\"eth0\",\"type\":\"local\"},"
	     "{\"subnet\":\"14\",\"via\":\"3060\",\"cost\":20,\"type\":\"fixed\"},"
	     "{\"default\":true,\"via\":\"3061\",\"type\":\"77\"}]\n");
}

static void answer_learned(void)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ROUTE_NEW, NLM_F_MULTI);

	fake_put_u8(msg, CHAOS_ROUTE_A_SUBNET, 015);
	fake_put_u16(msg, CHAOS_ROUTE_A_VIA, 03062);
	fake_put_u16(msg, CHAOS_ROUTE_A_COST, 31);
	fake_put_u8(msg, CHAOS_ROUTE_A_TYPE, CHAOS_ROUTE_BRIDGE);
	fake_put_u32(msg, CHAOS_ROUTE_A_AGE, 12345);
	fake_answer(msg);
}

/* Those of one type only; learned ones with their age. */
static void test_route_type(void **state)
{
	(void)state;
	answer_learned();
	answer_routes();
	show(&route_object, "show learned", false,
	     "subnet 15 via 3062 cost 31 bridge age 12.3s\n");
	answer_learned();
	answer_routes();
	show(&route_object, "show type bridge", true,
	     "[{\"subnet\":\"15\",\"via\":\"3062\",\"cost\":31,\"type\":\"bridge\","
	     "\"age_ms\":12345}]\n");
	answer_learned();
	answer_routes();
	show(&route_object, "show fixed", false, "subnet 14 via 3060 cost 20 fixed\n");
}

static void answer_decision(uint8_t match, uint16_t via, uint8_t type)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ROUTE_GET, 0);

	fake_put_u16(msg, CHAOS_ROUTE_A_HOST, 03143);
	if (via)
		fake_put_u16(msg, CHAOS_ROUTE_A_VIA, via);
	fake_put_u32(msg, CHAOS_ROUTE_A_IFINDEX, 2);
	fake_put_str(msg, CHAOS_ROUTE_A_IFNAME, "eth0");
	fake_put_u16(msg, CHAOS_ROUTE_A_COST, 20);
	fake_put_u8(msg, CHAOS_ROUTE_A_TYPE, type);
	if (type == CHAOS_ROUTE_BRIDGE)
		fake_put_u32(msg, CHAOS_ROUTE_A_AGE, 900);
	fake_put_u8(msg, CHAOS_ROUTE_A_MATCH, match);
	fake_put_u16(msg, CHAOS_ROUTE_A_SRC, 03041);
	fake_answer(msg);
	fake_error(0, NULL);
}

static void test_route_get(void **state)
{
	(void)state;
	answer_decision(CHAOS_ROUTE_MATCH_SUBNET, 03040, CHAOS_ROUTE_FIXED);
	show(&route_object, "get 3143", false,
	     "3143 via 3040 dev eth0 src 3041 cost 20 by subnet 6 fixed\n");
	answer_decision(CHAOS_ROUTE_MATCH_HOST, 0, CHAOS_ROUTE_DIRECT);
	show(&route_object, "get 3143", false,
	     "3143 dev eth0 src 3041 cost 20 by host direct\n");
	answer_decision(CHAOS_ROUTE_MATCH_DEFAULT, 03040, CHAOS_ROUTE_FIXED);
	show(&route_object, "get 3143 from 1003", false,
	     "3143 from 1003 via 3040 dev eth0 cost 20 by default fixed\n");
	answer_decision(CHAOS_ROUTE_MATCH_SUBNET, 03040, CHAOS_ROUTE_BRIDGE);
	show(&route_object, "get 3143", false,
	     "3143 via 3040 dev eth0 src 3041 cost 20 by subnet 6 bridge age 0.9s\n");
	answer_decision(9, 03040, 9);
	show(&route_object, "get 3143", true,
	     "[{\"host\":\"3143\",\"via\":\"3040\",\"ifindex\":2,\"dev\":\"eth0\","
	     "\"src\":\"3041\",\"cost\":20,\"by\":\"9\",\"type\":\"9\"}]\n");
	answer_decision(CHAOS_ROUTE_MATCH_SUBNET, 03040, CHAOS_ROUTE_FIXED);
	show(&route_object, "get 3143 from 1003", true,
	     "[{\"host\":\"3143\",\"from\":\"1003\",\"via\":\"3040\",\"ifindex\":2,"
	     "\"dev\":\"eth0\",\"cost\":20,\"by\":\"subnet\",\"by_subnet\":\"6\","
	     "\"type\":\"fixed\"}]\n");
}

static void answer_neigh(uint8_t state, uint32_t age)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NEIGH_NEW, NLM_F_MULTI);

	fake_put_u32(msg, CHAOS_NEIGH_A_IFINDEX, 2);
	fake_put_str(msg, CHAOS_NEIGH_A_IFNAME, "eth0");
	fake_put_u16(msg, CHAOS_NEIGH_A_ADDR, 03060);
	fake_put_u8(msg, CHAOS_NEIGH_A_STATE, state);
	if (state != CHAOS_NEIGH_INCOMPLETE)
		put(msg, CHAOS_NEIGH_A_LLADDR, mac, sizeof(mac));
	if (state == CHAOS_NEIGH_REACHABLE)
		fake_put_u32(msg, CHAOS_NEIGH_A_AGE, age);
	fake_answer(msg);
	fake_done(0, NULL);
}

static void test_neigh(void **state)
{
	(void)state;
	answer_neigh(CHAOS_NEIGH_REACHABLE, 61234);
	show(&neigh_object, "", false,
	     "3060 dev eth0 lladdr 52:54:00:12:34:56 reachable age 61.2s\n");
	answer_neigh(CHAOS_NEIGH_REACHABLE, 61234);
	show(&neigh_object, "", true,
	     "[{\"addr\":\"3060\",\"ifindex\":2,\"dev\":\"eth0\",\"lladdr\":\"52:54:00:12:34:56\","
	     "\"state\":\"reachable\",\"age_ms\":61234}]\n");
	answer_neigh(CHAOS_NEIGH_INCOMPLETE, 0);
	show(&neigh_object, "", false, "3060 dev eth0 incomplete\n");
	answer_neigh(CHAOS_NEIGH_PERMANENT, 0);
	show(&neigh_object, "", false, "3060 dev eth0 lladdr 52:54:00:12:34:56 permanent\n");
}

static void answer_proxy(void)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NEIGH_NEW, NLM_F_MULTI);

	fake_put_u32(msg, CHAOS_NEIGH_A_IFINDEX, 2);
	fake_put_str(msg, CHAOS_NEIGH_A_IFNAME, "eth0");
	fake_put_u16(msg, CHAOS_NEIGH_A_ADDR, 03061);
	put(msg, CHAOS_NEIGH_A_PROXY, NULL, 0);
	fake_answer(msg);
	fake_done(0, NULL);
}

static void test_proxy(void **state)
{
	(void)state;
	answer_proxy();
	show(&neigh_object, "", false, "3061 dev eth0 proxy\n");
	answer_proxy();
	show(&neigh_object, "", true,
	     "[{\"addr\":\"3061\",\"ifindex\":2,\"dev\":\"eth0\",\"proxy\":true}]\n");
}

static const struct chaos_info open_info = {
	.ci_state = CHAOS_OPENED,
	.ci_local_addr = 03040,
	.ci_local_index = 0x1f2a,
	.ci_peer_addr = 0177777,
	.ci_peer_index = 0x4,
	.ci_rcv_window = 13,
	.ci_snd_window = 12,
	.ci_snd_cwnd = 11,
	.ci_snd_unacked = 65535,
	.ci_snd_unreceipted = 9,
	.ci_snd_queued = 8,
	.ci_rcv_unread = 7,
	.ci_rcv_ooo = 6,
	.ci_rtt_us = 1234,
	.ci_rttvar_us = 56,
	.ci_rto_us = 500000,
	.ci_last_rx_ms = 78,
	.ci_last_tx_ms = 90,
	.ci_pkts_sent = 101,
	.ci_pkts_rcvd = 102,
	.ci_bytes_sent = 103,
	.ci_bytes_rcvd = 104,
	.ci_retrans = 105,
	.ci_dups_rcvd = 106,
	.ci_ooo_rcvd = 107,
	.ci_gaps_rcvd = 108,
	.ci_beyond_window = 1ULL << 40,
};

static void answer_open(const void *info, int len)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_CONN_GET, NLM_F_MULTI);

	put(msg, CHAOS_CONN_A_INFO, info, len);
	put(msg, CHAOS_CONN_A_CONTACT, "FI\033LE", 5);
	fake_put_u8(msg, CHAOS_CONN_A_SOCKTYPE, SOCK_STREAM);
	fake_put_u32(msg, CHAOS_CONN_A_UID, 1000);
	fake_put_u32(msg, CHAOS_CONN_A_INODE, 4242);
	fake_answer(msg);
	fake_done(0, NULL);
}

#define HEADING	"State          Type      Recv-Q Send-Q Local       Peer        Contact\n"
#define ROW	"open           stream    7      65543  3040:1f2a   177777:0004 FI\\033LE uid:1000 ino:4242\n"
#define DETAILS	"    rcvwin:13 sndwin:12 cwnd:11 unacked:65535 unreceipted:9 queued:8 unread:7 ooo:6\n" \
		"    rtt:1.234/0.056ms rto:500.000ms lastsnd:90ms lastrcv:78ms\n" \
		"    sent:101/103B rcvd:102/104B retrans:105 dups:106 early:107 gaps:108 beyond:1099511627776\n"

static void test_conn(void **state)
{
	(void)state;
	answer_open(&open_info, sizeof(open_info));
	show(&conn_object, "", false, HEADING ROW);
	answer_open(&open_info, sizeof(open_info));
	show(&conn_object, "show", true,
	     "[{\"state\":\"open\",\"type\":\"stream\",\"recv_queue\":7,\"send_queue\":65543,"
	     "\"local_addr\":\"3040\",\"local_index\":\"1f2a\",\"peer_addr\":\"177777\",\"peer_index\":\"0004\","
	     "\"contact\":\"FI\\u001bLE\",\"uid\":1000,\"inode\":4242}]\n");
}

static void test_conn_info(void **state)
{
	(void)state;
	answer_open(&open_info, sizeof(open_info));
	show(&conn_object, "show info", false, HEADING ROW DETAILS);
	answer_open(&open_info, sizeof(open_info));
	show(&conn_object, "info", false, HEADING ROW DETAILS);
	ctl.info = true;
	answer_open(&open_info, sizeof(open_info));
	show(&conn_object, "", true,
	     "[{\"state\":\"open\",\"type\":\"stream\",\"recv_queue\":7,\"send_queue\":65543,"
	     "\"local_addr\":\"3040\",\"local_index\":\"1f2a\",\"peer_addr\":\"177777\",\"peer_index\":\"0004\","
	     "\"contact\":\"FI\\u001bLE\",\"uid\":1000,\"inode\":4242,"
	     "\"info\":{\"rcv_window\":13,\"snd_window\":12,\"snd_cwnd\":11,\"snd_unacked\":65535,"
	     "\"snd_unreceipted\":9,\"snd_queued\":8,\"rcv_unread\":7,\"rcv_ooo\":6,"
	     "\"rtt_us\":1234,\"rttvar_us\":56,\"rto_us\":500000,\"last_tx_ms\":90,\"last_rx_ms\":78,"
	     "\"pkts_sent\":101,\"bytes_sent\":103,\"pkts_rcvd\":102,\"bytes_rcvd\":104,\"retrans\":105,"
	     "\"dups_rcvd\":106,\"ooo_rcvd\":107,\"gaps_rcvd\":108,\"beyond_window\":1099511627776}}]\n");
}

/* Of a newer kernel: more fields than we know; the rest is as ever. */
static void test_conn_longer_info(void **state)
{
	unsigned char info[sizeof(open_info) + 40];

	(void)state;
	memset(info, 0xee, sizeof(info));
	memcpy(info, &open_info, sizeof(open_info));
	answer_open(info, sizeof(info));
	show(&conn_object, "info", false, HEADING ROW DETAILS);
}

/* Of an older kernel: what it does not tell is 0. */
static void test_conn_shorter_info(void **state)
{
	(void)state;
	answer_open(&open_info, offsetof(struct chaos_info, ci_rtt_us));
	show(&conn_object, "info", false,
	     HEADING ROW
	     "    rcvwin:13 sndwin:12 cwnd:11 unacked:65535 unreceipted:9 queued:8 unread:7 ooo:6\n"
	     "    rto:0.000ms lastsnd:0ms lastrcv:0ms\n"
	     "    sent:0/0B rcvd:0/0B retrans:0 dups:0 early:0 gaps:0 beyond:0\n");
	ctl.info = false;
	answer_open(&open_info, 0);
	show(&conn_object, "", false,
	     HEADING
	     "closed         stream    0      0      *:*         *:*         FI\\033LE uid:1000 ino:4242\n");
}

/* Nothing of what was there before remains. */
static void test_info_copy(void **state)
{
	static const struct chaos_info zero;
	struct {
		struct nlattr attr;
		unsigned char data[4];
	} short_info = { { NLA_HDRLEN + 4, CHAOS_CONN_A_INFO }, { CHAOS_OPENED, 0, 1, 2 } };
	struct chaos_info info;

	(void)state;
	memset(&info, 0xee, sizeof(info));
	conninfo_copy(&info, &short_info.attr);
	assert_memory_equal(&info, short_info.data, 4);
	assert_memory_equal((char *)&info + 4, &zero, sizeof(info) - 4);
	memset(&info, 0xee, sizeof(info));
	conninfo_copy(&info, NULL);
	assert_memory_equal(&info, &zero, sizeof(info));
}

static void test_conn_listener(void **state)
{
	struct chaos_info info = { .ci_state = CHAOS_LISTENING };
	struct nl_msg *msg = fake_msg(CHAOS_CMD_CONN_GET, NLM_F_MULTI);

	(void)state;
	put(msg, CHAOS_CONN_A_INFO, &info, sizeof(info));
	fake_put_str(msg, CHAOS_CONN_A_CONTACT, "");
	fake_put_u8(msg, CHAOS_CONN_A_SOCKTYPE, SOCK_SEQPACKET);
	fake_put_u32(msg, CHAOS_CONN_A_BACKLOG, 3);
	fake_put_u32(msg, CHAOS_CONN_A_BACKLOG_MAX, 128);
	fake_answer(msg);
	fake_done(0, NULL);
	show(&conn_object, "info", false,
	     HEADING "listening      seqpacket 3      128    *:*         *:*         \"\"\n");
}

/* A connection whose program is gone, in a state we do not know. */
static void test_conn_orphan(void **state)
{
	struct chaos_info info = { .ci_state = 99, .ci_local_addr = 0401 };
	struct nl_msg *msg = fake_msg(CHAOS_CMD_CONN_GET, NLM_F_MULTI);

	(void)state;
	put(msg, CHAOS_CONN_A_INFO, &info, sizeof(info));
	fake_answer(msg);
	fake_done(0, NULL);
	show(&conn_object, "", false,
	     HEADING "99             -         0      0      401:*       *:*         -\n");
}

/* A counter that this chaosctl does not know yet. */
#define UNKNOWN		"99"

static void answer_stats(const uint64_t *values, int n)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_STATS_GET, 0);

	for (int i = 0; i < n; i++)
		assert_int_equal(nla_put_u64(msg, i, values[i]), 0);
	assert_int_equal(nla_put_u64(msg, atoi(UNKNOWN), 7), 0);
	fake_answer(msg);
	fake_error(0, NULL);
}

static void test_stat(void **state)
{
	static const uint64_t values[] = { 99, 18446744073709551615ULL, 0, 3 };

	(void)state;
	answer_stats(values, ARRAY_SIZE(values));
	show(&stat_object, "", false,
	     "rx                  18446744073709551615 packets taken from a link, valid or not\n"
	     "delivered           3           packets accepted for this host\n"
	     UNKNOWN "                  7           not known to this version of chaosctl\n");
	answer_stats(values, ARRAY_SIZE(values));
	show(&stat_object, "show all", true,
	     "[{\"rx\":18446744073709551615,\"tx\":0,\"delivered\":3,\"" UNKNOWN "\":7}]\n");
	ctl.all = true;
	answer_stats(values, ARRAY_SIZE(values));
	show(&stat_object, "", true,
	     "[{\"rx\":18446744073709551615,\"tx\":0,\"delivered\":3,\"" UNKNOWN "\":7}]\n");
}

/* Every counter of the header has a name of its own. */
static void test_stat_names(void **state)
{
	uint64_t values[CHAOS_STAT_MAX + 1];
	const char *known;
	int lines = 0;

	for (int i = 0; i <= CHAOS_STAT_MAX; i++)
		values[i] = i;
	answer_stats(values, ARRAY_SIZE(values));
	assert_int_equal(fake_run_ctl(&ctl, &stat_object, "", false), STATUS_OK);
	known = fake_output();
	for (const char *p = known; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, CHAOS_STAT_MAX + 1);
	assert_null(strstr(strstr(known, "not known") + 1, "not known"));
	assert_non_null(strstr(known, "\nretrans "));
	(void)state;
}

static void test_net(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NET_GET, 0);

	(void)state;
	fake_put_str(msg, CHAOS_NET_A_NAME, "AI \"x\"");
	fake_put_u32(msg, CHAOS_NET_A_HALFOPEN, 3);
	fake_put_u32(msg, CHAOS_NET_A_ORPHANS, 0);
	assert_int_equal(nla_put_u64(msg, CHAOS_NET_A_MEM, 1ull << 40), 0);
	fake_answer(msg);
	fake_error(0, NULL);
	show(&net_object, "show", true,
	     "[{\"name\":\"AI \\\"x\\\"\",\"halfopen\":3,\"orphans\":0,\"mem\":1099511627776}]\n");
}

static void test_net_settings(void **state)
{
	uint8_t map[CHAOS_SUBNET_MAP_LEN] = { [1] = 4, [31] = 0x40 };

	(void)state;
	for (int on = 0; on < 2; on++) {
		struct nl_msg *msg = fake_msg(CHAOS_CMD_NET_GET, 0);

		fake_put_str(msg, CHAOS_NET_A_NAME, "AI");
		fake_put_u8(msg, CHAOS_NET_A_FORWARDING, on);
		put(msg, CHAOS_NET_A_PRIVATE, map, sizeof(map));
		fake_put_u32(msg, CHAOS_NET_A_HALFOPEN, 3);
		fake_answer(msg);
		fake_error(0, NULL);
		if (on)
			show(&net_object, "show", false,
			     "name AI forwarding on private 12,376 halfopen 3\n");
		else
			show(&net_object, "show", true,
			     "[{\"name\":\"AI\",\"forwarding\":false,"
			     "\"private\":[\"12\",\"376\"],\"halfopen\":3}]\n");
	}
}

/* Attributes shorter than their type: said, the rest is still shown, status 2. */
static void test_truncated(void **state)
{
	static const struct {
		const struct object *object;
		int attr;
		int len;
	} rows[] = {
		{ &link_object, CHAOS_LINK_A_IFINDEX, 3 },
		{ &link_object, CHAOS_LINK_A_COST, 1 },
		{ &link_object, CHAOS_LINK_A_ADDR, 0 },
		{ &link_object, CHAOS_LINK_A_CARRIER, 0 },
		{ &link_object, CHAOS_LINK_A_RUT, 0 },
		{ &link_object, CHAOS_LINK_A_POISON, 0 },
		{ &link_object, CHAOS_LINK_A_PROXY_ARP, 0 },
		{ &link_object, CHAOS_LINK_A_PEER, 1 },
		{ &link_object, CHAOS_LINK_A_PERSIST, 0 },
		{ &link_object, CHAOS_LINK_A_UID, 3 },
		{ &link_object, CHAOS_LINK_A_GID, 0 },
		{ &link_object, CHAOS_LINK_A_FEEDER_PID, 2 },
		{ &addr_object, CHAOS_ADDR_A_ADDR, 1 },
		{ &addr_object, CHAOS_ADDR_A_STATE, 0 },
		{ &route_object, CHAOS_ROUTE_A_SUBNET, 0 },
		{ &route_object, CHAOS_ROUTE_A_HOST, 1 },
		{ &route_object, CHAOS_ROUTE_A_VIA, 1 },
		{ &route_object, CHAOS_ROUTE_A_AGE, 3 },
		{ &net_object, CHAOS_NET_A_FORWARDING, 0 },
		{ &net_object, CHAOS_NET_A_PRIVATE, 7 },
		{ &neigh_object, CHAOS_NEIGH_A_ADDR, 1 },
		{ &neigh_object, CHAOS_NEIGH_A_AGE, 2 },
		{ &conn_object, CHAOS_CONN_A_SOCKTYPE, 0 },
		{ &conn_object, CHAOS_CONN_A_UID, 3 },
		{ &conn_object, CHAOS_CONN_A_BACKLOG, 3 },
		{ &stat_object, CHAOS_STAT_RX, 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nl_msg *msg = fake_msg(1, NLM_F_MULTI);

		setup(state);
		put(msg, rows[i].attr, "1234567", rows[i].len);
		fake_answer(msg);
		fake_answer(fake_msg(1, NLM_F_MULTI));
		fake_done(0, NULL);
		assert_int_equal(fake_run_ctl(&ctl, rows[i].object, "", true), STATUS_FAILED);
		assert_non_null(strstr(fake_complaints(), "the kernel's answer makes no sense"));
		assert_int_equal(fake_output()[0], '[');
		assert_string_equal(fake_output() + strlen(fake_output()) - 2, "]\n");
		assert_int_equal(fake_teardown(state), 0);
	}
	setup(state);
}

/* A nest whose inside is too short, and a message without a generic netlink header. */
static void test_truncated_inside(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);
	struct nlmsghdr bare = { sizeof(bare), FAKE_FAMILY, NLM_F_MULTI, 0, 0 };
	struct nlattr *nest = nla_nest_start(msg, CHAOS_LINK_A_STATS);

	(void)state;
	fake_put_u32(msg, CHAOS_LINK_STAT_RECEIVED, 1);
	nla_nest_end(msg, nest);
	fake_answer(msg);
	fake_raw(&bare, sizeof(bare));
	fake_done(0, NULL);
	ctl.stats = true;
	assert_int_equal(fake_run_ctl(&ctl, &link_object, "", true), STATUS_FAILED);
	assert_string_equal(fake_output(), "[]\n");
	fake_raw(&bare, sizeof(bare));
	fake_error(0, NULL);
	assert_int_equal(fake_run_ctl(&ctl, &stat_object, "", true), STATUS_FAILED);
	assert_string_equal(fake_output(), "[]\n");
}

/* Longer than we know: numbers by their first bytes, strings without NUL, long addresses. */
static void test_oversized(void **state)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ADDR_NEW, NLM_F_MULTI);
	static const uint8_t addr[] = { 0x20, 0x06, 0xff, 0xff, 0xff };
	uint8_t lladdr[20];

	(void)state;
	memset(lladdr, 0xab, sizeof(lladdr));
	put(msg, CHAOS_ADDR_A_ADDR, addr, sizeof(addr));
	put(msg, CHAOS_ADDR_A_IFNAME, "eth0", 4);
	put(msg, CHAOS_ADDR_A_LLADDR, lladdr, sizeof(lladdr));
	put(msg, CHAOS_ADDR_A_MAX + 1, "new", 3);
	fake_answer(msg);
	msg = fake_msg(CHAOS_CMD_ADDR_NEW, NLM_F_MULTI);
	put(msg, CHAOS_ADDR_A_IFNAME, "", 0);
	put(msg, CHAOS_ADDR_A_LLADDR, "", 0);
	fake_answer(msg);
	fake_done(0, NULL);
	show(&addr_object, "", false,
	     "3040 dev eth0 with ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab:ab\n dev \n");
}

/* Attributes of random types, lengths and contents, after the two headers. */
static void random_attrs(unsigned char *bytes, size_t len)
{
	size_t pos = NLMSG_HDRLEN + GENL_HDRLEN;

	for (size_t i = sizeof(struct nlmsghdr); i < len; i++)
		bytes[i] = random();
	while (pos + NLA_HDRLEN < len) {
		struct nlattr *attr = (struct nlattr *)(bytes + pos);

		attr->nla_len = NLA_HDRLEN + random() % (random() % 4 ? 12 : 150);
		attr->nla_type = random() % 48;
		pos += NLA_ALIGN(attr->nla_len);
	}
	if (!(random() % 4)) {
		pos = sizeof(struct nlmsghdr) + random() % (len - sizeof(struct nlmsghdr));
		bytes[pos] = random();
	}
}

/* Whatever the kernel sends does no more harm than a complaint. */
static void test_random(void **state)
{
	static const struct object *const objects[] = {
		&link_object, &addr_object, &route_object, &neigh_object, &conn_object,
		&stat_object, &net_object,
	};
	unsigned char bytes[400] __attribute__((aligned(4)));

	(void)state;
	srandom(628);
	for (int round = 0; round < 20000; round++) {
		struct nlmsghdr *msg = (struct nlmsghdr *)bytes;
		size_t len = 20 + random() % (sizeof(bytes) - 20);

		setup(NULL);
		ctl.stats = true;
		ctl.info = true;
		random_attrs(bytes, len);
		msg->nlmsg_len = random() % 8 ? len : (size_t)random() % 500;
		msg->nlmsg_type = random() % 8 ? FAKE_FAMILY : random() % 5;
		msg->nlmsg_flags = random();
		fake_raw(bytes, len);
		for (int i = 0; i < 5; i++)
			fake_done(0, NULL);
		fake_run_ctl(&ctl, objects[round % ARRAY_SIZE(objects)], "", round & 1);
		fake_teardown(NULL);
	}
	setup(NULL);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_link),
		TEST(test_link_stats),
		TEST(test_link_settings),
		TEST(test_link_fed),
		TEST(test_addr),
		TEST(test_addr_json),
		TEST(test_route),
		TEST(test_route_type),
		TEST(test_route_get),
		TEST(test_neigh),
		TEST(test_proxy),
		TEST(test_conn),
		TEST(test_conn_info),
		TEST(test_conn_longer_info),
		TEST(test_conn_shorter_info),
		TEST(test_info_copy),
		TEST(test_conn_listener),
		TEST(test_conn_orphan),
		TEST(test_stat),
		TEST(test_stat_names),
		TEST(test_net),
		TEST(test_net_settings),
		TEST(test_truncated),
		TEST(test_truncated_inside),
		TEST(test_oversized),
		TEST(test_random),
	};

	return cmocka_run_group_tests_name("dumps", tests, NULL, NULL);
}
