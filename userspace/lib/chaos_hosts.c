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

/* A hosts file that is read. */
struct reading {
	FILE *file;
	char *line;
	size_t size;
	unsigned int n, bad;		/* lines, and which makes no sense first, 0: none */
	const char *why;		/* it makes none */
};

/* Returns 0 or a negative errno; then end() is not to be called. */
static int begin(struct reading *in, const char *path)
{
	*in = (struct reading) { .file = fopen(path, "re") };
	return in->file ? 0 : -errno;
}

static void end(struct reading *in)
{
	fclose(in->file);
	free(in->line);
}

/*
 * Find the next line with this name or, without a name, this address.  Returns 0, 1
 * when there is no such line, or a negative errno.
 */
static int next(struct reading *in, const char *name, struct chaos_hosts_entry *entry)
{
	while (getline(&in->line, &in->size, in->file) >= 0) {
		struct chaos_hosts_entry e;
		const char *wrong = chaos_hosts_line(in->line, &e);

		in->n++;
		if (wrong && !in->bad) {
			in->bad = in->n;
			in->why = wrong;
		}
		if (wrong || !e.names)
			continue;
		if (name ? has_name(e.names, name) : e.addr == entry->addr) {
			*entry = e;
			return 0;
		}
	}
	return ferror(in->file) ? -errno : 1;
}

/* Tells why next() did not find anything. */
static void explain(const struct reading *in, int status, const char *path,
		    char err[CHAOS_HOSTS_ERRLEN])
{
	if (status < 0)
		snprintf(err, CHAOS_HOSTS_ERRLEN, "cannot read %s: %s", path, strerror(-status));
	else if (in->bad)
		snprintf(err, CHAOS_HOSTS_ERRLEN, "no such host in %s (and line %u: %s)", path,
			 in->bad, in->why);
	else
		snprintf(err, CHAOS_HOSTS_ERRLEN, "no such host in %s", path);
}

/**
 * chaos_hosts_addrs() - all addresses of a name
 * @path: a hosts file
 * @name: a name, in any case
 * @addrs: its addresses, in the order of the file, without repetition
 * @max: the most there is room for; more are ignored
 * @err: why there is none, to follow "@name: "
 *
 * Return: how many there are, 0: there is no such name; -EBADMSG: nor that, but a line that
 * makes no sense; or another negative errno when the file cannot be read.
 */
int chaos_hosts_addrs(const char *path, const char *name, uint16_t *addrs, size_t max,
		      char err[CHAOS_HOSTS_ERRLEN])
{
	struct chaos_hosts_entry entry;
	struct reading in;
	size_t n = 0, i;
	int status = begin(&in, path);

	if (status) {
		explain(&in, status, path, err);
		return status;
	}
	while (n < max && !(status = next(&in, name, &entry))) {
		for (i = 0; i < n && addrs[i] != entry.addr; i++)
			;
		if (i == n)
			addrs[n++] = entry.addr;
	}
	if (status < 0 || !n)
		explain(&in, status, path, err);
	end(&in);
	if (status < 0)
		return status;
	return n || !in.bad ? (int)n : -EBADMSG;
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
	const char *why;

	if (host[strspn(host, "0123456789")] == 0) {
		why = chaos_addr_parse(host, addr);
		if (why)
			snprintf(err, CHAOS_HOSTS_ERRLEN, "%s", why);
		return why ? -1 : 0;
	}
	return chaos_hosts_addrs(hosts_file(), host, addr, 1, err) == 1 ? 0 : -1;
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
	struct reading in;
	int status = begin(&in, hosts_file());

	if (status)
		return status;
	status = next(&in, NULL, &entry);
	if (!status) {
		entry.names[strcspn(entry.names, " ")] = 0;
		snprintf(name, size, "%s", entry.names);
	}
	end(&in);
	return status > 0 ? -ENOENT : status;
}
