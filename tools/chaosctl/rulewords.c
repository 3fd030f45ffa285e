// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of "rule add": a rule of the contact filter, as people write it. */
#include <stdio.h>
#include <string.h>

#include <linux/chaos.h>

#include "complain.h"
#include "rule.h"
#include "words.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define ITEM_LEN	32	/* of a list, with many leading zeros */

const char *const rule_hook_names[N_HOOK_NAMES] = {
	[CHAOS_RULE_HOOK_INPUT]		= "input",
	[CHAOS_RULE_HOOK_FORWARD]	= "forward",
	[CHAOS_RULE_HOOK_INPUT | CHAOS_RULE_HOOK_FORWARD] = "both",
};

const char *const rule_match_names[N_MATCH_NAMES] = {
	[CHAOS_RULE_MATCH_ANY]		= "any",
	[CHAOS_RULE_MATCH_HOSTS]	= "host",
	[CHAOS_RULE_MATCH_SUBNETS]	= "subnet",
	[CHAOS_RULE_MATCH_LOCAL]	= "local",
	[CHAOS_RULE_MATCH_SELF]		= "self",
	[CHAOS_RULE_MATCH_BROADCAST]	= "broadcast",
};

const char *const rule_action_names[N_ACTION_NAMES] = {
	[CHAOS_RULE_ALLOW]		= "allow",
	[CHAOS_RULE_DROP]		= "drop",
	[CHAOS_RULE_REJECT]		= "reject",
	[CHAOS_RULE_FORWARD]		= "forward",
};

/**
 * struct reader - words on their way into a rule
 * @words: those not read yet; end with NULL
 * @rule: the rule so far
 */
struct reader {
	char *const *words;
	struct rule_words *rule;
};

/* The value of the keyword before, or NULL after a complaint. */
static const char *next_word(struct reader *r, const char *keyword, const char *value)
{
	if (*r->words)
		return *r->words++;
	complain("'%s' needs a value: %s %s", keyword, keyword, value);
	return NULL;
}

/**
 * rule_number_parse() - the number of a rule, decimal
 * @word: what the user wrote
 * @number: the number
 *
 * Return: 0, or -1 after a complaint.
 */
int rule_number_parse(const char *word, uint32_t *number)
{
	unsigned long long value = 0;
	const char *p;

	for (p = word; *p >= '0' && *p <= '9' && value <= UINT32_MAX; p++)
		value = 10 * value + *p - '0';
	if (*p || !value || value > UINT32_MAX) {
		complain("'%s' is not the number of a rule: those are decimal, from 1 to %u",
			 word, UINT32_MAX);
		return -1;
	}
	*number = value;
	return 0;
}

static int take_number(struct reader *r)
{
	const char *word = next_word(r, "number", "N");

	return word ? rule_number_parse(word, &r->rule->number) : -1;
}

static int take_hook(struct reader *r)
{
	const char *word = next_word(r, "hook", "input|forward|both");

	return word ? word_choice("'input', 'forward' or 'both'", word, rule_hook_names,
				  N_HOOK_NAMES, &r->rule->hooks) : -1;
}

/* The kernel decides about the characters. */
static int check_contact(const char *word)
{
	if (strlen(word) <= CHAOS_CONTACT_MAX)
		return 0;
	complain("'%s' is not a contact name: it is longer than %d characters", word,
		 CHAOS_CONTACT_MAX);
	return -1;
}

static int take_contact(struct reader *r)
{
	r->rule->contact = next_word(r, "contact", "NAME");
	return r->rule->contact ? check_contact(r->rule->contact) : -1;
}

/* Cuts the first item off the list at @word; returns what is behind its comma, or NULL. */
static int cut_item(const char **word, char item[ITEM_LEN])
{
	size_t len = strcspn(*word, ",");

	if (len >= ITEM_LEN) {
		complain("'%s' is too long for a number", *word);
		return -1;
	}
	memcpy(item, *word, len);
	item[len] = '\0';
	*word = (*word)[len] ? *word + len + 1 : NULL;
	return 0;
}

static int take_list(const char *word, struct rule_side *side)
{
	char item[ITEM_LEN];

	for (side->n = 0; word; side->n++) {
		if (side->n == CHAOS_RULE_LIST_MAX) {
			complain("a list may have at most %d members", CHAOS_RULE_LIST_MAX);
			return -1;
		}
		if (cut_item(&word, item))
			return -1;
		if (side->kind == CHAOS_RULE_MATCH_HOSTS ?
		    word_addr(item, &side->hosts[side->n]) :
		    word_subnet(item, &side->subnets[side->n]))
			return -1;
	}
	return 0;
}

/* After "from" or "to", which is @keyword; @n_names leaves out what cannot stand there. */
static int take_side(struct reader *r, const char *keyword, size_t n_names,
		     struct rule_side *side)
{
	const char *word = next_word(r, keyword, "any|host LIST|subnet LIST|local|self");
	char what[32];

	snprintf(what, sizeof(what), "known after '%s'", keyword);
	if (!word || word_choice(what, word, rule_match_names, n_names, &side->kind))
		return -1;
	if (side->kind != CHAOS_RULE_MATCH_HOSTS && side->kind != CHAOS_RULE_MATCH_SUBNETS)
		return 0;
	word = next_word(r, rule_match_names[side->kind], "A,B,...");
	return word ? take_list(word, side) : -1;
}

static int take_from(struct reader *r)
{
	return take_side(r, "from", CHAOS_RULE_MATCH_BROADCAST, &r->rule->from);
}

static int take_to(struct reader *r)
{
	return take_side(r, "to", N_MATCH_NAMES, &r->rule->to);
}

/* Whether the word that may follow the action does so. */
static bool skip_word(struct reader *r, const char *name)
{
	if (!*r->words || !**r->words || strncmp(name, *r->words, strlen(*r->words)))
		return false;
	r->words++;
	return true;
}

static int take_reject(struct reader *r)
{
	r->rule->action = CHAOS_RULE_REJECT;
	if (!skip_word(r, "reason"))
		return 0;
	r->rule->given |= RULE_REASON;
	r->rule->reason = next_word(r, "reason", "TEXT");
	if (!r->rule->reason)
		return -1;
	if (strlen(r->rule->reason) <= CHAOS_DATA_MAX)
		return 0;
	complain("the reason is longer than %d characters", CHAOS_DATA_MAX);
	return -1;
}

static int take_forward(struct reader *r)
{
	const char *word = next_word(r, "forward", "ADDRESS");

	r->rule->action = CHAOS_RULE_FORWARD;
	if (!word || word_addr(word, &r->rule->fwd_host))
		return -1;
	if (!skip_word(r, "contact"))
		return 0;
	r->rule->given |= RULE_FWD_CONTACT;
	r->rule->fwd_contact = next_word(r, "contact", "NAME");
	return r->rule->fwd_contact ? check_contact(r->rule->fwd_contact) : -1;
}

static int take_allow(struct reader *r)
{
	r->rule->action = CHAOS_RULE_ALLOW;
	return 0;
}

static int take_drop(struct reader *r)
{
	r->rule->action = CHAOS_RULE_DROP;
	return 0;
}

static const struct {
	const char *name;
	unsigned int bit;
	int (*take)(struct reader *r);
} keywords[] = {
	{ "number",	RULE_NUMBER,	take_number },
	{ "hook",	RULE_HOOK,	take_hook },
	{ "contact",	RULE_CONTACT,	take_contact },
	{ "from",	RULE_FROM,	take_from },
	{ "to",		RULE_TO,	take_to },
	{ "allow",	RULE_ACTION,	take_allow },
	{ "drop",	RULE_ACTION,	take_drop },
	{ "reject",	RULE_ACTION,	take_reject },
	{ "forward",	RULE_ACTION,	take_forward },
};

static int take_keyword(struct reader *r)
{
	const char *names[ARRAY_SIZE(keywords)];
	int i;

	if (r->rule->given & RULE_ACTION) {
		complain("'%s' is one word too many: nothing follows the action", *r->words);
		return -1;
	}
	for (size_t k = 0; k < ARRAY_SIZE(keywords); k++)
		names[k] = keywords[k].name;
	i = word_pick("a word known here", *r->words, names, ARRAY_SIZE(names));
	if (i < 0)
		return -1;
	if (r->rule->given & keywords[i].bit) {
		complain("'%s' is given twice", keywords[i].name);
		return -1;
	}
	r->words++;
	r->rule->given |= keywords[i].bit;
	return keywords[i].take(r);
}

/**
 * rule_words_parse() - understand a rule
 * @command: for messages: "rule add"
 * @words: the words; end with NULL; must outlive @rule
 * @rule: result
 *
 * Return: 0, or -1 after a complaint.
 */
int rule_words_parse(const char *command, char *const *words, struct rule_words *rule)
{
	struct reader r = { .words = words, .rule = rule };

	memset(rule, 0, sizeof(*rule));
	while (*r.words) {
		if (take_keyword(&r))
			return -1;
	}
	if (rule->given & RULE_ACTION)
		return 0;
	complain("%s: missing 'allow', 'drop', 'reject' or 'forward ADDRESS'", command);
	return -1;
}
