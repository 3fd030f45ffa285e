/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon at work: ethers; parts, by which packets come to them; members, the
 * connections that listeners accepted and connectors made.
 *
 * Everything hangs off struct chaosd.  A part belongs to one ether, a member to the part
 * it came by; that it is of the same ether follows.  Parts outlive a change of the
 * configuration that still has them, and so do their members.
 */
#ifndef CHAOSD_CHAOSD_H
#define CHAOSD_CHAOSD_H

#include <stdint.h>
#include <sys/queue.h>

#include "config.h"
#include "daemon.h"
#include "hub.h"
#include "resolve.h"

struct chaosd;
struct member;
struct part;

TAILQ_HEAD(ether_list, ether);

struct ether {
	struct hub hub;
	const struct config_ether *config;
	unsigned int n_members;		/* that connected to us */
	TAILQ_ENTRY(ether) next;
};

/* A kind of part. */
struct part_ops {
	/* Make one, with everything that may fail; NULL after an error was logged.  Nothing
	 * of it is to be noticed by others before ->begin.
	 */
	struct part *(*open)(struct chaosd *chaosd, const struct config_part *config);
	/* part->ether and part->config are new, for the first time or again. */
	void (*begin)(struct part *part);
	/* Its members are gone. */
	void (*close)(struct part *part);
	/* One of its members is about to go; may be NULL. */
	void (*lost)(struct part *part, struct member *member);
	void (*report)(const struct part *part);
};

struct part {
	const struct part_ops *ops;
	struct chaosd *chaosd;
	const struct config_part *config;
	struct ether *ether;			/* NULL: it has not begun */
	const struct config_part *next_config;	/* while the configuration changes: in the */
	struct ether *next_ether;		/* new one; NULL: it is not there */
	TAILQ_ENTRY(part) next;
};

struct chaosd {
	struct daemon *daemon;
	struct resolver *resolver;
	struct ether_list ethers;
	TAILQ_HEAD(, part) parts;
	TAILQ_HEAD(, member) members;
};

uint64_t chaosd_now(const struct chaosd *chaosd);

#endif /* CHAOSD_CHAOSD_H */
