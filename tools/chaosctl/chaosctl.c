// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl: configure and show Chaosnet, as ip(8) and ss(8) do for the Internet. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "netns.h"
#include "nlsock.h"
#include "object.h"

/* @verb: the command is the first word itself, "set" as in "chaosctl set name". */
static const struct entry {
	const char *name;
	const struct object *object;
	const char *verb;
} entries[] = {
	{ "link", &link_object, NULL },
	{ "addr", &addr_object, NULL },
	{ "route", &route_object, NULL },
	{ "neigh", &neigh_object, NULL },
	{ "conn", &conn_object, NULL },
	{ "stat", &stat_object, NULL },
	{ "net", &net_object, NULL },
	{ "set", &net_object, "set" },
	{ "show", &net_object, "show" },
	{ "help", NULL, NULL },
};

static void print_help(FILE *f)
{
	fputs("usage: chaosctl [OPTIONS] OBJECT [COMMAND [WORDS]]\n"
	      "\n"
	      "Objects; without COMMAND they are shown:\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		if (entries[i].object && !entries[i].verb)
			fprintf(f, "  %-8s %s\n", entries[i].name, entries[i].object->about);
	}
	fputs("  set name NAME and show name stand for net set name and net show\n"
	      "\n"
	      "Options:\n"
	      "  -n, --netns NAME   in another network namespace\n"
	      "  -j, --json         print JSON\n"
	      "  -p, --pretty       print JSON in many lines\n"
	      "  -s, --statistics   link: with counters\n"
	      "  -i, --info         conn: with windows, times and counters\n"
	      "  -a, --all          stat: with counters that are 0\n"
	      "  -V, --version      print the version\n"
	      "  -h, --help         print this\n"
	      "\n"
	      "chaosctl OBJECT help lists the commands of an object.  Objects, commands and\n"
	      "words may be shortened as long as they are unambiguous.  Addresses and\n"
	      "subnet numbers are octal.\n", f);
}

static int pick_entry(const char *word)
{
	const char *names[ARRAY_SIZE(entries)];
	int i;

	for (size_t e = 0; e < ARRAY_SIZE(entries); e++)
		names[e] = entries[e].name;
	i = word_pick("an object", word, names, ARRAY_SIZE(names));
	if (i < 0)
		fputs("try: chaosctl help\n", stderr);
	return i;
}

/* chaosctl help, and chaosctl help OBJECT. */
static int run_help(char *const *words)
{
	int i;

	if (*words) {
		i = pick_entry(*words);
		if (i < 0)
			return STATUS_USAGE;
		if (entries[i].object)
			return object_help(entries[i].object);
	}
	print_help(stdout);
	return STATUS_OK;
}

static int run(struct ctl *ctl, char **words)
{
	int i;

	if (!*words) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	i = pick_entry(*words);
	if (i < 0)
		return STATUS_USAGE;
	if (!entries[i].object)
		return run_help(words + 1);
	if (!entries[i].verb)
		return object_run(ctl, entries[i].object, words + 1);
	words[0] = (char *)entries[i].verb;
	return object_run(ctl, entries[i].object, words);
}

/* A full disk shows only now. */
static int finish_output(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fclose(stdout) || failed) {
		complain("cannot write the output%s%s", errno ? ": " : "",
			 errno ? strerror(errno) : "");
		return STATUS_FAILED;
	}
	return status;
}

static const struct option options[] = {
	{ "netns",	required_argument,	NULL, 'n' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "pretty",	no_argument,		NULL, 'p' },
	{ "statistics",	no_argument,		NULL, 's' },
	{ "info",	no_argument,		NULL, 'i' },
	{ "all",	no_argument,		NULL, 'a' },
	{ "version",	no_argument,		NULL, 'V' },
	{ "help",	no_argument,		NULL, 'h' },
	{ }
};

int main(int argc, char **argv)
{
	struct ctl ctl = { .tr = &nlsock };
	const char *netns = NULL;
	bool pretty = false;
	bool json = false;
	int status;
	int c;

	while ((c = getopt_long(argc, argv, "n:jpsiaVh", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			netns = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'p':
			json = true;
			pretty = true;
			break;
		case 's':
			ctl.stats = true;
			break;
		case 'i':
			ctl.info = true;
			break;
		case 'a':
			ctl.all = true;
			break;
		case 'V':
			printf("chaosctl %s\n", CHAOSCTL_VERSION);
			return finish_output(STATUS_OK);
		case 'h':
			print_help(stdout);
			return finish_output(STATUS_OK);
		default:
			fputs("try: chaosctl help\n", stderr);
			return STATUS_USAGE;
		}
	}
	show_init(&ctl.out, stdout, json, pretty);
	status = netns ? netns_enter(netns) : STATUS_OK;
	if (status == STATUS_OK)
		status = run(&ctl, argv + optind);
	if (nlsock.family)
		nlsock.close(&nlsock);
	return finish_output(status);
}
