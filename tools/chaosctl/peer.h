/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking other hosts: ping and trace, and what they have in common. */
#ifndef CHAOSCTL_PEER_H
#define CHAOSCTL_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "object.h"

#define PEER_NAME_LEN	32	/* in an answer to STATUS */

/* Exit statuses of ping and trace, as of ping(8). */
enum {
	PEER_ANSWERED,
	PEER_SILENT,
	PEER_ERROR,		/* of the command line, or on this host */
};

#define PING_USAGE	"ping [-c COUNT] [-i INTERVAL] [-W TIMEOUT] [-q] HOST"
#define TRACE_USAGE	"trace [-W TIMEOUT] HOST"

int ping_run(struct ctl *ctl, char *const *words);
int trace_run(struct ctl *ctl, char *const *words);

bool peer_wants_help(char *const *words);
int peer_help(struct ctl *ctl, const char *usage);
int peer_wrong_usage(const char *usage);
char **peer_argv(const char *name, char *const *words);
int peer_option(char **words, const char *options);
int peer_common_option(struct ctl *ctl, int option);
int peer_host(char **words, const char **host);
int peer_lookup(const char *host, uint16_t *addr);
void peer_name(char name[PEER_NAME_LEN + 1], const uint8_t *answer, size_t len);
int peer_seconds(const char *what, const char *word, unsigned int min_ms, unsigned int max_ms,
		 unsigned int *ms);
int peer_count(const char *what, const char *word, unsigned long max, unsigned long *count);
uint64_t peer_now_us(void);
void peer_show_us(struct show *s, const char *key, const char *before, uint64_t us);
int peer_no_socket(int err);

#endif /* CHAOSCTL_PEER_H */
