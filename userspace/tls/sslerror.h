/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OpenSSL found wrong, in words. */
#ifndef CHAOS_TLS_SSLERROR_H
#define CHAOS_TLS_SSLERROR_H

#include <stddef.h>

#include <openssl/ssl.h>

/**
 * sslerror_text() - the first of the errors that wait in OpenSSL's queue
 *
 * The queue is empty then.
 *
 * Return: a constant text.
 */
const char *sslerror_text(void);

/**
 * sslerror_end() - why a TLS connection cannot go on
 * @ssl: connection
 * @kind: what SSL_get_error() said, neither SSL_ERROR_WANT_READ nor SSL_ERROR_WANT_WRITE
 * @err: errno as it was then
 * @buf: where to write the reason, one line
 * @len: its length
 *
 * Empties OpenSSL's queue.
 *
 * Return: @buf.
 */
const char *sslerror_end(const SSL *ssl, int kind, int err, char *buf, size_t len);

#endif /* CHAOS_TLS_SSLERROR_H */
