// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any datagrams from anywhere.  The input is a series of
 *
 *	source, time, length (2 bytes), segment, bytes
 *
 * Packets are made valid if the source says so, since few inputs would have a good
 * checksum.  What is for the kernel must be whole packets with good trailers, but those
 * that were aimed at us, and the table must be in order afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "log.h"

#define N_LINKS	3

static struct input *in;
static struct peer_table *table;
static struct link links[N_LINKS];
static uint8_t *room;			/* allocated, so that writing beyond it is found */
static unsigned int delivered, committed;

uint8_t *__wrap_tap_room(struct tap *tap);
void __wrap_tap_commit(struct tap *tap, size_t len);
void __wrap_tap_put(struct tap *tap, const uint8_t *frame, size_t len);
void __wrap_tap_flush(struct tap *tap);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void trouble(void *arg, struct peer *peer)
{
	must(arg == table && table->by_addr[peer->addr] == peer);
}

uint8_t *__wrap_tap_room(struct tap *tap)
{
	must(tap);
	return room;
}

void __wrap_tap_commit(struct tap *tap, size_t len)
{
	size_t used;

	must(tap);
	must(frame_check(room, len, &used) == FRAME_OK && used == len);
	must(!frame_link_destination(room) ||
	     frame_link_destination(room) == ((struct link *)tap)->addr);
	delivered++;
	committed++;
}

void __wrap_tap_put(struct tap *tap, const uint8_t *frame, size_t len)
{
	memcpy(room, frame, len);
	__wrap_tap_commit(tap, len);
}

void __wrap_tap_flush(struct tap *tap)
{
	must(tap && committed);
}

static struct udpaddr place(unsigned int i)
{
	struct udpaddr addr = { .port = 42042 + i / 16 };

	addr.ip.s6_addr[0] = 0x20;
	addr.ip.s6_addr[15] = i % 16;
	return addr;
}

static void add_peer(uint16_t addr, unsigned int where, bool roam)
{
	struct peer *peer = peer_new(table, table->by_subnet[addr >> 8], addr);
	struct udpaddr at = place(where);

	peer->roam = roam;
	if (where)
		peer_settle(table, peer, &at, 1);
}

static void begin(void)
{
	static const uint16_t ours[N_LINKS] = { 0402, 03001, 0177001 };
	unsigned int i;

	for (i = 0; i < N_LINKS; i++) {
		memset(&links[i], 0, sizeof(links[i]));
		link_init(&links[i], ours[i]);
		links[i].tap = (struct tap *)&links[i];
		links[i].age = 40;
		links[i].max = 3 * i;
		peer_table_add_link(table, &links[i]);
	}
	add_peer(0401, 1, false);
	add_peer(03002, 2, false);
	add_peer(03003, 0, true);
	add_peer(03004, 3, true);
	add_peer(0177002, 2, false);
}

static void end(void)
{
	unsigned int i, n = 0;
	struct peer *peer;

	for (i = 0; i < N_LINKS; i++) {
		must(links[i].n_learned <= links[i].max);
		TAILQ_FOREACH(peer, &links[i].learned, list) {
			must(peer->addr >> 8 == links[i].addr >> 8 && peer->learned);
			must(table->by_addr[peer->addr] == peer && peer->n_places == 1);
			n++;
		}
	}
	must(n == links[0].n_learned + links[1].n_learned + links[2].n_learned);
	for (i = 0; i < N_LINKS; i++)
		peer_table_remove_link(table, &links[i]);
	for (i = 0; i < PEER_HASH; i++)
		must(!table->by_place[i]);
}

/* Give one datagram a good header and a good checksum. */
static void mend(uint8_t *bytes, size_t len)
{
	uint16_t sum;

	if (len < WIRE_MIN || len > WIRE_MAX || len % 2)
		return;
	memcpy(bytes, "\1\1", 2);
	bytes[6] = (len - WIRE_MIN) >> 8;
	bytes[7] = (len - WIRE_MIN) & 0xff;
	sum = frame_sum(bytes + WIRE_HEADER_LEN, len - WIRE_HEADER_LEN - 2);
	bytes[len - 2] = sum >> 8;
	bytes[len - 1] = sum & 0xff;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct errors errors = { .fd = -1, .trouble = trouble };

	(void)argc;
	(void)argv;
	log_set_level(LOG_ERR);
	in = calloc(1, sizeof(*in));
	table = calloc(1, sizeof(*table));
	room = malloc(FRAME_MAX);
	peer_table_init(table, AF_INET6, 1);
	errors.table = table;
	errors.arg = table;
	input_init(in, -1, table, &errors);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t now = 1000;

	begin();
	while (size >= 5) {
		unsigned int source = data[0] & 0x3f;
		size_t len = data[2] | (data[3] & 7) << 8, segment = data[4] * 4, at;
		struct udpaddr from = place(source);
		uint8_t *bytes;

		now += data[1] & 0x3f;
		if (len > size - 5)
			len = size - 5;
		if (!segment || segment > len)
			segment = len;
		bytes = malloc(len);
		memcpy(bytes, data + 5, len);
		if (data[0] & 0x80)
			for (at = 0; at < len; at += segment)
				mend(bytes + at, len - at < segment ? len - at : segment);
		delivered = 0;
		input_datagrams(in, &from, bytes, len, segment, now);
		must(delivered <= (segment ? (len + segment - 1) / segment : 0));
		input_flush(in);
		committed = 0;
		free(bytes);
		data += 5 + len;
		size -= 5 + len;
	}
	end();
	return 0;
}
