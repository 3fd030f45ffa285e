/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames are wanted. */
#ifndef CHAOS_MATCH_H
#define CHAOS_MATCH_H

#include "frame.h"

#define MATCH_HOSTS	2

/**
 * struct match - what a frame must have; each of it, if it is given
 * @hosts: all of these, as source or destination
 * @n_hosts: how many
 * @ops: given: one of these
 * @op: for each opcode: it is one
 * @arp: ARP is one
 * @contact: RFC, BRD or FWD with this contact, in any case
 */
struct match {
	uint16_t hosts[MATCH_HOSTS];
	unsigned int n_hosts;
	bool ops;
	bool op[256];
	bool arp;
	const char *contact;
};

int match_add_ops(struct match *m, const char *list);
bool match_frame(const struct match *m, const struct frame *f);

#endif /* CHAOS_MATCH_H */
