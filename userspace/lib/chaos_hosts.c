// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
/*
 * The hosts file: an octal address, white space, and the names of that host;
 * '#' starts a comment.  A host with several addresses has several lines.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chaos_addr.h"
#include "chaos_hosts.h"

#define BLANKS	" \t\r\n"

/**
 * chaos_hosts_line() - read one line of a hosts file
 * @line: the line, NUL terminated; is overwritten
 * @entry: what it says; @entry->names is NULL when the line is blank, and
 *	points into @line otherwise
 *
 * Return: NULL, or what is wrong with the line.
 */
const char *chaos_hosts_line(char *line, struct chaos_hosts_entry *entry)
{
	char *word, *save, *out = NULL;
	const char *why;

	entry->names = NULL;
	line[strcspn(line, "#")] = 0;
	word = strtok_r(line, BLANKS, &save);
	if (!word)
		return NULL;
	why = chaos_addr_parse(word, &entry->addr);
	if (why)
		return why;
	while ((word = strtok_r(NULL, BLANKS, &save))) {
		size_t len = strlen(word);

		if (out)
			*out++ = ' ';
		else
			out = word;
		if (!entry->names)
			entry->names = word;
		memmove(out, word, len + 1);
		out += len;
	}
	return entry->names ? NULL : "an address without a name";
}

static bool has_name(const char *names, const char *wanted)
{
	size_t len = strlen(wanted);

	while (*names) {
		size_t n = strcspn(names, " ");

		if (n == len && !strncasecmp(names, wanted, n))
			return true;
		names += n;
		names += strspn(names, " ");
	}
	return false;
}

static const char *hosts_file(void)
{
	const char *path = secure_getenv(CHAOS_HOSTS_ENV);

	return path && *path ? path : CHAOS_HOSTS_FILE;
}

/*
 * Find the first line with this name or, without a name, this address.  @bad
 * gets the number of the first line that makes no sense, and @why the reason.
 * Returns 0, 1 when there is no such line, or a negative errno.
 */
static int search(const char *path, const char *name, struct chaos_hosts_entry *entry,
		  char **line, unsigned int *bad, const char **why)
{
	unsigned int n = 0;
	size_t size = 0;
	FILE *file;
	int ret = 1;

	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (ret && getline(line, &size, file) >= 0) {
		struct chaos_hosts_entry e;
		const char *wrong = chaos_hosts_line(*line, &e);

		n++;
		if (wrong && !*bad) {
			*bad = n;
			*why = wrong;
		}
		if (wrong || !e.names)
			continue;
		if (name ? has_name(e.names, name) : e.addr == entry->addr) {
			*entry = e;
			ret = 0;
		}
	}
	if (ret && ferror(file))
		ret = -errno;
	fclose(file);
	return ret;
}

/**
 * chaos_host_lookup() - the address of a host that somebody typed
 * @host: an octal address, or a name of the hosts file in any case
 * @addr: its address, unchanged on failure; of several the first in the file
 * @err: why it failed, to follow "@host: "
 *
 * The file is /etc/chaosnet/hosts, or what CHAOS_HOSTS in the environment
 * names.
 *
 * Return: 0, or -1 with @err set.
 */
int chaos_host_lookup(const char *host, uint16_t *addr, char err[CHAOS_HOSTS_ERRLEN])
{
	const char *path = hosts_file(), *why;
	struct chaos_hosts_entry entry;
	unsigned int bad = 0;
	char *line = NULL;
	int ret;

	if (host[strspn(host, "0123456789")] == 0) {
		why = chaos_addr_parse(host, addr);
		if (why)
			snprintf(err, CHAOS_HOSTS_ERRLEN, "%s", why);
		return why ? -1 : 0;
	}
	ret = search(path, host, &entry, &line, &bad, &why);
	free(line);
	if (!ret)
		*addr = entry.addr;
	else if (ret > 0 && bad)
		snprintf(err, CHAOS_HOSTS_ERRLEN, "no such host in %s (and line %u: %s)",
			 path, bad, why);
	else if (ret > 0)
		snprintf(err, CHAOS_HOSTS_ERRLEN, "no such host in %s", path);
	else
		snprintf(err, CHAOS_HOSTS_ERRLEN, "cannot read %s: %s", path, strerror(-ret));
	return ret ? -1 : 0;
}

/**
 * chaos_host_name() - the official name of a host
 * @addr: its address
 * @name: the first name on its first line in the hosts file, cut to fit
 * @size: room for the name
 *
 * Return: 0; -ENOENT when the file does not name this address or does not
 * exist, or another negative errno when it cannot be read.
 */
int chaos_host_name(uint16_t addr, char *name, size_t size)
{
	struct chaos_hosts_entry entry = { .addr = addr };
	const char *why;
	unsigned int bad = 0;
	char *line = NULL;
	int ret;

	ret = search(hosts_file(), NULL, &entry, &line, &bad, &why);
	if (!ret) {
		entry.names[strcspn(entry.names, " ")] = 0;
		snprintf(name, size, "%s", entry.names);
	}
	free(line);
	return ret > 0 ? -ENOENT : ret;
}
