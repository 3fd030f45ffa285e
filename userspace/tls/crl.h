/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of what was revoked, in a file that may be replaced at any time. */
#ifndef CHAOS_TLS_CRL_H
#define CHAOS_TLS_CRL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "context.h"

/**
 * struct crl - the lists of a file
 * @file: its name
 * @seen: what it was like when it was read last, or could not be
 * @lists: in force; NULL at first
 */
struct crl {
	const char *file;
	struct stat seen;
	struct stack_st_X509_CRL *lists;
};

/**
 * crl_changed() - has the file changed since it was read?
 * @crl: lists
 */
bool crl_changed(const struct crl *crl);

/**
 * crl_load() - read the file
 * @crl: lists; replaced on success, else as they were
 * @issuers: certificates that the lists must be signed by, if they claim so
 * @more: further ones; may be NULL
 * @err: on failure, what is wrong
 *
 * Return: 0 or -1.
 */
int crl_load(struct crl *crl, struct stack_st_X509 *issuers, struct stack_st_X509 *more,
	     char err[CONTEXT_ERRLEN]);

/**
 * crl_ends() - when lists get out of date
 * @crl: lists
 * @each: takes them; there is reason for a warning when they are
 * @arg: for @each
 */
void crl_ends(const struct crl *crl, context_end each, void *arg);

void crl_free(struct crl *crl);

#endif /* CHAOS_TLS_CRL_H */
