// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "names.h"
#include "verify.h"

#define DEPTH_MAX	5	/* certificates of issuers */

/* Of one connection. */
struct verify {
	char wanted[WORD_HOST_LEN];
	char why[SESSION_WHY_LEN];	/* the first thing that is wrong */
};

static void free_verify(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl,
			void *argp)
{
	(void)parent;
	(void)ad;
	(void)idx;
	(void)argl;
	(void)argp;
	free(ptr);
}

/* Where OpenSSL keeps it for us. */
static int verify_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_verify);
	return index;
}

static struct verify *of_ssl(const SSL *ssl)
{
	return SSL_get_ex_data(ssl, verify_index());
}

static bool is_mismatch(int error)
{
	return error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

static void note(struct verify *verify, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);
	X509 *certificate = X509_STORE_CTX_get_current_cert(ctx);
	const char *whose = X509_STORE_CTX_get_error_depth(ctx) ? "an issuer of its certificate" :
								  "its certificate";
	char subject[100] = "?";

	if (certificate)
		names_subject(certificate, subject, sizeof(subject));
	if (is_mismatch(error))
		snprintf(verify->why, sizeof(verify->why), "%s (%s) is not for %.100s", whose,
			 subject, verify->wanted);
	else
		snprintf(verify->why, sizeof(verify->why), "%s (%s): %s", whose, subject,
			 X509_verify_cert_error_string(error));
}

static bool is_tolerable(X509_STORE_CTX *ctx)
{
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		return true;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return X509_STORE_CTX_get_error_depth(ctx) > 0;
	default:
		return false;
	}
}

static int on_certificate(int ok, X509_STORE_CTX *ctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct verify *verify = ssl ? of_ssl(ssl) : NULL;

	if (ok)
		return 1;
	if (is_tolerable(ctx)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	if (verify && !*verify->why)
		note(verify, ctx);
	return 0;
}

void verify_init(struct ssl_ctx_st *ctx)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_certificate);
	SSL_CTX_set_verify_depth(ctx, DEPTH_MAX);
}

/* An address, without the scope that only means something here. */
static bool set_address(SSL *ssl, const char *name)
{
	size_t len = strcspn(name, "%");
	char address[INET6_ADDRSTRLEN];

	if (len >= sizeof(address))
		return false;
	memcpy(address, name, len);
	address[len] = '\0';
	return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address);
}

static bool set_name(SSL *ssl, const char *name)
{
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
			       X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT);
	return SSL_set1_host(ssl, name) && SSL_set_tlsext_host_name(ssl, name);
}

bool verify_attach(SSL *ssl, const char *name)
{
	struct verify *verify = calloc(1, sizeof(*verify));
	size_t len;
	bool done;

	if (!verify || !SSL_set_ex_data(ssl, verify_index(), verify)) {
		free(verify);
		return false;
	}
	if (!name)
		return true;
	/* With a dot at its end it means the same, but certificates have none. */
	len = snprintf(verify->wanted, sizeof(verify->wanted), "%s", name);
	if (len && len < sizeof(verify->wanted) && verify->wanted[len - 1] == '.')
		verify->wanted[len - 1] = '\0';
	done = set_address(ssl, verify->wanted) || set_name(ssl, verify->wanted);
	ERR_clear_error();
	return done;
}

const char *verify_why(const SSL *ssl)
{
	const struct verify *verify = of_ssl(ssl);

	if (verify && *verify->why)
		return verify->why;
	return X509_verify_cert_error_string(SSL_get_verify_result(ssl));
}

/* @purpose: as OpenSSL calls it; NULL: any. */
static const char *judge(X509_STORE *store, X509 *certificate, struct stack_st_X509 *chain,
			 const char *purpose)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	const char *why = NULL;

	if (!ctx || !X509_STORE_CTX_init(ctx, store, certificate, chain) ||
	    (purpose && !X509_STORE_CTX_set_default(ctx, purpose))) {
		X509_STORE_CTX_free(ctx);
		ERR_clear_error();
		return strerror(ENOMEM);
	}
	X509_STORE_CTX_set_verify_cb(ctx, on_certificate);
	X509_STORE_CTX_set_depth(ctx, DEPTH_MAX);
	if (X509_verify_cert(ctx) <= 0)
		why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return why;
}

const char *verify_own(X509_STORE *store, X509 *certificate, struct stack_st_X509 *chain)
{
	return judge(store, certificate, chain, NULL);
}

const char *verify_again(X509_STORE *store, const SSL *ssl)
{
	return judge(store, SSL_get0_peer_certificate(ssl), SSL_get_peer_cert_chain(ssl),
		     SSL_is_server(ssl) ? "ssl_client" : "ssl_server");
}
