// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SOCK_DGRAM with CHAOSPROTO_UNC: foreign protocols in UNC packets that belong to
 * no connection (AIM 628 chapter 6).
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <sys/syscall.h>

#include "counters.h"
#include "inject.h"
#include "msg.h"
#include "pair.h"

#define STRANGER	0403	/* a host that is not there, or that we play */
#define INTERNET	0100000	/* acknowledgment field: the protocol */

static char buf[1000];

/* What recvmsg() told. */
struct unc_got {
	int flags, opcode;		/* opcode -1: no control message */
	long long number, ack, to;	/* likewise; @to: address and index */
	struct sockaddr_chaos from;
	socklen_t from_len;
};

static int make_socket(unsigned int host)
{
	int fd;

	pair_enter(host);
	fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, CHAOSPROTO_UNC);
	if (fd < 0)
		tap_bail("socket: %s", strerror(errno));
	return fd;
}

static int bind_to(int fd, unsigned int addr, unsigned int index)
{
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_index = index,
	};

	return bind(fd, (const struct sockaddr *)&sa, sizeof(sa));
}

static int connect_to(int fd, unsigned int addr, unsigned int index)
{
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_index = index,
	};

	return connect(fd, (const struct sockaddr *)&sa, sizeof(sa));
}

/* A channel with this index on a host, for all its addresses. */
static int make_channel(unsigned int host, unsigned int index)
{
	int fd = make_socket(host);

	if (bind_to(fd, 0, index))
		tap_bail("bind: %s", strerror(errno));
	return fd;
}

static struct sockaddr_chaos name_of(int fd)
{
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);

	memset(&sa, 0x5a, sizeof(sa));
	if (getsockname(fd, (struct sockaddr *)&sa, &len) || len != sizeof(sa))
		tap_bail("getsockname: %s", strerror(errno));
	return sa;
}

static unsigned int index_of(int fd)
{
	return name_of(fd).sch_index;
}

/* Is it exactly that address? */
static bool is_name(const struct sockaddr_chaos *sa, unsigned int addr, unsigned int index)
{
	const struct sockaddr_chaos want = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_index = index,
	};

	return !memcmp(sa, &want, sizeof(want));
}

static ssize_t send_to(int fd, unsigned int addr, unsigned int index, const void *data, size_t len)
{
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_index = index,
	};

	return sendto(fd, data, len, MSG_NOSIGNAL, (const struct sockaddr *)&sa, sizeof(sa));
}

/* Send with the two fields that are the program's. */
static ssize_t send_unc(int fd, unsigned int addr, unsigned int index, const void *data,
			size_t len, unsigned int number, unsigned int ack)
{
	const struct chaos_unc unc = { .cu_number = number, .cu_ack = ack };
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = addr, .sch_index = index,
	};

	return msg_send_cmsg(fd, data, len, addr ? &sa : NULL, SOL_CHAOS, CHAOS_UNC,
			     &unc, sizeof(unc));
}

static void got_cmsg(struct unc_got *got, struct cmsghdr *cmsg)
{
	struct chaos_dest dest;
	struct chaos_unc unc;

	if (cmsg->cmsg_level != SOL_CHAOS)
		return;
	switch (cmsg->cmsg_type) {
	case CHAOS_OPCODE:
		memcpy(&got->opcode, CMSG_DATA(cmsg), sizeof(got->opcode));
		break;
	case CHAOS_UNC:
		memcpy(&unc, CMSG_DATA(cmsg), sizeof(unc));
		got->number = unc.cu_number;
		got->ack = unc.cu_ack;
		break;
	case CHAOS_DEST:
		memcpy(&dest, CMSG_DATA(cmsg), sizeof(dest));
		got->to = dest.cd_addr << 16 | dest.cd_index;
	}
}

static ssize_t receive_some(int fd, size_t size, int flags, struct unc_got *got)
{
	union {
		char space[256];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { buf, size };
	struct msghdr msg = {
		.msg_name = &got->from, .msg_namelen = sizeof(got->from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t n;

	memset(got, 0, sizeof(*got));
	got->opcode = -1;
	got->number = -1;
	got->ack = -1;
	got->to = -1;
	n = recvmsg(fd, &msg, flags);
	if (n < 0)
		return n;
	got->flags = msg.msg_flags;
	got->from_len = msg.msg_namelen;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		got_cmsg(got, cmsg);
	return n;
}

/* What comes within our patience, or -1. */
static ssize_t receive(int fd, struct unc_got *got)
{
	if (!pair_poll(fd, POLLIN, PAIR_PATIENCE))
		return -1;
	return receive_some(fd, sizeof(buf), MSG_DONTWAIT, got);
}

static bool receive_text(int fd, const char *text, struct unc_got *got)
{
	return receive(fd, got) == (ssize_t)strlen(text) && !memcmp(buf, text, strlen(text));
}

static bool silent(int fd)
{
	return !pair_poll(fd, POLLIN, 100);
}

static void test_socket(void)
{
	int fd = make_socket(PAIR_A);

	tap_eq(pair_get_int(fd, SOL_SOCKET, SO_PROTOCOL), CHAOSPROTO_UNC, "SO_PROTOCOL");
	tap_eq(pair_get_int(fd, SOL_SOCKET, SO_TYPE), SOCK_DGRAM, "SO_TYPE");
	close(fd);
	tap_errno(socket(AF_CHAOS, SOCK_STREAM, CHAOSPROTO_UNC), EPROTONOSUPPORT,
		  "there are no streams of it");
	tap_errno(socket(AF_CHAOS, SOCK_SEQPACKET, CHAOSPROTO_UNC), EPROTONOSUPPORT,
		  "nor sequenced packets");
	tap_errno(socket(AF_CHAOS, SOCK_DGRAM, CHAOSPROTO_UNC + 1), EPROTONOSUPPORT,
		  "nor other protocols");
}

static const struct error_row {
	const char *what;
	struct sockaddr_chaos sa;
	int bind, connect, send;
} error_rows[] = {
	{ "AF_INET", { 2, PAIR_B, 7, 0, "" }, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT },
	{ "flags", { AF_CHAOS, PAIR_B, 7, 1, "" }, EINVAL, EINVAL, EINVAL },
	{ "subnet 0", { AF_CHAOS, 0001, 7, 0, "" }, EINVAL, EINVAL, EINVAL },
	{ "host 0", { AF_CHAOS, 0400, 7, 0, "" }, EINVAL, EINVAL, EINVAL },
	{ "a contact", { AF_CHAOS, PAIR_B, 7, 0, "X" }, EINVAL, EINVAL, EINVAL },
	{ "all hosts", { AF_CHAOS, 0, 7, 0, "" }, 0, EINVAL, EINVAL },
	{ "another host", { AF_CHAOS, PAIR_B, 7, 0, "" }, EADDRNOTAVAIL, 0, 0 },
	{ "an unreachable subnet", { AF_CHAOS, 01001, 7, 0, "" },
	  EADDRNOTAVAIL, ENETUNREACH, ENETUNREACH },
};

static int call_errno(int result)
{
	return result < 0 ? errno : 0;
}

static void test_addresses(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(error_rows); i++) {
		const struct error_row *row = &error_rows[i];
		const struct sockaddr *sa = (const struct sockaddr *)&row->sa;
		int fd = make_socket(PAIR_A);

		tap_eq(call_errno(bind(fd, sa, sizeof(row->sa))), row->bind, "bind: %s", row->what);
		close(fd);
		fd = make_socket(PAIR_A);
		tap_eq(call_errno(connect(fd, sa, sizeof(row->sa))), row->connect, "connect: %s",
		       row->what);
		close(fd);
		fd = make_socket(PAIR_A);
		tap_eq(call_errno(sendto(fd, "x", 1, 0, sa, sizeof(row->sa))), row->send,
		       "sendto: %s", row->what);
		close(fd);
	}
}

/* An index belongs to one connection or channel of the host. */
static void test_indices(void)
{
	enum { MANY = 50 };
	int fd = make_socket(PAIR_A), other = make_socket(PAIR_A), many[MANY], i, j, same = 0;
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct sockaddr_chaos sa = name_of(fd);

	tap_ok(is_name(&sa, 0, 0), "getsockname: no index yet");
	tap_eq(bind_to(fd, PAIR_A, 0x1234), 0, "bind to address and index");
	sa = name_of(fd);
	tap_ok(is_name(&sa, PAIR_A, 0x1234), "getsockname");
	tap_errno(bind_to(fd, PAIR_A, 0x1235), EINVAL, "bind again");
	tap_errno(bind_to(other, 0, 0x1234), EADDRINUSE, "bind another to the same index");
	tap_errno(bind_to(other, 0, pair_info(p.a).ci_local_index), EADDRINUSE,
		  "bind it to the index of a connection");
	tap_ok(!index_of(other), "it is not bound then");
	close(fd);
	tap_eq(bind_to(other, 0, 0x1234), 0, "an index that was closed can be chosen again");
	close(other);
	pair_close(&p);

	for (i = 0; i < MANY; i++) {
		many[i] = make_channel(PAIR_A, 0);
		for (j = 0; j <= i; j++)
			if (index_of(many[i]) == (j < i ? index_of(many[j]) : 0))
				same++;
	}
	tap_eq(same, 0, "%d indices that the kernel chooses differ", MANY);
	i = index_of(many[0]);
	close(many[0]);
	many[0] = make_socket(PAIR_A);
	tap_errno(bind_to(many[0], 0, i), EADDRINUSE, "they rest before they are used again");
	for (i = 0; i < MANY; i++)
		close(many[i]);

	fd = make_socket(PAIR_A);
	send_to(fd, PAIR_B, 1, "x", 1);
	i = index_of(fd);
	tap_ok(i, "sending chooses an index");
	send_to(fd, PAIR_B, 1, "x", 1);
	tap_eq(index_of(fd), i, "which stays");
	tap_errno(bind_to(fd, 0, 0x1234), EINVAL, "bind after sending");
	close(fd);
	fd = make_socket(PAIR_A);
	connect_to(fd, PAIR_B, 1);
	tap_ok(index_of(fd), "connecting chooses an index");
	close(fd);
}

/* The next UNC packet that A has sent is this one, byte by byte. */
static bool hear(int ear, unsigned int didx, unsigned int sidx, unsigned int number,
		 unsigned int ack, const char *data, size_t len)
{
	size_t padded = len + (len & 1);
	struct wire_frame f, want = { .len = WIRE_DATA + padded };

	if (!inject_hear(ear, CHAOS_OP_UNC, &f))
		return false;
	memcpy(want.bytes, f.bytes, WIRE_PKT);
	want.bytes[WIRE_OP] = CHAOS_OP_UNC;
	wire_put(&want, WIRE_COUNT, len);
	wire_put(&want, WIRE_DST, PAIR_B);
	wire_put(&want, WIRE_DIDX, didx);
	wire_put(&want, WIRE_SRC, PAIR_A);
	wire_put(&want, WIRE_SIDX, sidx);
	wire_put(&want, WIRE_NUM, number);
	wire_put(&want, WIRE_ACK, ack);
	memcpy(want.bytes + WIRE_DATA, data, len);
	if (f.len == want.len && !memcmp(f.bytes, want.bytes, f.len))
		return true;
	wire_show("sent", &f);
	wire_show("expected", &want);
	return false;
}

static void test_sending(void)
{
	const struct chaos_unc unc = { 1, 2 };
	char full[CHAOS_DATA_MAX + 1];
	int ear, fd = make_channel(PAIR_A, 0x1122), op = CHAOS_OP_DAT;

	memset(full, 'f', sizeof(full));
	pair_enter(PAIR_B);
	ear = wire_open("eth0");
	tap_eq(send_unc(fd, PAIR_B, 0x3344, "foreign", 7, 0x5566, INTERNET), 7, "send");
	tap_ok(hear(ear, 0x3344, 0x1122, 0x5566, INTERNET, "foreign", 7), "on the wire");
	tap_eq(send_to(fd, PAIR_B, 0, "xy", 2), 2, "without fields, to index 0");
	tap_ok(hear(ear, 0, 0x1122, 0, 0, "xy", 2), "on the wire: they are 0");
	tap_eq(send_unc(fd, PAIR_B, 0xffff, "", 0, 0xffff, 0xffff), 0, "no data");
	tap_ok(hear(ear, 0xffff, 0x1122, 0xffff, 0xffff, "", 0), "on the wire");
	tap_eq(send_to(fd, PAIR_B, 7, full, CHAOS_DATA_MAX), CHAOS_DATA_MAX, "488 bytes");
	tap_ok(hear(ear, 7, 0x1122, 0, 0, full, CHAOS_DATA_MAX), "on the wire");
	tap_errno(send_to(fd, PAIR_B, 7, full, CHAOS_DATA_MAX + 1), EMSGSIZE, "489 bytes");

	tap_errno(send(fd, "x", 1, 0), EDESTADDRREQ, "no address");
	tap_errno(msg_send_op(fd, op, "x", 1), EINVAL, "a control message of another kind");
	tap_errno(msg_send_cmsg(fd, "x", 1, NULL, SOL_CHAOS, CHAOS_UNC, &unc, 3), EINVAL,
		  "CHAOS_UNC of the wrong length");
	tap_errno(send(fd, "x", 1, MSG_OOB), EOPNOTSUPP, "MSG_OOB");
	tap_eq(connect_to(fd, PAIR_B, 0x77), 0, "connect");
	tap_eq(send_unc(fd, 0, 0, "con", 3, 8, 9), 3, "send without address");
	tap_ok(hear(ear, 0x77, 0x1122, 8, 9, "con", 3), "on the wire: to the peer");
	tap_eq(shutdown(fd, SHUT_WR), 0, "shutdown");
	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE, "then send");
	close(ear);
	close(fd);
}

static void test_receiving(void)
{
	struct inject_packet unc = {
		.op = CHAOS_OP_UNC, .num = 0x0102, .ack = 0140001, .text = "graphic tablet",
		.dst = PAIR_A, .didx = 0x1234, .src = PAIR_B, .sidx = 0x5678,
	};
	int fd = make_channel(PAIR_A, 0x1234), other = make_channel(PAIR_A, 0x4321);
	struct unc_got got;

	tap_eq(pair_poll(fd, POLLIN | POLLOUT, 0), POLLOUT, "poll: nothing received");
	inject(PAIR_B, &unc);
	tap_eq(pair_poll(fd, POLLIN, PAIR_PATIENCE), POLLIN, "poll: received");
	tap_eq(pair_ioctl(fd, SIOCINQ), 14, "SIOCINQ");
	tap_eq(pair_info(fd).ci_rcv_unread, 1, "CHAOS_INFO: unread");
	tap_ok(receive_some(fd, 7, MSG_PEEK, &got) == 7 && got.flags == MSG_TRUNC, "peek");
	tap_eq(receive_some(fd, 7, MSG_PEEK | MSG_TRUNC, &got), 14, "peek at the length");
	tap_ok(receive_text(fd, "graphic tablet", &got) && !got.flags, "read");
	tap_ok(got.from_len == sizeof(got.from) && is_name(&got.from, PAIR_B, 0x5678),
	       "address and index of the sender");
	tap_ok(got.number == 0x0102 && got.ack == 0140001, "CHAOS_UNC");
	tap_eq(got.opcode, CHAOS_OP_UNC, "CHAOS_OPCODE");
	tap_eq(got.to, -1, "no CHAOS_DEST: it is ours");
	tap_errno(recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN, "no more");
	tap_eq(pair_ioctl(fd, SIOCINQ), 0, "SIOCINQ: no more");

	unc = (struct inject_packet) {
		.op = CHAOS_OP_UNC, .text = "odd", .dst = PAIR_A, .didx = 0x1234,
		.src = STRANGER,
	};
	inject(PAIR_B, &unc);
	tap_ok(receive_text(fd, "odd", &got) && is_name(&got.from, STRANGER, 0) &&
	       !got.number && !got.ack, "from another host, with index 0, of odd length");
	unc.text = "";
	inject(PAIR_B, &unc);
	tap_ok(!receive(fd, &got) && is_name(&got.from, STRANGER, 0), "no data");
	unc.text = "the rest is lost";
	inject(PAIR_B, &unc);
	pair_poll(fd, POLLIN, PAIR_PATIENCE);
	tap_ok(receive_some(fd, 3, 0, &got) == 3 && got.flags == MSG_TRUNC, "a part");
	tap_errno(recv(fd, buf, 1, MSG_DONTWAIT), EAGAIN, "the rest is lost");
	tap_errno(recv(fd, buf, 1, MSG_ERRQUEUE | MSG_DONTWAIT), EOPNOTSUPP, "MSG_ERRQUEUE");
	tap_ok(silent(other), "the other channel has got none of it");
	tap_eq(pair_error(fd), 0, "SO_ERROR");

	pair_timeout(fd, SO_RCVTIMEO, 50);
	tap_errno(recv(fd, buf, 1, 0), EAGAIN, "SO_RCVTIMEO");
	tap_eq(shutdown(fd, SHUT_RD), 0, "shutdown");
	tap_eq(recv(fd, buf, 1, 0), 0, "then recv");
	close(other);
	close(fd);
}

static void test_exchange(void)
{
	int a = make_channel(PAIR_A, 0), b = make_channel(PAIR_B, 0x0b0b), self;
	struct unc_got got;

	send_unc(a, PAIR_B, 0x0b0b, "ping", 4, 1, INTERNET);
	tap_ok(receive_text(b, "ping", &got) && is_name(&got.from, PAIR_A, index_of(a)) &&
	       got.number == 1 && got.ack == INTERNET, "from socket to socket");
	send_unc(b, got.from.sch_addr, got.from.sch_index, "pong", 4, 2, INTERNET);
	tap_ok(receive_text(a, "pong", &got) && is_name(&got.from, PAIR_B, 0x0b0b) &&
	       got.number == 2, "and back");
	self = make_channel(PAIR_A, 0x0c0c);
	send_to(a, PAIR_A, 0x0c0c, "self", 4);
	tap_ok(receive_text(self, "self", &got) && is_name(&got.from, PAIR_A, index_of(a)),
	       "within the host");
	close(self);
	close(a);
	close(b);
}

/* Send from B, or in its name from another host, to index 0x1234 of A. */
static void send_from(unsigned int src, unsigned int sidx, unsigned int didx, const char *text)
{
	const struct inject_packet unc = {
		.op = CHAOS_OP_UNC, .text = text, .dst = PAIR_A, .didx = didx,
		.src = src, .sidx = sidx,
	};

	inject(PAIR_B, &unc);
}

/* What A has counted since the last call. */
static long long counted(const char *name)
{
	static struct counters before;
	struct counters now;
	long long diff;

	pair_enter(PAIR_A);
	counters_read(&now);
	diff = before.n ? *counters_of(&now, name) - *counters_of(&before, name) : 0;
	before = now;
	return diff;
}

/* Wait until A has counted so many since the last call of counted(). */
static bool wait_counted(const char *name, long long count)
{
	long long end = netns_now() + PAIR_PATIENCE;

	do {
		count -= counted(name);
		if (count <= 0)
			return !count;
		netns_sleep(10);
	} while (netns_now() < end);
	return false;
}

static void test_connected(void)
{
	const struct sockaddr_chaos none = { .sch_family = AF_UNSPEC };
	int fd = make_channel(PAIR_A, 0x1234);
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);
	struct unc_got got;

	tap_errno(getpeername(fd, (struct sockaddr *)&sa, &len), ENOTCONN, "getpeername: none");
	tap_eq(connect_to(fd, PAIR_B, 5), 0, "connect to host and index");
	tap_ok(!getpeername(fd, (struct sockaddr *)&sa, &len) && len == sizeof(sa) &&
	       is_name(&sa, PAIR_B, 5), "getpeername");
	counted("drop_wrong_source");
	send_from(PAIR_B, 6, 0x1234, "wrong index");
	send_from(STRANGER, 5, 0x1234, "wrong host");
	send_from(PAIR_B, 5, 0x1234, "right");
	tap_ok(receive_text(fd, "right", &got), "only the peer is heard");
	tap_ok(wait_counted("drop_wrong_source", 2), "others are counted");
	tap_ok(!send_unc(fd, STRANGER, 9, "", 0, 0, 0), "another address goes as well");
	tap_eq(connect_to(fd, PAIR_B, 0), 0, "connect to any index of the host");
	send_from(STRANGER, 5, 0x1234, "wrong host");
	send_from(PAIR_B, 6, 0x1234, "right");
	tap_ok(receive_text(fd, "right", &got), "only the host is heard");
	tap_eq(pair_info(fd).ci_peer_addr, PAIR_B, "CHAOS_INFO");
	tap_eq(connect(fd, (const struct sockaddr *)&none, sizeof(none)), 0, "connect AF_UNSPEC");
	send_from(STRANGER, 5, 0x1234, "all right");
	tap_ok(receive_text(fd, "all right", &got), "everybody is heard again");
	tap_errno(send(fd, "x", 1, 0), EDESTADDRREQ, "and there is no peer");
	close(fd);
}

/* What nobody has an index for. */
static void test_unclaimed(void)
{
	int fd = make_socket(PAIR_A), other, channel;
	struct unc_got got;
	struct pair p;

	tap_eq(listen(fd, 0), 0, "listen");
	tap_eq(listen(fd, 5), 0, "listen again");
	tap_ok(index_of(fd), "it has an index of its own");
	channel = make_channel(PAIR_A, 0x1234);
	send_from(PAIR_B, 1, 0x1234, "has an owner");
	send_from(PAIR_B, 2, 0x4321, "unclaimed");
	send_from(STRANGER, 3, 0, "to index 0");
	send_from(PAIR_B, 4, index_of(fd), "its own");
	tap_ok(receive_text(channel, "has an owner", &got), "a channel keeps its packets");
	tap_ok(receive_text(fd, "unclaimed", &got) && is_name(&got.from, PAIR_B, 2),
	       "others are received");
	tap_eq(got.to, PAIR_A << 16 | 0x4321, "CHAOS_DEST");
	tap_ok(receive_text(fd, "to index 0", &got) && got.to == PAIR_A << 16, "those to index 0");
	tap_ok(receive_text(fd, "its own", &got) && got.to == -1, "and those to its own index");

	other = make_socket(PAIR_A);
	tap_errno(listen(other, 0), EADDRINUSE, "there is only one");
	close(other);
	other = make_socket(PAIR_A);
	bind_to(other, PAIR_A, 0);
	tap_errno(listen(other, 0), EADDRINUSE, "also for one of the addresses");
	close(fd);
	tap_eq(listen(other, 0), 0, "unless it is gone");
	fd = make_socket(PAIR_A);
	tap_errno(listen(fd, 0), EADDRINUSE, "which then excludes one for all");
	send_from(PAIR_B, 2, 0x4321, "to the address");
	tap_ok(receive_text(other, "to the address", &got), "it receives");

	p = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
	send_from(STRANGER, 3, pair_info(p.a).ci_local_index, "aside");
	send_from(PAIR_B, pair_info(p.b).ci_local_index, pair_info(p.a).ci_local_index, "inside");
	tap_ok(pair_poll(p.a, POLLIN, PAIR_PATIENCE) && recv(p.a, buf, sizeof(buf), 0) == 6 &&
	       !memcmp(buf, "inside", 6), "UNC of a connection goes to it");
	tap_ok(silent(other) && silent(p.a), "and with its index from elsewhere to nobody");
	pair_close(&p);
	close(other);
	close(fd);

	counted("drop_no_foreign");
	send_from(PAIR_B, 2, 0x4321, "for nobody");
	send_from(PAIR_B, 2, 0x1234, "for somebody");
	tap_ok(receive_text(channel, "for somebody", &got), "without one, a channel receives");
	tap_ok(wait_counted("drop_no_foreign", 1), "and the unclaimed are counted");
	send_from(PAIR_B, 2, 0x4321, "for nobody");
	send_from(PAIR_B, 2, 0x1234, "for somebody");
	receive(channel, &got);
	tap_eq(counted("los_tx"), 0, "but not answered");
	close(channel);
}

/* Only packets for the address that the channel is bound to. */
static void test_bound_address(void)
{
	int fd = make_socket(PAIR_A), all;
	struct unc_got got;

	netns_must("ip link add other type dummy && ip link set other up");
	netns_must("chaosctl link add other");
	netns_must("chaosctl addr add %o dev other", 01001);
	tap_eq(bind_to(fd, 01001, 0x1234), 0, "bind to another address of ours");
	send_from(PAIR_B, 2, 0x1234, "to the other address");
	tap_ok(silent(fd), "packets for our first address are not for it");
	all = make_channel(PAIR_A, 0x4321);
	send_to(all, 01001, 0x1234, "come", 4);
	tap_ok(receive_text(fd, "come", &got) && is_name(&got.from, 01001, 0x4321),
	       "those for its own are, from the same");
	send_to(fd, PAIR_A, 0x4321, "go", 2);
	tap_ok(receive_text(all, "go", &got) && is_name(&got.from, 01001, 0x1234),
	       "what it sends comes from there");
	close(all);
	close(fd);
	pair_enter(PAIR_A);
	netns_must("ip link del other");
}

/* Run something in a process of its own; errno of its listen(). */
static int errno_of(void (*prepare)(void))
{
	pid_t pid = fork();
	int status, fd;

	if (!pid) {
		prepare();
		fd = socket(AF_CHAOS, SOCK_DGRAM, CHAOSPROTO_UNC);
		if (fd < 0 || bind_to(fd, 0, 0x2222))
			_exit(255);
		_exit(call_errno(listen(fd, 0)));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		tap_bail("a child process failed");
	return WEXITSTATUS(status);
}

static void drop_capability(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		_exit(254);
	data[0].effective &= ~(1u << CAP_NET_BIND_SERVICE);
	data[0].permitted &= ~(1u << CAP_NET_BIND_SERVICE);
	if (syscall(SYS_capset, &head, data))
		_exit(254);
}

static void keep_capability(void)
{
}

static void enter_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER))
		_exit(254);
}

static void enter_both_namespaces(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		_exit(254);
}

static void test_capability(void)
{
	pair_enter(PAIR_A);
	tap_eq(errno_of(keep_capability), 0, "CAP_NET_BIND_SERVICE: listen with it");
	tap_eq(errno_of(drop_capability), EACCES, "listen without it");
	tap_eq(errno_of(enter_user_namespace), EACCES, "with that of another user namespace");
	tap_eq(errno_of(enter_both_namespaces), 0, "in a network namespace of one's own");
}

static void test_overflow(void)
{
	enum { MANY = 100 };
	int fd = make_channel(PAIR_A, 0x1234), from = make_channel(PAIR_B, 0), i, n = 0;
	long long dropped, delivered, end;
	struct counters before, after;

	pair_set_int(fd, SOL_SOCKET, SO_RCVBUF, 0);
	pair_enter(PAIR_A);
	counters_read(&before);
	for (i = 0; i < MANY; i++)
		send_to(from, PAIR_A, 0x1234, "stone", 5);
	end = netns_now() + PAIR_PATIENCE;
	do {
		netns_sleep(10);
		counters_read(&after);
		delivered = *counters_of(&after, "delivered") - *counters_of(&before, "delivered");
	} while (delivered < MANY && netns_now() < end);
	dropped = *counters_of(&after, "drop_backlog") - *counters_of(&before, "drop_backlog");
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) == 5)
		n++;
	tap_ok(n > 0 && dropped > 0, "receive buffer: room for %d packets", n);
	tap_eq(n + dropped, MANY, "the others are counted");
	send_to(from, PAIR_A, 0x1234, "again", 5);
	tap_ok(pair_poll(fd, POLLIN, PAIR_PATIENCE), "room again");
	close(from);
	close(fd);
}

/* Packets that wait for a host's hardware address fill the send buffer. */
static void test_send_buffer(void)
{
	int fd = make_channel(PAIR_A, 0), sent = 0;
	long long end;

	pair_set_int(fd, SOL_SOCKET, SO_SNDBUF, 0);
	while (sent < 1000 && send_to(fd, STRANGER, 7, "x", 1) == 1 && pair_ioctl(fd, SIOCOUTQ))
		sent++;
	tap_ok(sent < 1000, "send buffer: %d packets", sent);
	end = netns_now() + PAIR_PATIENCE;
	while (pair_ioctl(fd, SIOCOUTQ) && netns_now() < end)
		netns_sleep(20);
	tap_ok(pair_poll(fd, POLLOUT, PAIR_PATIENCE) & POLLOUT && !pair_ioctl(fd, SIOCOUTQ),
	       "it empties when the host is not there");
	tap_eq(pair_error(fd), 0, "which is no error");
	close(fd);
}

static void test_options(void)
{
	int fd = make_channel(PAIR_A, 0x1234), value = 1;
	socklen_t len = sizeof(value);
	struct chaos_info info;
	char output[NETNS_OUTPUT];

	connect_to(fd, PAIR_B, 0x4321);
	info = pair_info(fd);
	tap_ok(info.ci_state == CHAOS_FOREIGN && !info.ci_local_addr &&
	       info.ci_local_index == 0x1234 && info.ci_peer_addr == PAIR_B &&
	       info.ci_peer_index == 0x4321, "CHAOS_INFO");
	tap_errno(pair_set_int(fd, SOL_CHAOS, CHAOS_WINDOW, 5), ENOPROTOOPT, "other options: set");
	tap_errno(getsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &value, &len), ENOPROTOOPT, "get");
	tap_errno(accept(fd, NULL, NULL), EOPNOTSUPP, "accept");
	pair_enter(PAIR_A);
	tap_ok(!netns_run(output, "chaosctl conn | grep ^foreign") &&
	       strstr(output, "*:1234") && strstr(output, "402:4321") && strstr(output, "dgram"),
	       "chaosctl conn");
	close(fd);
	tap_ok(pair_wait_conns(PAIR_A, 0), "chaosctl conn: closed");
}

/* Channels that come and go while packets for them arrive. */
static void test_close_under_load(void)
{
	int from = make_channel(PAIR_B, 0), fd, i, failed = 0;
	cpu_set_t all;
	pid_t pid;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	pid = fork();
	if (!pid) {
		for (;;) {
			send_to(from, PAIR_A, 0x1234, "load", 4);
			send_to(from, PAIR_A, 0x4321, "load", 4);
		}
	}
	for (i = 0; i < 300; i++) {
		fd = make_socket(PAIR_A);
		if (bind_to(fd, 0, 0x1234) || (i % 2 && listen(fd, 0)) ||
		    (i % 3 && !pair_poll(fd, POLLIN, PAIR_PATIENCE)))
			failed++;
		close(fd);
	}
	tap_eq(failed, 0, "channels are opened and closed under load");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(from);
}

int main(void)
{
	netns_stay();
	pair_setup();
	test_socket();
	test_addresses();
	test_indices();
	test_sending();
	test_receiving();
	test_exchange();
	test_connected();
	test_unclaimed();
	test_bound_address();
	test_capability();
	test_overflow();
	test_send_buffer();
	test_options();
	test_close_under_load();
	return tap_done();
}
