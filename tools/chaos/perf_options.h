/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "chaos perf". */
#ifndef CHAOS_PERF_OPTIONS_H
#define CHAOS_PERF_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/chaos.h>

#include "cmd.h"
#include "perf_message.h"

#define PERF_CONTACT_LEN	(CHAOS_CONTACT_MAX + 1)

/**
 * struct perf_options - what is to be done
 * @server: serve; else measure
 * @contact: of the server
 * @packet_contact: of its packet sockets
 * @echo_contact: of its simple transactions; or what is asked instead
 * @host: as typed
 * @addr: its address
 * @transactions: measure transactions; else @request
 * @request: the test; of transactions its connections, size of a request, duration and
 *	amount
 * @interval_ms: between lines of progress; 0: none
 * @timeout: s without any progress after which to give up
 * @json: print JSON
 * @once: serve one test
 * @verbose: tell of tests
 * @max_time: s, of a test that is served
 * @max_conns: connections of one
 * @max_tests: served at a time
 */
struct perf_options {
	bool server;
	const char *contact;
	char packet_contact[PERF_CONTACT_LEN], echo_contact[PERF_CONTACT_LEN];
	const char *host;
	uint16_t addr;
	bool transactions;
	struct perf_request request;
	int interval_ms, timeout;
	bool json, once, verbose;
	int max_time, max_conns, max_tests;
};

extern const char perf_help[];

int perf_options(struct perf_options *o, const struct cmd *cmd, int argc, char **argv);

#endif /* CHAOS_PERF_OPTIONS_H */
