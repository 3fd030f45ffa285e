/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What chaosd is told to do. */
#ifndef CHAOSD_CONFIG_H
#define CHAOSD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "conf.h"

#define CONFIG_SERVER	"/var/tmp/chaosd_server"	/* where programs look for it */

enum config_kind {
	CONFIG_LISTEN,
	CONFIG_CONNECT,
	CONFIG_LINK,
	CONFIG_N_KINDS
};

/* One way for packets to come to an ether. */
struct config_part {
	enum config_kind kind;
	struct conf_place place;
	/* How it is written, without what may change while it is open: two are the same if
	 * this is.
	 */
	char text[sizeof("connect tcp ") + WORD_ENDPOINT_LEN];
	bool tcp;			/* to listen and connect: otherwise a Unix socket */
	struct endpoint endpoint;
	char path[108];
	mode_t mode;
	char group[64];			/* empty: as it comes */
	char link[16];
	uint16_t addr;
	bool persist;
	TAILQ_ENTRY(config_part) next;
};

/* A subnet. */
struct config_ether {
	uint8_t subnet;			/* 0: not told, and there is no link to tell it */
	struct conf_place place;
	unsigned long members;		/* how many may connect to us */
	unsigned long queue;		/* packets that wait for each of them */
	unsigned long stall;		/* seconds for which one may take nothing */
	TAILQ_HEAD(config_parts, config_part) parts;
	TAILQ_ENTRY(config_ether) next;
};

struct config {
	TAILQ_HEAD(config_ethers, config_ether) ethers;
};

extern const struct conf_keyword config_keywords[];

void *config_new(void);
void config_free(void *config);
void config_check(struct conf *conf, void *config);

#endif /* CHAOSD_CONFIG_H */
