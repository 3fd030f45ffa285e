/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection: the stream of packets of one member. */
#ifndef CHAOSD_MEMBER_H
#define CHAOSD_MEMBER_H

#include "chaosd.h"
#include "outq.h"
#include "stream.h"

#define MEMBER_NAME_LEN	96

struct member {
	struct hub_port port;
	struct part *part;		/* by which it came */
	char name[MEMBER_NAME_LEN];
	int fd;
	sd_event_source *io, *end;
	struct stream in;
	struct outq out;
	uint64_t since, moved;		/* ms: when it came, and when it last took a packet */
	uint64_t dropped;		/* packets that it did not take in time */
	bool dropping;
	char why[128];			/* it ends; empty: it does not */
	TAILQ_ENTRY(member) next;
};

struct member *member_new(struct part *part, int fd, enum hub_port_kind kind, const char *name);
void member_end(struct member *member, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void member_free(struct member *member);

#endif /* CHAOSD_MEMBER_H */
