/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a certificate is for. */
#ifndef CHAOS_TLS_NAMES_H
#define CHAOS_TLS_NAMES_H

#include <openssl/x509.h>

#include "session.h"

/**
 * names_take() - take the names out of a certificate
 * @certificate: verified; names that cannot be those of hosts are left out
 * @names: on success, at least one
 *
 * Return: NULL, or what is wrong, to follow "its certificate ".
 */
const char *names_take(const struct x509_st *certificate, struct session_names *names);

/**
 * names_subject() - a subject in one line
 * @certificate: any
 * @buf: where to write it; what is too long is cut off
 * @len: its length
 *
 * Return: length that was needed, without the NUL; 0 if there is no memory.
 */
size_t names_subject(const X509 *certificate, char *buf, size_t len);

#endif /* CHAOS_TLS_NAMES_H */
