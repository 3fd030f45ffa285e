// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LINE_LEN	1024	/* longer messages are cut */

static const char *log_program;
static bool log_journal;
static atomic_int log_least = LOG_NOTICE;

/* The journal tells the programs it reads from which file that is. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(fd, &st) && st.st_dev == dev && st.st_ino == ino;
}

void log_init(const char *program)
{
	log_program = program;
	log_journal = is_journal(STDERR_FILENO);
}

void log_set_level(int level)
{
	log_least = level;
}

int log_level(void)
{
	return log_least;
}

const char *log_level_name(int level)
{
	static const char *const names[] = {
		[LOG_ERR] = "error",
		[LOG_WARNING] = "warning",
		[LOG_NOTICE] = "notice",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};

	return level >= LOG_ERR && level <= LOG_DEBUG ? names[level] : "unknown";
}

void log_make_printable(char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		/* Also those of 8-bit terminals, at the price of some letters of UTF-8. */
		if (c < ' ' || (c >= 0x7f && c < 0xa0))
			*text = '?';
	}
}

void log_message(int level, const char *fmt, ...)
{
	char line[LINE_LEN + 1];
	int saved = errno;
	va_list args;
	size_t len;
	int start = 0;

	if (log_journal)
		start = snprintf(line, sizeof(line), "<%d>", level);
	else if (log_program)
		start = snprintf(line, sizeof(line), "%s: ", log_program);
	va_start(args, fmt);
	errno = saved;	/* for %m */
	vsnprintf(line + start, LINE_LEN - start, fmt, args);
	va_end(args);
	log_make_printable(line + start);
	len = strlen(line);
	line[len++] = '\n';
	/* One call, so that lines of several threads do not mix.  If it fails, so be it. */
	while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
		;
	errno = saved;
}

static bool site_allows(struct log_site *site, int level)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!site->told || (uint64_t)now.tv_sec >= site->since + LOG_INTERVAL) {
		unsigned int kept = site->kept;

		site->since = now.tv_sec;
		site->told = 0;
		site->kept = 0;
		if (kept)
			log_message(level, "%u more messages like the following were not told",
				    kept);
	}
	if (site->told == LOG_BURST) {
		site->kept++;
		return false;
	}
	site->told++;
	return true;
}

bool log_site_allows(struct log_site *site, int level)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* of all sites */
	bool allowed;

	pthread_mutex_lock(&lock);
	allowed = site_allows(site, level);
	pthread_mutex_unlock(&lock);
	return allowed;
}
