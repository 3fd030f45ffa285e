/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of the contact filter: as words, and in messages of the kernel. */
#ifndef CHAOSCTL_RULE_H
#define CHAOSCTL_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/chaos_netlink.h>
#include <netlink/attr.h>

#include "show.h"

#define N_HOOK_NAMES	4
#define N_MATCH_NAMES	(CHAOS_RULE_MATCH_BROADCAST + 1)
#define N_ACTION_NAMES	(CHAOS_RULE_FORWARD + 1)

extern const char *const rule_hook_names[N_HOOK_NAMES];
extern const char *const rule_match_names[N_MATCH_NAMES];
extern const char *const rule_action_names[N_ACTION_NAMES];

/**
 * struct rule_side - what was said after "from" or "to"
 * @kind: enum chaos_rule_match
 * @n: how many are in @hosts or @subnets
 * @hosts: CHAOS_RULE_MATCH_HOSTS
 * @subnets: CHAOS_RULE_MATCH_SUBNETS
 */
struct rule_side {
	uint8_t kind;
	size_t n;
	uint16_t hosts[CHAOS_RULE_LIST_MAX];
	uint8_t subnets[CHAOS_RULE_LIST_MAX];
};

/* Bits of struct rule_words.given. */
enum {
	RULE_NUMBER	= 1 << 0,
	RULE_HOOK	= 1 << 1,
	RULE_CONTACT	= 1 << 2,
	RULE_FROM	= 1 << 3,
	RULE_TO		= 1 << 4,
	RULE_ACTION	= 1 << 5,
	RULE_REASON	= 1 << 6,
	RULE_FWD_CONTACT = 1 << 7,
};

/**
 * struct rule_words - a rule as it was written
 * @given: RULE_* bits; the other members are valid only with theirs
 * @number: RULE_NUMBER
 * @hooks: RULE_HOOK
 * @contact: RULE_CONTACT, points into the command line
 * @from: RULE_FROM
 * @to: RULE_TO
 * @action: RULE_ACTION
 * @reason: RULE_REASON, points into the command line
 * @fwd_host: RULE_ACTION, if that is to forward
 * @fwd_contact: RULE_FWD_CONTACT, points into the command line
 */
struct rule_words {
	unsigned int given;
	uint32_t number;
	uint8_t hooks;
	const char *contact;
	struct rule_side from;
	struct rule_side to;
	uint8_t action;
	const char *reason;
	uint16_t fwd_host;
	const char *fwd_contact;
};

int rule_number_parse(const char *word, uint32_t *number);
int rule_words_parse(const char *command, char *const *words, struct rule_words *rule);

extern const struct nla_policy rule_policy[CHAOS_RULE_A_MAX + 1];

int rule_show_words(struct show *s, struct nlattr **tb);

#endif /* CHAOSCTL_RULE_H */
