// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include <openssl/err.h>

#include "crl.h"
#include "pemfile.h"

static void look(const char *file, struct stat *st)
{
	if (stat(file, st))
		*st = (struct stat) {};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool crl_changed(const struct crl *crl)
{
	const struct stat *seen = &crl->seen;
	struct stat now;

	look(crl->file, &now);
	return now.st_dev != seen->st_dev || now.st_ino != seen->st_ino ||
	       now.st_size != seen->st_size || !same_time(&now.st_mtim, &seen->st_mtim) ||
	       !same_time(&now.st_ctim, &seen->st_ctim);
}

/* Looks for those of that name; there may be several, with different keys. */
static bool signed_by(X509_CRL *list, struct stack_st_X509 *issuers, bool *known)
{
	int i;

	for (i = 0; i < sk_X509_num(issuers); i++) {
		X509 *issuer = sk_X509_value(issuers, i);

		if (X509_NAME_cmp(X509_get_subject_name(issuer), X509_CRL_get_issuer(list)))
			continue;
		*known = true;
		if (X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1)
			return true;
	}
	return false;
}

/* A list of an issuer whom we do not know yet is looked at together with a certificate. */
static bool credible(X509_CRL *list, struct stack_st_X509 *issuers, struct stack_st_X509 *more)
{
	bool known = false;
	bool good = signed_by(list, issuers, &known) || signed_by(list, more, &known);

	ERR_clear_error();
	return good || !known;
}

int crl_load(struct crl *crl, struct stack_st_X509 *issuers, struct stack_st_X509 *more,
	     char err[CONTEXT_ERRLEN])
{
	struct stack_st_X509_CRL *lists;
	int i;

	/* Before reading: a change meanwhile is seen next time. */
	look(crl->file, &crl->seen);
	lists = pemfile_crls(crl->file, err);
	if (!lists)
		return -1;
	for (i = 0; i < sk_X509_CRL_num(lists); i++) {
		if (credible(sk_X509_CRL_value(lists, i), issuers, more))
			continue;
		pemfile_fail(err, crl->file, "revocation list %d is not signed by the CA", i + 1);
		sk_X509_CRL_pop_free(lists, X509_CRL_free);
		return -1;
	}
	sk_X509_CRL_pop_free(crl->lists, X509_CRL_free);
	crl->lists = lists;
	return 0;
}

void crl_ends(const struct crl *crl, context_end each, void *arg)
{
	int i;

	for (i = 0; i < sk_X509_CRL_num(crl->lists); i++)
		each(arg, crl->file, "the revocation list (used even if out of date)",
		     X509_CRL_get0_nextUpdate(sk_X509_CRL_value(crl->lists, i)), 0);
}

void crl_free(struct crl *crl)
{
	sk_X509_CRL_pop_free(crl->lists, X509_CRL_free);
	crl->lists = NULL;
}
