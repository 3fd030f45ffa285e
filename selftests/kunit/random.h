/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that look random and are the same in every run. */
#ifndef _CHAOS_KUNIT_RANDOM_H
#define _CHAOS_KUNIT_RANDOM_H

#include <linux/types.h>

/* Parameters of the module, see talk_test.c: how much, and which numbers. */
extern unsigned int rounds, seed;

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
