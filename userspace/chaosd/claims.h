/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which member of an ether uses which link address. */
#ifndef CHAOSD_CLAIMS_H
#define CHAOSD_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#define CLAIMS_AGE	60000		/* ms after which a host may be somewhere else */
#define CLAIMS_HOLD	20000		/* ms for which one behind another hub may be silent
					 * without a member being taken for it; bridges send
					 * something every 15 s
					 */
#define CLAIMS_ECHO	1000		/* ms until a packet has come back at the latest */

struct hub_port;

struct claim {
	uint16_t addr;
	bool told;			/* that it was claimed twice */
	const struct hub_port *owner;	/* NULL: nobody */
	uint64_t heard;			/* ms */
	uint64_t rival;			/* ms: when a member used it that does not own it */
};

/* By the host byte of the address: an ether is one subnet. */
struct claims {
	struct claim by_host[256];
};

struct claim *claims_find(struct claims *claims, uint16_t addr, uint64_t now);
void claims_set(struct claims *claims, uint16_t addr, const struct hub_port *owner, uint64_t now);
void claims_drop(struct claims *claims, const struct hub_port *owner);

#endif /* CHAOSD_CLAIMS_H */
