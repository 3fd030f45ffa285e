// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers that send a caller elsewhere (FWD), and CHAOS_FOLLOW. */
#define _GNU_SOURCE
#include <pthread.h>

#include "msg.h"
#include "watch.h"

#define MAX_HOPS	16

static char buf[600];

/* A server for a contact, which decides about each RFC. */
static int serve(unsigned int host, int type, const char *contact)
{
	int fd = pair_socket(host, type);

	if (pair_bind(fd, 0, contact) || listen(fd, 4) ||
	    pair_set_int(fd, SOL_CHAOS, CHAOS_DEFER, 1))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

static void forward(int server, unsigned int host, const char *contact)
{
	struct sockaddr_chaos to = pair_name(host, contact);
	int fd = pair_take(server);

	if (setsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &to, sizeof(to)))
		tap_bail("CHAOS_FORWARD: %s", strerror(errno));
	close(fd);
}

static int open_call(int server)
{
	int fd = pair_take(server);

	if (setsockopt(fd, SOL_CHAOS, CHAOS_OPEN, NULL, 0))
		tap_bail("CHAOS_OPEN: %s", strerror(errno));
	return fd;
}

/* Begin to connect from A to B. */
static int call(int type, const char *target, int hops)
{
	int fd = pair_socket(PAIR_A, type);

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_FOLLOW, hops))
		tap_bail("CHAOS_FOLLOW: %s", strerror(errno));
	pair_send_once(fd);
	pair_nonblock(fd, true);
	if (!pair_connect(fd, PAIR_B, target) || errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
	pair_nonblock(fd, false);
	return fd;
}

/* How connecting ended: 0 or an errno. */
static int outcome(int fd)
{
	if (!pair_poll(fd, POLLOUT, PAIR_PATIENCE))
		return EINPROGRESS;
	return pair_error(fd);
}

/* CHAOS_FORWARD, which must be this. */
static bool forwarded_to(int fd, unsigned int host, const char *contact)
{
	struct sockaddr_chaos sa = {}, want = pair_name(host, contact);
	socklen_t len = sizeof(sa);

	if (getsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, &len))
		return false;
	return len == sizeof(sa) && !memcmp(&sa, &want, sizeof(sa));
}

/* The RFC as the server has it. */
static bool rfc_is(int fd, const char *text)
{
	socklen_t len = sizeof(buf);

	return !getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, buf, &len) && len == strlen(text) &&
	       !memcmp(buf, text, len);
}

static void test_not_followed(void)
{
	int server = serve(PAIR_B, SOCK_STREAM, "ONE"), fd = call(SOCK_STREAM, "ONE", 0);
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);

	tap_errno(getsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, &len), ENODATA,
		  "nobody sends us anywhere yet");
	forward(server, 0403, "ELSEWHERE and more");
	tap_eq(outcome(fd), EREMCHG, "not followed");
	tap_ok(forwarded_to(fd, 0403, "ELSEWHERE and more"), "where the service is");
	tap_ok(!strcmp(pair_reason(fd), "ELSEWHERE and more"), "the same as text");
	len = sizeof(sa) / 2;
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, &len) && len == sizeof(sa) / 2,
	       "with less room, less of it");

	/* The socket can be used again, by the program's own choice. */
	pair_nonblock(fd, true);
	pair_connect(fd, PAIR_B, "ONE");
	close(pair_take(server));
	tap_eq(outcome(fd), ECONNREFUSED, "the next request, refused");
	tap_errno(getsockopt(fd, SOL_CHAOS, CHAOS_FORWARD, &sa, &len), ENODATA,
		  "and the FWD before is forgotten");
	close(fd);
	close(server);
}

static void test_option(void)
{
	static const struct {
		int value, error;
	} rows[] = {
		{ -1, EINVAL }, { 0, 0 }, { 1, 0 }, { MAX_HOPS, 0 }, { MAX_HOPS + 1, EINVAL },
	};
	int fd = pair_socket(PAIR_A, SOCK_STREAM);
	size_t i;

	tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_FOLLOW), 0, "CHAOS_FOLLOW: by default not");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int result = pair_set_int(fd, SOL_CHAOS, CHAOS_FOLLOW, rows[i].value);

		if (rows[i].error)
			tap_errno(result, rows[i].error, "CHAOS_FOLLOW: %d", rows[i].value);
		else
			tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_FOLLOW), rows[i].value,
			       "CHAOS_FOLLOW: %d", rows[i].value);
	}
	close(fd);
}

/* What is asked for in the end: the FWD's contact, with its arguments or ours. */
static const struct follow_row {
	const char *what;
	int type;
	unsigned int host;
	const char *asked, *forward, *rfc;
} follow_rows[] = {
	{ "to another contact", SOCK_STREAM, PAIR_B, "ONE", "TWO", "TWO" },
	{ "to another host", SOCK_STREAM, PAIR_A, "ONE", "TWO", "TWO" },
	{ "to another host, the same contact", SOCK_STREAM, PAIR_A, "ONE", "ONE", "ONE" },
	{ "with arguments", SOCK_STREAM, PAIR_B, "ONE of us", "TWO", "TWO of us" },
	{ "arguments of a space", SOCK_STREAM, PAIR_B, "ONE ", "TWO", "TWO " },
	{ "with arguments of the server", SOCK_STREAM, PAIR_B, "ONE", "TWO for me", "TWO for me" },
	{ "with arguments of both", SOCK_STREAM, PAIR_B, "ONE of us", "TWO for me", "TWO for me" },
	{ "packets", SOCK_SEQPACKET, PAIR_B, "ONE x", "TWO", "TWO x" },
};

static void test_follow(const struct follow_row *row)
{
	bool same = !strcmp(row->forward, "ONE");
	int one = serve(PAIR_B, row->type, "ONE");
	int two = serve(row->host, row->type, same ? "ONE" : "TWO");
	int client = call(row->type, row->asked, 1), fd;
	size_t contact_len = strcspn(row->rfc, " ");
	struct sockaddr_chaos sa = {}, want;
	socklen_t len = sizeof(sa);

	forward(one, row->host, row->forward);
	fd = pair_take(two);
	tap_ok(rfc_is(fd, row->rfc), "followed %s: asks for %s", row->what, row->rfc);
	tap_eq(pair_poll(client, POLLIN | POLLOUT, 100), 0, "followed %s: is not connected yet",
	       row->what);
	pair_nonblock(client, true);
	tap_errno(pair_connect(client, PAIR_B, "ONE"), EALREADY, "followed %s: is connecting",
		  row->what);
	pair_nonblock(client, false);
	setsockopt(fd, SOL_CHAOS, CHAOS_OPEN, NULL, 0);
	tap_eq(outcome(client), 0, "followed %s: is connected", row->what);
	send(fd, "hello", 5, 0);
	tap_ok(recv(client, buf, sizeof(buf), 0) == 5 && !memcmp(buf, "hello", 5),
	       "followed %s: data flows", row->what);
	want = pair_name(row->host, "");
	want.sch_index = pair_info(client).ci_peer_index;
	memcpy(want.sch_contact, row->rfc, contact_len);
	getpeername(client, (struct sockaddr *)&sa, &len);
	if (!tap_ok(!memcmp(&sa, &want, sizeof(sa)), "followed %s: the peer's name", row->what))
		tap_diag("%o %u %s", sa.sch_addr, sa.sch_index, sa.sch_contact);
	close(fd);
	close(client);
	close(one);
	close(two);
}

static void test_no_circles(void)
{
	int one = serve(PAIR_B, SOCK_STREAM, "ONE"), two = serve(PAIR_B, SOCK_STREAM, "TWO");
	int client = call(SOCK_STREAM, "ONE", MAX_HOPS);

	forward(one, PAIR_B, "ONE");
	tap_eq(outcome(client), ELOOP, "to itself");
	tap_ok(forwarded_to(client, PAIR_B, "ONE"), "to itself: it is told");
	close(client);

	client = call(SOCK_STREAM, "ONE x", MAX_HOPS);
	forward(one, PAIR_B, "TWO");
	forward(two, PAIR_B, "one y");
	tap_eq(outcome(client), ELOOP, "in a circle, with other arguments and in lower case");
	close(client);

	client = call(SOCK_STREAM, "ONE", 1);
	forward(one, PAIR_B, "TWO");
	forward(two, PAIR_B, "THREE");
	tap_eq(outcome(client), ELOOP, "once more than wanted");
	tap_ok(forwarded_to(client, PAIR_B, "THREE"), "once more: it is told");
	close(client);
	close(one);
	close(two);
}

/* One server after the other; each has its turn. */
static void test_many_hops(void)
{
	int server[MAX_HOPS + 2], client, i, fd;
	char name[16];

	for (i = 0; i < MAX_HOPS + 2; i++) {
		snprintf(name, sizeof(name), "HOP%d", i);
		server[i] = serve(PAIR_B, SOCK_STREAM, name);
	}
	client = call(SOCK_STREAM, "HOP0 way", MAX_HOPS);
	for (i = 0; i < MAX_HOPS; i++) {
		snprintf(name, sizeof(name), "HOP%d", i + 1);
		forward(server[i], PAIR_B, name);
	}
	fd = open_call(server[MAX_HOPS]);
	tap_ok(rfc_is(fd, "HOP16 way"), "16 hops: still with arguments");
	tap_eq(outcome(client), 0, "16 hops: connected");
	close(fd);
	close(client);

	client = call(SOCK_STREAM, "HOP0", MAX_HOPS);
	for (i = 0; i <= MAX_HOPS; i++) {
		snprintf(name, sizeof(name), "HOP%d", i + 1);
		forward(server[i], PAIR_B, name);
	}
	tap_eq(outcome(client), ELOOP, "17 hops: too many");
	close(client);
	for (i = 0; i < MAX_HOPS + 2; i++)
		close(server[i]);
}

#define CONTACT_120 \
	"THIS-IS-A-VERY-LONG-CONTACT-NAME-OF-ONE-HUNDRED-AND-TWENTY-CHARACTERS-" \
	"AND-NOBODY-WILL-EVER-HAVE-ONE-AS-LONG-AS-THIS-----"

/* FWD that no server of ours would send. */
static const struct bad_row {
	const char *what;
	unsigned int host;
	const char *text;
	int error;
} bad_rows[] = {
	{ "host 0", 0, "TWO", EREMCHG },
	{ "host with subnet 0", 0002, "TWO", EREMCHG },
	{ "host with number 0", 0400, "TWO", EREMCHG },
	{ "no contact", PAIR_B, "", EREMCHG },
	{ "contact begins with a space", PAIR_B, " TWO", EREMCHG },
	{ "contact with a control character", PAIR_B, "T\201WO", EREMCHG },
	{ "contact of 121 bytes", PAIR_B, CONTACT_120 "-", EREMCHG },
	{ "no route", 077001, "TWO", ENETUNREACH },
	{ "nobody there", 0477, "TWO", EHOSTUNREACH },
	{ "nobody serves it", PAIR_B, "TWO", ECONNREFUSED },
	{ "nobody serves it, 120 bytes", PAIR_B, CONTACT_120, ECONNREFUSED },
};

static void test_bad(const struct bad_row *row)
{
	const struct inject_packet fwd = {
		.op = CHAOS_OP_FWD, .ack = row->host, .text = row->text,
	};
	int server = serve(PAIR_B, SOCK_STREAM, "ONE"), client = call(SOCK_STREAM, "ONE x", 1);
	int fd = pair_take(server), error;

	inject_from_peer(client, &fwd);
	error = outcome(client);
	if (!tap_ok(error == row->error, "bad FWD: %s: %s", row->what, strerrorname_np(row->error)))
		tap_diag("got %s", strerrorname_np(error) ?: "no error");
	close(client);
	close(fd);
	close(server);
}

/* Our arguments would not fit behind their contact. */
static void test_too_long(void)
{
	const struct inject_packet fwd = {
		.op = CHAOS_OP_FWD, .ack = PAIR_B, .text = CONTACT_120,
	};
	int client = pair_socket(PAIR_A, SOCK_STREAM), fd;
	int server = serve(PAIR_B, SOCK_STREAM, "ONE");

	memset(buf, 'x', 400);
	setsockopt(client, SOL_CHAOS, CHAOS_RFC_DATA, buf, 400);
	pair_set_int(client, SOL_CHAOS, CHAOS_FOLLOW, 1);
	pair_nonblock(client, true);
	pair_connect(client, PAIR_B, "ONE");
	fd = pair_take(server);
	inject_from_peer(client, &fwd);
	tap_eq(outcome(client), EMSGSIZE, "arguments that do not fit any more");
	tap_ok(forwarded_to(client, PAIR_B, CONTACT_120), "are not the FWD's fault: it is told");
	close(client);
	close(fd);
	close(server);
}

/* Two servers, as another thread; the third number is what the second one opens. */
static void *servers_run(void *arg)
{
	int *server = arg;

	netns_sleep(100);
	forward(server[0], PAIR_B, "TWO");
	netns_sleep(100);
	server[2] = open_call(server[1]);
	return NULL;
}

/* connect() waits for the end of it all. */
static void test_blocking(void)
{
	int server[] = {
		serve(PAIR_B, SOCK_STREAM, "ONE"), serve(PAIR_B, SOCK_STREAM, "TWO"), -1,
	};
	int client = pair_socket(PAIR_A, SOCK_STREAM);
	pthread_t thread;

	pair_set_int(client, SOL_CHAOS, CHAOS_FOLLOW, 1);
	if (pthread_create(&thread, NULL, servers_run, server))
		tap_bail("no thread");
	tap_eq(pair_connect(client, PAIR_B, "ONE"), 0, "blocking: connected");
	pthread_join(thread, NULL);
	tap_eq(send(client, "hello", 5, 0), 5, "blocking: send");
	tap_eq(recv(server[2], buf, sizeof(buf), 0), 5, "blocking: arrives");
	close(client);
	close(server[2]);

	client = pair_socket(PAIR_A, SOCK_STREAM);
	pair_set_int(client, SOL_CHAOS, CHAOS_FOLLOW, 1);
	pair_timeout(client, SO_SNDTIMEO, 100);
	tap_errno(pair_connect(client, PAIR_B, "ONE"), EINPROGRESS, "time is over before the FWD");
	forward(server[0], PAIR_B, "TWO");
	server[2] = pair_take(server[1]);
	tap_errno(pair_connect(client, PAIR_B, "ONE"), EINPROGRESS, "and behind it");
	setsockopt(server[2], SOL_CHAOS, CHAOS_OPEN, NULL, 0);
	pair_poll(client, POLLOUT, PAIR_PATIENCE);
	tap_eq(pair_connect(client, PAIR_B, "ONE"), 0, "then connected");
	close(client);
	close(server[2]);
	close(server[0]);
	close(server[1]);
}

/* The program closes while the FWD is looked at, or tries another one. */
static void test_close(void)
{
	enum { TIMES = 100 };
	int one = serve(PAIR_B, SOCK_STREAM, "ONE"), two = serve(PAIR_B, SOCK_STREAM, "TWO");
	int client, i;

	pair_nonblock(two, true);
	for (i = 0; i < TIMES; i++) {
		client = call(SOCK_STREAM, "ONE", 1);
		forward(one, PAIR_B, "TWO");
		close(client);
		/* It came through, or not. */
		close(accept(two, NULL, NULL));
	}
	tap_ok(i == TIMES, "closed %d times while following", TIMES);
	client = call(SOCK_STREAM, "ONE", 1);
	forward(one, PAIR_B, "TWO");
	tap_ok(pair_poll(two, POLLIN, PAIR_PATIENCE), "closed: and it still works");
	close(client);
	close(one);
	close(two);
	tap_ok(pair_wait_no_conns(), "closed: nothing is left");
}

int main(void)
{
	size_t i;

	pair_setup();
	test_option();
	test_not_followed();
	for (i = 0; i < ARRAY_SIZE(follow_rows); i++)
		test_follow(&follow_rows[i]);
	test_no_circles();
	test_many_hops();
	for (i = 0; i < ARRAY_SIZE(bad_rows); i++)
		test_bad(&bad_rows[i]);
	test_too_long();
	test_blocking();
	test_close();
	return tap_done();
}
