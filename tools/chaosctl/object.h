/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured: objects, each with a table of commands. */
#ifndef CHAOSCTL_OBJECT_H
#define CHAOSCTL_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "args.h"
#include "nlmsg.h"
#include "show.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit statuses, as of ip(8). */
enum {
	STATUS_OK,
	STATUS_USAGE,		/* the command line is wrong */
	STATUS_FAILED,		/* the kernel refused, or the result could not be printed */
};

/**
 * struct ctl - what every command needs
 * @tr: to the kernel
 * @out: where results go
 * @stats: -s
 * @info: -i
 * @all: -a
 * @timestamp: -t
 * @force: -f
 * @colour: -c, enum colour_when
 * @check: only find out whether the words make sense
 * @batch: the command is in a file
 * @run: runs a whole command, object first; what the words point to may change
 */
struct ctl {
	struct transport *tr;
	struct show out;
	bool stats;
	bool info;
	bool all;
	bool timestamp;
	bool force;
	int colour;
	bool check;
	bool batch;
	int (*run)(struct ctl *ctl, char **words);
};

/**
 * struct verb - what can be done with an object
 * @name: may be abbreviated
 * @usage: words after the name
 * @run: returns STATUS_*
 * @takes: ARG_* bits it understands; with ARG_WORDS @run understands the words itself, and
 *	does no more than that if ctl->check
 * @needs: ARG_* bits that must be there
 * @one_of: groups of ARG_* bits: exactly one of each must be there
 */
struct verb {
	const char *name;
	const char *usage;
	int (*run)(struct ctl *ctl, const struct args *args);
	uint64_t takes;
	uint64_t needs;
	uint64_t one_of[MAX_CHOICES];
};

/* Shows one message of an answer, in JSON one object; returns 0, or -1 after a complaint. */
typedef int (*show_message)(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args);

/**
 * struct object - what can be configured
 * @name: may be abbreviated
 * @about: for the help
 * @verbs: the first one is meant when none is given
 * @n_verbs: their number
 * @show: prints one message about one such thing, an event too; NULL: there are
 *	no events
 */
struct object {
	const char *name;
	const char *about;
	const struct verb *verbs;
	size_t n_verbs;
	show_message show;
};

extern const struct object link_object;
extern const struct object addr_object;
extern const struct object route_object;
extern const struct object neigh_object;
extern const struct object map_object;
extern const struct object conn_object;
extern const struct object stat_object;
extern const struct object net_object;
extern const struct object rule_object;
extern const struct object config_object;

int object_run(struct ctl *ctl, const struct object *object, char *const *words);
int object_help(struct ctl *ctl, const struct object *object);
int help_refused(struct ctl *ctl);

int object_show(struct ctl *ctl, struct answer *answer, show_message show, const struct args *args);
int object_dump(struct ctl *ctl, uint8_t cmd, show_message show, const struct args *args);
int object_get(struct ctl *ctl, struct request *req, show_message show, const struct args *args);
int object_change(struct request *req);

/*
 * Adds to a request what names the object of one message of a dump, to delete it.
 * Returns 1, 0 if this object is to stay, or -1 after a complaint.
 */
typedef int (*name_message)(struct request *req, struct nlmsghdr *msg, const struct args *args);

int object_flush(struct ctl *ctl, uint8_t get, uint8_t del, name_message name,
		 const struct args *args);
bool device_unknown(const struct args *args);
bool device_matches(struct nlattr *ifname, const struct args *args);

#endif /* CHAOSCTL_OBJECT_H */
