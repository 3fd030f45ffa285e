// SPDX-License-Identifier: GPL-2.0-or-later
/* Almost half of everything gets lost. */
#define _GNU_SOURCE
#include "netem.h"

static const struct netem_row rows[] = {
	{ "loss 40%", 64, 44, 1, true },
};

int main(void)
{
	return netem_main(rows, ARRAY_SIZE(rows));
}
