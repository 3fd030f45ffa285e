// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What who listens to netlink is told of connections: each that opens and ends, once
 * and in this order, with the attributes of a dump; listeners; foreign protocols.
 *
 *	A 401 eth0 ------- eth0 402 B
 *
 * That nothing is told is seen from what is told next: markers are listeners that
 * come and go.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/stat.h>

#include "genl.h"
#include "pair.h"

#define CALLERS		4
#define CALLS		50	/* of each */
#define EVENTS_ROOM	(32 << 20)

static struct genl at_a, at_b;

struct event {
	uint8_t cmd;
	struct chaos_info info;
	char contact[CHAOS_CONTACT_MAX + 1];
	int type;		/* -1: none */
	long inode, uid, backlog_max;	/* likewise */
};

static void take_attribute(struct event *e, const struct nlattr *attr)
{
	size_t len = attr->nla_len - NLA_HDRLEN;

	switch (genl_type(attr)) {
	case CHAOS_CONN_A_INFO:
		memcpy(&e->info, genl_data(attr), len < sizeof(e->info) ? len : sizeof(e->info));
		break;
	case CHAOS_CONN_A_CONTACT:
		snprintf(e->contact, sizeof(e->contact), "%s", (const char *)genl_data(attr));
		break;
	case CHAOS_CONN_A_SOCKTYPE:
		e->type = *(const uint8_t *)genl_data(attr);
		break;
	case CHAOS_CONN_A_UID:
		e->uid = genl_u32(attr);
		break;
	case CHAOS_CONN_A_INODE:
		e->inode = genl_u32(attr);
		break;
	case CHAOS_CONN_A_BACKLOG_MAX:
		e->backlog_max = genl_u32(attr);
		break;
	}
}

/* The next event about connections.  False if none comes within @ms. */
static bool next_event(struct genl *at, struct event *e, int ms)
{
	struct genl_answer a;
	struct nlattr *attr;

	do {
		if (!genl_recv(at, &a, ms))
			return false;
	} while (genl_cmd(&a) != CHAOS_CMD_CONN_NEW && genl_cmd(&a) != CHAOS_CMD_CONN_DEL);
	*e = (struct event){ .cmd = genl_cmd(&a), .type = -1, .inode = -1, .uid = -1,
			     .backlog_max = -1 };
	genl_for_each(attr, &a)
		take_attribute(e, attr);
	return true;
}

static void diag_event(const struct event *e)
{
	tap_diag("%s state %u, %o:%04x to %o:%04x, contact '%s', type %d, inode %ld",
		 e->cmd == CHAOS_CMD_CONN_NEW ? "new" : "deleted", e->info.ci_state,
		 e->info.ci_local_addr, e->info.ci_local_index, e->info.ci_peer_addr,
		 e->info.ci_peer_index, e->contact, e->type, e->inode);
}

/* The next event must be of this kind; all of it is in @e. */
static bool told(struct genl *at, struct event *e, uint8_t cmd, uint8_t state)
{
	if (!next_event(at, e, PAIR_PATIENCE)) {
		tap_diag("no event");
		return false;
	}
	if (e->cmd == cmd && e->info.ci_state == state)
		return true;
	diag_event(e);
	return false;
}

static bool is_socket(const struct event *e, int fd, int type)
{
	struct stat st;

	if (!fstat(fd, &st) && e->type == type && e->inode == (long)st.st_ino && !e->uid)
		return true;
	diag_event(e);
	return false;
}

/* The next thing that is told on a host is what we make happen now. */
static bool told_nothing(unsigned int host)
{
	struct genl *at = host == PAIR_A ? &at_a : &at_b;
	int fd = pair_socket(host, SOCK_DGRAM);
	struct event e;
	bool nothing;

	if (pair_bind(fd, 0, "MARKER"))
		tap_bail("MARKER: %s", strerror(errno));
	nothing = told(at, &e, CHAOS_CMD_CONN_NEW, CHAOS_LISTENING) &&
		  !strcmp(e.contact, "MARKER") && is_socket(&e, fd, SOCK_DGRAM);
	close(fd);
	return nothing && told(at, &e, CHAOS_CMD_CONN_DEL, CHAOS_LISTENING) &&
	       !strcmp(e.contact, "MARKER");
}

static void test_listeners(void)
{
	int fd = pair_socket(PAIR_B, SOCK_STREAM), other;
	struct event e;

	tap_ok(!pair_bind(fd, PAIR_B, "serve") && told_nothing(PAIR_B), "bind() alone");
	tap_ok(!listen(fd, 4) && told(&at_b, &e, CHAOS_CMD_CONN_NEW, CHAOS_LISTENING) &&
	       is_socket(&e, fd, SOCK_STREAM) && !strcmp(e.contact, "SERVE") &&
	       e.info.ci_local_addr == PAIR_B && e.backlog_max == 5, "listen()");
	tap_ok(!listen(fd, 9) && told_nothing(PAIR_B), "another backlog");
	other = pair_socket(PAIR_B, SOCK_DGRAM);
	tap_errno(pair_bind(other, 0, "SERVE"), EADDRINUSE, "the contact has been claimed");
	close(other);
	tap_ok(told_nothing(PAIR_B), "and nothing is told of who tries in vain");
	close(fd);
	tap_ok(told(&at_b, &e, CHAOS_CMD_CONN_DEL, CHAOS_LISTENING) &&
	       !strcmp(e.contact, "SERVE") && e.type == SOCK_STREAM, "the listener goes");

	fd = pair_socket(PAIR_B, SOCK_SEQPACKET);
	pair_bind(fd, 0, "");
	tap_ok(!listen(fd, 1) && told(&at_b, &e, CHAOS_CMD_CONN_NEW, CHAOS_LISTENING) &&
	       is_socket(&e, fd, SOCK_SEQPACKET) && !*e.contact, "one for what nobody else takes");
	close(fd);
	tap_ok(told(&at_b, &e, CHAOS_CMD_CONN_DEL, CHAOS_LISTENING) && !*e.contact, "it goes");
}

static bool ends_are(const struct event *e, const struct event *other)
{
	return e->info.ci_local_addr == other->info.ci_peer_addr &&
	       e->info.ci_local_index == other->info.ci_peer_index &&
	       e->info.ci_peer_addr == other->info.ci_local_addr &&
	       e->info.ci_peer_index == other->info.ci_local_index;
}

static void test_connection(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	struct event listener, a, b, gone;
	struct pair p;

	told(&at_b, &listener, CHAOS_CMD_CONN_NEW, CHAOS_LISTENING);
	p.a = pair_socket(PAIR_A, SOCK_STREAM);
	p.b = pair_join(p.a, server);
	tap_ok(told(&at_a, &a, CHAOS_CMD_CONN_NEW, CHAOS_OPENED) &&
	       is_socket(&a, p.a, SOCK_STREAM) && !strcmp(a.contact, listener.contact) &&
	       a.info.ci_local_addr == PAIR_A && a.info.ci_peer_addr == PAIR_B,
	       "who calls is told of");
	tap_ok(told(&at_b, &b, CHAOS_CMD_CONN_NEW, CHAOS_OPENED) &&
	       is_socket(&b, p.b, SOCK_STREAM) && !strcmp(b.contact, listener.contact) &&
	       ends_are(&a, &b), "who accepts, with the new socket");
	close(server);
	told(&at_b, &gone, CHAOS_CMD_CONN_DEL, CHAOS_LISTENING);
	/* That of the end which was asked, by an RFC without arguments. */
	close(p.b);
	tap_ok(told(&at_b, &gone, CHAOS_CMD_CONN_DEL, CHAOS_CLOSED) && gone.type < 0 &&
	       !strcmp(gone.contact, listener.contact) && ends_are(&gone, &a),
	       "who closes: it is over, and has no socket");
	tap_ok(told(&at_a, &gone, CHAOS_CMD_CONN_DEL, CHAOS_CLOSED) &&
	       is_socket(&gone, p.a, SOCK_STREAM) && ends_are(&gone, &b),
	       "the other end: it is over, and still has one");
	close(p.a);
	tap_ok(told_nothing(PAIR_A) && told_nothing(PAIR_B), "each once");
}

static void test_deferred(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1);
	struct event e;
	struct pair p;

	told(&at_b, &e, CHAOS_CMD_CONN_NEW, CHAOS_LISTENING);
	pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 1);
	p.a = pair_socket(PAIR_A, SOCK_STREAM);
	pair_call(p.a, server);
	p.b = pair_take(server);
	tap_ok(told_nothing(PAIR_B), "accept() that leaves the decision open");
	setsockopt(p.b, SOL_CHAOS, CHAOS_OPEN, NULL, 0);
	tap_ok(told(&at_b, &e, CHAOS_CMD_CONN_NEW, CHAOS_OPENED) &&
	       is_socket(&e, p.b, SOCK_STREAM), "the decision to open");
	tap_ok(told(&at_a, &e, CHAOS_CMD_CONN_NEW, CHAOS_OPENED), "as seen by the other host");
	pair_close(&p);
	tap_ok(told(&at_a, &e, CHAOS_CMD_CONN_DEL, CHAOS_CLOSED) &&
	       told(&at_b, &e, CHAOS_CMD_CONN_DEL, CHAOS_CLOSED), "the end");

	p.a = pair_socket(PAIR_A, SOCK_STREAM);
	pair_call(p.a, server);
	p.b = pair_take(server);
	setsockopt(p.b, SOL_CHAOS, CHAOS_REJECT, "no", 2);
	pair_poll(p.a, POLLIN, PAIR_PATIENCE);
	pair_close(&p);
	tap_ok(told_nothing(PAIR_A) && told_nothing(PAIR_B), "what never opens");
	close(server);
	tap_ok(told(&at_b, &e, CHAOS_CMD_CONN_DEL, CHAOS_LISTENING), "the listener goes");
}

static void test_transaction(void)
{
	struct sockaddr_chaos sa = pair_name(PAIR_B, "STATUS");
	int fd = pair_socket(PAIR_A, SOCK_DGRAM);

	if (sendto(fd, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa)) ||
	    !pair_poll(fd, POLLIN, PAIR_PATIENCE))
		tap_bail("no answer to STATUS");
	close(fd);
	tap_ok(told_nothing(PAIR_A) && told_nothing(PAIR_B), "transactions");
}

static void test_foreign(void)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_addr = PAIR_B,
				     .sch_index = 01234 };
	struct event e;
	int fd;

	pair_enter(PAIR_B);
	fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, CHAOSPROTO_UNC);
	tap_ok(!bind(fd, (struct sockaddr *)&sa, sizeof(sa)) &&
	       told(&at_b, &e, CHAOS_CMD_CONN_NEW, CHAOS_FOREIGN) &&
	       is_socket(&e, fd, SOCK_DGRAM) && e.info.ci_local_index == 01234,
	       "a foreign protocol's channel opens");
	close(fd);
	tap_ok(told(&at_b, &e, CHAOS_CMD_CONN_DEL, CHAOS_FOREIGN) &&
	       e.info.ci_local_index == 01234, "it closes");
}

static int load_server;
static bool load_over;

/* Accepts and closes at once. */
static void *serve(void *arg)
{
	int fd;

	while (!__atomic_load_n(&load_over, __ATOMIC_RELAXED)) {
		pair_poll(load_server, POLLIN, 100);
		fd = accept4(load_server, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			close(fd);
	}
	return arg;
}

/* Every other one leaves at once, perhaps before accept() has returned there: then that
 * host is told nothing.
 */
static void *call(void *arg)
{
	unsigned int i;
	int fd;

	for (i = 0; i < CALLS; i++) {
		fd = pair_socket(PAIR_A, SOCK_STREAM);
		pair_connect_to(fd, load_server);
		if (i % 2)
			pair_poll(fd, POLLIN, PAIR_PATIENCE);
		close(fd);
	}
	return arg;
}

/* Every connection by its index here; false if it ends unopened or opens twice. */
static bool follow(bool *open, const struct event *e, unsigned int *opened, int *now)
{
	bool new = e->cmd == CHAOS_CMD_CONN_NEW;

	if (open[e->info.ci_local_index] == new) {
		diag_event(e);
		return false;
	}
	open[e->info.ci_local_index] = new;
	*opened += new;
	*now += new ? 1 : -1;
	return true;
}

/* All events of a host until nothing is open any more. */
static void follow_all(struct genl *at, const char *host)
{
	static bool open[65536];
	unsigned int opened = 0;
	struct event e;
	bool right = true;
	int now = 0;

	memset(open, 0, sizeof(open));
	while (next_event(at, &e, now ? PAIR_PATIENCE : 1000))
		if (e.info.ci_state != CHAOS_LISTENING)
			right &= follow(open, &e, &opened, &now);
	tap_ok(right, "%s: each opens, then ends", host);
	tap_eq(now, 0, "%s: all have ended", host);
	tap_ok(opened >= CALLERS * CALLS / 2, "%s: enough have opened", host);
	tap_diag("%u of %u", opened, CALLERS * CALLS);
}

/* Many at the same time: what opens ends, on both hosts. */
static void test_many(void)
{
	pthread_t servers[2], callers[CALLERS];
	unsigned int i;

	load_server = pair_listen(PAIR_B, SOCK_STREAM, 2 * CALLERS);
	pair_nonblock(load_server, true);
	for (i = 0; i < 2; i++)
		pthread_create(&servers[i], NULL, serve, NULL);
	for (i = 0; i < CALLERS; i++)
		pthread_create(&callers[i], NULL, call, NULL);
	for (i = 0; i < CALLERS; i++)
		pthread_join(callers[i], NULL);
	__atomic_store_n(&load_over, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		pthread_join(servers[i], NULL);
	close(load_server);
	follow_all(&at_a, "A");
	follow_all(&at_b, "B");
}

static void listen_on(unsigned int host, struct genl *at)
{
	const int room = EVENTS_ROOM;

	pair_enter(host);
	genl_open(at);
	genl_listen(at);
	if (setsockopt(at->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		tap_bail("SO_RCVBUFFORCE: %s", strerror(errno));
}

int main(void)
{
	pair_setup();
	listen_on(PAIR_A, &at_a);
	listen_on(PAIR_B, &at_b);
	test_listeners();
	test_connection();
	test_deferred();
	test_transaction();
	test_foreign();
	test_many();
	return tap_done();
}
