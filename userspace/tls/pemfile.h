/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files with keys, certificates and revocation lists, in PEM.  Whatever is in them, and
 * whatever they are, reading them ends, and says in words what is wrong.
 *
 * (struct stack_st_X509 is what OpenSSL's macros call STACK_OF(X509).)
 */
#ifndef CHAOS_TLS_PEMFILE_H
#define CHAOS_TLS_PEMFILE_H

#include <openssl/x509.h>

#include "context.h"

/**
 * pemfile_fail() - say what is wrong with a file
 * @err: where to write it
 * @file: name; of a very long one the end is told
 * @fmt: what is wrong
 *
 * Return: -1.
 */
int pemfile_fail(char err[CONTEXT_ERRLEN], const char *file, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * pemfile_key() - read a private key
 * @file: name; nobody but its owner may have access, and that must be us or root
 * @err: on failure, what is wrong, with @file
 *
 * Return: the key, or NULL.
 */
EVP_PKEY *pemfile_key(const char *file, char err[CONTEXT_ERRLEN]);

/**
 * pemfile_certificates() - read all certificates of a file
 * @file: name
 * @err: on failure, what is wrong, with @file
 *
 * Return: certificates, at least one; or NULL.
 */
struct stack_st_X509 *pemfile_certificates(const char *file, char err[CONTEXT_ERRLEN]);

/**
 * pemfile_crls() - read all revocation lists of a file
 * @file: name
 * @err: on failure, what is wrong, with @file
 *
 * Return: lists, at least one; or NULL.
 */
struct stack_st_X509_CRL *pemfile_crls(const char *file, char err[CONTEXT_ERRLEN]);

#endif /* CHAOS_TLS_PEMFILE_H */
