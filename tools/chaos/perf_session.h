/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One test, at the server. */
#ifndef CHAOS_PERF_SESSION_H
#define CHAOS_PERF_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "perf_conn.h"
#include "perf_line.h"

enum perf_session_state {
	PERF_OPENING,		/* connections are missing, or the word to start */
	PERF_RUNNING,
	PERF_TELLING,		/* what was seen */
};

/**
 * struct perf_session - a test
 * @control: the control connection
 * @list: the server's others
 * @loop: what waits for its sockets
 * @peer: address of the client
 * @token: what its other connections say
 * @request: what it asked for
 * @max_ms: longest duration
 * @state: how far it is
 * @over: to be freed
 * @why: why it was broken off, NULL: it was not
 * @line: what comes from the client
 * @text: what is to be told, of @text_len bytes, of which @told are sent
 * @text_len: see there
 * @told: see there
 * @start: time of its start
 * @end: when to stop sending
 * @deadline: when to give up
 * @progress: sum of perf_conn_progress()
 * @progress_at: when that changed
 * @opened: connections that are open
 * @conns: they
 */
struct perf_session {
	struct perf_watch control;
	LIST_ENTRY(perf_session) list;
	struct perf_loop *loop;
	uint16_t peer;
	uint64_t token;
	struct perf_request request;
	uint64_t max_ms;
	enum perf_session_state state;
	bool over;
	const char *why;
	struct perf_line line;
	char *text;
	size_t text_len, told;
	uint64_t start, end, deadline, progress, progress_at;
	unsigned int opened;
	struct perf_conn conns[];
};

struct perf_session *perf_session_new(struct perf_loop *loop, uint16_t peer,
				      const struct perf_request *request, uint64_t max_ms);
const char *perf_session_open(struct perf_session *s, int fd);
const char *perf_session_join(struct perf_session *s, int fd, unsigned int index);
void perf_session_check(struct perf_session *s, uint64_t now);
uint64_t perf_session_next(const struct perf_session *s);
void perf_session_free(struct perf_session *s);
void perf_refuse(int fd, const char *why);

#endif /* CHAOS_PERF_SESSION_H */
