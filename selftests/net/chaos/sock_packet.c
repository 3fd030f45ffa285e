// SPDX-License-Identifier: GPL-2.0-or-later
/* SOCK_SEQPACKET: packets, one by one, with their opcodes, up to the last. */
#define _GNU_SOURCE
#include <sys/uio.h>

#include "inject.h"
#include "msg.h"
#include "pair.h"

static char out[CHAOS_DATA_MAX], in[CHAOS_DATA_MAX + 100];

/* The next packet has this opcode and length, and data as pair_fill() makes it. */
static bool next_is(int fd, int op, ssize_t len)
{
	struct msg_got got;

	return msg_recv(fd, in, sizeof(in), 0, &got) == len && got.opcode == op &&
	       got.flags == MSG_EOR && pair_filled(in, 0, len);
}

static void test_records(void)
{
	static const int lengths[] = { 0, 1, 2, 100, 487, 488, 0, 3 };
	struct pair p = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		if (send(p.a, out, lengths[i], 0) != lengths[i])
			tap_bail("send: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		tap_ok(next_is(p.b, CHAOS_OP_DAT, lengths[i]), "a packet of %d bytes", lengths[i]);
	tap_errno(recv(p.b, in, 1, MSG_DONTWAIT), EAGAIN, "no more packets");
	tap_eq(pair_get_int(p.b, SOL_SOCKET, SO_TYPE), SOCK_SEQPACKET, "SO_TYPE");
	pair_close(&p);
}

static void test_opcodes(void)
{
	struct pair p = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
	const struct inject_packet unc = { .op = CHAOS_OP_UNC, .text = "aside" };
	struct msg_got got;
	int op, wrong = 0;

	for (op = CHAOS_OP_DAT; op <= 0377; op++) {
		msg_send_op(p.a, op, out, op & 63);
		if (!next_is(p.b, op, op & 63))
			wrong++;
	}
	tap_eq(wrong, 0, "opcodes 0200 to 0377");
	msg_send_eof(p.a);
	send(p.a, "", 0, 0);
	tap_ok(next_is(p.b, CHAOS_OP_EOF, 0), "EOF");
	tap_ok(next_is(p.b, CHAOS_OP_DAT, 0), "an empty packet, which is not EOF");
	inject_from_peer(p.a, &unc);
	tap_ok(msg_recv(p.a, in, sizeof(in), 0, &got) == 5 && got.opcode == CHAOS_OP_UNC &&
	       got.flags == MSG_EOR && !memcmp(in, "aside", 5), "UNC");
	tap_eq(shutdown(p.a, SHUT_WR), 0, "shutdown");
	tap_ok(next_is(p.b, CHAOS_OP_EOF, 0), "sends EOF");
	pair_close(&p);
}

static void test_reading(void)
{
	struct pair p = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
	struct iovec parts[] = { { out, 10 }, { out + 10, 0 }, { out + 10, 290 } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };
	char control[CMSG_LEN(0)];
	struct msg_got got;
	int i;

	for (i = 0; i < 6; i++)
		tap_eq(writev(p.a, parts, ARRAY_SIZE(parts)), 300, "writev: one packet");
	pair_wait_info(p.b, info.ci_rcv_unread == 6);
	tap_ok(msg_recv(p.b, in, 500, MSG_PEEK, &got) == 300 && got.flags == MSG_EOR &&
	       pair_filled(in, 0, 300), "peek");
	tap_ok(msg_recv(p.b, in, 10, MSG_PEEK, &got) == 10 && got.flags == (MSG_EOR | MSG_TRUNC),
	       "peek at a part");
	tap_ok(msg_recv(p.b, in, 10, MSG_PEEK | MSG_TRUNC, &got) == 300, "peek at the length");
	tap_ok(msg_recv(p.b, in, 10, 0, &got) == 10 && got.flags == (MSG_EOR | MSG_TRUNC) &&
	       got.opcode == CHAOS_OP_DAT && pair_filled(in, 0, 10), "read a part");
	tap_ok(msg_recv(p.b, in, 10, MSG_TRUNC, &got) == 300 &&
	       got.flags == (MSG_EOR | MSG_TRUNC), "read a part, get the length");
	tap_eq(recv(p.b, in, 0, 0), 0, "read nothing");
	tap_eq(pair_ioctl(p.b, SIOCINQ), 900, "each took a packet");

	/* Scattered, and with no room for the control message. */
	parts[0].iov_base = in;
	parts[1].iov_base = in + 10;
	parts[2].iov_base = in + 10;
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	tap_ok(recvmsg(p.b, &msg, 0) == 300 && msg.msg_flags == (MSG_EOR | MSG_CTRUNC) &&
	       pair_filled(in, 0, 300), "no room for the control message");
	msg.msg_control = NULL;
	msg.msg_controllen = 0;
	tap_ok(recvmsg(p.b, &msg, 0) == 300 && msg.msg_flags == MSG_EOR, "nor wish for it");
	tap_eq(recv(p.b, in, sizeof(in), MSG_WAITALL), 300, "MSG_WAITALL: still one packet");
	pair_close(&p);
}

/* The two ends need not be of one type. */
static void test_mixed(void)
{
	struct pair p = pair_open(SOCK_SEQPACKET, SOCK_STREAM);

	msg_send_op(p.a, 0201, "a", 1);
	msg_send_op(p.a, CHAOS_OP_DWD, "bb", 2);
	send(p.a, "ccc", 3, 0);
	tap_ok(recv(p.b, in, 6, MSG_WAITALL) == 6 && !memcmp(in, "abbccc", 6),
	       "packets with all opcodes make a stream");
	pair_fill(in, 0, 500);
	send(p.b, in, 500, 0);
	tap_ok(next_is(p.a, CHAOS_OP_DAT, 488), "a stream makes packets");
	tap_eq(recv(p.a, in, sizeof(in), 0), 12, "of what is there");
	pair_close(&p);
}

static void test_final(void)
{
	static const char text[] = "Connection closed";
	struct pair p = pair_open(SOCK_SEQPACKET, SOCK_STREAM);
	const ssize_t len = strlen(text);
	struct msg_got got;

	send(p.b, out, 5, 0);
	close(p.b);
	tap_ok(next_is(p.a, CHAOS_OP_DAT, 5), "closed by the peer: the data");
	tap_ok(next_is(p.a, CHAOS_OP_EOF, 0), "its EOF");
	tap_ok(msg_recv(p.a, in, sizeof(in), MSG_PEEK, &got) == len && got.opcode == CHAOS_OP_CLS,
	       "peek at the CLS");
	tap_ok(pair_poll(p.a, POLLIN, 0) & POLLIN, "the CLS is readable");
	tap_ok(msg_recv(p.a, in, sizeof(in), 0, &got) == len && got.opcode == CHAOS_OP_CLS &&
	       got.flags == MSG_EOR && !memcmp(in, text, len), "the CLS");
	tap_ok(!msg_recv(p.a, in, sizeof(in), 0, &got) && !got.flags && got.opcode == -1,
	       "the end");
	tap_eq(recv(p.a, in, sizeof(in), 0), 0, "again the end");
	tap_ok(!strcmp(pair_reason(p.a), text), "CHAOS_REASON remains: %s", pair_reason(p.a));
	close(p.a);

	p = pair_open(SOCK_SEQPACKET, SOCK_STREAM);
	close(p.b);
	tap_ok(msg_recv(p.a, in, 4, MSG_TRUNC, &got) == len && got.opcode == CHAOS_OP_CLS &&
	       got.flags == (MSG_EOR | MSG_TRUNC), "a part of the CLS");
	tap_eq(recv(p.a, in, 4, 0), 0, "the rest of it is lost");
	close(p.a);
}

int main(void)
{
	pair_fill(out, 0, sizeof(out));
	pair_setup();
	test_records();
	test_opcodes();
	test_reading();
	test_mixed();
	test_final();
	return tap_done();
}
