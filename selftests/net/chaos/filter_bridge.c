// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of a bridge, and programs on both sides of it:
 *
 *	C 1002 eth0 ------- eth1 1001 A 401 eth0 ------- eth0 402 B
 *
 * C calls servers on B.
 */
#define _GNU_SOURCE
#include "trio.h"

static char output[NETNS_OUTPUT];

/* Rules of the bridge instead of those it has; one a line, after "rule add". */
static void set_rules(const char *rules)
{
	pair_enter(PAIR_A);
	netns_must("(echo rule flush; echo '%s' | sed 's/^./rule add &/') | chaosctl -b -",
		   rules);
}

static int serve(const char *contact)
{
	int fd = pair_socket(PAIR_B, SOCK_STREAM);

	if (pair_bind(fd, 0, contact) || listen(fd, 4))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

/* Begin to call B from C.  It may be over at once: then @over is how it ended. */
static int call(const char *contact, int hops, int *over)
{
	int fd = trio_socket(TRIO_C, SOCK_STREAM);

	if (pair_set_int(fd, SOL_CHAOS, CHAOS_FOLLOW, hops))
		tap_bail("CHAOS_FOLLOW: %s", strerror(errno));
	pair_nonblock(fd, true);
	*over = pair_connect(fd, PAIR_B, contact) ? errno : 0;
	pair_nonblock(fd, false);
	return fd;
}

/* A call that must get through; the server's end goes to @peer. */
static int call_through(int server, const char *contact, int hops, int *peer, const char *what)
{
	int over, fd = call(contact, hops, &over);

	*peer = pair_take(server);
	tap_eq(pair_poll(fd, POLLOUT, PAIR_PATIENCE) ? pair_error(fd) : over, 0, "%s", what);
	return fd;
}

/* Call, have it end in this way, and hang up. */
static void test_call(const char *contact, int hops, int error, const char *reason,
		      const char *what)
{
	int got, fd = call(contact, hops, &got);

	if (got == EINPROGRESS && pair_poll(fd, POLLOUT, PAIR_PATIENCE))
		got = pair_error(fd);
	if (!tap_ok(got == error && (!reason || !strcmp(pair_reason(fd), reason)), "%s", what))
		tap_diag("got %s, %s", strerrorname_np(got) ?: "0", pair_reason(fd));
	close(fd);
}

/* How often a rule has decided. */
static int packets(unsigned int number)
{
	const char *s;

	pair_enter(PAIR_A);
	if (netns_run(output, "chaosctl -s rule show %u", number))
		return -1;
	s = strstr(output, "packets ");
	return s ? atoi(s + 8) : -1;
}

/* A request that is dropped comes again, until there is no rule against it. */
static void test_drop(int server)
{
	long long end = netns_now() + PAIR_PATIENCE;
	int fd, peer, over;

	set_rules("hook forward contact WORK drop");
	fd = call("WORK", 0, &over);
	while (packets(10) < 2 && netns_now() < end)
		netns_sleep(50);
	tap_ok(packets(10) >= 2 && over == EINPROGRESS && !pair_poll(fd, POLLOUT, 0),
	       "drop: who calls is not told");
	set_rules("");
	peer = pair_take(server);
	tap_ok(pair_poll(fd, POLLOUT, PAIR_PATIENCE) && !pair_error(fd),
	       "without the rule it gets through");
	close(peer);
	close(fd);
}

/* What is open is not asked about again. */
static void test_open(int server)
{
	int fd, peer;
	char c = 0;

	set_rules("");
	fd = call_through(server, "WORK", 0, &peer, "a call through the bridge");
	set_rules("reject");
	tap_ok(send(fd, "x", 1, 0) == 1 && pair_poll(peer, POLLIN, PAIR_PATIENCE) &&
	       recv(peer, &c, 1, 0) == 1 && c == 'x', "data passes whatever the rules");
	test_call("WORK", 0, ECONNREFUSED, "Not allowed", "while a new call does not");
	close(peer);
	close(fd);
}

static void test_forward(int server)
{
	int fd, peer;

	set_rules("contact OLD to host 402 forward 402 contact WORK");
	test_call("OLD", 0, EREMCHG, "WORK", "forward: a program that does not follow");
	fd = call_through(server, "OLD", 3, &peer, "forward: one that does gets there");
	close(peer);
	close(fd);
	tap_eq(packets(10), 2, "both were told by the rule");

	set_rules("contact WORK forward 402");
	fd = call_through(server, "WORK", 3, &peer,
			  "forward: who is there already is let through");
	close(peer);
	close(fd);

	set_rules("contact WORK forward 402 contact OLD\ncontact OLD forward 402 contact WORK");
	test_call("WORK", 9, ELOOP, NULL, "rules that send in circles");
}

int main(void)
{
	int server;

	trio_setup();
	pair_enter(PAIR_B);
	netns_must("chaosctl route add default via %o", PAIR_A);
	pair_enter(PAIR_A);
	netns_must("chaosctl net set forwarding on");
	server = serve("WORK");

	test_open(server);
	set_rules("hook forward contact WORK to subnet 1 reject reason \"Closed on Sundays.\"");
	test_call("work", 0, ECONNREFUSED, "Closed on Sundays.", "reject: the reason is told");
	set_rules("hook input contact WORK reject\nhook forward contact TIME reject");
	netns_enter(trio_ns_c);
	tap_ok(!netns_run(output, "chaos time %o", TRIO_A), "what the bridge itself answers");
	tap_ok(netns_run(output, "chaos time %o", PAIR_B) && strstr(output, "Not allowed"),
	       "is not what passes through it");
	test_drop(server);
	test_forward(server);
	return tap_done();
}
