// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connection indices (AIM 628 section 3.3): not 0, unique in the host, hard to guess,
 * and not used again while packets of their old life may be under way.
 */

#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/timekeeping.h>

#include "index.h"

/* What an entry of chaos_net.indices says; else the time of its release, in ticks. */
#define INDEX_FREE	0
#define INDEX_USED	1
#define INDEX_FIRST	2

/* A turn of the clock is 34 minutes. */
#define TICK_MS		32
#define TURN		(U16_MAX - INDEX_FIRST)
#define QUARANTINE	(CHAOS_INDEX_QUARANTINE * MSEC_PER_SEC / TICK_MS)

/* Our CLS has arrived by then, or is lost: 4 ticks are 96 to 128 ms. */
#define TELLING		4

#define INDICES		BIT(16)

/* Ticks as entries have them: they come round, but never to the two others. */
static u16 index_time(unsigned int ago)
{
	return INDEX_FIRST + ((u32)(ktime_to_ms(ktime_get_coarse()) / TICK_MS) - ago) % TURN;
}

/* Entries older than a turn of the clock look young for a while; no harm is done. */
static u16 index_age(u16 entry)
{
	return (index_time(0) + TURN - entry) % TURN;
}

static bool index_take(struct chaos_net *cn, u16 index)
{
	u16 *entry = &cn->indices[index];
	u16 old = READ_ONCE(*entry);

	if (!index || old == INDEX_USED || (old != INDEX_FREE && index_age(old) < QUARANTINE))
		return false;
	return cmpxchg(entry, old, INDEX_USED) == old;
}

/* A counter through a keyed permutation of the 16-bit numbers: nobody can guess the
 * next one, and none comes back before all others had their turn.
 */
static u16 index_next(struct chaos_net *cn)
{
	u16 n = atomic_inc_return(&cn->next_index);
	u8 left = n >> 8, right = n;
	unsigned int round;

	for (round = 0; round < CHAOS_SCRAMBLERS; round++) {
		u8 mixed = left ^ chaos_scramblers[round][right] >> 24;

		left = right;
		right = mixed;
	}
	return left << 8 | right;
}

/**
 * chaos_index_get() - an index for a new connection
 * @cn: namespace, after chaos_index_need()
 * @index: result
 *
 * Context: any but hard interrupts.
 *
 * Return: 0, or -EADDRNOTAVAIL when none is free.
 */
int chaos_index_get(struct chaos_net *cn, u16 *index)
{
	unsigned int tries;

	/* Before the first address there is nothing to connect with. */
	if (!READ_ONCE(cn->indices))
		return -EADDRNOTAVAIL;
	for (tries = 0; tries < INDICES; tries++) {
		*index = index_next(cn);
		if (index_take(cn, *index))
			return 0;
	}
	return -EADDRNOTAVAIL;
}

/**
 * chaos_index_claim() - use a certain index
 * @cn: namespace, after chaos_index_need()
 * @index: the index
 *
 * Return: 0, -EINVAL for index 0, -EADDRINUSE.
 */
int chaos_index_claim(struct chaos_net *cn, u16 index)
{
	if (!index)
		return -EINVAL;
	return index_take(cn, index) ? 0 : -EADDRINUSE;
}

/**
 * chaos_index_used() - has a connection or a channel this index?
 * @cn: namespace
 * @index: the index
 *
 * Context: any.
 */
bool chaos_index_used(const struct chaos_net *cn, u16 index)
{
	const u16 *indices = READ_ONCE(cn->indices);

	return indices && READ_ONCE(indices[index]) == INDEX_USED;
}

/**
 * chaos_index_told() - has a connection that had this index told its peer just now that
 *	it is over?
 * @cn: namespace
 * @index: the index
 *
 * Context: any.
 */
bool chaos_index_told(const struct chaos_net *cn, u16 index)
{
	const u16 *indices = READ_ONCE(cn->indices);
	u16 entry = indices ? READ_ONCE(indices[index]) : INDEX_FREE;

	return entry >= INDEX_FIRST && index_age(entry) < TELLING;
}

/**
 * chaos_index_put() - an index is not used any more
 * @cn: namespace
 * @index: the index
 * @past: packets that may still be under way for it
 *
 * Who needs not be spared the LOS is as one whose time for it is over.
 */
void chaos_index_put(struct chaos_net *cn, u16 index, enum chaos_index_past past)
{
	u16 entry = INDEX_FREE;

	if (past != CHAOS_INDEX_UNUSED)
		entry = index_time(past == CHAOS_INDEX_TOLD ? 0 : TELLING);
	WRITE_ONCE(cn->indices[index], entry);
}

/**
 * chaos_index_need() - the namespace is about to have connections
 * @cn: namespace
 *
 * Most namespaces never have, and are spared the table.
 *
 * Context: may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_index_need(struct chaos_net *cn)
{
	u16 *indices;

	if (READ_ONCE(cn->indices))
		return 0;
	chaos_scramblers_init();
	indices = kvcalloc(INDICES, sizeof(*indices), GFP_KERNEL_ACCOUNT);
	if (!indices)
		return -ENOMEM;
	if (cmpxchg(&cn->indices, NULL, indices))
		kvfree(indices);
	return 0;
}

/**
 * chaos_index_net_init() - for a new namespace
 * @cn: namespace
 */
void chaos_index_net_init(struct chaos_net *cn)
{
	atomic_set(&cn->next_index, chaos_random_u16());
}

/**
 * chaos_index_net_exit() - the namespace goes
 * @cn: namespace; no connection is left
 */
void chaos_index_net_exit(struct chaos_net *cn)
{
	kvfree(cn->indices);
}
