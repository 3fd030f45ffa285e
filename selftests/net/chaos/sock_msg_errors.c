// SPDX-License-Identifier: GPL-2.0-or-later
/* Sending and receiving that must fail, and with what, on each type of socket. */
#define _GNU_SOURCE
#include "msg.h"
#include "pair.h"

#define BAD_POINTER ((void *)8)

static char big[CHAOS_DATA_MAX + 1];

static const struct {
	int type;
	const char *name;
} conn_types[] = {
	{ SOCK_STREAM, "stream" }, { SOCK_SEQPACKET, "seqpacket" },
};

static void test_unconnected(int type, const char *name)
{
	struct sockaddr_chaos sa = pair_name(PAIR_B, "X");
	int fd = pair_socket(PAIR_A, type);
	socklen_t len = sizeof(sa);
	char c;

	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), ENOTCONN, "%s: send, not connected", name);
	tap_errno(recv(fd, &c, 1, 0), ENOTCONN, "%s: recv, not connected", name);
	tap_errno(recv(fd, &c, 0, 0), ENOTCONN, "%s: recv of nothing, not connected", name);
	tap_errno(sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&sa, sizeof(sa)),
		  EOPNOTSUPP, "%s: sendto, not connected", name);
	tap_errno(shutdown(fd, SHUT_WR), ENOTCONN, "%s: shutdown, not connected", name);
	tap_errno(getpeername(fd, (struct sockaddr *)&sa, &len), ENOTCONN,
		  "%s: getpeername, not connected", name);
	close(fd);
}

/* Opcodes and the like that sendmsg() does not take; 0 is success. */
static const struct cmsg_row {
	const char *what;
	int level, type, value, value_len, len;
	int stream_error, packet_error;
} cmsg_rows[] = {
	{ "DAT", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_DAT, 4, 1, 0, 0 },
	{ "opcode 0201", SOL_CHAOS, CHAOS_OPCODE, 0201, 4, 1, EINVAL, 0 },
	{ "DWD", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_DWD, 4, 2, EINVAL, 0 },
	{ "opcode 0377", SOL_CHAOS, CHAOS_OPCODE, 0377, 4, 0, EINVAL, 0 },
	{ "opcode 0400", SOL_CHAOS, CHAOS_OPCODE, 0400, 4, 1, EINVAL, EINVAL },
	{ "opcode -1", SOL_CHAOS, CHAOS_OPCODE, -1, 4, 1, EINVAL, EINVAL },
	{ "opcode 0177", SOL_CHAOS, CHAOS_OPCODE, 0177, 4, 1, EINVAL, EINVAL },
	{ "opcode 0", SOL_CHAOS, CHAOS_OPCODE, 0, 4, 1, EINVAL, EINVAL },
	{ "CLS", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_CLS, 4, 1, EINVAL, EINVAL },
	{ "UNC", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_UNC, 4, 1, EINVAL, EINVAL },
	{ "EOF with data", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_EOF, 4, 1, EINVAL, EINVAL },
	{ "EOF", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_EOF, 4, 0, 0, 0 },
	{ "opcode of 2 bytes", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_DAT, 2, 1, EINVAL, EINVAL },
	{ "opcode of no bytes", SOL_CHAOS, CHAOS_OPCODE, CHAOS_OP_DAT, 0, 1, EINVAL, EINVAL },
	{ "CHAOS_TID", SOL_CHAOS, CHAOS_TID, 5, 4, 1, EINVAL, EINVAL },
	{ "unknown control message", SOL_CHAOS, 99, 5, 4, 1, EINVAL, EINVAL },
	{ "control message of another level", SOL_CHAOS + 1, 99, 5, 4, 1, 0, 0 },
};

static void test_cmsgs(int fd, int type, const char *name)
{
	struct iovec iov = { "x", 1 };
	struct cmsghdr cmsg = { .cmsg_len = 4, .cmsg_level = SOL_CHAOS };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &cmsg, .msg_controllen = sizeof(cmsg),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmsg_rows); i++) {
		const struct cmsg_row *row = &cmsg_rows[i];
		int error = type == SOCK_STREAM ? row->stream_error : row->packet_error;
		ssize_t n = msg_send_cmsg(fd, "xx", row->len, NULL, row->level, row->type,
					  &row->value, row->value_len);

		if (error)
			tap_errno(n, error, "%s: sendmsg: %s", name, row->what);
		else
			tap_eq(n, row->len, "%s: sendmsg: %s", name, row->what);
	}
	tap_errno(sendmsg(fd, &msg, MSG_NOSIGNAL), EINVAL,
		  "%s: sendmsg: control message shorter than its head", name);
}

static void test_connected(int type, const char *name)
{
	struct pair p = pair_open(type, type);
	struct sockaddr_chaos sa = pair_name(PAIR_B, "X");
	char c = 0;

	tap_errno(sendto(p.a, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&sa, sizeof(sa)), EISCONN,
		  "%s: sendto, connected", name);
	tap_errno(send(p.a, "x", 1, MSG_OOB), EOPNOTSUPP, "%s: send MSG_OOB", name);
	tap_errno(recv(p.a, &c, 1, MSG_OOB), EOPNOTSUPP, "%s: recv MSG_OOB", name);
	tap_errno(recv(p.a, &c, 1, MSG_DONTWAIT), EAGAIN, "%s: recv MSG_DONTWAIT", name);
	tap_errno(shutdown(p.a, 3), EINVAL, "%s: shutdown(3)", name);
	tap_errno(shutdown(p.a, -1), EINVAL, "%s: shutdown(-1)", name);
	tap_errno(send(p.a, BAD_POINTER, 5, 0), EFAULT, "%s: send, bad pointer", name);
	if (type == SOCK_SEQPACKET)
		tap_errno(send(p.a, big, sizeof(big), 0), EMSGSIZE, "%s: send 489 bytes", name);

	/* A failed recv() loses nothing. */
	send(p.b, "first", 5, 0);
	pair_poll(p.a, POLLIN, PAIR_PATIENCE);
	tap_errno(recv(p.a, BAD_POINTER, 5, 0), EFAULT, "%s: recv, bad pointer", name);
	tap_errno(recv(p.a, BAD_POINTER, 5, MSG_PEEK), EFAULT, "%s: peek, bad pointer", name);
	tap_ok(recv(p.a, big, 5, 0) == 5 && !memcmp(big, "first", 5),
	       "%s: what could not be copied is still there", name);
	test_cmsgs(p.b, type, name);
	pair_close(&p);
}

static void test_dgram(void)
{
	struct sockaddr_chaos strange = { .sch_family = AF_CHAOS };
	struct sockaddr_chaos sa = pair_name(PAIR_B, "STATUS");
	int fd = pair_socket(PAIR_A, SOCK_DGRAM), op = CHAOS_OP_DAT;
	struct sockaddr *to = (struct sockaddr *)&sa;
	socklen_t len = sizeof(sa);
	char c;

	tap_errno(send(fd, "x", 1, 0), EDESTADDRREQ, "dgram: send, not connected");
	tap_errno(recv(fd, &c, 1, MSG_DONTWAIT), EAGAIN, "dgram: recv MSG_DONTWAIT");
	tap_errno(getpeername(fd, to, &len), ENOTCONN, "dgram: getpeername, not connected");
	tap_errno(sendto(fd, "x", 1, MSG_OOB, to, len), EOPNOTSUPP, "dgram: send MSG_OOB");
	tap_errno(recv(fd, &c, 1, MSG_OOB), EOPNOTSUPP, "dgram: recv MSG_OOB");
	tap_errno(sendto(fd, big, CHAOS_DATA_MAX - 6, 0, to, len), EMSGSIZE,
		  "dgram: request of 489 bytes");
	tap_errno(sendto(fd, big, sizeof(big), 0, to, len), EMSGSIZE, "dgram: 489 arguments");
	tap_errno(sendto(fd, big, 100000, 0, to, len), EMSGSIZE, "dgram: 100000 arguments");
	tap_errno(sendto(fd, BAD_POINTER, 5, 0, to, len), EFAULT, "dgram: send, bad pointer");
	tap_errno(msg_send_cmsg(fd, "", 0, &sa, SOL_CHAOS, CHAOS_OPCODE, &op, 4), EINVAL,
		  "dgram: request with an opcode");
	tap_errno(msg_send_cmsg(fd, "", 0, &sa, SOL_CHAOS, CHAOS_TID, &op, 2), EINVAL,
		  "dgram: CHAOS_TID of 2 bytes");
	tap_errno(msg_send_cmsg(fd, "", 0, &sa, SOL_CHAOS, 99, &op, 4), EINVAL,
		  "dgram: unknown control message");
	sa.sch_index = 5;
	tap_errno(sendto(fd, "x", 1, 0, to, len), EINVAL, "dgram: contact and index");
	strange.sch_addr = PAIR_B;
	strange.sch_index = 5;
	to = (struct sockaddr *)&strange;
	tap_errno(sendto(fd, "x", 1, 0, to, len), ENOENT, "dgram: answer to an unknown request");
	tap_errno(sendto(fd, big, sizeof(big), 0, to, len), ENOENT,
		  "dgram: answer of 489 bytes to an unknown request");
	strange.sch_index = 0;
	tap_errno(sendto(fd, "x", 1, 0, to, len), EINVAL, "dgram: neither contact nor index");
	strange.sch_addr = 0;
	strange.sch_index = 5;
	tap_errno(sendto(fd, "x", 1, 0, to, len), EINVAL, "dgram: index without address");

	pair_connect(fd, PAIR_B, "STATUS");
	tap_errno(send(fd, big, CHAOS_DATA_MAX - 6, 0), EMSGSIZE,
		  "dgram: request of 489 bytes, connected");
	tap_errno(shutdown(fd, 3), EINVAL, "dgram: shutdown(3)");
	tap_eq(shutdown(fd, SHUT_WR), 0, "dgram: shutdown");
	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE, "dgram: send after shutdown");
	close(fd);
}

/* Answers are as long as packets, and only for requests that are there. */
static void test_dgram_answer(void)
{
	int server = pair_socket(PAIR_B, SOCK_DGRAM), other = pair_socket(PAIR_B, SOCK_DGRAM);
	int client = pair_socket(PAIR_A, SOCK_DGRAM);
	struct msg_got got;
	char buf[16];

	pair_bind(server, 0, "ASK");
	pair_connect(client, PAIR_B, "ASK");
	send(client, "what", 4, 0);
	msg_recv(server, buf, sizeof(buf), 0, &got);
	memset(got.from.sch_contact, 0, sizeof(got.from.sch_contact));
	tap_errno(sendto(server, big, sizeof(big), 0, (struct sockaddr *)&got.from, got.from_len),
		  EMSGSIZE, "dgram: answer of 489 bytes");
	tap_errno(sendto(server, BAD_POINTER, 5, 0, (struct sockaddr *)&got.from, got.from_len),
		  EFAULT, "dgram: answer, bad pointer");
	tap_errno(sendto(other, "x", 1, 0, (struct sockaddr *)&got.from, got.from_len), ENOENT,
		  "dgram: answer from a socket that was not asked");
	tap_eq(sendto(server, "x", 1, 0, (struct sockaddr *)&got.from, got.from_len), 1,
	       "dgram: the answer");
	tap_errno(sendto(server, "x", 1, 0, (struct sockaddr *)&got.from, got.from_len), ENOENT,
		  "dgram: answer again");
	pair_poll(client, POLLIN, PAIR_PATIENCE);
	tap_errno(recv(client, BAD_POINTER, 1, 0), EFAULT, "dgram: recv, bad pointer");
	close(server);
	close(client);
	close(other);
}

int main(void)
{
	size_t i;

	pair_setup();
	for (i = 0; i < ARRAY_SIZE(conn_types); i++) {
		test_unconnected(conn_types[i].type, conn_types[i].name);
		test_connected(conn_types[i].type, conn_types[i].name);
	}
	test_dgram();
	test_dgram_answer();
	return tap_done();
}
