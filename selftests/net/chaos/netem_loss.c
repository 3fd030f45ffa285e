// SPDX-License-Identifier: GPL-2.0-or-later
/* A megabyte and loss. */
#define _GNU_SOURCE
#include "netem.h"

static const struct netem_row rows[] = {
	{ NULL, 1024, 1, 1, false },
	{ "loss 1%", 1024, 6, 1, false },
	{ "loss 1%", 1024, 6, 1, true },
	{ "loss 5%", 1024, 10, 1, false },
	{ "loss 5%", 1024, 10, 1, true },
};

int main(void)
{
	return netem_main(rows, ARRAY_SIZE(rows));
}
