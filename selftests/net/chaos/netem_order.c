// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets that come late, twice and out of order. */
#define _GNU_SOURCE
#include "netem.h"

static const struct netem_row rows[] = {
	{ "delay 1ms", 1024, 1, 1, false },
	{ "delay 50ms", 1024, 1, 1, false },
	{ "delay 200ms", 512, 1, 1, false },
	{ "delay 20ms 10ms", 512, 1, 1, false },
	{ "delay 10ms reorder 25% 50%", 1024, 1, 1, false },
	{ "duplicate 20%", 1024, 1, 1, false },
};

int main(void)
{
	return netem_main(rows, ARRAY_SIZE(rows));
}
