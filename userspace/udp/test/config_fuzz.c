// SPDX-License-Identifier: GPL-2.0-or-later
/* Any configuration: one that is accepted must make sense. */
#include <stdlib.h>
#include <string.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void ignore(void *arg, const char *text)
{
	(void)arg;
	must(*text);
}

static void look(const struct config *c)
{
	const struct config_link *link;
	size_t i;

	must(c->n_links > 0 && c->n_links <= CONFIG_LINKS_MAX);
	must(!*c->listen.host || c->listen.family != AF_UNSPEC);
	for (i = 0; i < c->n_links; i++) {
		link = &c->links[i];
		must(*link->tap.name && config_link_of(c, link->tap.addr) == link);
		must(link->max > 0 && link->age >= 30);
		must(!link->tap.peer || link->tap.peer >> 8 == link->tap.addr >> 8);
	}
	for (i = 0; i < c->n_peers; i++) {
		link = config_link_of(c, c->peers[i].addr);
		must(link && link->tap.addr != c->peers[i].addr);
		must(*c->peers[i].where.host || c->peers[i].roam);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	struct conf conf = {
		.tables = { config_keywords },
		.configs = { config },
		.complain = ignore,
	};

	conf_read_text(&conf, "fuzz", (const char *)data, size);
	if (!conf.errors)
		config_check(&conf, config);
	if (!conf.errors)
		look(config);
	config_free(config);
	return 0;
}
