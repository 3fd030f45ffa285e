/* SPDX-License-Identifier: GPL-2.0-only */
/* Connection indices: the host's half of what names a connection. */
#ifndef _NET_CHAOS_INDEX_H
#define _NET_CHAOS_INDEX_H

#include "net.h"

/* Late packets of an old connection are gone by then: 15 hops of 2 s. */
#define CHAOS_INDEX_QUARANTINE	30	/* s */

/**
 * enum chaos_index_past - what may still come for an index that is given back
 * @CHAOS_INDEX_UNUSED: nothing
 * @CHAOS_INDEX_STRAYS: late packets
 * @CHAOS_INDEX_TOLD: the same; who sends them was told just now that it is over
 */
enum chaos_index_past {
	CHAOS_INDEX_UNUSED,
	CHAOS_INDEX_STRAYS,
	CHAOS_INDEX_TOLD,
};

int chaos_index_get(struct chaos_net *cn, u16 *index);
int chaos_index_claim(struct chaos_net *cn, u16 index);
bool chaos_index_used(const struct chaos_net *cn, u16 index);
bool chaos_index_told(const struct chaos_net *cn, u16 index);
void chaos_index_put(struct chaos_net *cn, u16 index, enum chaos_index_past past);

int chaos_index_need(struct chaos_net *cn);
void chaos_index_net_init(struct chaos_net *cn);
void chaos_index_net_exit(struct chaos_net *cn);

#endif /* _NET_CHAOS_INDEX_H */
