/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ether: what one member sends, all others get.  Pure: members do the input and output. */
#ifndef CHAOSD_HUB_H
#define CHAOSD_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "claims.h"

struct hub;
struct hub_port;

struct hub_port_ops {
	/* Take a packet, or drop and count it; stay a member whatever happens. */
	void (*take)(struct hub_port *port, const uint8_t *packet, size_t len);
	/* No more for now. */
	void (*flush)(struct hub_port *port);
};

/* Whose packets may be ours, coming back. */
enum hub_port_kind {
	HUB_MEMBER,			/* not those of a member of our own */
	HUB_UPSTREAM,			/* those of another hub may be */
};

/* A member. */
struct hub_port {
	const struct hub_port_ops *ops;
	enum hub_port_kind kind;
	const char *name;		/* for messages */
	struct hub *hub;		/* NULL: of none */
	LIST_ENTRY(hub_port) others;
	uint64_t packets_in, packets_out, bytes_in, bytes_out, echoes;
};

struct hub {
	LIST_HEAD(, hub_port) ports;
	struct claims claims;
	/* Two members use one address; told once for each address and pair. */
	void (*conflict)(struct hub *hub, uint16_t addr, const struct hub_port *first,
			 const struct hub_port *second);
};

void hub_init(struct hub *hub);
void hub_join(struct hub *hub, struct hub_port *port);
void hub_leave(struct hub_port *port);
void hub_packet(struct hub_port *from, const uint8_t *packet, size_t len, uint64_t now);
void hub_flush(struct hub *hub);

#endif /* CHAOSD_HUB_H */
