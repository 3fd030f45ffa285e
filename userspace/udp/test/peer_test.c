// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of peers: who is known, learned, moved, refused, forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "link.h"

#define OURS	03001
#define START	1000	/* s */
#define RUT_INTERVAL	15	/* s, between the routing packets of a bridge */

static bool no_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __real_calloc(n, size);
}

struct bed {
	struct peer_table table;
	struct link link, other;	/* subnets 6 and 376 */
};

static struct udpaddr at(const char *ip, uint16_t port)
{
	struct udpaddr addr = { .port = port };

	assert_int_equal(inet_pton(AF_INET6, ip, &addr.ip), 1);
	return addr;
}

static int setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	peer_table_init(&b->table, AF_INET6, 0x123456789abcdef);
	link_init(&b->link, OURS);
	link_init(&b->other, 0177001);
	b->link.age = b->other.age = 100;
	peer_table_add_link(&b->table, &b->link);
	peer_table_add_link(&b->table, &b->other);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;
	unsigned int i;

	peer_table_remove_link(&b->table, &b->link);
	peer_table_remove_link(&b->table, &b->other);
	for (i = 0; i < 65536; i++)
		assert_null(b->table.by_addr[i]);
	for (i = 0; i < PEER_HASH; i++)
		assert_null(b->table.by_place[i]);
	free(b);
	return 0;
}

static struct peer *fixed(struct bed *b, uint16_t addr, const char *ip, uint16_t port)
{
	struct udpaddr a = at(ip, port);
	struct peer *peer = peer_new(&b->table, b->table.by_subnet[addr >> 8], addr);

	peer_settle(&b->table, peer, &a, 1);
	return peer;
}

static bool is_at(const struct peer *peer, const char *ip, uint16_t port)
{
	struct udpaddr want = at(ip, port);
	union udpaddr_sockaddr to;
	socklen_t len = udpaddr_to_sockaddr(&to, &want, AF_INET6);

	return peer->to_len == len && !memcmp(&to, &peer->to, len);
}

static enum peer_verdict admit(struct bed *b, const char *ip, uint16_t port, uint16_t sender,
			       uint64_t now, struct peer **peer)
{
	struct udpaddr from = at(ip, port);

	return peer_admit(&b->table, &from, sender, now, peer);
}

static void test_fixed(void **state)
{
	struct bed *b = *state;
	struct peer *peer = fixed(b, 03002, "::ffff:10.0.0.2", 42042), *got;

	b->link.max = 5;
	assert_int_equal(admit(b, "::ffff:10.0.0.2", 42042, 03002, START, &got), PEER_KNOWN);
	assert_ptr_equal(got, peer);
	assert_int_equal(peer->counters.rx_packets, 1);
	assert_int_equal(peer->heard, START);
	/* Another port, another address: not the peer, and never moved nor learned. */
	assert_int_equal(admit(b, "::ffff:10.0.0.2", 42043, 03002, START, &got), PEER_CLAIMED);
	assert_null(got);
	assert_int_equal(admit(b, "2001:db8::2", 42042, 03002, START + 100000, &got),
			 PEER_CLAIMED);
	assert_null(got);
	assert_true(is_at(peer, "::ffff:10.0.0.2", 42042));
	assert_int_equal(peer->counters.rx_packets, 1);
}

/* An emulator that does not tell its address, or another one of its own. */
static void test_other_sender(void **state)
{
	struct bed *b = *state;
	struct peer *peer = fixed(b, 03002, "2001:db8::2", 42042), *got;

	assert_int_equal(admit(b, "2001:db8::2", 42042, 0, START, &got), PEER_KNOWN);
	assert_ptr_equal(got, peer);
	assert_int_equal(admit(b, "2001:db8::2", 42042, 0401, START, &got), PEER_KNOWN);
	assert_ptr_equal(got, peer);
	assert_int_equal(peer->counters.rx_sender, 2);
	/* Two peers there: it cannot be told whose it is. */
	fixed(b, 0177002, "2001:db8::2", 42042);
	assert_int_equal(admit(b, "2001:db8::2", 42042, 0, START, &got), PEER_STRANGER);
	assert_null(got);
}

/* One bridge on two of our subnets. */
static void test_two_links(void **state)
{
	struct bed *b = *state;
	struct peer *one = fixed(b, 03002, "2001:db8::2", 42042);
	struct peer *two = fixed(b, 0177002, "2001:db8::2", 42042), *got;

	assert_int_equal(admit(b, "2001:db8::2", 42042, 03002, START, &got), PEER_KNOWN);
	assert_ptr_equal(got, one);
	assert_int_equal(admit(b, "2001:db8::2", 42042, 0177002, START, &got), PEER_KNOWN);
	assert_ptr_equal(got, two);
	assert_ptr_equal(got->link, &b->other);
}

static void test_several_places(void **state)
{
	const struct udpaddr list[] = {
		at("2001:db8::2", 42042), at("::ffff:10.0.0.2", 42042), at("2001:db8::2", 42042),
	};
	struct bed *b = *state;
	struct peer *peer = peer_new(&b->table, &b->link, 03002), *got;

	assert_int_equal(peer->to_len, 0);
	peer_settle(&b->table, peer, list, 3);
	assert_int_equal(peer->n_places, 2);
	assert_true(is_at(peer, "2001:db8::2", 42042));
	/* It is answered where it was heard. */
	assert_int_equal(admit(b, "::ffff:10.0.0.2", 42042, 03002, START, &got), PEER_KNOWN);
	assert_ptr_equal(got, peer);
	assert_true(is_at(peer, "::ffff:10.0.0.2", 42042));
	/* And stays there as long as the name has that address. */
	peer_settle(&b->table, peer, list, 2);
	assert_true(is_at(peer, "::ffff:10.0.0.2", 42042));
	peer_next_place(&b->table, peer);
	assert_true(is_at(peer, "2001:db8::2", 42042));
	peer_settle(&b->table, peer, list + 1, 1);
	assert_true(is_at(peer, "::ffff:10.0.0.2", 42042));
	assert_int_equal(admit(b, "2001:db8::2", 42042, 03002, START, &got), PEER_CLAIMED);
	/* A socket for IPv4 reaches only such addresses. */
	peer_settle(&b->table, peer, list, 2);
	peer_next_place(&b->table, peer);
	peer_table_set_family(&b->table, AF_INET);
	assert_int_equal(peer->to_len, sizeof(struct sockaddr_in));
	peer_settle(&b->table, peer, list, 1);
	assert_int_equal(peer->to_len, 0);
}

static void test_too_many_places(void **state)
{
	struct udpaddr list[PEER_PLACES + 3];
	struct bed *b = *state;
	struct peer *peer = peer_new(&b->table, &b->link, 03002), *got;
	unsigned int i;

	for (i = 0; i < PEER_PLACES + 3; i++)
		list[i] = at("2001:db8::2", 1000 + i);
	peer->roam = true;
	peer_settle(&b->table, peer, list, PEER_PLACES + 3);
	assert_int_equal(peer->n_places, PEER_PLACES);
	assert_int_equal(admit(b, "2001:db8::99", 1, 03002, START, &got), PEER_MOVED);
	assert_int_equal(peer->n_places, PEER_PLACES);
	assert_true(is_at(peer, "2001:db8::99", 1));
}

static void test_roam(void **state)
{
	const struct udpaddr home = at("2001:db8::2", 42042);
	struct bed *b = *state;
	struct peer *peer = fixed(b, 03002, "2001:db8::2", 42042), *got;

	peer->roam = true;
	assert_int_equal(admit(b, "2001:db8::3", 555, 03002, START, &got), PEER_MOVED);
	assert_ptr_equal(got, peer);
	assert_int_equal(peer->counters.rx_packets, 1);
	assert_true(is_at(peer, "2001:db8::3", 555));
	/* Still talking from there: nobody else can be it. */
	assert_int_equal(admit(b, "2001:db8::4", 555, 03002, START + PEER_HOLD - 1, &got),
			 PEER_CLAIMED);
	assert_null(got);
	/* But its home is its own. */
	assert_int_equal(admit(b, "2001:db8::2", 42042, 03002, START + 1, &got), PEER_KNOWN);
	assert_true(is_at(peer, "2001:db8::2", 42042));
	assert_int_equal(admit(b, "2001:db8::3", 555, 03002, START + 2, &got), PEER_KNOWN);
	/* What the name says does not call it back. */
	peer_settle(&b->table, peer, &home, 1);
	assert_true(is_at(peer, "2001:db8::3", 555));
	assert_int_equal(peer->n_places, 2);
	assert_int_equal(admit(b, "2001:db8::4", 556, 03002, START + 2 + PEER_HOLD, &got),
			 PEER_MOVED);
	assert_true(is_at(peer, "2001:db8::4", 556));
	assert_int_equal(peer->n_places, 2);
}

/* A bridge that only sends routing packets, one of which was lost, is there all the time. */
static void test_quiet_bridge(void **state)
{
	struct bed *b = *state;
	struct peer *learned, *roaming = fixed(b, 03003, "2001:db8::3", 1), *got;
	uint64_t now;

	roaming->roam = true;
	b->link.max = 3;
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START, &learned), PEER_LEARNED);
	assert_int_equal(admit(b, "2001:db8::3", 1, 03003, START, &got), PEER_KNOWN);
	for (now = START; now < START + 10 * RUT_INTERVAL; now += 2 * RUT_INTERVAL) {
		assert_int_equal(admit(b, "2001:db8::66", 1, 03002, now + 2 * RUT_INTERVAL, &got),
				 PEER_CLAIMED);
		assert_int_equal(admit(b, "2001:db8::66", 1, 03003, now + 2 * RUT_INTERVAL, &got),
				 PEER_CLAIMED);
		assert_int_equal(admit(b, "2001:db8::2", 1, 03002, now + 2 * RUT_INTERVAL, &got),
				 PEER_KNOWN);
		assert_int_equal(admit(b, "2001:db8::3", 1, 03003, now + 2 * RUT_INTERVAL, &got),
				 PEER_KNOWN);
	}
	assert_true(is_at(learned, "2001:db8::2", 1));
	assert_true(is_at(roaming, "2001:db8::3", 1));
}

static void test_roam_from_nowhere(void **state)
{
	struct bed *b = *state;
	struct peer *peer = peer_new(&b->table, &b->link, 03002), *got;

	peer->roam = true;
	assert_int_equal(admit(b, "::ffff:10.0.0.9", 99, 03003, START, &got), PEER_STRANGER);
	assert_int_equal(admit(b, "::ffff:10.0.0.9", 99, 03002, START, &got), PEER_MOVED);
	assert_ptr_equal(got, peer);
	assert_true(is_at(peer, "::ffff:10.0.0.9", 99));
}

static void test_who_is_learned(void **state)
{
	static const struct {
		uint16_t sender;
		enum peer_verdict verdict;
	} cases[] = {
		{ 0, PEER_STRANGER },
		{ 03000, PEER_STRANGER },	/* no host */
		{ OURS, PEER_STRANGER },
		{ 0401, PEER_STRANGER },	/* not of a link */
		{ 0177002, PEER_STRANGER },	/* of one where nobody is learned */
		{ 03002, PEER_LEARNED },
		{ 03377, PEER_LEARNED },
	};
	struct bed *b = *state;
	struct peer *got;
	size_t i;

	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START, &got), PEER_STRANGER);
	b->link.max = 2;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(admit(b, "2001:db8::2", 1, cases[i].sender, START, &got),
				 cases[i].verdict);
		assert_true(!got == (cases[i].verdict != PEER_LEARNED));
	}
	assert_true(got->learned);
	assert_int_equal(got->counters.rx_packets, 1);
	assert_int_equal(b->link.n_learned, 2);
}

static void test_limit(void **state)
{
	struct bed *b = *state;
	struct peer *got;

	b->link.max = 3;
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START, &got), PEER_LEARNED);
	assert_int_equal(admit(b, "2001:db8::2", 2, 03003, START + 10, &got), PEER_LEARNED);
	assert_int_equal(admit(b, "2001:db8::2", 3, 03004, START + 20, &got), PEER_LEARNED);
	assert_int_equal(admit(b, "2001:db8::2", 4, 03005, START + 30, &got), PEER_FULL);
	assert_null(got);
	/* The first was heard again: the second is the oldest, and it is old now. */
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START + 40, &got), PEER_KNOWN);
	assert_int_equal(admit(b, "2001:db8::2", 4, 03005, START + 109, &got), PEER_FULL);
	assert_int_equal(admit(b, "2001:db8::2", 4, 03005, START + 110, &got), PEER_LEARNED);
	assert_null(b->table.by_addr[03003]);
	assert_non_null(b->table.by_addr[03002]);
	assert_int_equal(b->link.n_learned, 3);
	/* Forgotten, it is a stranger again. */
	peer_forget(&b->table, &b->link, START + 139);
	assert_null(b->table.by_addr[03004]);
	assert_non_null(b->table.by_addr[03002]);
	assert_int_equal(b->link.n_learned, 2);
}

static void test_learned_moves(void **state)
{
	struct bed *b = *state;
	struct peer *peer, *got;

	b->link.max = 3;
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START, &peer), PEER_LEARNED);
	assert_int_equal(admit(b, "2001:db8::6", 1, 03002, START + PEER_HOLD - 1, &got),
			 PEER_CLAIMED);
	assert_int_equal(admit(b, "2001:db8::6", 1, 03002, START + PEER_HOLD, &got), PEER_MOVED);
	assert_ptr_equal(got, peer);
	assert_int_equal(peer->n_places, 1);
	assert_true(is_at(peer, "2001:db8::6", 1));
	assert_false(peer->moved);
}

/* Who was there is forgotten to make room, and then there is no memory for the next. */
static void test_no_memory(void **state)
{
	struct bed *b = *state;
	struct peer *got;

	b->link.max = 1;
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START, &got), PEER_LEARNED);
	no_memory = true;
	assert_int_equal(admit(b, "2001:db8::2", 1, 03003, START + 100, &got), PEER_FULL);
	no_memory = false;
	assert_null(got);
	assert_int_equal(b->link.n_learned, 0);
}

/* A configured peer takes the place of a learned one. */
static void test_configured_wins(void **state)
{
	struct bed *b = *state;
	struct peer *peer, *got;

	b->link.max = 3;
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START, &got), PEER_LEARNED);
	peer = fixed(b, 03002, "2001:db8::3", 1);
	assert_int_equal(b->link.n_learned, 0);
	assert_int_equal(admit(b, "2001:db8::2", 1, 03002, START + 1, &got), PEER_CLAIMED);
	assert_int_equal(admit(b, "2001:db8::3", 1, 03002, START + 1, &got), PEER_KNOWN);
	assert_ptr_equal(got, peer);
}

/* As many as there can be, on two links, from places that come and go. */
static void test_many(void **state)
{
	struct bed *b = *state;
	unsigned int round, host, known = 0;
	struct udpaddr from;
	struct peer *got;

	b->link.max = b->other.max = PEER_MAX;
	for (round = 0; round < 20; round++) {
		for (host = 1; host < 256; host++) {
			from = at("2001:db8::", 1000 + host);
			from.ip.s6_addr[15] = host * round;
			peer_admit(&b->table, &from, 03000 | host, START + round * 50, &got);
			known += !!got;
			peer_admit(&b->table, &from, 0177000 | host, START + round * 50, &got);
			known += !!got;
		}
		assert_in_range(b->link.n_learned, 1, PEER_MAX);
		peer_forget(&b->table, &b->link, START + round * 50);
		peer_forget(&b->table, &b->other, START + round * 50);
	}
	assert_int_equal(b->link.n_learned, PEER_MAX);
	assert_in_range(known, 20 * 2 * PEER_MAX, 20 * 2 * 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fixed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_sender, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_roam, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quiet_bridge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_roam_from_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_is_learned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_learned_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_configured_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
