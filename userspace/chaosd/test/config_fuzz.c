// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target for configurations. */
#include <stdlib.h>
#include <string.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void complain(void *arg, const char *text)
{
	(void)arg;
	if (!*text || strchr(text, '\n'))
		abort();
}

/* What was accepted must make sense. */
static void check(const struct config *config)
{
	const struct config_ether *ether;
	const struct config_part *part;

	if (TAILQ_EMPTY(&config->ethers))
		abort();
	TAILQ_FOREACH(ether, &config->ethers, next) {
		if (!ether->members || !ether->queue || !ether->stall || TAILQ_EMPTY(&ether->parts))
			abort();
		TAILQ_FOREACH(part, &ether->parts, next) {
			if (part->kind == CONFIG_LINK ? part->addr >> 8 != ether->subnet :
			    part->tcp ? !part->endpoint.port : *part->path != '/')
				abort();
			if (part->mode & ~0777 || !*part->text)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	struct conf conf = {
		.tables = { config_keywords }, .configs = { config }, .complain = complain,
	};

	conf_read_text(&conf, "fuzz", (const char *)data, size);
	if (!conf.errors)
		config_check(&conf, config);
	if (!conf.errors)
		check(config);
	config_free(config);
	return 0;
}
