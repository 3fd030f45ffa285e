/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of options. */
#ifndef CHAOS_OPTIONS_H
#define CHAOS_OPTIONS_H

#include <stdint.h>

#include "cmd.h"

#define CONNECT_TIMEOUT	10	/* s; Lisp Machines give up after that */
#define TIMEOUT_MAX	3600	/* s */
#define WINDOW_MAX	1024	/* packets, see CHAOS_WINDOW in chaos(7) */

int parse_number(const struct cmd *cmd, const char *what, const char *text, int min, int max,
		 int *value);
int parse_amount(const struct cmd *cmd, const char *what, const char *text, uint64_t min,
		 uint64_t max, uint64_t *value);
int parse_seconds(const struct cmd *cmd, const char *what, const char *text, int min_ms,
		  int max_ms, int *ms);
int parse_host(const char *text, uint16_t *addr);
int parse_contact(const struct cmd *cmd, const char *text);

#endif /* CHAOS_OPTIONS_H */
