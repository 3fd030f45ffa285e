/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* Simple transactions: one request, one answer. */
#ifndef LIBCHAOS_TRANSACT_H
#define LIBCHAOS_TRANSACT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/chaos.h>

/**
 * struct chaos_transaction - a question, and why there was no answer
 * @host: whom to ask
 * @contact: what to ask for
 * @args: arguments of the contact, NULL for none
 * @args_len: their length in bytes
 * @timeout_ms: give up after so long
 * @reason: set on failure: the peer's or the network's words, made printable;
 *	empty if there are none
 */
struct chaos_transaction {
	uint16_t host;
	const char *contact;
	const void *args;
	size_t args_len;
	int timeout_ms;
	char reason[CHAOS_DATA_MAX + 1];
};

ssize_t chaos_transact(struct chaos_transaction *t, void *answer, size_t size);
void chaos_socket_reason(int fd, char reason[CHAOS_DATA_MAX + 1]);

#endif /* LIBCHAOS_TRANSACT_H */
