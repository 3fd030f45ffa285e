// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl rule: what happens to requests for a connection. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"
#include "batch.h"
#include "complain.h"
#include "object.h"
#include "rule.h"

const struct nla_policy rule_policy[CHAOS_RULE_A_MAX + 1] = {
	[CHAOS_RULE_A_NUMBER]	= { .type = NLA_U32 },
	[CHAOS_RULE_A_HOOKS]	= { .type = NLA_U8 },
	[CHAOS_RULE_A_FROM]	= { .type = NLA_NESTED },
	[CHAOS_RULE_A_TO]	= { .type = NLA_NESTED },
	[CHAOS_RULE_A_ACTION]	= { .type = NLA_U8 },
	[CHAOS_RULE_A_FWD_HOST]	= { .type = NLA_U16 },
	[CHAOS_RULE_A_PACKETS]	= { .type = NLA_U64 },
};

static const struct nla_policy match_policy[CHAOS_RULE_MATCH_A_MAX + 1] = {
	[CHAOS_RULE_MATCH_A_KIND] = { .type = NLA_U8 },
};

/* A string; in plain form in quotes if it would not be read as one word otherwise. */
static void show_quoted(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	if (!attr)
		return;
	if (s->json) {
		attr_str(s, key, before, attr);
		return;
	}
	f = open_memstream(&text, &len);
	if (!f)
		return;
	batch_quote(f, nla_data(attr), strnlen(nla_data(attr), nla_len(attr)));
	if (!fclose(f)) {
		show_text(s, before);
		show_text(s, text);
	}
	free(text);
}

static void show_hosts(struct show *s, struct nlattr *attr)
{
	const char *before = " ";
	uint16_t addr;

	show_list_open(s, "list");
	for (int i = 0; i + 2 <= nla_len(attr); i += 2) {
		memcpy(&addr, (char *)nla_data(attr) + i, sizeof(addr));
		show_addr(s, NULL, before, addr);
		before = ",";
	}
	show_list_close(s);
}

static void show_subnets(struct show *s, struct nlattr *attr)
{
	const uint8_t *subnets = nla_data(attr);
	const char *before = " ";

	show_list_open(s, "list");
	for (int i = 0; i < nla_len(attr); i++) {
		show_subnet(s, NULL, before, subnets[i]);
		before = ",";
	}
	show_list_close(s);
}

/* "from" or "to", with a space before it in plain form. */
static int show_side(struct show *s, const char *keyword, struct nlattr *nest)
{
	struct nlattr *tb[CHAOS_RULE_MATCH_A_MAX + 1];

	if (!nest)
		return 0;
	if (answer_nested(nest, tb, CHAOS_RULE_MATCH_A_MAX, match_policy))
		return -1;
	show_text(s, " ");
	show_text(s, keyword);
	show_object_open(s, keyword);
	attr_name(s, "match", " ", rule_match_names, N_MATCH_NAMES,
		  tb[CHAOS_RULE_MATCH_A_KIND]);
	if (tb[CHAOS_RULE_MATCH_A_HOSTS])
		show_hosts(s, tb[CHAOS_RULE_MATCH_A_HOSTS]);
	else if (tb[CHAOS_RULE_MATCH_A_SUBNETS])
		show_subnets(s, tb[CHAOS_RULE_MATCH_A_SUBNETS]);
	show_object_close(s);
	return 0;
}

/* Both hooks are meant where none is named. */
static void show_hooks(struct show *s, struct nlattr *attr)
{
	if (attr && (s->json || nla_get_u8(attr) != N_HOOK_NAMES - 1))
		attr_name(s, "hook", " hook ", rule_hook_names, N_HOOK_NAMES, attr);
}

/**
 * rule_show_words() - print the words of a rule as "rule add" takes them
 * @s: printer
 * @tb: the kernel's attributes of the rule, checked with rule_policy
 *
 * Return: 0, or -1 after a complaint.
 */
int rule_show_words(struct show *s, struct nlattr **tb)
{
	int err;

	attr_u32(s, "number", "number ", tb[CHAOS_RULE_A_NUMBER]);
	show_hooks(s, tb[CHAOS_RULE_A_HOOKS]);
	show_quoted(s, "contact", " contact ", tb[CHAOS_RULE_A_CONTACT]);
	err = show_side(s, "from", tb[CHAOS_RULE_A_FROM]);
	err |= show_side(s, "to", tb[CHAOS_RULE_A_TO]);
	attr_name(s, "action", " ", rule_action_names, N_ACTION_NAMES, tb[CHAOS_RULE_A_ACTION]);
	show_quoted(s, "reason", " reason ", tb[CHAOS_RULE_A_REASON]);
	attr_addr(s, "fwd_host", " ", tb[CHAOS_RULE_A_FWD_HOST]);
	show_quoted(s, "fwd_contact", " contact ", tb[CHAOS_RULE_A_FWD_CONTACT]);
	return err;
}

static int show_rule(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_RULE_A_MAX + 1];
	struct show *s = &ctl->out;
	int err;

	(void)args;
	if (answer_attrs(msg, tb, CHAOS_RULE_A_MAX, rule_policy))
		return -1;
	show_object_open(s, NULL);
	err = rule_show_words(s, tb);
	/* The event that all rules have gone. */
	if (!tb[CHAOS_RULE_A_NUMBER])
		show_bool(s, "all", "all", true);
	if (ctl->stats)
		attr_u64(s, "packets", "\n    packets ", tb[CHAOS_RULE_A_PACKETS]);
	show_line_end(s);
	show_object_close(s);
	return err;
}

static void request_side(struct request *req, int attr, const struct rule_side *side)
{
	struct nlattr *nest = nla_nest_start(req->msg, attr);

	if (!nest) {
		req->broken = true;
		return;
	}
	request_u8(req, CHAOS_RULE_MATCH_A_KIND, side->kind);
	if (side->kind == CHAOS_RULE_MATCH_HOSTS)
		request_bytes(req, CHAOS_RULE_MATCH_A_HOSTS, side->hosts,
			      side->n * sizeof(side->hosts[0]));
	if (side->kind == CHAOS_RULE_MATCH_SUBNETS)
		request_bytes(req, CHAOS_RULE_MATCH_A_SUBNETS, side->subnets, side->n);
	nla_nest_end(req->msg, nest);
}

static void request_action(struct request *req, const struct rule_words *rule)
{
	request_u8(req, CHAOS_RULE_A_ACTION, rule->action);
	if (rule->given & RULE_REASON)
		request_str(req, CHAOS_RULE_A_REASON, rule->reason);
	if (rule->action == CHAOS_RULE_FORWARD)
		request_u16(req, CHAOS_RULE_A_FWD_HOST, rule->fwd_host);
	if (rule->given & RULE_FWD_CONTACT)
		request_str(req, CHAOS_RULE_A_FWD_CONTACT, rule->fwd_contact);
}

static int rule_new(struct ctl *ctl, const struct rule_words *rule, bool replace)
{
	struct request req;

	if (ctl->check)
		return STATUS_OK;
	if (request_begin(&req, ctl->tr, CHAOS_CMD_RULE_NEW, 0))
		return STATUS_FAILED;
	if (rule->given & RULE_NUMBER)
		request_u32(&req, CHAOS_RULE_A_NUMBER, rule->number);
	if (rule->given & RULE_HOOK)
		request_u8(&req, CHAOS_RULE_A_HOOKS, rule->hooks);
	if (rule->given & RULE_CONTACT)
		request_str(&req, CHAOS_RULE_A_CONTACT, rule->contact);
	if (rule->given & RULE_FROM)
		request_side(&req, CHAOS_RULE_A_FROM, &rule->from);
	if (rule->given & RULE_TO)
		request_side(&req, CHAOS_RULE_A_TO, &rule->to);
	request_action(&req, rule);
	if (replace)
		request_flag(&req, CHAOS_RULE_A_REPLACE);
	return object_change(&req);
}

static int rule_add(struct ctl *ctl, const struct args *args)
{
	struct rule_words rule;

	if (rule_words_parse("rule add", args->words, &rule))
		return STATUS_USAGE;
	return rule_new(ctl, &rule, false);
}

static int rule_replace(struct ctl *ctl, const struct args *args)
{
	struct rule_words rule;

	if (rule_words_parse("rule replace", args->words, &rule))
		return STATUS_USAGE;
	if (!(rule.given & RULE_NUMBER)) {
		complain("rule replace: missing 'number N'");
		return STATUS_USAGE;
	}
	return rule_new(ctl, &rule, true);
}

/* The only word there is, which may stand after "number". */
static int only_number(const char *command, char *const *words, uint32_t *number)
{
	if (*words && **words && !strncmp("number", *words, strlen(*words)))
		words++;
	if (!*words) {
		complain("%s: missing the number of a rule", command);
		return -1;
	}
	if (words[1]) {
		complain("'%s' is one word too many", words[1]);
		return -1;
	}
	return rule_number_parse(*words, number);
}

static int rule_delete(struct ctl *ctl, const struct args *args)
{
	struct request req;
	uint32_t number;

	if (only_number("rule delete", args->words, &number))
		return STATUS_USAGE;
	if (ctl->check)
		return STATUS_OK;
	if (request_begin(&req, ctl->tr, CHAOS_CMD_RULE_DEL, 0))
		return STATUS_FAILED;
	request_u32(&req, CHAOS_RULE_A_NUMBER, number);
	return object_change(&req);
}

static int rule_show(struct ctl *ctl, const struct args *args)
{
	char *const *words = args->words;
	struct request req;
	uint32_t number;

	if (*words && only_number("rule show", words, &number))
		return STATUS_USAGE;
	if (ctl->check)
		return STATUS_OK;
	if (!*words)
		return object_dump(ctl, CHAOS_CMD_RULE_GET, show_rule, args);
	if (request_begin(&req, ctl->tr, CHAOS_CMD_RULE_GET, 0))
		return STATUS_FAILED;
	request_u32(&req, CHAOS_RULE_A_NUMBER, number);
	return object_get(ctl, &req, show_rule, args);
}

static int rule_flush(struct ctl *ctl, const struct args *args)
{
	struct request req;

	(void)args;
	if (request_begin(&req, ctl->tr, CHAOS_CMD_RULE_DEL, 0))
		return STATUS_FAILED;
	return object_change(&req);
}

#define RULE_USAGE " [hook input|forward|both] [contact NAME] [from WHO] [to WHO] " \
		   "{allow|drop|reject [reason TEXT]|forward ADDRESS [contact NAME]}"

static const struct verb rule_verbs[] = {
	{ "show", "[N]", rule_show, ARG_WORDS, 0, {} },
	{ "add", "[number N]" RULE_USAGE, rule_add, ARG_WORDS, 0, {} },
	{ "replace", "number N" RULE_USAGE, rule_replace, ARG_WORDS, 0, {} },
	{ "delete", "N", rule_delete, ARG_WORDS, 0, {} },
	{ "flush", "", rule_flush, 0, 0, {} },
};

const struct object rule_object = {
	"rule", "what happens to requests, by contact, source and destination", rule_verbs,
	ARRAY_SIZE(rule_verbs), show_rule,
};
