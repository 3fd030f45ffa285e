/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a host for one thing: what the commands that do so have in common. */
#ifndef CHAOS_ASK_H
#define CHAOS_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <linux/chaos.h>

#include "cmd.h"

#define ASK_LABEL	128

/**
 * struct ask - what the user wants to know, and the answer
 * @host: as typed
 * @addr: its address
 * @label: address, and name if there is one
 * @json: -j
 * @timeout: -t, seconds
 * @before: when the request was sent
 * @after: when the answer came
 * @len: bytes of @answer
 * @answer: the answer's data
 */
struct ask {
	const char *host;
	uint16_t addr;
	char label[ASK_LABEL];
	bool json;
	int timeout;
	time_t before, after;
	size_t len;
	uint8_t answer[CHAOS_DATA_MAX];
};

extern const char ask_help[];

int ask_host(struct ask *ask, const struct cmd *cmd, const char *contact, int argc, char **argv);
int ask_too_short(const struct ask *ask, const char *contact);
char *ask_label(uint16_t addr, char label[ASK_LABEL]);

#endif /* CHAOS_ASK_H */
