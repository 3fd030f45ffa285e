// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * This host's kernel is a member by a link that we feed.  It makes the trailers of what
 * it sends, with checksums; those of what others send are not looked at, for some put
 * nothing or nonsense there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "log.h"
#include "tap.h"
#include "trailer.h"

struct kernel {
	struct part part;
	struct hub_port port;
	struct tap *tap;
	uint64_t malformed;
};

static struct kernel *of_part(const struct part *part)
{
	return (struct kernel *)part;
}

static void take(struct hub_port *port, const uint8_t *packet, size_t len)
{
	struct kernel *kernel = (struct kernel *)((char *)port - offsetof(struct kernel, port));
	uint8_t *room;
	size_t used;

	if (frame_check(packet, len, &used) != FRAME_OK || used != len) {
		kernel->malformed++;
		return;
	}
	room = tap_room(kernel->tap);
	memcpy(room, packet, len);
	trailer_aim(room, len, kernel->part.config->addr);
	tap_commit(kernel->tap, len);
	port->packets_out++;
	port->bytes_out += len;
}

static void flush(struct hub_port *port)
{
	struct kernel *kernel = (struct kernel *)((char *)port - offsetof(struct kernel, port));

	tap_flush(kernel->tap);
}

static const struct hub_port_ops ops = { .take = take, .flush = flush };

static void on_batch(struct tap *tap, void *arg)
{
	struct kernel *kernel = arg;
	uint64_t now = chaosd_now(kernel->part.chaosd);
	const uint8_t *packet;
	size_t len;

	while ((packet = tap_next(tap, &len)))
		hub_packet(&kernel->port, packet, len, now);
	hub_flush(kernel->port.hub);
}

static void kernel_close(struct part *part)
{
	struct kernel *kernel = of_part(part);

	hub_leave(&kernel->port);
	tap_close(kernel->tap);
	free(kernel);
}

/* Two descriptors cannot feed one link, not even for the time of a change. */
static bool is_fed(const struct chaosd *chaosd, const struct config_part *config)
{
	const struct part *part;

	TAILQ_FOREACH(part, &chaosd->parts, next)
		if (part->ops == &kernel_ops && !strcmp(part->config->link, config->link) &&
		    !strchr(config->link, '%'))
			return true;
	return false;
}

static struct part *kernel_open(struct chaosd *chaosd, const struct config_part *config)
{
	struct tap_config link = {
		.addr = config->addr, .persist = config->persist, .nocheck = true,
	};
	struct kernel *kernel;
	char err[TAP_ERRLEN];

	if (is_fed(chaosd, config)) {
		log_error("%s: another address, or 'persist', needs a restart", config->text);
		return NULL;
	}
	kernel = calloc(1, sizeof(*kernel));
	if (!kernel) {
		log_error("%s: no memory", config->text);
		return NULL;
	}
	memcpy(link.name, config->link, sizeof(link.name));
	if (tap_open(&link, &kernel->tap, err)) {
		log_error("%s", err);
		free(kernel);
		return NULL;
	}
	kernel->port = (struct hub_port) { .ops = &ops, .kind = HUB_MEMBER };
	return &kernel->part;
}

/* From now on packets come. */
static void kernel_begin(struct part *part)
{
	struct kernel *kernel = of_part(part);
	bool first = !kernel->port.name;
	int err;

	kernel->port.name = part->config->text;
	hub_leave(&kernel->port);
	hub_join(&part->ether->hub, &kernel->port);
	if (!first)
		return;
	err = tap_watch(kernel->tap, part->chaosd->daemon->event, on_batch, kernel);
	if (err < 0) {
		log_error("%s: %s", part->config->text, strerror(-err));
		daemon_fail(part->chaosd->daemon);
	}
}

static void kernel_report(const struct part *part)
{
	const struct kernel *kernel = of_part(part);
	const struct tap_counters *counters = tap_counters(kernel->tap);

	log_notice("  link %s: %s, sent %" PRIu64 ", received %" PRIu64 ", lost %" PRIu64
		   ", malformed %" PRIu64, tap_name(kernel->tap),
		   tap_attached(kernel->tap) ? "attached" : "deleted", kernel->port.packets_in,
		   counters->tx_packets, counters->tx_lost, kernel->malformed);
}

const struct part_ops kernel_ops = {
	.open = kernel_open,
	.begin = kernel_begin,
	.close = kernel_close,
	.report = kernel_report,
};
