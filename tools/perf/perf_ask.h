/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions: a request, its answer, the next request; and how long each took.
 *
 * Sockets are those of struct perf_flow; what is said there holds here.
 */
#ifndef PERF_ASK_H
#define PERF_ASK_H

#include "perf_flow.h"
#include "perf_hist.h"

/**
 * struct perf_ask - who asks; all but @fd may be 0
 * @fd: connected socket
 * @stream: no messages: an answer is @answer bytes, however they come
 * @request: bytes of a request, at most PERF_SIZE_MAX; on a stream not 0
 * @answer: bytes of an answer; for messages: room for it, 0: PERF_SIZE_MAX
 * @amount: transactions to do; 0: any number
 * @end: when to ask no more, time of perf_now(); 0: never
 * @latency: where to count the times in nanoseconds, NULL: the clock is not read
 * @count: result: bytes of answers, transactions, system calls of both kinds
 * @asked: when, if there is no answer yet
 * @waiting: there is no answer yet
 * @moved: bytes of the request or of the answer, on a stream
 */
struct perf_ask {
	int fd;
	bool stream;
	size_t request, answer;
	uint64_t amount;
	uint64_t end;
	struct perf_hist *latency;
	struct perf_count count;
	uint64_t asked;
	bool waiting;
	size_t moved;
};

enum perf_step perf_ask(struct perf_ask *a);
enum perf_step perf_ask_all(struct perf_ask *a);
enum perf_step perf_echo(int fd, socklen_t addr_len, struct perf_count *count);

#endif /* PERF_ASK_H */
