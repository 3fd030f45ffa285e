// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos perf: measure connections and transactions. */
#include "perf_client.h"
#include "perf_options.h"
#include "perf_server.h"

static int run_perf(const struct cmd *cmd, int argc, char **argv)
{
	struct perf_options o;
	int status = perf_options(&o, cmd, argc, argv);

	if (status)
		return status;
	if (o.server)
		return perf_serve(&o);
	return o.transactions ? perf_transact(&o) : perf_measure(&o);
}

const struct cmd cmd_perf = {
	.name = "perf",
	.usage = "perf [OPTION...] HOST\n"
		 "       chaos perf --server [OPTION...] [CONTACT]",
	.about = "Measure the speed of connections and transactions",
	.help = perf_help,
	.run = run_perf,
};
