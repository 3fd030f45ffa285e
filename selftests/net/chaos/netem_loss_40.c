// SPDX-License-Identifier: GPL-2.0-or-later
/* Almost half of everything gets lost. */
#define _GNU_SOURCE
#include "netem.h"

static const struct netem_row rows[] = {
	{ "loss 40%", 64, 44, 1, true },
};

int main(void)
{
	unsigned int i;

	netem_setup();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		netem_test(&rows[i]);
	return netem_done();
}
