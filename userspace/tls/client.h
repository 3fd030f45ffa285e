/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being connected to a server. */
#ifndef CHAOS_TLS_CLIENT_H
#define CHAOS_TLS_CLIENT_H

#include "link.h"

struct client;

struct client *client_new(struct link *link);
void client_free(struct client *client);
void client_configure(struct client *client);
void client_network_changed(struct client *client);
void client_report(const struct client *client);

#endif /* CHAOS_TLS_CLIENT_H */
