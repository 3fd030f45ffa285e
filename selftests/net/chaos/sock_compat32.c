// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The interface is the same for 32-bit and 64-bit programs: this is built as both
 * (sock_compat32_m32), and uses everything that has a layout.
 */
#define _GNU_SOURCE
#include <stddef.h>

#include "errqueue.h"

#define AT(type, member, offset)	\
	_Static_assert(offsetof(struct type, member) == (offset), #member " moved")

_Static_assert(sizeof(struct sockaddr_chaos) == 128, "struct sockaddr_chaos");
AT(sockaddr_chaos, sch_family, 0);
AT(sockaddr_chaos, sch_addr, 2);
AT(sockaddr_chaos, sch_index, 4);
AT(sockaddr_chaos, sch_flags, 6);
AT(sockaddr_chaos, sch_contact, 8);

_Static_assert(sizeof(struct chaos_info) == 128, "struct chaos_info");
AT(chaos_info, ci_state, 0);
AT(chaos_info, ci_local_addr, 2);
AT(chaos_info, ci_local_index, 4);
AT(chaos_info, ci_peer_addr, 6);
AT(chaos_info, ci_peer_index, 8);
AT(chaos_info, ci_rcv_window, 10);
AT(chaos_info, ci_snd_window, 12);
AT(chaos_info, ci_snd_cwnd, 14);
AT(chaos_info, ci_snd_unacked, 16);
AT(chaos_info, ci_snd_unreceipted, 18);
AT(chaos_info, ci_snd_queued, 20);
AT(chaos_info, ci_rcv_unread, 22);
AT(chaos_info, ci_rcv_ooo, 24);
AT(chaos_info, ci_rtt_us, 32);
AT(chaos_info, ci_rttvar_us, 36);
AT(chaos_info, ci_rto_us, 40);
AT(chaos_info, ci_last_rx_ms, 44);
AT(chaos_info, ci_last_tx_ms, 48);
AT(chaos_info, ci_pkts_sent, 56);
AT(chaos_info, ci_pkts_rcvd, 64);
AT(chaos_info, ci_bytes_sent, 72);
AT(chaos_info, ci_bytes_rcvd, 80);
AT(chaos_info, ci_retrans, 88);
AT(chaos_info, ci_dups_rcvd, 96);
AT(chaos_info, ci_ooo_rcvd, 104);
AT(chaos_info, ci_gaps_rcvd, 112);
AT(chaos_info, ci_beyond_window, 120);

_Static_assert(CHAOS_FOLLOW == 11 && CHAOS_SUBNETS == 12 && CHAOS_RECVERR == 13 &&
	       CHAOS_EE_ORIGIN == 0103, "numbers moved");

_Static_assert(AF_CHAOS == 18 && SOL_CHAOS == 16 && CHAOS_RFC_DATA == 1 && CHAOS_REASON == 2 &&
	       CHAOS_INFO == 3 && CHAOS_WINDOW == 4 && CHAOS_OPCODE == 32 && CHAOS_TID == 33,
	       "numbers moved");

static char buf[1000];

static void test_stream(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1), fd, client;
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(buf);
	struct chaos_info a, b;
	struct msg_got got;

	client = pair_socket(PAIR_A, SOCK_STREAM);
	tap_eq(setsockopt(client, SOL_CHAOS, CHAOS_RFC_DATA, "args", 4), 0, "set RFC data");
	tap_eq(pair_set_int(client, SOL_CHAOS, CHAOS_WINDOW, 13), 0, "set window");
	fd = pair_join(client, server);
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, buf, &len) && len > 5 &&
	       !memcmp(buf + len - 5, " args", 5), "get RFC data");
	tap_eq(pair_get_int(client, SOL_CHAOS, CHAOS_WINDOW), 13, "get window");

	send(client, "hello", 5, 0);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_eq(pair_ioctl(fd, SIOCINQ), 5, "SIOCINQ");
	tap_eq(recv(fd, buf, sizeof(buf), 0), 5, "recv");
	pair_wait_info(client, !info.ci_snd_unacked);
	tap_eq(pair_ioctl(client, SIOCOUTQ), 0, "SIOCOUTQ");

	a = pair_info(client);
	b = pair_info(fd);
	len = sizeof(sa);
	getpeername(client, (struct sockaddr *)&sa, &len);
	tap_ok(len == sizeof(sa) && sa.sch_family == AF_CHAOS && sa.sch_addr == PAIR_B &&
	       sa.sch_index == b.ci_local_index, "getpeername");
	tap_ok(a.ci_state == CHAOS_OPENED && a.ci_local_addr == PAIR_A &&
	       a.ci_peer_addr == PAIR_B && a.ci_peer_index == b.ci_local_index &&
	       a.ci_rcv_window == 13 && b.ci_snd_window == 13, "info: 16-bit fields");
	tap_ok(a.ci_rto_us >= 1000 && a.ci_rto_us <= 2000000 && a.ci_last_tx_ms < 60000,
	       "info: 32-bit fields");
	tap_ok(a.ci_bytes_sent == 5 && b.ci_bytes_rcvd == 5 && !a.ci_beyond_window &&
	       a.ci_pkts_sent < 100, "info: 64-bit fields");

	tap_eq(msg_send_eof(client), 0, "send a control message");
	tap_ok(!msg_recv(fd, buf, sizeof(buf), 0, &got) && got.flags & MSG_EOR, "recvmsg flags");
	pair_timeout(fd, SO_RCVTIMEO, 50);
	tap_errno(recv(fd, buf, 1, 0), EAGAIN, "SO_RCVTIMEO");
	close(client);
	tap_eq(recv(fd, buf, 1, 0), 0, "the end");
	tap_ok(!strcmp(pair_reason(fd), "Connection closed"), "reason");
	close(fd);
	close(server);
}

static void test_packet(void)
{
	struct pair p = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
	struct msg_got got;

	tap_eq(msg_send_op(p.a, CHAOS_OP_DWD, "word", 4), 4, "send an opcode");
	tap_ok(msg_recv(p.b, buf, sizeof(buf), 0, &got) == 4 && got.opcode == CHAOS_OP_DWD,
	       "receive an opcode");
	pair_close(&p);
}

static void test_dgram(void)
{
	struct sockaddr_chaos sa = pair_name(PAIR_B, "STATUS");
	const struct errqueue_want want = {
		ECONNREFUSED, CHAOS_EE_ORIGIN, CHAOS_OP_CLS, 0,
		"No server for contact name NOBODY", PAIR_B, "NOBODY", 0xfedcba98,
	};
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);
	uint32_t tid = want.tid;
	struct msg_got got;

	tap_eq(msg_send_cmsg(fd, "", 0, &sa, SOL_CHAOS, CHAOS_TID, &tid, sizeof(tid)), 0,
	       "send a CHAOS_TID");
	tap_ok(pair_poll(fd, POLLIN, PAIR_PATIENCE) &&
	       msg_recv(fd, buf, sizeof(buf), 0, &got) > 32 && got.tid == tid &&
	       got.opcode == CHAOS_OP_ANS && got.from.sch_addr == PAIR_B &&
	       got.from_len == sizeof(sa), "receive one, with opcode and address");
	tap_eq(pair_set_int(fd, SOL_CHAOS, CHAOS_RECVERR, 1), 0, "ask for errors");
	errqueue_ask(fd, PAIR_B, "NOBODY", "", tid);
	errqueue_expect(fd, &want, "an error");
	close(fd);
}

int main(void)
{
	pair_setup();
	tap_diag("pointers of %zu bytes", sizeof(void *));
	test_stream();
	test_packet();
	test_dgram();
	return tap_done();
}
