// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells without being asked: which kinds there are, and printing one. */
#include <stdio.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "event.h"

/* Events are of a kind for each object; a deletion has a command of its own. */
static const struct kind {
	const struct object *object;
	uint8_t cmd;
	const char *what;
	uint8_t del;
} kinds_known[] = {
	{ &link_object,	 CHAOS_CMD_LINK_NEW,  "new", CHAOS_CMD_LINK_DEL },
	{ &addr_object,	 CHAOS_CMD_ADDR_NEW,  "new", CHAOS_CMD_ADDR_DEL },
	{ &route_object, CHAOS_CMD_ROUTE_NEW, "new", CHAOS_CMD_ROUTE_DEL },
	{ &neigh_object, CHAOS_CMD_NEIGH_NEW, "new", CHAOS_CMD_NEIGH_DEL },
	{ &map_object,	 CHAOS_CMD_MAP_NEW,   "new", CHAOS_CMD_MAP_DEL },
	{ &rule_object,	 CHAOS_CMD_RULE_NEW,  "new", CHAOS_CMD_RULE_DEL },
	{ &conn_object,	 CHAOS_CMD_CONN_NEW,  "new", CHAOS_CMD_CONN_DEL },
	{ &net_object,	 CHAOS_CMD_NET_SET,   "set", CHAOS_CMD_UNSPEC },
};

#define ALL_KINDS	((1u << ARRAY_SIZE(kinds_known)) - 1)

/**
 * event_help() - print how events are asked for
 * @f: where to
 */
void event_help(FILE *f)
{
	fputs("chaosctl monitor [all", f);
	for (size_t i = 0; i < ARRAY_SIZE(kinds_known); i++)
		fprintf(f, " | %s", kinds_known[i].object->name);
	fputs("]...\n", f);
}

/**
 * event_pick_kinds() - which kinds of events some words mean
 * @words: "all" or names of objects, abbreviated or not; ends with NULL; none means all
 * @kinds: result, for event_show()
 *
 * Return: 0, or -1 after a complaint.
 */
int event_pick_kinds(char *const *words, unsigned int *kinds)
{
	const char *names[ARRAY_SIZE(kinds_known) + 1] = { "all" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds_known); i++)
		names[i + 1] = kinds_known[i].object->name;
	*kinds = *words ? 0 : ALL_KINDS;
	for (; *words; words++) {
		int i = word_pick("a kind of event", *words, names, ARRAY_SIZE(names));

		if (i < 0)
			return -1;
		*kinds |= i ? 1u << (i - 1) : ALL_KINDS;
	}
	return 0;
}

/* The kind of a message, if it is one of @kinds. */
static const struct kind *kind_of(uint8_t cmd, unsigned int kinds)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds_known); i++) {
		const struct kind *k = &kinds_known[i];

		if (kinds & 1u << i && (cmd == k->cmd || (k->del && cmd == k->del)))
			return k;
	}
	return NULL;
}

/* With the offset from UTC where it is not only for people. */
static void show_time(struct show *s, const struct timespec *when)
{
	char seconds[32], zone[8], text[64];
	struct tm tm;

	localtime_r(&when->tv_sec, &tm);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	if (s->json)
		snprintf(text, sizeof(text), "%s.%06ld%.3s:%s", seconds, when->tv_nsec / 1000,
			 zone, zone + 3);
	else
		snprintf(text, sizeof(text), "[%s.%06ld] ", seconds, when->tv_nsec / 1000);
	show_str(s, "time", "", text);
}

static void show_kind(struct show *s, const struct kind *k, bool deleted)
{
	char event[16];

	if (s->json) {
		snprintf(event, sizeof(event), "%s-%s", k->object->name,
			 deleted ? "del" : k->what);
		show_str(s, "event", "", event);
		return;
	}
	show_text(s, deleted ? "Deleted " : "");
	show_text(s, k->object->name);
	show_text(s, " ");
	/* Columns are those of the object. */
	s->column = 0;
}

/**
 * event_show() - print an event, in JSON as one object
 * @ctl: context
 * @msg: a message of the kernel's group of events
 * @kinds: others are left out, and so is what a newer kernel has to tell
 * @when: when it came, or NULL to leave that out
 *
 * Return: 0, or -1 after a complaint.
 */
int event_show(struct ctl *ctl, struct nlmsghdr *msg, unsigned int kinds,
	       const struct timespec *when)
{
	const struct args all = { 0 };
	struct show *s = &ctl->out;
	const struct kind *k;
	uint8_t cmd;
	int err;

	if (!genlmsg_valid_hdr(msg, 0))
		return 0;
	cmd = genlmsg_hdr(msg)->cmd;
	k = kind_of(cmd, kinds);
	if (!k)
		return 0;
	show_object_open(s, NULL);
	if (when)
		show_time(s, when);
	show_kind(s, k, cmd == k->del);
	show_object_join(s);
	err = k->object->show(ctl, msg, &all);
	if (err) {
		show_line_end(s);
		show_object_close(s);
	}
	return err;
}
