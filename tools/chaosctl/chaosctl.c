// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl: configure and show Chaosnet, as ip(8) and ss(8) do for the Internet. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "colour.h"
#include "complain.h"
#include "monitor.h"
#include "netns.h"
#include "nlsock.h"
#include "object.h"
#include "peer.h"

/**
 * struct entry - what the first word may be
 * @name: may be abbreviated
 * @object: the object it names, or whose command it is; NULL for no object
 * @verb: the command is the first word itself: "set" as in "chaosctl set name"
 * @run: no object: what to do with the other words
 * @options: it has options of its own
 * @about: no object: for the help
 */
static const struct entry {
	const char *name;
	const struct object *object;
	const char *verb;
	int (*run)(struct ctl *ctl, char *const *words);
	bool options;
	const char *about;
} entries[] = {
	{ .name = "link", .object = &link_object },
	{ .name = "addr", .object = &addr_object },
	{ .name = "route", .object = &route_object },
	{ .name = "neigh", .object = &neigh_object },
	{ .name = "map", .object = &map_object },
	{ .name = "rule", .object = &rule_object },
	{ .name = "conn", .object = &conn_object },
	{ .name = "stat", .object = &stat_object },
	{ .name = "net", .object = &net_object },
	{ .name = "config", .object = &config_object },
	{ .name = "monitor", .run = monitor_run, .about = "events as they happen" },
	{ .name = "ping", .run = ping_run, .options = true,
	  .about = "whether a host answers, and how fast" },
	{ .name = "trace", .run = trace_run, .options = true,
	  .about = "the bridges on the way to a host" },
	{ .name = "set", .object = &net_object, .verb = "set" },
	{ .name = "show", .object = &net_object, .verb = "show" },
	{ .name = "save", .object = &config_object, .verb = "save" },
	{ .name = "restore", .object = &config_object, .verb = "restore" },
	{ .name = "help" },
};

static void print_help(FILE *f)
{
	fputs("usage: chaosctl [OPTIONS] OBJECT [COMMAND [WORDS]]\n"
	      "\n"
	      "Objects; without COMMAND they are shown:\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		const struct entry *e = &entries[i];

		if (e->object && e->verb)
			fprintf(f, "  %-8s stands for %s %s\n", e->name, e->object->name, e->verb);
		else if (e->object)
			fprintf(f, "  %-8s %s\n", e->name, e->object->about);
		else if (e->about)
			fprintf(f, "  %-8s %s\n", e->name, e->about);
	}
	fputs("\n"
	      "Options:\n"
	      "  -n, --netns NAME   in another network namespace\n"
	      "  -b, --batch FILE   obey the commands in a file, or with - in the input\n"
	      "  -f, --force        with -b: go on after a command that failed\n"
	      "  -j, --json         print JSON\n"
	      "  -p, --pretty       print JSON in many lines\n"
	      "  -s, --statistics   with counters, times and ages\n"
	      "  -i, --info         conn: the same as -s\n"
	      "  -a, --all          stat: with counters that are 0\n"
	      "  -t, --timestamp    monitor: with the time of each event\n"
	      "  -c[WHEN], --color[=WHEN]   colours: always, auto or never\n"
	      "  -V, --version      print the version\n"
	      "  -h, --help         print this\n"
	      "\n"
	      "chaosctl OBJECT help lists the commands of an object.  Objects, commands and\n"
	      "words may be shortened; of several objects the first is meant.  Addresses\n"
	      "and subnet numbers are octal.\n", f);
}

/* Where several names begin alike the first one is meant, as in ip(8): r is route. */
static const struct entry *find_entry(const char *word)
{
	const struct entry *found = NULL;
	size_t len = strlen(word);

	for (const struct entry *e = entries; len && e < entries + ARRAY_SIZE(entries); e++) {
		if (strncmp(e->name, word, len))
			continue;
		if (!e->name[len])
			return e;
		if (!found)
			found = e;
	}
	return found;
}

static const struct entry *pick_entry(const char *word)
{
	const struct entry *e = find_entry(word);

	if (!e) {
		complain("'%s' is not an object", word);
		fputs("try: chaosctl help\n", stderr);
	}
	return e;
}

static int run_free(struct ctl *ctl, const struct entry *e, char *const *words)
{
	if (ctl->batch) {
		complain("'%s' cannot stand in a file of commands", e->name);
		return STATUS_USAGE;
	}
	return e->run(ctl, words);
}

/* chaosctl help, and chaosctl help OBJECT. */
static int run_help(struct ctl *ctl, char *const *words)
{
	const struct entry *e;

	if (help_refused(ctl))
		return STATUS_USAGE;
	if (*words) {
		e = pick_entry(*words);
		if (!e)
			return STATUS_USAGE;
		if (e->run)
			return run_free(ctl, e, (char *const []){ "help", NULL });
		if (e->object)
			return object_help(ctl, e->object);
	}
	print_help(stdout);
	return STATUS_OK;
}

static int run(struct ctl *ctl, char **words)
{
	const struct entry *e;

	if (!*words) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	e = pick_entry(*words);
	if (!e)
		return STATUS_USAGE;
	if (e->run)
		return run_free(ctl, e, words + 1);
	if (!e->object)
		return run_help(ctl, words + 1);
	if (!e->verb)
		return object_run(ctl, e->object, words + 1);
	words[0] = (char *)e->verb;
	return object_run(ctl, e->object, words);
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

/* What the options say, besides what is in struct ctl. */
struct settings {
	const char *netns;
	const char *batch;
	bool pretty;
	bool json;
	bool version;
	bool help;
};

static const struct option options[] = {
	{ "netns",	required_argument,	NULL, 'n' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "pretty",	no_argument,		NULL, 'p' },
	{ "statistics",	no_argument,		NULL, 's' },
	{ "info",	no_argument,		NULL, 'i' },
	{ "all",	no_argument,		NULL, 'a' },
	{ "timestamp",	no_argument,		NULL, 't' },
	{ "batch",	required_argument,	NULL, 'b' },
	{ "force",	no_argument,		NULL, 'f' },
	{ "color",	optional_argument,	NULL, 'c' },
	{ "colour",	optional_argument,	NULL, 'c' },
	{ "version",	no_argument,		NULL, 'V' },
	{ "help",	no_argument,		NULL, 'h' },
	{ }
};

/* One option; returns -1 after a complaint. */
static int take_option(struct ctl *ctl, struct settings *set, int c)
{
	switch (c) {
	case 'n':
		set->netns = optarg;
		return 0;
	case 'j':
		set->json = true;
		return 0;
	case 'p':
		set->json = true;
		set->pretty = true;
		return 0;
	case 's':
		ctl->stats = true;
		return 0;
	case 'i':
		ctl->info = true;
		return 0;
	case 'a':
		ctl->all = true;
		return 0;
	case 't':
		ctl->timestamp = true;
		return 0;
	case 'b':
		set->batch = optarg;
		return 0;
	case 'f':
		ctl->force = true;
		return 0;
	case 'c':
		ctl->colour = colour_parse(optarg);
		return ctl->colour < 0 ? -1 : 0;
	case 'V':
		set->version = true;
		return 0;
	case 'h':
		set->help = true;
		return 0;
	default:
		return -1;
	}
}

/* Those that may stand anywhere, or if there is a + in front before the other words only. */
static int take_options(struct ctl *ctl, struct settings *set, int argc, char **argv,
			const char *letters)
{
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (take_option(ctl, set, c)) {
			fputs("try: chaosctl help\n", stderr);
			return -1;
		}
	}
	return 0;
}

#define LETTERS		"n:jpsiatb:fc::Vh"

/* Takes the options out of the command line; the other words are left at @words. */
static int parse_options(struct ctl *ctl, struct settings *set, int argc, char **argv,
			 char ***words)
{
	const struct entry *e;
	int first;

	if (take_options(ctl, set, argc, argv, "+" LETTERS))
		return -1;
	first = optind;
	*words = argv + first;
	e = first < argc ? find_entry(argv[first]) : NULL;
	if ((e && e->options) || !strcmp(argv[first - 1], "--"))
		return 0;
	/* For getopt's messages. */
	argv[first - 1] = argv[0];
	if (take_options(ctl, set, argc - first + 1, argv + first - 1, LETTERS))
		return -1;
	*words = argv + first - 1 + optind;
	return 0;
}

static int run_all(struct ctl *ctl, const struct settings *set, char **words)
{
	int status = set->netns ? netns_enter(set->netns) : STATUS_OK;

	if (status != STATUS_OK)
		return status;
	if (!set->batch)
		return run(ctl, words);
	if (!*words)
		return batch_file(ctl, set->batch);
	complain("'%s' is too much: with -b the commands are in a file", *words);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .tr = &nlsock, .run = run };
	struct settings set = { 0 };
	char **words;
	int status;

	if (parse_options(&ctl, &set, argc, argv, &words))
		return STATUS_USAGE;
	if (set.version)
		printf("chaosctl %s\n", CHAOSCTL_VERSION);
	else if (set.help)
		print_help(stdout);
	if (set.version || set.help)
		return finish_output(STATUS_OK);
	show_init(&ctl.out, stdout, set.json, set.pretty);
	ctl.out.colour = colour_wanted(ctl.colour, stdout);
	status = run_all(&ctl, &set, words);
	if (nlsock.family)
		nlsock.close(&nlsock);
	return finish_output(status);
}
