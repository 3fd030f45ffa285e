// SPDX-License-Identifier: GPL-2.0-or-later
/* The words after a command: addresses, devices and keywords with values. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "complain.h"
#include "names.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int take_addr(const char *word, struct args *args)
{
	return word_addr(word, &args->addr);
}

static int take_dev(const char *word, struct args *args)
{
	args->dev = word;
	return word_dev(word);
}

static int take_cost(const char *word, struct args *args)
{
	return word_cost(word, &args->cost);
}

static int take_via(const char *word, struct args *args)
{
	return word_addr(word, &args->via);
}

static int take_lladdr(const char *word, struct args *args)
{
	return word_lladdr(word, args->lladdr);
}

static int take_subnet(const char *word, struct args *args)
{
	return word_subnet(word, &args->subnet);
}

static int take_host(const char *word, struct args *args)
{
	return word_addr(word, &args->host);
}

static int take_name(const char *word, struct args *args)
{
	args->name = word;
	return word_host_name(word);
}

static int take_file(const char *word, struct args *args)
{
	args->file = word;
	return 0;
}

static int take_src(const char *word, struct args *args)
{
	return word_addr(word, &args->src);
}

static int take_rut(const char *word, struct args *args)
{
	return word_choice("'off', 'listen' or 'on'", word, rut_names, N_RUT_NAMES, &args->rut);
}

static int take_poison(const char *word, struct args *args)
{
	return word_switch(word, &args->poison);
}

static int take_proxy_arp(const char *word, struct args *args)
{
	return word_choice("'off', 'hosts' or 'all'", word, proxy_arp_names, N_PROXY_ARP_NAMES,
			   &args->proxy_arp);
}

static int take_forwarding(const char *word, struct args *args)
{
	return word_switch(word, &args->forwarding);
}

static int take_private(const char *word, struct args *args)
{
	return word_subnets(word, args->private);
}

/* "learned" says more than "bridge", as the specification calls it. */
static int take_type(const char *word, struct args *args)
{
	if (!strcmp(word, "learned")) {
		args->type = CHAOS_ROUTE_BRIDGE;
		return 0;
	}
	return word_choice("a type of route", word, route_type_names, N_ROUTE_TYPE_NAMES,
			   &args->type);
}

static int take_kind(const char *word, struct args *args)
{
	uint8_t i;

	if (word_choice("'chaos' or 'ip'", word, link_kind_names, N_LINK_KIND_NAMES, &i))
		return -1;
	args->kind = link_kind_names[i];
	return 0;
}

static int take_peer(const char *word, struct args *args)
{
	args->peer = 0;
	return strcmp(word, "none") ? word_addr(word, &args->peer) : 0;
}

static int take_user(const char *word, struct args *args)
{
	return word_user(word, &args->uid);
}

static int take_group(const char *word, struct args *args)
{
	return word_group(word, &args->gid);
}

static int take_self(const char *word, struct args *args)
{
	return word_addr(word, &args->self);
}

static int take_ip(const char *word, struct args *args)
{
	return word_ip(word, &args->ip);
}

static int take_local(const char *word, struct args *args)
{
	return word_local(word, &args->local);
}

static int take_local6(const char *word, struct args *args)
{
	return word_local6(word, &args->local6);
}

static int take_ttl(const char *word, struct args *args)
{
	return word_count(word, "a time to live", 1, 255, &args->ttl);
}

static int take_learn(const char *word, struct args *args)
{
	return word_count(word, "a number of mappings to learn", 0, 1024, &args->learn);
}

static int take_age(const char *word, struct args *args)
{
	return word_duration(word, &args->age);
}

/* @value and @take are NULL for keywords that stand alone, @name for what has none. */
static const struct keyword {
	const char *name;
	uint64_t bit;
	const char *value;
	int (*take)(const char *word, struct args *args);
} keywords[] = {
	{ NULL,		ARG_ADDR,	"ADDRESS",	take_addr },
	{ NULL,		ARG_FILE,	"FILE",		take_file },
	{ NULL,		ARG_IP,		"IP",		take_ip },
	{ "dev",	ARG_DEV,	"DEV",		take_dev },
	{ "cost",	ARG_COST,	"N",		take_cost },
	{ "via",	ARG_VIA,	"ADDRESS",	take_via },
	{ "lladdr",	ARG_LLADDR,	"MAC",		take_lladdr },
	{ "subnet",	ARG_SUBNET,	"N",		take_subnet },
	{ "host",	ARG_HOST,	"ADDRESS",	take_host },
	{ "default",	ARG_DEFAULT,	NULL,		NULL },
	{ "name",	ARG_NAME,	"NAME",		take_name },
	{ "name",	ARG_JUST_NAME,	NULL,		NULL },
	{ "net",	ARG_NET,	NULL,		NULL },
	{ "info",	ARG_INFO,	NULL,		NULL },
	{ "all",	ARG_ALL,	NULL,		NULL },
	{ "rut",	ARG_RUT,	"off|listen|on", take_rut },
	{ "poison",	ARG_POISON,	"on|off",	take_poison },
	{ "proxy_arp",	ARG_PROXY_ARP,	"off|hosts|all", take_proxy_arp },
	{ "forwarding",	ARG_FORWARDING,	"on|off",	take_forwarding },
	{ "private",	ARG_PRIVATE,	"SUBNETS",	take_private },
	{ "type",	ARG_TYPE,	"TYPE",		take_type },
	{ "type",	ARG_KIND,	"chaos|ip",	take_kind },
	{ "peer",	ARG_PEER,	"ADDRESS|none",	take_peer },
	{ "user",	ARG_USER,	"USER",		take_user },
	{ "group",	ARG_GROUP,	"GROUP",	take_group },
	{ "from",	ARG_SRC,	"ADDRESS",	take_src },
	{ "proxy",	ARG_PROXY,	NULL,		NULL },
	{ "addr",	ARG_SELF,	"ADDRESS",	take_self },
	{ "local",	ARG_LOCAL,	"IP",		take_local },
	{ "local6",	ARG_LOCAL6,	"IP",		take_local6 },
	{ "ttl",	ARG_TTL,	"N",		take_ttl },
	{ "learn",	ARG_LEARN,	"N",		take_learn },
	{ "age",	ARG_AGE,	"DURATION",	take_age },
};

static const struct keyword *keyword_of(uint64_t bit)
{
	const struct keyword *k = keywords;

	while (k->bit != bit)
		k++;
	return k;
}

/* Whether @word is, in full, a keyword that may stand here. */
static bool is_keyword(const char *word, uint64_t takes)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		const struct keyword *k = &keywords[i];

		if ((k->bit & takes) && k->name && !strcmp(k->name, word))
			return true;
	}
	return false;
}

/* The keyword that @word abbreviates, among those that may stand here. */
static const struct keyword *pick_keyword(const char *word, uint64_t takes)
{
	const char *names[ARRAY_SIZE(keywords)] = { NULL };
	bool any = false;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(keywords); i++) {
		if (keywords[i].bit & takes)
			names[i] = keywords[i].name;
		any |= !!names[i];
	}
	if (!any) {
		complain("'%s' is one word too many", word);
		return NULL;
	}
	i = word_pick("a word known here", word, names, ARRAY_SIZE(names));
	return i < 0 ? NULL : &keywords[i];
}

/* What the next word begins: a bare address or device, or a keyword. */
static const struct keyword *classify(const char *word, uint64_t takes, uint64_t given,
				      bool *bare)
{
	*bare = true;
	if ((takes & ARG_BARE_DEV) && !(given & ARG_DEV) && !is_keyword(word, takes))
		return keyword_of(ARG_DEV);
	if ((takes & ARG_BARE_TYPE) && !(given & ARG_TYPE) && !is_keyword(word, takes))
		return keyword_of(ARG_TYPE);
	if ((takes & ARG_FILE) && !(given & ARG_FILE))
		return keyword_of(ARG_FILE);
	if ((takes & ARG_IP) && !(given & ARG_IP) && word_is_ip(word))
		return keyword_of(ARG_IP);
	/* Anything but letters is meant as an address, if a bad one. */
	if ((takes & ARG_ADDR) && !(given & ARG_ADDR) && !isalpha((unsigned char)*word))
		return keyword_of(ARG_ADDR);
	*bare = false;
	return pick_keyword(word, takes);
}

/**
 * args_parse() - understand the words after a command
 * @words: the words, ends with NULL; must outlive @args
 * @takes: ARG_* bits that the command takes, each at most once
 * @args: result
 *
 * Return: 0, or -1 after a complaint.
 */
int args_parse(char *const *words, uint64_t takes, struct args *args)
{
	memset(args, 0, sizeof(*args));
	if (takes & ARG_WORDS) {
		args->given = ARG_WORDS;
		args->words = words;
		return 0;
	}
	while (*words) {
		const struct keyword *k;
		bool bare;

		k = classify(*words, takes, args->given, &bare);
		if (!k)
			return -1;
		if (args->given & k->bit) {
			complain("'%s' is given twice", k->name);
			return -1;
		}
		if (!bare)
			words++;
		if (k->take) {
			if (!*words) {
				complain("'%s' needs a value: %s %s", k->name, k->name, k->value);
				return -1;
			}
			if (k->take(*words++, args))
				return -1;
		}
		args->given |= k->bit;
	}
	return 0;
}

/* Writes the keywords of @bits: 'subnet N' or 'host ADDRESS'. */
static void name_args(char *buf, size_t size, uint64_t bits, const char *between)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(keywords) && used < size; i++) {
		const struct keyword *k = &keywords[i];

		if (!(bits & k->bit))
			continue;
		used += snprintf(buf + used, size - used, "%s'%s%s%s'", used ? between : "",
				 k->name ? k->name : "", k->name && k->value ? " " : "",
				 k->value ? k->value : "");
	}
}

/* Whether exactly one of @choice was given, with ARG_OR at least one; 0 is no choice. */
static int check_choice(const char *command, uint64_t choice, const struct args *args)
{
	uint64_t chosen = args->given & choice;
	char names[480];

	if (choice && !chosen) {
		name_args(names, sizeof(names), choice, " or ");
		complain("%s: missing %s", command, names);
		return -1;
	}
	if (!(choice & ARG_OR) && (chosen & (chosen - 1))) {
		name_args(names, sizeof(names), chosen, " and ");
		complain("%s: %s exclude each other", command, names);
		return -1;
	}
	return 0;
}

/**
 * args_check() - whether what was given is enough
 * @command: for the message: "route add"
 * @needs: ARG_* bits that must be there
 * @one_of: groups of ARG_* bits: exactly one of each must be there; 0 for none
 * @args: what was given
 *
 * Return: 0, or -1 after a complaint.
 */
int args_check(const char *command, uint64_t needs, const uint64_t one_of[MAX_CHOICES],
	       const struct args *args)
{
	uint64_t missing = needs & ~args->given;
	char names[480];

	for (int i = 0; i < MAX_CHOICES; i++) {
		if (check_choice(command, one_of[i], args))
			return -1;
	}
	if (missing) {
		name_args(names, sizeof(names), missing, " and ");
		complain("%s: missing %s", command, names);
		return -1;
	}
	return 0;
}
