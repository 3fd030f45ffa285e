// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crl.h"
#include "expiry.h"
#include "log.h"
#include "pemfile.h"
#include "sslerror.h"
#include "verify.h"

#define CIPHERS_OF_TLS12	"ECDHE+AESGCM:ECDHE+CHACHA20"
#define SECURITY_LEVEL		2	/* keys as strong as 112 bits */

struct context {
	struct config_files files;
	SSL_CTX *ssl;
	EVP_PKEY *key;
	X509 *certificate;
	struct stack_st_X509 *issuers;	/* to be sent with it */
	struct stack_st_X509 *ca;
	struct crl crl;
	bool good_for[2];		/* roles */
};

static void warn(void *arg, const char *file, const char *what, const ASN1_TIME *end, int days)
{
	char text[EXPIRY_TEXT_LEN];

	(void)arg;
	if (expiry_days(end) < days)
		log_warning("%s: %s %s", file, what, expiry_text(end, text));
}

/* ---------------------------------------------------------------- reading */

/* The first is ours. */
static int read_certificate(struct context *context, char err[CONTEXT_ERRLEN])
{
	const char *file = context->files.certificate;

	context->issuers = pemfile_certificates(file, err);
	if (!context->issuers)
		return -1;
	context->certificate = sk_X509_shift(context->issuers);
	if (X509_check_private_key(context->certificate, context->key))
		return 0;
	ERR_clear_error();
	return pemfile_fail(err, file, "this certificate is not for the key in %s",
			    context->files.key);
}

static int read_chain(struct context *context, char err[CONTEXT_ERRLEN])
{
	struct stack_st_X509 *chain;
	int status = 0;

	if (!*context->files.chain)
		return 0;
	chain = pemfile_certificates(context->files.chain, err);
	if (!chain)
		return -1;
	while (!status && sk_X509_num(chain))
		if (!sk_X509_push(context->issuers, sk_X509_value(chain, 0)))
			status = pemfile_fail(err, context->files.chain, "no memory");
		else
			sk_X509_shift(chain);
	sk_X509_pop_free(chain, X509_free);
	return status;
}

static int read_crl(struct context *context, char err[CONTEXT_ERRLEN])
{
	if (!*context->files.crl)
		return 0;
	context->crl.file = context->files.crl;
	return crl_load(&context->crl, context->ca, context->issuers, err);
}

static int read_files(struct context *context, char err[CONTEXT_ERRLEN])
{
	context->key = pemfile_key(context->files.key, err);
	if (!context->key || read_certificate(context, err) || read_chain(context, err))
		return -1;
	context->ca = pemfile_certificates(context->files.ca, err);
	return context->ca ? read_crl(context, err) : -1;
}

/* -------------------------------------------------------------- making use */

/* What is trusted: the CA, with what it revoked. */
static X509_STORE *make_store(const struct context *context)
{
	X509_STORE *store = X509_STORE_new();
	bool done = store;
	int i;

	for (i = 0; done && i < sk_X509_num(context->ca); i++)
		done = X509_STORE_add_cert(store, sk_X509_value(context->ca, i));
	for (i = 0; done && i < sk_X509_CRL_num(context->crl.lists); i++)
		done = X509_STORE_add_crl(store, sk_X509_CRL_value(context->crl.lists, i));
	if (done) {
		X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
		if (context->crl.lists)
			X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
						    X509_V_FLAG_CRL_CHECK_ALL);
		return store;
	}
	X509_STORE_free(store);
	return NULL;
}

static int judge_own(struct context *context, X509_STORE *store, char err[CONTEXT_ERRLEN])
{
	const char *file = context->files.certificate;
	X509 *certificate = context->certificate;
	const char *why = verify_own(store, certificate, context->issuers);

	if (why)
		return pemfile_fail(err, file, "%s", why);
	context->good_for[CONTEXT_SERVER] = X509_check_purpose(certificate,
							       X509_PURPOSE_SSL_SERVER, 0) == 1;
	context->good_for[CONTEXT_CLIENT] = X509_check_purpose(certificate,
							       X509_PURPOSE_SSL_CLIENT, 0) == 1;
	if (context->good_for[CONTEXT_SERVER] || context->good_for[CONTEXT_CLIENT])
		return 0;
	return pemfile_fail(err, file,
			    "this certificate is neither for servers nor for clients (key usage)");
}

static void set_options(SSL_CTX *ssl)
{
	static const unsigned char id[] = "chaos-tls";

	SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	SSL_CTX_set_security_level(ssl, SECURITY_LEVEL);
	SSL_CTX_set_cipher_list(ssl, CIPHERS_OF_TLS12);
	SSL_CTX_set_options(ssl, SSL_OP_ENABLE_KTLS | SSL_OP_NO_RENEGOTIATION |
				 SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
			      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* So that reading ends, whatever comes instead of data. */
	SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ssl, 0);
	SSL_CTX_set_session_id_context(ssl, id, sizeof(id) - 1);
	verify_init(ssl);
}

/* Tells clients which certificates are of use. */
static bool name_ca(const struct context *context)
{
	int i;

	for (i = 0; i < sk_X509_num(context->ca); i++)
		if (!SSL_CTX_add_client_CA(context->ssl, sk_X509_value(context->ca, i)))
			return false;
	return true;
}

static int make_ssl(struct context *context, X509_STORE *store, char err[CONTEXT_ERRLEN])
{
	const char *file = context->files.certificate;
	SSL_CTX *ssl = SSL_CTX_new(TLS_method());

	ERR_clear_error();
	context->ssl = ssl;
	if (!ssl)
		return pemfile_fail(err, file, "%s", sslerror_text());
	set_options(ssl);
	if (!SSL_CTX_use_certificate(ssl, context->certificate))
		return pemfile_fail(err, file, "%s", sslerror_text());
	if (!SSL_CTX_use_PrivateKey(ssl, context->key))
		return pemfile_fail(err, context->files.key, "%s", sslerror_text());
	if (sk_X509_num(context->issuers) && !SSL_CTX_set1_chain(ssl, context->issuers))
		return pemfile_fail(err, file, "%s", sslerror_text());
	if (!name_ca(context))
		return pemfile_fail(err, context->files.ca, "%s", sslerror_text());
	X509_STORE_up_ref(store);
	SSL_CTX_set_cert_store(ssl, store);
	return 0;
}

int context_new(const struct config_files *files, struct context **context,
		char err[CONTEXT_ERRLEN])
{
	struct context *new = calloc(1, sizeof(*new));
	X509_STORE *store = NULL;
	int status;

	if (!new)
		return pemfile_fail(err, files->key, "no memory");
	new->files = *files;
	status = read_files(new, err);
	if (!status) {
		store = make_store(new);
		if (!store)
			status = pemfile_fail(err, files->ca, "no memory");
	}
	if (!status)
		status = judge_own(new, store, err);
	if (!status)
		status = make_ssl(new, store, err);
	X509_STORE_free(store);
	if (status)
		context_free(new);
	else
		*context = new;
	return status;
}

void context_free(struct context *context)
{
	if (!context)
		return;
	SSL_CTX_free(context->ssl);
	crl_free(&context->crl);
	sk_X509_pop_free(context->ca, X509_free);
	sk_X509_pop_free(context->issuers, X509_free);
	X509_free(context->certificate);
	EVP_PKEY_free(context->key);
	free(context);
}

/* ------------------------------------------------------------------ in use */

static void renew_crl(struct context *context)
{
	char err[CONTEXT_ERRLEN];
	X509_STORE *store;

	if (!context->crl.file || !crl_changed(&context->crl))
		return;
	if (crl_load(&context->crl, context->ca, context->issuers, err)) {
		log_error("%s; the revocation list read before stays in force", err);
		return;
	}
	store = make_store(context);
	if (!store) {
		log_error("%s: no memory", context->files.crl);
		return;
	}
	SSL_CTX_set_cert_store(context->ssl, store);
	log_notice("%s: read anew", context->files.crl);
	crl_ends(&context->crl, warn, NULL);
}

SSL *context_ssl(struct context *context, enum context_role role, const char *name)
{
	SSL *ssl;

	if (!context->good_for[role]) {
		log_limited(LOG_ERR, "%s: our certificate is not for %s (extended key usage)",
			    context->files.certificate,
			    role == CONTEXT_SERVER ? "servers" : "clients");
		return NULL;
	}
	renew_crl(context);
	ERR_clear_error();
	ssl = SSL_new(context->ssl);
	if (!ssl || !verify_attach(ssl, name)) {
		log_limited(LOG_ERR, "no TLS connection: %s", sslerror_text());
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

const char *context_judge(struct context *context, const SSL *ssl)
{
	renew_crl(context);
	return verify_again(SSL_CTX_get_cert_store(context->ssl), ssl);
}

X509 *context_certificate(const struct context *context)
{
	return context->certificate;
}

bool context_is_for(const struct context *context, enum context_role role)
{
	return context->good_for[role];
}

static void each_certificate(const char *file, const char *what, struct stack_st_X509 *certificates,
			     context_end each, void *arg)
{
	int i;

	for (i = 0; i < sk_X509_num(certificates); i++)
		each(arg, file, what, X509_get0_notAfter(sk_X509_value(certificates, i)),
		     CONTEXT_WARN_DAYS);
}

void context_ends(const struct context *context, context_end each, void *arg)
{
	const struct config_files *files = &context->files;

	each(arg, files->certificate, "our certificate",
	     X509_get0_notAfter(context->certificate), CONTEXT_WARN_DAYS);
	each_certificate(*files->chain ? files->chain : files->certificate,
			 "the certificate of an issuer of ours", context->issuers, each, arg);
	each_certificate(files->ca, "the certificate of the CA", context->ca, each, arg);
	crl_ends(&context->crl, each, arg);
}

void context_expiry(struct context *context)
{
	context_ends(context, warn, NULL);
}
