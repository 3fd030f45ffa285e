/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chaos-tls --check: does everything fit together, and if not, what is to be done? */
#ifndef CHAOS_TLS_CHECK_H
#define CHAOS_TLS_CHECK_H

#include "config.h"

/**
 * check() - look at files, names, DNS and servers
 * @config: without mistakes in itself
 *
 * Prints a line for each thing looked at, in plain words, with what to do about what is
 * wrong.  Looks at: the files and whether they fit each other; until when certificates
 * are good; whether our name has our links' addresses in DNS or the hosts file, and
 * back; whether each server can be reached, its certificate is good, and has an address
 * on the link's subnet (no packet is sent).
 *
 * Return: exit status: DAEMON_OK if nothing is wrong, else DAEMON_FAILED.
 */
int check(const struct config *config);

#endif /* CHAOS_TLS_CHECK_H */
