// SPDX-License-Identifier: GPL-2.0-or-later
/* The hub: who gets what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "../../tunnel/test/captured.h"
#include "hub.h"
#include "trailer.h"

#define MANY	100

/* A member that remembers. */
struct seen {
	struct hub_port port;
	unsigned int packets, flushes;
	uint8_t last[64];
};

static struct hub hub;
static unsigned int conflicts;
static uint16_t conflict_addr;

static void take(struct hub_port *port, const uint8_t *packet, size_t len)
{
	struct seen *seen = (struct seen *)port;

	assert_true(len <= sizeof(seen->last));
	memcpy(seen->last, packet, len);
	seen->packets++;
}

static void flush(struct hub_port *port)
{
	((struct seen *)port)->flushes++;
}

static const struct hub_port_ops ops = { take, flush };

static void conflict(struct hub *where, uint16_t addr, const struct hub_port *first,
		     const struct hub_port *second)
{
	assert_ptr_equal(where, &hub);
	assert_true(first != second);
	conflict_addr = addr;
	conflicts++;
}

static int setup(void **state)
{
	(void)state;
	hub_init(&hub);
	hub.conflict = conflict;
	conflicts = 0;
	return 0;
}

static void join(struct seen *seen, enum hub_port_kind kind)
{
	*seen = (struct seen) { .port = { .ops = &ops, .kind = kind } };
	hub_join(&hub, &seen->port);
}

/* A packet whose trailer says this source. */
static void send_from(struct seen *from, uint16_t source, uint64_t now)
{
	uint8_t packet[26];

	memcpy(packet, captured_rfc + 4, sizeof(packet));
	packet[22] = source;
	packet[23] = source >> 8;
	hub_packet(&from->port, packet, sizeof(packet), now);
}

static void all_others(void **state)
{
	static struct seen members[MANY];
	const uint8_t *packet = captured_rfc + 4;
	int i, from;

	(void)state;
	for (i = 0; i < MANY; i++)
		join(&members[i], HUB_MEMBER);
	for (from = 0; from < MANY; from++) {
		hub_packet(&members[from].port, packet, 26, 0);
		for (i = 0; i < MANY; i++)
			assert_int_equal(members[i].packets, i <= from ? from : from + 1);
	}
	/* Not a bit is changed. */
	for (i = 0; i < MANY; i++)
		assert_memory_equal(members[i].last, packet, 26);
	hub_flush(&hub);
	for (i = 0; i < MANY; i++)
		assert_int_equal(members[i].flushes, 1);
	assert_int_equal(members[0].port.packets_in, 1);
	assert_int_equal(members[0].port.bytes_in, 26);
}

static void leaving(void **state)
{
	struct seen a, b, c;

	(void)state;
	join(&a, HUB_MEMBER);
	join(&b, HUB_MEMBER);
	join(&c, HUB_MEMBER);
	send_from(&b, 0402, 0);
	hub_leave(&b.port);
	hub_leave(&b.port);
	send_from(&a, 0401, 0);
	assert_int_equal(b.packets, 0);
	assert_int_equal(c.packets, 2);
	/* What it claimed is free. */
	send_from(&c, 0402, 0);
	assert_int_equal(conflicts, 0);
}

static void alone(void **state)
{
	struct seen a;

	(void)state;
	join(&a, HUB_MEMBER);
	send_from(&a, 0401, 0);
	assert_int_equal(a.packets, 0);
}

static void conflict_told_once(void **state)
{
	struct seen a, b;
	int i;

	(void)state;
	join(&a, HUB_MEMBER);
	join(&b, HUB_MEMBER);
	for (i = 0; i < 10; i++) {
		send_from(&a, 0401, i);
		send_from(&b, 0401, i);
	}
	assert_int_equal(conflicts, 1);
	assert_int_equal(conflict_addr, 0401);
	/* Both are heard all the same. */
	assert_int_equal(a.packets, 10);
	assert_int_equal(b.packets, 10);
	/* An address that nobody gives is nobody's. */
	send_from(&a, 0, 0);
	send_from(&b, 0, 0);
	assert_int_equal(conflicts, 1);
}

static void moves_when_old(void **state)
{
	struct seen a, b;

	(void)state;
	join(&a, HUB_MEMBER);
	join(&b, HUB_MEMBER);
	send_from(&a, 0401, 0);
	send_from(&b, 0401, CLAIMS_AGE + 1);
	assert_int_equal(conflicts, 0);
	send_from(&a, 0401, CLAIMS_AGE + 2);
	assert_int_equal(conflicts, 1);
}

/* A hub that we joined sends us our own packets. */
static void echoes(void **state)
{
	struct seen kernel, local, upstream;

	(void)state;
	join(&kernel, HUB_MEMBER);
	join(&local, HUB_MEMBER);
	join(&upstream, HUB_UPSTREAM);
	send_from(&kernel, 0401, 0);
	send_from(&upstream, 0401, 1);
	send_from(&local, 0402, 2);
	send_from(&upstream, 0402, 3);
	assert_int_equal(upstream.packets, 2);
	assert_int_equal(kernel.packets, 1);
	assert_int_equal(local.packets, 1);
	assert_int_equal(upstream.port.echoes, 2);
	/* Those of others are news. */
	send_from(&upstream, 0403, 4);
	assert_int_equal(kernel.packets, 2);
	assert_int_equal(local.packets, 2);
	assert_int_equal(conflicts, 0);
}

/*
 * A host that was behind the other hub starts here: it is heard at once, and believed when
 * the other has been silent for a while, whose hub sends its packets back.
 */
static void comes_here(void **state)
{
	struct seen local, upstream;
	uint64_t now;

	(void)state;
	join(&local, HUB_MEMBER);
	join(&upstream, HUB_UPSTREAM);
	send_from(&upstream, 0403, 1);
	assert_int_equal(local.packets, 1);
	for (now = 1000; now <= CLAIMS_HOLD; now += 1000) {
		send_from(&local, 0403, now);
		send_from(&upstream, 0403, now + 10);
	}
	assert_int_equal(conflicts, 1);
	assert_int_equal(conflict_addr, 0403);
	assert_int_equal(upstream.packets, CLAIMS_HOLD / 1000);
	assert_int_equal(local.packets, 1 + CLAIMS_HOLD / 1000);
	send_from(&local, 0403, now);
	send_from(&upstream, 0403, now + 10);
	assert_int_equal(upstream.packets, 1 + CLAIMS_HOLD / 1000);
	assert_int_equal(local.packets, 1 + CLAIMS_HOLD / 1000);
	assert_int_equal(upstream.port.echoes, 1);
}

/* A member uses the address of a host behind the other hub: the host goes on. */
static void does_not_silence(void **state)
{
	struct seen kernel, local, upstream;
	int i;

	(void)state;
	join(&kernel, HUB_MEMBER);
	join(&local, HUB_MEMBER);
	join(&upstream, HUB_UPSTREAM);
	for (i = 0; i < 10; i++) {
		send_from(&upstream, 0403, i * 15000);
		send_from(&local, 0403, i * 15000 + 10000);
	}
	assert_int_equal(upstream.port.echoes, 0);
	assert_int_equal(kernel.packets, 20);
	assert_int_equal(local.packets, 10);
	assert_int_equal(conflicts, 1);
}

/* Joined twice to one hub, by mistake: packets do not go round. */
static void two_ways_to_one_hub(void **state)
{
	struct seen one, two, local;

	(void)state;
	join(&one, HUB_UPSTREAM);
	join(&two, HUB_UPSTREAM);
	join(&local, HUB_MEMBER);
	send_from(&one, 0403, 0);
	send_from(&two, 0403, 1);
	assert_int_equal(local.packets, 1);
	assert_int_equal(one.packets, 0);
	/* Gone from there, it may come the other way. */
	hub_leave(&one.port);
	send_from(&two, 0403, 2);
	assert_int_equal(local.packets, 2);
}

static void trailer(void **state)
{
	/* As the host 401 would see it. */
	static const struct {
		uint16_t to, hop, aimed;
	} rows[] = {
		{ 0402, 0, 0402 },		/* for a neighbour */
		{ 0402, 0400, 0402 },
		{ 0402, 0402, 0402 },
		{ 0402, 0401, 0401 },		/* by way of us, says the sender */
		{ 0402, 0403, 0403 },
		{ 0401, 0, 0 },			/* for us */
		{ 0401, 0400, 0400 },
		{ 0401, 0401, 0401 },
		{ 0401, 0403, 0403 },
		{ 0, 0, 0 },			/* for all */
		{ 0, 0400, 0400 },
		{ 0400, 0, 0 },
		{ 03040, 0, 0 },		/* beyond this subnet: whoever is a bridge */
		{ 03040, 0400, 0400 },
		{ 03040, 0401, 0401 },
		{ 03040, 0403, 0403 },
		{ 0402, 01000, 01000 },		/* some other subnet's all: not for us to judge */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t packet[26], before[26];

		memcpy(packet, captured_rfc + 4, sizeof(packet));
		packet[4] = rows[i].to;
		packet[5] = rows[i].to >> 8;
		packet[20] = rows[i].hop;
		packet[21] = rows[i].hop >> 8;
		memcpy(before, packet, sizeof(packet));
		trailer_aim(packet, sizeof(packet), 0401);
		assert_int_equal(packet[20] | packet[21] << 8, rows[i].aimed);
		memcpy(packet + 20, before + 20, 2);
		assert_memory_equal(packet, before, sizeof(packet));
		assert_int_equal(trailer_source(packet, sizeof(packet)), 0401);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_others, setup),
		cmocka_unit_test_setup(leaving, setup),
		cmocka_unit_test_setup(alone, setup),
		cmocka_unit_test_setup(conflict_told_once, setup),
		cmocka_unit_test_setup(moves_when_old, setup),
		cmocka_unit_test_setup(echoes, setup),
		cmocka_unit_test_setup(comes_here, setup),
		cmocka_unit_test_setup(does_not_silence, setup),
		cmocka_unit_test_setup(two_ways_to_one_hub, setup),
		cmocka_unit_test_setup(trailer, setup),
	};

	return cmocka_run_group_tests_name("hub", tests, NULL, NULL);
}
