/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking at the certificate of a peer, and saying what is wrong with it. */
#ifndef CHAOS_TLS_VERIFY_H
#define CHAOS_TLS_VERIFY_H

#include <stdbool.h>

#include <openssl/ssl.h>

/**
 * verify_init() - have certificates of peers looked at
 * @ctx: from which connections will be made
 *
 * Both ends must present one.  An outdated CRL is used nevertheless: better than none.
 * If there are CRLs, there must be one of who issued the peer's certificate; of those
 * further up they are used if they are there.
 */
void verify_init(struct ssl_ctx_st *ctx);

/**
 * verify_attach() - say whom a connection is to
 * @ssl: made from a context that verify_init() has seen
 * @name: what the certificate must say, a name or a numeric address; NULL: anything.  A
 *	name may be the common name or a DNS name, an address only the latter's sibling
 *	for addresses.
 *
 * Return: whether there was memory.
 */
bool verify_attach(SSL *ssl, const char *name);

/**
 * verify_why() - what was wrong with the certificate
 * @ssl: connection whose handshake failed because of that
 *
 * Return: words, good until @ssl is freed.
 */
const char *verify_why(const SSL *ssl);

/**
 * verify_own() - look at our own certificate as a peer would
 * @store: the CA, and lists of what is revoked
 * @certificate: ours
 * @chain: of its issuers; may be NULL
 *
 * What it is for is not looked at.
 *
 * Return: NULL, or what is wrong, to follow "FILE: ".
 */
const char *verify_own(X509_STORE *store, X509 *certificate, struct stack_st_X509 *chain);

/**
 * verify_again() - look at the certificate of a peer once more
 * @store: the CA, and lists of what is revoked
 * @ssl: connection whose handshake is over
 *
 * Return: NULL, or what is wrong, to follow "its certificate: ".
 */
const char *verify_again(X509_STORE *store, const SSL *ssl);

#endif /* CHAOS_TLS_VERIFY_H */
