// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "perf_line.h"

/**
 * perf_line_read() - take what has come
 * @line: lines
 * @fd: socket that does not block
 *
 * To be called when perf_line_next() has no more.
 *
 * Return: as recv() does, and -1 with EMSGSIZE if a line is too long.
 */
ssize_t perf_line_read(struct perf_line *line, int fd)
{
	ssize_t n;

	memmove(line->text, line->text + line->used, line->len - line->used);
	line->len -= line->used;
	line->used = 0;
	if (line->len == sizeof(line->text)) {
		errno = EMSGSIZE;
		return -1;
	}
	n = recv(fd, line->text + line->len, sizeof(line->text) - line->len, 0);
	if (n > 0)
		line->len += n;
	return n;
}

/**
 * perf_line_next() - the next line
 * @line: lines
 *
 * Return: the line, without its end, until the next call; NULL if there is none. What
 * follows a NUL in it is lost.
 */
char *perf_line_next(struct perf_line *line)
{
	char *text = line->text + line->used;
	char *end = memchr(text, '\n', line->len - line->used);

	if (!end)
		return NULL;
	*end = 0;
	line->used += end + 1 - text;
	return text;
}
