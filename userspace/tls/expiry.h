/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When things end, said in days. */
#ifndef CHAOS_TLS_EXPIRY_H
#define CHAOS_TLS_EXPIRY_H

#include <openssl/x509.h>

#define EXPIRY_TEXT_LEN	64

/**
 * expiry_days() - how long something is good
 * @end: of certificate or revocation list; NULL: never
 *
 * Return: whole days from now, INT_MAX if there is no end; negative if it was in the past,
 * also if it is less than a day ago.
 */
int expiry_days(const ASN1_TIME *end);

/**
 * expiry_text() - how long something is good, in words
 * @end: of certificate or revocation list
 * @buf: for a text such as "ends in 12 days (2027-01-31)" or "ended 2 days ago (2026-12-24)"
 *
 * Return: @buf.
 */
const char *expiry_text(const ASN1_TIME *end, char buf[EXPIRY_TEXT_LEN]);

#endif /* CHAOS_TLS_EXPIRY_H */
