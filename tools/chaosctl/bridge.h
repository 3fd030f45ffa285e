/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a bridge tells of its routing table: the answer to DUMP-ROUTING-TABLE. */
#ifndef CHAOSCTL_BRIDGE_H
#define CHAOSCTL_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct bridge_hop - where a bridge sends packets for a host
 * @next: the host itself, or the next bridge
 * @cost: what the bridge thinks it costs
 */
struct bridge_hop {
	uint16_t next;
	uint16_t cost;
};

const char *bridge_next(const uint8_t *table, size_t len, uint16_t host, struct bridge_hop *hop);

#endif /* CHAOSCTL_BRIDGE_H */
