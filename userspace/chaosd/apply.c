// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First all is opened that the new configuration has and the old one has not; if that
 * fails nothing has happened.  Then the parts that both have go over to the new ethers,
 * with their members unless the subnet is another one, and the others are closed.
 */
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "connector.h"
#include "ether.h"
#include "kernel.h"
#include "listener.h"
#include "log.h"
#include "member.h"

static const struct part_ops *const ops_of[CONFIG_N_KINDS] = {
	[CONFIG_LISTEN] = &listener_ops,
	[CONFIG_CONNECT] = &connector_ops,
	[CONFIG_LINK] = &kernel_ops,
};

static struct part *find(const struct chaosd *chaosd, const struct config_part *config)
{
	struct part *part;

	TAILQ_FOREACH(part, &chaosd->parts, next)
		if (part->ether && !part->next_ether && !strcmp(part->config->text, config->text))
			return part;
	return NULL;
}

static struct part *make(struct chaosd *chaosd, const struct config_part *config)
{
	const struct part_ops *ops = ops_of[config->kind];
	struct part *part = ops->open(chaosd, config);

	if (!part)
		return NULL;
	part->ops = ops;
	part->chaosd = chaosd;
	part->config = config;
	TAILQ_INSERT_TAIL(&chaosd->parts, part, next);
	return part;
}

static int prepare_ether(struct chaosd *chaosd, const struct config_ether *config,
			 struct ether_list *ethers)
{
	struct ether *ether = ether_new(config);
	const struct config_part *wanted;

	if (!ether) {
		log_error("no memory");
		return -1;
	}
	TAILQ_INSERT_TAIL(ethers, ether, next);
	TAILQ_FOREACH(wanted, &config->parts, next) {
		struct part *part = find(chaosd, wanted);

		if (!part)
			part = make(chaosd, wanted);
		if (!part)
			return -1;
		part->next_ether = ether;
		part->next_config = wanted;
	}
	return 0;
}

static void remove_part(struct part *part)
{
	TAILQ_REMOVE(&part->chaosd->parts, part, next);
	part->ops->close(part);
}

static struct part *after(struct part *part)
{
	return TAILQ_NEXT(part, next);
}

/* As if nothing had happened. */
static void undo(struct chaosd *chaosd)
{
	struct part *part, *next;

	for (part = TAILQ_FIRST(&chaosd->parts); part; part = next) {
		next = after(part);
		part->next_ether = NULL;
		if (!part->ether)
			remove_part(part);
	}
}

static void free_ethers(struct ether_list *ethers)
{
	struct ether *ether;

	while ((ether = TAILQ_FIRST(ethers))) {
		TAILQ_REMOVE(ethers, ether, next);
		free(ether);
	}
}

/* A member whose part is gone, or is now of another subnet, has to go. */
static void part_with_members(struct chaosd *chaosd, const char *why)
{
	struct member *member, *next;

	for (member = TAILQ_FIRST(&chaosd->members); member; member = next) {
		const struct ether *now = member->part->ether, *then = member->part->next_ether;

		next = TAILQ_NEXT(member, next);
		if (then && then->config->subnet == now->config->subnet)
			continue;
		member_end(member, "%s", why);
		member_free(member);
	}
}

/* The rest of them. */
static void move_members(struct chaosd *chaosd)
{
	struct member *member;

	TAILQ_FOREACH(member, &chaosd->members, next) {
		struct part *part = member->part;

		hub_leave(&member->port);
		hub_join(&part->next_ether->hub, &member->port);
		if (member->port.kind == HUB_MEMBER)
			part->next_ether->n_members++;
	}
}

static void move_parts(struct chaosd *chaosd)
{
	struct part *part, *next;

	for (part = TAILQ_FIRST(&chaosd->parts); part; part = next) {
		next = after(part);
		if (!part->next_ether) {
			remove_part(part);
			continue;
		}
		part->ether = part->next_ether;
		part->config = part->next_config;
		part->next_ether = NULL;
		part->ops->begin(part);
	}
}

static void commit(struct chaosd *chaosd, struct ether_list *ethers, const char *why)
{
	struct ether_list old = TAILQ_HEAD_INITIALIZER(old);

	part_with_members(chaosd, why);
	move_members(chaosd);
	move_parts(chaosd);
	TAILQ_CONCAT(&old, &chaosd->ethers, next);
	TAILQ_CONCAT(&chaosd->ethers, ethers, next);
	free_ethers(&old);
}

/**
 * apply() - go over to a configuration
 * @chaosd: the daemon
 * @config: checked, and in use from now on
 *
 * Return: 0, or -1 after an error was logged; all is as before then.
 */
int apply(struct chaosd *chaosd, const struct config *config)
{
	struct ether_list ethers = TAILQ_HEAD_INITIALIZER(ethers);
	const struct config_ether *ether;

	TAILQ_FOREACH(ether, &config->ethers, next) {
		if (!prepare_ether(chaosd, ether, &ethers))
			continue;
		undo(chaosd);
		free_ethers(&ethers);
		return -1;
	}
	commit(chaosd, &ethers, "the configuration has changed");
	return 0;
}

/**
 * apply_nothing() - close everything
 * @chaosd: the daemon
 */
void apply_nothing(struct chaosd *chaosd)
{
	struct ether_list none = TAILQ_HEAD_INITIALIZER(none);

	commit(chaosd, &none, "chaosd ends");
}
