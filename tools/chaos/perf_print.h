/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "chaos perf" tells, in words or as JSON, on standard output. */
#ifndef CHAOS_PERF_PRINT_H
#define CHAOS_PERF_PRINT_H

#include "json.h"
#include "perf_flow.h"
#include "perf_hist.h"
#include "perf_options.h"

/**
 * struct perf_progress - counts of a test so far
 * @ns: since its start
 * @sent: bytes
 * @received: bytes
 * @ops: transactions
 */
struct perf_progress {
	uint64_t ns, sent, received, ops;
};

/**
 * struct perf_print - what is told
 * @o: options
 * @json: writer
 * @before: the end of the last interval told
 */
struct perf_print {
	const struct perf_options *o;
	struct json json;
	struct perf_progress before;
};

/**
 * struct perf_outcome - how a test ended
 * @complete: all that was sent has arrived, as both sides say
 * @interrupted: the user ended it
 * @client: what we saw, for each connection; NULL: nothing
 * @server: what the server saw; NULL: it has not told all
 * @latency: of transactions
 * @count: of transactions
 * @ns: from the first to the last of them
 */
struct perf_outcome {
	bool complete, interrupted;
	const struct perf_result *client, *server;
	const struct perf_hist *latency;
	struct perf_count count;
	uint64_t ns;
};

void perf_print_begin(struct perf_print *p, const struct perf_options *o);
void perf_print_interval(struct perf_print *p, const struct perf_progress *now);
void perf_print_rest(struct perf_print *p, const struct perf_progress *now);
void perf_print_end(struct perf_print *p, const struct perf_outcome *outcome);

#endif /* CHAOS_PERF_PRINT_H */
