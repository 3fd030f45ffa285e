// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that must fail, and with what: addresses, binding, listening, connecting. */
#define _GNU_SOURCE
#include "msg.h"
#include "pair.h"

/* Calls that take an address. */
enum { BIND, CONNECT, DGRAM_BIND, DGRAM_CONNECT, DGRAM_SENDTO, ADDRESS_CALLS };

static const char *const address_calls[] = {
	"bind", "connect", "bind of SOCK_DGRAM", "connect of SOCK_DGRAM", "sendto",
};

static int address_call(int call, const void *sa, socklen_t len)
{
	int type = call >= DGRAM_BIND ? SOCK_DGRAM : SOCK_STREAM;
	int result, error, fd = pair_socket(PAIR_A, type);

	switch (call) {
	case BIND:
	case DGRAM_BIND:
		result = bind(fd, sa, len);
		break;
	case DGRAM_SENDTO:
		result = sendto(fd, "", 0, 0, sa, len);
		break;
	default:
		result = connect(fd, sa, len);
	}
	error = errno;
	close(fd);
	errno = error;
	return result;
}

#define ALL(e)		{ e, e, e, e, e }
/* Right for bind(). */
#define NOT_BIND(e)	{ 0, e, 0, e, e }

static const struct address_row {
	const char *what;
	int len;			/* 0: sizeof(struct sockaddr_chaos) */
	struct sockaddr_chaos sa;
	int error[ADDRESS_CALLS];
} address_rows[] = {
	{ "length 7", 7, { AF_CHAOS, PAIR_B, 0, 0, "X" }, ALL(EINVAL) },
	{ "length 129", 129, { AF_CHAOS, PAIR_B, 0, 0, "X" }, ALL(EINVAL) },
	{ "AF_INET", 0, { 2, PAIR_B, 0, 0, "X" }, ALL(EAFNOSUPPORT) },
	{ "flags", 0, { AF_CHAOS, 0, 0, 1, "X" }, ALL(EINVAL) },
	{ "subnet 0", 0, { AF_CHAOS, 0001, 0, 0, "X" }, ALL(EINVAL) },
	{ "host 0", 0, { AF_CHAOS, 0400, 0, 0, "X" }, ALL(EINVAL) },
	{ "a control character", 0, { AF_CHAOS, PAIR_A, 0, 0, "A\001" }, ALL(EINVAL) },
	{ "a tab", 0, { AF_CHAOS, PAIR_A, 0, 0, "\tA" }, ALL(EINVAL) },
	{ "a newline", 0, { AF_CHAOS, PAIR_A, 0, 0, "A\n" }, ALL(EINVAL) },
	{ "DEL", 0, { AF_CHAOS, PAIR_A, 0, 0, "A\177" }, ALL(EINVAL) },
	{ "a byte over 0176", 0, { AF_CHAOS, PAIR_A, 0, 0, "\201A" }, ALL(EINVAL) },
	{ "a space first", 0, { AF_CHAOS, PAIR_A, 0, 0, " A" }, ALL(EINVAL) },
	{ "no contact", 0, { AF_CHAOS, PAIR_A, 0, 0, "" }, NOT_BIND(EINVAL) },
	{ "length 8, which is no contact", 8, { AF_CHAOS, PAIR_A, 0, 0, "X" }, NOT_BIND(EINVAL) },
	{ "no address", 0, { AF_CHAOS, 0, 0, 0, "X" }, NOT_BIND(EACCES) },
	{ "an index", 0, { AF_CHAOS, PAIR_A, 7, 0, "X" }, ALL(EINVAL) },
	{ "arguments", 0, { AF_CHAOS, PAIR_A, 0, 0, "X Y" },
	  { EINVAL, ECONNREFUSED, EINVAL, EINVAL, EINVAL } },
	{ "a space last", 0, { AF_CHAOS, PAIR_A, 0, 0, "X " },
	  { EINVAL, ECONNREFUSED, EINVAL, EINVAL, EINVAL } },
	{ "no address, no contact", 0, { AF_CHAOS, 0, 0, 0, "" }, NOT_BIND(EINVAL) },
	{ "neither contact nor index", 0, { AF_CHAOS, PAIR_B, 0, 0, "" },
	  { EADDRNOTAVAIL, EINVAL, EADDRNOTAVAIL, EINVAL, EINVAL } },
	{ "an address of another host", 0, { AF_CHAOS, PAIR_B, 0, 0, "X" },
	  { EADDRNOTAVAIL, ECONNREFUSED, EADDRNOTAVAIL, 0, 0 } },
	{ "an unreachable subnet", 0, { AF_CHAOS, 01001, 0, 0, "X" },
	  { EADDRNOTAVAIL, ENETUNREACH, EADDRNOTAVAIL, ENETUNREACH, ENETUNREACH } },
};

static void test_addresses(void)
{
	/* What is behind the longest address is not ours to read. */
	char room[256] = {};
	size_t i;
	int call;

	for (i = 0; i < ARRAY_SIZE(address_rows); i++) {
		const struct address_row *row = &address_rows[i];

		memcpy(room, &row->sa, sizeof(row->sa));
		for (call = 0; call < ADDRESS_CALLS; call++) {
			int result = address_call(call, room, row->len ?: (int)sizeof(row->sa));

			if (row->error[call])
				tap_errno(result, row->error[call], "%s: %s",
					  address_calls[call], row->what);
			else
				tap_eq(result, 0, "%s: %s", address_calls[call], row->what);
		}
	}
	for (call = 0; call < ADDRESS_CALLS; call++) {
		if (call != DGRAM_SENDTO)
			tap_errno(address_call(call, room, 0), EINVAL, "%s: length 0",
				  address_calls[call]);
		tap_errno(address_call(call, (void *)8, sizeof(struct sockaddr_chaos)), EFAULT,
			  "%s: bad pointer", address_calls[call]);
	}
}

static int try_socket(int type, int protocol)
{
	int fd = socket(AF_CHAOS, type, protocol);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static void test_socket(void)
{
	int fds[2];

	tap_errno(try_socket(SOCK_RDM, 0), ESOCKTNOSUPPORT, "socket: type SOCK_RDM");
	tap_errno(try_socket(SOCK_RAW, 0), ESOCKTNOSUPPORT, "socket: type SOCK_RAW");
	tap_errno(try_socket(SOCK_STREAM, 6), EPROTONOSUPPORT, "socket: protocol 6");
	tap_eq(try_socket(SOCK_STREAM, PF_CHAOS), 0, "socket: protocol PF_CHAOS");
	tap_errno(socketpair(AF_CHAOS, SOCK_STREAM, 0, fds), EOPNOTSUPP, "socketpair");
}

/* B has this address as well. */
#define SECOND 01002

static const struct claim_row {
	const char *what;
	struct claim {
		int type;
		unsigned int addr;
		const char *contact;
	} first, second;
	int error;
} claim_rows[] = {
	{ "the same contact", { SOCK_STREAM, 0, "FOO" }, { SOCK_STREAM, 0, "FOO" }, EADDRINUSE },
	{ "in another case", { SOCK_STREAM, 0, "Foo" }, { SOCK_STREAM, 0, "fOO" }, EADDRINUSE },
	{ "for another type", { SOCK_STREAM, 0, "FOO" }, { SOCK_DGRAM, 0, "FOO" }, EADDRINUSE },
	{ "for one address, taken for all", { SOCK_DGRAM, 0, "FOO" },
	  { SOCK_SEQPACKET, PAIR_B, "FOO" }, EADDRINUSE },
	{ "for all addresses, taken for one", { SOCK_STREAM, PAIR_B, "FOO" },
	  { SOCK_STREAM, 0, "FOO" }, EADDRINUSE },
	{ "for the same address", { SOCK_STREAM, SECOND, "FOO" },
	  { SOCK_STREAM, SECOND, "FOO" }, EADDRINUSE },
	{ "for another address", { SOCK_STREAM, PAIR_B, "FOO" },
	  { SOCK_STREAM, SECOND, "FOO" }, 0 },
	{ "a longer contact", { SOCK_STREAM, 0, "FOO" }, { SOCK_STREAM, 0, "FOOT" }, 0 },
	{ "STATUS", { SOCK_STREAM, 0, "FOO" }, { SOCK_DGRAM, 0, "STATUS" }, EADDRINUSE },
	{ "status", { SOCK_STREAM, 0, "FOO" }, { SOCK_STREAM, PAIR_B, "status" }, EADDRINUSE },
	{ "TIME", { SOCK_STREAM, 0, "FOO" }, { SOCK_DGRAM, 0, "TIME" }, EADDRINUSE },
	{ "UPTIME", { SOCK_STREAM, 0, "FOO" }, { SOCK_DGRAM, 0, "UPTIME" }, EADDRINUSE },
};

static void test_claims(void)
{
	size_t i;
	int a, b;

	for (i = 0; i < ARRAY_SIZE(claim_rows); i++) {
		const struct claim_row *row = &claim_rows[i];

		a = pair_socket(PAIR_B, row->first.type);
		b = pair_socket(PAIR_B, row->second.type);
		tap_eq(pair_bind(a, row->first.addr, row->first.contact), 0, "bind: %s (first)",
		       row->first.contact);
		if (row->error)
			tap_errno(pair_bind(b, row->second.addr, row->second.contact), row->error,
				  "bind: %s", row->what);
		else
			tap_eq(pair_bind(b, row->second.addr, row->second.contact), 0,
			       "bind: %s", row->what);
		close(a);
		if (row->error && strcasecmp(row->second.contact, row->first.contact) == 0)
			tap_eq(pair_bind(b, row->second.addr, row->second.contact), 0,
			       "bind: %s, free again", row->what);
		close(b);
	}
	a = pair_socket(PAIR_A, SOCK_STREAM);
	b = pair_socket(PAIR_B, SOCK_STREAM);
	tap_eq(pair_bind(a, 0, "FOO"), 0, "bind: on one host");
	tap_eq(pair_bind(b, 0, "FOO"), 0, "bind: and on another");
	close(a);
	tap_errno(pair_bind(b, 0, "BAR"), EINVAL, "bind: twice");
	close(b);
	b = pair_socket(PAIR_B, SOCK_STREAM);
	tap_eq(pair_bind(b, PAIR_B, ""), 0, "bind: an address");
	tap_errno(pair_bind(b, 0, "BAR"), EINVAL, "bind: then a contact");
	close(b);
}

/* Each of two claims for one contact gets the requests for its address. */
static void test_claimed_addresses(void)
{
	int first = pair_socket(PAIR_B, SOCK_STREAM), second = pair_socket(PAIR_B, SOCK_STREAM);
	int fd = pair_socket(PAIR_B, SOCK_STREAM), peer;

	pair_bind(first, PAIR_B, "FOO");
	pair_bind(second, SECOND, "FOO");
	listen(first, 1);
	listen(second, 1);
	pair_call(fd, second);
	tap_eq(pair_poll(second, POLLIN, PAIR_PATIENCE), POLLIN, "bind: called at its address");
	tap_eq(pair_poll(first, POLLIN, 0), 0, "bind: not called at another");
	peer = accept(second, NULL, NULL);
	tap_eq(pair_info(peer).ci_local_addr, SECOND, "accept: the address called");
	close(fd);
	close(peer);
	close(second);
	fd = pair_socket(PAIR_B, SOCK_STREAM);
	tap_errno(pair_connect(fd, SECOND, "FOO"), ECONNREFUSED, "connect: not at this address");
	close(fd);
	close(first);
}

static void test_listen(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int fd = pair_socket(PAIR_B, SOCK_STREAM);

	tap_errno(listen(fd, 5), EDESTADDRREQ, "listen: not bound");
	tap_errno(accept(fd, NULL, NULL), EINVAL, "accept: not bound");
	close(fd);

	tap_errno(listen(p.a, 5), EINVAL, "listen: connected");
	tap_errno(accept(p.b, NULL, NULL), EINVAL, "accept: connected");
	tap_errno(pair_bind(p.a, 0, "NEW"), EINVAL, "bind: connected");
	tap_errno(pair_bind(p.b, 0, "NEW"), EINVAL, "bind: accepted");
	pair_close(&p);

	fd = pair_socket(PAIR_B, SOCK_SEQPACKET);
	pair_bind(fd, 0, "BAR");
	tap_errno(accept(fd, NULL, NULL), EINVAL, "accept: bound, not listening");
	tap_eq(listen(fd, 5), 0, "listen");
	tap_eq(listen(fd, 1), 0, "listen: again");
	tap_errno(pair_connect(fd, PAIR_A, "X"), EOPNOTSUPP, "connect: listening");
	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), ENOTCONN, "send: listening");
	tap_errno(recv(fd, &fd, 1, 0), ENOTCONN, "recv: listening");
	pair_nonblock(fd, true);
	tap_errno(accept(fd, NULL, NULL), EAGAIN, "accept: non-blocking");
	pair_nonblock(fd, false);
	pair_timeout(fd, SO_RCVTIMEO, 50);
	tap_errno(accept(fd, NULL, NULL), EAGAIN, "accept: SO_RCVTIMEO");
	close(fd);

	fd = pair_socket(PAIR_B, SOCK_DGRAM);
	pair_bind(fd, 0, "BAR");
	tap_errno(listen(fd, 5), EOPNOTSUPP, "listen: SOCK_DGRAM");
	tap_errno(accept(fd, NULL, NULL), EOPNOTSUPP, "accept: SOCK_DGRAM");
	close(fd);
}

/* Connecting when that has been done, is being done, or has failed. */
static void test_connect(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 5), fd = pair_socket(PAIR_A, SOCK_STREAM);
	char rest[CHAOS_DATA_MAX] = {};
	int peer;

	pair_call(fd, server);
	pair_nonblock(fd, true);
	tap_errno(pair_connect(fd, PAIR_B, "OTHER"), EALREADY, "connect: while connecting");
	tap_errno(listen(fd, 1), EINVAL, "listen: while connecting");
	tap_errno(pair_bind(fd, 0, "OTHER"), EINVAL, "bind: while connecting");
	tap_errno(recv(fd, rest, 1, 0), ENOTCONN, "recv: while connecting");
	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), EAGAIN, "send: while connecting");
	tap_errno(getpeername(fd, (struct sockaddr *)rest, &(socklen_t){ sizeof(rest) }),
		  ENOTCONN, "getpeername: while connecting");
	tap_errno(shutdown(fd, SHUT_WR), ENOTCONN, "shutdown: while connecting");
	peer = accept(server, NULL, NULL);
	pair_poll(fd, POLLOUT, PAIR_PATIENCE);
	tap_eq(pair_connect(fd, PAIR_B, "OTHER"), 0, "connect: tells that the first one succeeded");
	tap_errno(pair_connect(fd, PAIR_B, "OTHER"), EISCONN, "connect: connected");
	tap_errno(pair_connect(peer, PAIR_A, "OTHER"), EISCONN, "connect: accepted");
	close(fd);
	close(peer);

	fd = pair_socket(PAIR_A, SOCK_STREAM);
	tap_errno(pair_connect(fd, PAIR_B, "TEST0"), ECONNREFUSED, "connect: refused");
	tap_ok(strstr(pair_reason(fd), "TEST0"), "connect: CHAOS_REASON: %s", pair_reason(fd));
	tap_eq(pair_error(fd), 0, "connect: SO_ERROR is 0 when it has said so");
	peer = pair_join(fd, server);
	tap_ok(peer >= 0, "connect: again after a failure");
	tap_eq(strlen(pair_reason(fd)), 0, "connect: CHAOS_REASON is empty again");
	close(peer);
	close(fd);

	fd = pair_socket(PAIR_A, SOCK_STREAM);
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, rest, CHAOS_DATA_MAX - 6);
	tap_errno(pair_connect(fd, PAIR_B, "TEST99"), EMSGSIZE, "connect: RFC of 489 bytes");
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, rest, CHAOS_DATA_MAX - 7);
	tap_errno(pair_connect(fd, PAIR_B, "TEST99"), ECONNREFUSED, "connect: RFC of 488 bytes");
	close(fd);
	close(server);
}

/* The server decides against it, or is not there. */
static void test_refused(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 5), fd = pair_socket(PAIR_A, SOCK_STREAM);
	int peer;

	pair_call(fd, server);
	pair_poll(server, POLLIN, PAIR_PATIENCE);
	tap_eq(pair_poll(fd, POLLIN | POLLOUT, 0), 0, "waiting for accept: nothing to poll");
	close(server);
	tap_eq(pair_poll(fd, POLLOUT, PAIR_PATIENCE), POLLOUT | POLLERR | POLLHUP,
	       "listener gone while connecting: poll");
	tap_eq(pair_error(fd), ECONNREFUSED, "listener gone while connecting: SO_ERROR");
	tap_eq(strcmp(pair_reason(fd), "Connection refused by server"), 0,
	       "listener gone while connecting: %s", pair_reason(fd));
	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), ENOTCONN, "send: after a refusal");
	tap_errno(recv(fd, &peer, 1, 0), ENOTCONN, "recv: after a refusal");

	/* SO_ERROR has told of the failure: this is a new connect(). */
	server = pair_listen(PAIR_B, SOCK_STREAM, 5);
	pair_call(fd, server);
	peer = accept(server, NULL, NULL);
	tap_ok(pair_poll(fd, POLLOUT, PAIR_PATIENCE) == POLLOUT,
	       "connect: again after SO_ERROR told of a failure");
	close(peer);
	close(fd);

	fd = pair_socket(PAIR_A, SOCK_STREAM);
	tap_errno(pair_connect(fd, PAIR_B, "TIME"), EPROTOTYPE,
		  "connect: to what answers simple transactions");
	close(fd);
	close(server);
}

/* As soon as poll() tells that a request has failed SO_ERROR knows why. */
static void test_refused_soon(void)
{
	enum { TIMES = 200 };
	unsigned int i, told;
	int fd, error;

	for (i = 0, told = 0; i < TIMES; i++) {
		fd = pair_socket(PAIR_A, SOCK_STREAM | SOCK_NONBLOCK);
		error = pair_connect(fd, PAIR_B, "NOBODY") ? errno : 0;
		while (error == EINPROGRESS)
			error = pair_poll(fd, POLLOUT, 0) ? pair_error(fd) : EINPROGRESS;
		told += error == ECONNREFUSED;
		close(fd);
	}
	tap_eq(told, TIMES, "refused: as soon as poll() tells SO_ERROR knows why");
}

/* No way to the host. */
static void test_unreachable(void)
{
	int fd = pair_socket(PAIR_A, SOCK_STREAM), dgram = pair_socket(PAIR_A, SOCK_DGRAM);
	char buf[1];

	/* ARP gives up after three seconds. */
	pair_connect(dgram, 0477, "X");
	send(dgram, "", 0, 0);
	tap_errno(pair_connect(fd, 0477, "X"), EHOSTUNREACH, "connect: host not there");
	tap_ok(strlen(pair_reason(fd)), "connect: host not there: %s", pair_reason(fd));
	tap_errno(recv(dgram, buf, 1, 0), EHOSTUNREACH, "transaction: host not there");
	tap_ok(strlen(pair_reason(dgram)), "transaction: host not there: %s", pair_reason(dgram));
	close(dgram);

	pair_enter(PAIR_A);
	netns_dev_up("eth0", false);
	tap_errno(pair_connect(fd, PAIR_B, "X"), ENETDOWN, "connect: link down");
	close(fd);
	netns_dev_up("eth0", true);

	netns_new();
	fd = socket(AF_CHAOS, SOCK_STREAM, 0);
	tap_errno(pair_connect(fd, PAIR_B, "X"), ENETUNREACH, "connect: no address here");
	close(fd);
}

static void second_address(void)
{
	pair_enter(PAIR_B);
	netns_must("ip link add dummy0 type dummy");
	netns_dev_up("dummy0", true);
	netns_host(pair_ns_b, "dummy0", SECOND, NULL);
}

int main(void)
{
	pair_setup();
	second_address();
	test_socket();
	test_addresses();
	test_claims();
	test_claimed_addresses();
	test_listen();
	test_connect();
	test_refused();
	test_refused_soon();
	test_unreachable();
	return tap_done();
}
