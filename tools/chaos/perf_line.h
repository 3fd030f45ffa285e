/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of text, as they come from a socket. */
#ifndef CHAOS_PERF_LINE_H
#define CHAOS_PERF_LINE_H

#include <stddef.h>
#include <sys/types.h>

#define PERF_LINE_MAX	1024

/**
 * struct perf_line - what has come; begins as zeros
 * @len: bytes of @text that have come
 * @used: those of the lines that were taken
 * @text: they
 */
struct perf_line {
	size_t len, used;
	char text[PERF_LINE_MAX];
};

ssize_t perf_line_read(struct perf_line *line, int fd);
char *perf_line_next(struct perf_line *line);

#endif /* CHAOS_PERF_LINE_H */
