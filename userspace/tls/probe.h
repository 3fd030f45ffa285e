/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trying out servers, and names, for the check: blocks, and tells what it finds. */
#ifndef CHAOS_TLS_PROBE_H
#define CHAOS_TLS_PROBE_H

#include <systemd/sd-event.h>

#include "context.h"
#include "identity.h"
#include "resolve.h"
#include "session.h"

/**
 * struct probe - what trying out needs
 * @event: a loop of its own
 * @context: keys and certificates
 * @resolver: looks up Internet addresses
 * @identity: looks up Chaosnet addresses
 */
struct probe {
	sd_event *event;
	struct context *context;
	struct resolver *resolver;
	struct identity *identity;
};

/**
 * struct probe_addrs - which addresses a name has
 * @error: empty, or why it has none
 * @addrs: addresses
 * @n: their number
 */
struct probe_addrs {
	char error[512];
	uint16_t addrs[IDENTITY_ADDRS_MAX];
	size_t n;
};

/**
 * probe_names() - which Chaosnet addresses names have
 * @probe: what it needs
 * @names: of one host
 * @found: what came of it
 */
void probe_names(struct probe *probe, const struct session_names *names,
		 struct probe_addrs *found);

/**
 * probe_has() - whether an address is among those found
 * @found: addresses
 * @addr: which
 */
bool probe_has(const struct probe_addrs *found, uint16_t addr);

/**
 * probe_list() - write addresses, for people
 * @found: addresses
 * @text: where to write them, with commas
 * @len: its length
 *
 * Return: @text.
 */
const char *probe_list(const struct probe_addrs *found, char *text, size_t len);

/**
 * probe_server() - connect to a server and look who it is
 * @probe: what it needs
 * @link: on which it is to be
 * @server: where it is
 */
void probe_server(struct probe *probe, const struct config_link *link,
		  const struct config_server *server);

#endif /* CHAOS_TLS_PROBE_H */
