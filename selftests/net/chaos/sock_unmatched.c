// SPDX-License-Identifier: GPL-2.0-or-later
/* The empty contact: a server for requests that nobody else serves. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <sys/syscall.h>

#include "msg.h"
#include "watch.h"

static char buf[600];

/* A server of B for what nobody has claimed, or for a contact. */
static int serve(int type, const char *contact)
{
	int fd = pair_socket(PAIR_B, type);

	if (pair_bind(fd, 0, contact) || listen(fd, 8))
		tap_bail("server for '%s': %s", contact, strerror(errno));
	return fd;
}

/* How connecting ended: 0 or an errno. */
static int outcome(int fd)
{
	if (!pair_poll(fd, POLLOUT, PAIR_PATIENCE))
		return EINPROGRESS;
	return pair_error(fd);
}

/* What becomes of a call that no server takes: 0 or an errno. */
static int try_call(const char *target)
{
	int fd = pair_socket(PAIR_A, SOCK_STREAM), error;

	pair_send_once(fd);
	error = pair_connect(fd, PAIR_B, target) ? errno : 0;
	close(fd);
	return error;
}

/* The RFC as the server has it. */
static bool rfc_is(int fd, const char *text)
{
	socklen_t len = sizeof(buf);

	return !getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, buf, &len) && len == strlen(text) &&
	       !memcmp(buf, text, len);
}

/* A name is that of a host, its connection and a contact. */
static bool name_is(const struct sockaddr_chaos *sa, socklen_t len, unsigned int addr,
		    unsigned int index, const char *contact)
{
	struct sockaddr_chaos want = pair_name(addr, contact);

	want.sch_index = index;
	return len == sizeof(want) && !memcmp(sa, &want, sizeof(want));
}

/* Without the privilege. */
static int listen_unprivileged(int fd)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct had[2], data[2];
	int result, error;

	if (syscall(SYS_capget, &head, had))
		tap_bail("capget: %s", strerror(errno));
	memcpy(data, had, sizeof(data));
	data[0].effective &= ~(1u << CAP_NET_BIND_SERVICE);
	if (syscall(SYS_capset, &head, data))
		tap_bail("capset: %s", strerror(errno));
	result = listen(fd, 1);
	error = errno;
	if (syscall(SYS_capset, &head, had))
		tap_bail("capset: %s", strerror(errno));
	errno = error;
	return result;
}

static void test_listen(void)
{
	int fd = pair_socket(PAIR_B, SOCK_STREAM), other = pair_socket(PAIR_B, SOCK_SEQPACKET);
	int named = pair_socket(PAIR_B, SOCK_STREAM), elsewhere = pair_socket(PAIR_A, SOCK_STREAM);

	tap_errno(listen(fd, 1), EDESTADDRREQ, "listen: not bound");
	tap_eq(pair_bind(fd, 0, ""), 0, "listen: bind without a contact");
	tap_errno(listen_unprivileged(fd), EACCES, "listen: without the privilege");
	tap_eq(try_call("HELLO"), ECONNREFUSED, "listen: has had no effect");
	tap_eq(listen(fd, 1), 0, "listen: with it");
	tap_eq(listen_unprivileged(fd), 0, "listen: again, for another backlog");
	tap_eq(pair_info(fd).ci_state, CHAOS_LISTENING, "listen: state");
	pair_bind(other, PAIR_B, "");
	tap_errno(listen(other, 1), EADDRINUSE, "listen: a second one");
	tap_eq(pair_info(other).ci_state, CHAOS_CLOSED, "listen: its state");
	pair_bind(named, 0, "NAMED");
	tap_eq(listen_unprivileged(named), 0, "listen: contacts need no privilege");
	pair_bind(elsewhere, 0, "");
	tap_eq(listen(elsewhere, 1), 0, "listen: one for another namespace");
	close(fd);
	tap_eq(listen(other, 1), 0, "listen: the second one when the first has gone");
	fd = pair_socket(PAIR_B, SOCK_STREAM);
	pair_bind(fd, 0, "");
	tap_errno(listen(fd, 1), EADDRINUSE, "listen: for all addresses, behind one for ours");
	close(fd);
	close(other);
	close(named);
	close(elsewhere);
}

/* Requests that are nobody's, and how they look. */
static const struct request_row {
	const char *what, *target, *contact;
} request_rows[] = {
	{ "a contact", "HELLO", "HELLO" },
	{ "with arguments", "HELLO and more", "HELLO" },
	{ "in lower case", "hello", "hello" },
	{ "with an argument of nothing", "HELLO ", "HELLO" },
	{ "the same in one byte", "H", "H" },
	{ "longer than one claimed", "TAKENNOT", "TAKENNOT" },
	{ "shorter than one claimed", "TAKE", "TAKE" },
};

static void test_request(int server, const struct request_row *row)
{
	int client = pair_begin_call(row->target), fd = pair_take(server);
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);

	tap_ok(rfc_is(fd, row->target), "%s: CHAOS_RFC_DATA is %s", row->what, row->target);
	tap_eq(outcome(client), 0, "%s: connected", row->what);
	tap_ok(!getpeername(fd, (struct sockaddr *)&sa, &len) &&
	       name_is(&sa, len, PAIR_A, pair_info(client).ci_local_index, row->contact),
	       "%s: getpeername tells who, and the contact", row->what);
	len = sizeof(sa);
	tap_ok(!getsockname(fd, (struct sockaddr *)&sa, &len) &&
	       name_is(&sa, len, PAIR_B, pair_info(client).ci_peer_index, ""),
	       "%s: getsockname tells who we are", row->what);
	len = sizeof(sa);
	tap_ok(!getpeername(client, (struct sockaddr *)&sa, &len) &&
	       name_is(&sa, len, PAIR_B, pair_info(client).ci_peer_index, row->contact),
	       "%s: the caller's getpeername", row->what);
	tap_ok(send(client, "question", 8, 0) == 8 && recv(fd, buf, 100, 0) == 8 &&
	       send(fd, "answer", 6, 0) == 6 && pair_poll(client, POLLIN, PAIR_PATIENCE) &&
	       recv(client, buf, 100, 0) == 6, "%s: data flows", row->what);
	close(fd);
	close(client);
}

/* What others have claimed is theirs. */
static void test_claimed(int server)
{
	int taken = serve(SOCK_STREAM, "TAKEN"), bound = pair_socket(PAIR_B, SOCK_STREAM);
	int simple = pair_socket(PAIR_B, SOCK_DGRAM), client, fd;
	struct sockaddr_chaos to = pair_name(PAIR_B, "SIMPLE");
	struct msg_got got;

	client = pair_begin_call("taken by us");
	fd = pair_take(taken);
	tap_eq(outcome(client), 0, "claimed: its server has it");
	close(fd);
	close(client);

	pair_bind(bound, 0, "BOUND");
	tap_eq(try_call("BOUND"), ECONNREFUSED, "claimed: bound, not listening yet");

	pair_bind(simple, 0, "SIMPLE");
	client = pair_socket(PAIR_A, SOCK_DGRAM);
	sendto(client, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	tap_ok(pair_poll(simple, POLLIN, PAIR_PATIENCE) &&
	       msg_recv(simple, buf, 100, 0, &got) == 1, "claimed: by a datagram socket");
	close(client);
	close(simple);

	tap_eq(try_call("STATUS"), EPROTOTYPE, "claimed: STATUS by the kernel");
	tap_eq(try_call("TIME"), EPROTOTYPE, "claimed: TIME by the kernel");
	tap_eq(try_call("UPTIME"), EPROTOTYPE, "claimed: UPTIME by the kernel");
	tap_eq(pair_poll(server, POLLIN, 100), 0, "claimed: nothing of this is for others");

	close(taken);
	client = pair_begin_call("TAKEN");
	fd = pair_take(server);
	tap_eq(outcome(client), 0, "claimed: given up");
	close(fd);
	close(client);
	close(bound);
}

/* Its program decides, as any server can. */
static void test_decide(int server)
{
	const struct sockaddr_chaos to = pair_name(PAIR_B, "OTHER");
	struct sockaddr_chaos ask = pair_name(PAIR_B, "QUESTION");
	int client, fd, other;

	pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 1);
	client = pair_begin_call_once("SOMETHING");
	fd = pair_take(server);
	setsockopt(fd, SOL_CHAOS, CHAOS_REJECT, "Not that", 8);
	tap_eq(outcome(client), ECONNREFUSED, "decide: refuse");
	tap_ok(!strcmp(pair_reason(client), "Not that"), "decide: reason: %s",
	       pair_reason(client));
	close(fd);
	close(client);

	client = pair_socket(PAIR_A, SOCK_DGRAM);
	pair_send_once(client);
	sendto(client, "x", 1, 0, (struct sockaddr *)&ask, sizeof(ask));
	fd = pair_take(server);
	tap_ok(rfc_is(fd, "QUESTION x"), "decide: a simple transaction");
	setsockopt(fd, SOL_CHAOS, CHAOS_ANSWER, "yes", 3);
	tap_ok(pair_poll(client, POLLIN, PAIR_PATIENCE) && recv(client, buf, 100, 0) == 3,
	       "decide: answer");
	close(fd);
	close(client);

	other = serve(SOCK_STREAM, "OTHER");
	client = pair_socket(PAIR_A, SOCK_STREAM);
	pair_set_int(client, SOL_CHAOS, CHAOS_FOLLOW, 1);
	pair_send_once(client);
	pair_nonblock(client, true);
	pair_connect(client, PAIR_B, "SOMETHING");
	fd = pair_take(server);
	setsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &to, sizeof(to));
	close(fd);
	close(pair_take(other));
	tap_ok(1, "decide: forward to a server that is there");
	close(client);
	close(other);
	pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 0);
}

/* Packets that no socket of ours sends. */
static void test_strange(int server)
{
	static const struct {
		const char *what, *text;
		bool taken;
	} rows[] = {
		{ "no contact", "", false },
		{ "a contact that begins with a space", " HELLO", false },
		{ "a contact with a control character", "HEL\201LO", false },
		{ "a contact", "HELLO", true },
	};
	struct inject_packet rfc = {
		.op = CHAOS_OP_RFC, .dst = PAIR_B, .src = PAIR_A, .sidx = 0x7700,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rfc.text = rows[i].text;
		rfc.sidx++;
		inject(PAIR_A, &rfc);
		tap_eq(!!pair_poll(server, POLLIN, rows[i].taken ? PAIR_PATIENCE : 100),
		       rows[i].taken, "strange: %s", rows[i].what);
	}
	/* A duplicate of what waits is nothing new. */
	inject(PAIR_A, &rfc);
	close(pair_take(server));
	tap_eq(pair_poll(server, POLLIN, 100), 0, "strange: a duplicate");
}

/* A broadcast for what nobody serves comes, too. */
static void test_broadcast(int server)
{
	uint8_t subnets[32] = { 1 << 1 };
	int client = pair_socket(PAIR_A, SOCK_STREAM), fd;

	pair_set_int(client, SOL_SOCKET, SO_BROADCAST, 1);
	setsockopt(client, SOL_CHAOS, CHAOS_SUBNETS, subnets, sizeof(subnets));
	pair_nonblock(client, true);
	pair_connect(client, 0, "ANYBODY there");
	fd = pair_take(server);
	tap_ok(rfc_is(fd, "ANYBODY there"), "broadcast: arrives");
	tap_eq(outcome(client), 0, "broadcast: connected");
	close(fd);
	close(client);
}

/* Who waits for accept() when the server goes is refused, and who comes later. */
static void test_close(int server)
{
	int client = pair_begin_call("HELLO");

	pair_poll(server, POLLIN, PAIR_PATIENCE);
	close(server);
	tap_eq(outcome(client), ECONNREFUSED, "closed: who waits");
	close(client);
	client = pair_socket(PAIR_A, SOCK_STREAM);
	tap_errno(pair_connect(client, PAIR_B, "HELLO"), ECONNREFUSED,
		  "closed: who comes later");
	tap_ok(!strcmp(pair_reason(client), "No server for contact name HELLO"),
	       "closed: reason: %s", pair_reason(client));
	close(client);
}

int main(void)
{
	int server, taken;
	size_t i;

	pair_setup();
	test_listen();
	server = serve(SOCK_STREAM, "");
	taken = serve(SOCK_STREAM, "TAKEN");
	for (i = 0; i < ARRAY_SIZE(request_rows); i++)
		test_request(server, &request_rows[i]);
	close(taken);
	test_claimed(server);
	test_decide(server);
	test_strange(server);
	test_broadcast(server);
	test_close(server);
	tap_ok(pair_wait_no_conns(), "nothing is left of all these");
	return tap_done();
}
