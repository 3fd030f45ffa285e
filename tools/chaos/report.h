/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to the user, and the exit statuses that go with them. */
#ifndef CHAOS_REPORT_H
#define CHAOS_REPORT_H

#include "cmd.h"

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int usage_error(const struct cmd *cmd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int show_help(const struct cmd *cmd);
int listen_error(const char *contact, int err);
int peer_error(const char *host, const char *contact, int err, const char *reason);

#endif /* CHAOS_REPORT_H */
