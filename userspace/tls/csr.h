/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chaos-tls --make-csr NAME: a new key, and a request to have it certified. */
#ifndef CHAOS_TLS_CSR_H
#define CHAOS_TLS_CSR_H

/**
 * csr_make() - write NAME.key and NAME.csr to the current directory
 * @name: the host's name on Chaosnet, such as "up.update.uu.se"
 *
 * The key is readable by its owner only.  Files that exist are left alone, with an error.
 * Prints what to do next.
 *
 * Return: exit status, DAEMON_*.
 */
int csr_make(const char *name);

#endif /* CHAOS_TLS_CSR_H */
