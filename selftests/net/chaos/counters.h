/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the namespace counts between two moments, as text: the names, as in
 * "chaosctl stat", of the counters that went up by one, in its order; others with
 * the difference, as in "rx tx+2 drop_short".
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "genl.h"

#define COUNTERS_MAX	128
#define COUNTERS_TEXT	1024

struct counters {
	unsigned int n;
	struct {
		char name[32];
		long long value;
	} c[COUNTERS_MAX];
};

/* The names come from chaosctl, once, which shows the counters as the kernel does. */
static inline void counters_name(struct counters *names)
{
	char output[NETNS_OUTPUT], *s;
	int used;

	if (netns_run(output, "chaosctl -j -a stat"))
		tap_bail("chaosctl stat: %s", output);
	for (s = strchr(output, '"'); s && names->n < COUNTERS_MAX; s = strchr(s, '"')) {
		if (sscanf(s, "\"%31[a-z_]\":%*u%n", names->c[names->n].name, &used) != 1)
			tap_bail("chaosctl stat says: %s", s);
		names->n++;
		s += used;
	}
}

/* Those of the namespace where this is called first. */
static inline void counters_read(struct counters *now)
{
	static struct counters names;
	static struct genl netlink;
	struct genl_answer answer;
	struct nlattr *attr;
	unsigned int n = 0;

	if (!names.n) {
		counters_name(&names);
		genl_open(&netlink);
	}
	*now = names;
	genl_ask(&netlink, netlink.family, CHAOS_CMD_STATS_GET, 0, NULL, &answer);
	genl_for_each(attr, &answer)
		if (genl_type(attr) != CHAOS_STAT_PAD && n < names.n)
			now->c[n++].value = genl_u64(attr);
	if (!n || n != names.n)
		tap_bail("chaosctl knows %u counters, the kernel %u", names.n, n);
}

/* The value of one, for changing. */
static inline long long *counters_of(struct counters *c, const char *name)
{
	unsigned int i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->c[i].name, name))
			return &c->c[i].value;
	tap_bail("there is no counter %s", name);
}

/* What was counted since; each counter that went up by @times goes by its name alone. */
static inline const char *counters_since(const struct counters *before,
					 const struct counters *after, int times, char *text)
{
	unsigned int i;
	int len = 0;

	text[0] = 0;
	for (i = 0; i < after->n; i++) {
		long long diff = after->c[i].value - before->c[i].value;

		if (diff)
			len += snprintf(text + len, COUNTERS_TEXT - len, "%s%s",
					len ? " " : "", after->c[i].name);
		if (diff && diff != times)
			len += snprintf(text + len, COUNTERS_TEXT - len, "%+lld", diff);
	}
	return text;
}

#endif /* COUNTERS_H */
