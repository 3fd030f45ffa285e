// SPDX-License-Identifier: GPL-2.0-or-later
/* Much loss. */
#define _GNU_SOURCE
#include "netem.h"

static const struct netem_row rows[] = {
	{ "loss 20%", 64, 20, 1, false },
	{ "loss 20%", 64, 20, 1, true },
};

int main(void)
{
	return netem_main(rows, ARRAY_SIZE(rows));
}
