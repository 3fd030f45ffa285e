/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that look random and are the same in every run; how much to do with them. */
#ifndef _CHAOS_KUNIT_RANDOM_H
#define _CHAOS_KUNIT_RANDOM_H

#include <linux/minmax.h>
#include <linux/types.h>

/* Parameters of the module, see talk_test.c: how much, and which numbers. */
extern unsigned int rounds, seed, effort;

/* So much is to be done of something long. */
static inline u32 some_of(u32 all)
{
	return max_t(u64, (u64)all * effort / 1000, 1);
}

struct random {
	u64 state;
};

static inline void random_seed(struct random *random, u64 start)
{
	random->state = start;
}

/* A Weyl sequence through a mixing function. */
static inline u32 random_next(struct random *random)
{
	u64 x = random->state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ull;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ull;
	return x >> 32;
}

/* Of numbers that are as good as each other, one in so many is to be tried; odd. */
static inline u32 one_in(void)
{
	return max(1000 / max(effort, 1u), 1u) | 1;
}

/* 0 to @limit - 1. */
static inline u32 random_below(struct random *random, u32 limit)
{
	return (u64)random_next(random) * limit >> 32;
}

/* True in @permille of 1000 cases. */
static inline bool random_chance(struct random *random, u32 permille)
{
	return random_below(random, 1000) < permille;
}

#endif /* _CHAOS_KUNIT_RANDOM_H */
