/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a member has not yet taken: a bounded queue of frames. */
#ifndef CHAOSD_OUTQ_H
#define CHAOSD_OUTQ_H

#include <stdbool.h>
#include <stddef.h>

#include "stream.h"

struct outq_frame {
	uint16_t len;
	uint8_t bytes[STREAM_FRAME_MAX];
};

struct outq {
	struct outq_frame *ring;
	unsigned int limit, head, count;	/* frames */
	size_t sent;				/* bytes of the first one */
};

bool outq_init(struct outq *q, unsigned int limit);
void outq_free(struct outq *q);
bool outq_put(struct outq *q, const uint8_t *packet, size_t len);
int outq_flush(struct outq *q, int fd);

static inline bool outq_empty(const struct outq *q)
{
	return !q->count;
}

#endif /* CHAOSD_OUTQ_H */
