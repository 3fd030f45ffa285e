// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the two sides of "chaos perf" read from each other, for libFuzzer.
 *
 * The first byte chooses what the others are: a request, or what comes on a control
 * connection, in pieces.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "perf_flow.h"
#include "perf_line.h"
#include "perf_message.h"

/* What is accepted can be said, and means the same again. */
static void request(const uint8_t *data, size_t size)
{
	char text[CHAOS_DATA_MAX + 1] = "", again[CHAOS_DATA_MAX + 1];
	struct perf_opening opening, second;
	FILE *out;

	memcpy(text, data, size < CHAOS_DATA_MAX ? size : CHAOS_DATA_MAX);
	if (perf_opening_parse(text, &opening))
		return;
	if (!opening.data && (!opening.request.conns || !opening.request.size ||
			      opening.request.conns > PERF_CONNS_MAX ||
			      opening.request.size > PERF_SIZE_MAX ||
			      !perf_share(&opening.request, opening.request.conns - 1) !=
			      !opening.request.amount))
		abort();
	out = fmemopen(again, sizeof(again), "w");
	if (!out)
		abort();
	if (opening.data)
		perf_data_print(out, opening.token, opening.index);
	else
		perf_request_print(out, &opening.request);
	fclose(out);
	if (perf_opening_parse(again, &second) || memcmp(&opening, &second, sizeof(second)))
		abort();
}

static void take(char *line)
{
	struct perf_result result;
	uint64_t index, token;

	perf_ready_parse(line, &token);
	if (!perf_result_parse(line, &index, &result) && index >= PERF_CONNS_MAX)
		abort();
}

static void control(const uint8_t *data, size_t size, size_t piece)
{
	struct perf_line line = {};
	int pair[2];
	char *text;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		abort();
	while (size) {
		size_t n = size < piece ? size : piece;

		if (write(pair[1], data, n) != (ssize_t)n || perf_line_read(&line, pair[0]) < 0)
			break;
		data += n;
		size -= n;
		while ((text = perf_line_next(&line)))
			take(text);
	}
	close(pair[0]);
	close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (*data % 4)
		request(data + 1, size - 1);
	else
		control(data + 1, size - 1, *data / 4 * 16 + 1);
	return 0;
}
