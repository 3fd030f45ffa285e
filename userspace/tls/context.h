/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys and certificates, made ready for TLS.
 *
 * TLS 1.2 at least; both ends must present certificates of the CA, for their role, that
 * are in force and not revoked.  Nothing is resumed (a resumed session would not have
 * its certificate looked at), nothing renegotiated.  The kernel does the encryption where
 * it and OpenSSL can.
 */
#ifndef CHAOS_TLS_CONTEXT_H
#define CHAOS_TLS_CONTEXT_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "config.h"

#define CONTEXT_ERRLEN	512

enum context_role {
	CONTEXT_SERVER,
	CONTEXT_CLIENT,
};

struct context;

/**
 * context_new() - read keys and certificates
 * @files: where they are
 * @context: set on success; ends with context_free()
 * @err: on failure, what is wrong, in words, with the file's name
 *
 * The key must be readable by its owner only, fit the certificate, and that must be
 * in force, issued by the CA, not revoked, and good for one of both roles.  What is no
 * obstacle yet (a CRL that has expired) context_expiry() tells.
 *
 * Return: 0 or -1.
 */
int context_new(const struct config_files *files, struct context **context,
		char err[CONTEXT_ERRLEN]);

/**
 * context_free() - forget keys and certificates
 * @context: may be NULL; TLS connections made from it stay
 */
void context_free(struct context *context);

/**
 * context_ssl() - make ready for one connection
 * @context: keys and certificates; the CRL is read anew if its file has changed
 * @role: ours
 * @name: of a server: what its certificate must say, a name or a numeric address; NULL
 *	for a server's own connections
 *
 * Return: to be freed by SSL_free(), or NULL after an error was logged.
 */
SSL *context_ssl(struct context *context, enum context_role role, const char *name);

/**
 * context_judge() - whether a peer is still to be trusted
 * @context: keys and certificates; the CRL is read anew if its file has changed
 * @ssl: connection whose handshake is over
 *
 * Return: NULL, or what is wrong with the peer's certificate now, to follow "its
 *	certificate: ".
 */
const char *context_judge(struct context *context, const SSL *ssl);

/**
 * context_certificate() - our certificate
 * @context: keys and certificates; still owns it
 */
X509 *context_certificate(const struct context *context);

/**
 * context_is_for() - whether our certificate may be used
 * @context: keys and certificates
 * @role: so
 */
bool context_is_for(const struct context *context, enum context_role role);

/**
 * typedef context_end - takes something that ends
 * @arg: as given to context_ends()
 * @file: where it is
 * @what: what it is
 * @end: when; NULL: never
 * @days: how long before there is reason for a warning
 */
typedef void (*context_end)(void *arg, const char *file, const char *what, const ASN1_TIME *end,
			    int days);

/**
 * context_ends() - go through our certificate, those of its issuers and of the CA, and lists
 * @context: keys and certificates
 * @each: takes them
 * @arg: for @each
 */
void context_ends(const struct context *context, context_end each, void *arg);

/**
 * context_expiry() - when certificates end
 * @context: keys and certificates
 *
 * Logs warnings for what ends within CONTEXT_WARN_DAYS, or has ended: our certificate,
 * those of its issuers, the CA's.  The CRL, which is renewed often, is told about when it has
 * ended.  To be called daily.
 */
void context_expiry(struct context *context);

#define CONTEXT_WARN_DAYS	90

#endif /* CHAOS_TLS_CONTEXT_H */
