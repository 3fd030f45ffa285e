// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include "names.h"

size_t names_subject(const X509 *certificate, char *buf, size_t len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n = 0;

	*buf = '\0';
	if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
				      XN_FLAG_RFC2253) >= 0) {
		n = BIO_get_mem_data(bio, &text);
		snprintf(buf, len, "%.*s", (int)n, text);
	}
	BIO_free(bio);
	return n > 0 ? n : 0;
}

static bool is_known(const struct session_names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return false;
}

/* Only names of hosts can be looked up; no pattern is one, nor is an address. */
static void add(struct session_names *names, const char *text, size_t len)
{
	struct endpoint endpoint;
	char name[WORD_HOST_LEN];
	size_t i;

	if (len && text[len - 1] == '.')
		len--;
	if (!len || len >= sizeof(name) || names->n == SESSION_NAMES_MAX)
		return;
	for (i = 0; i < len; i++)
		name[i] = tolower((unsigned char)text[i]);
	name[len] = '\0';
	if (strlen(name) != len || word_endpoint(name, &endpoint) ||
	    endpoint.family != AF_UNSPEC || endpoint.port || is_known(names, name))
		return;
	strcpy(names->name[names->n++], name);
}

/* The common name is text of any kind. */
static void add_common_name(struct session_names *names, const X509 *certificate)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1), len;
	X509_NAME_ENTRY *entry;
	unsigned char *text;

	if (at < 0)
		return;
	entry = X509_NAME_get_entry(subject, at);
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
	if (len < 0)
		return;
	add(names, (char *)text, len);
	OPENSSL_free(text);
}

static void add_dns_names(struct session_names *names, const X509 *certificate)
{
	GENERAL_NAMES *alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL,
						       NULL);
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(alternatives); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(alternatives, i);

		if (name->type == GEN_DNS)
			add(names, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
			    ASN1_STRING_length(name->d.dNSName));
	}
	GENERAL_NAMES_free(alternatives);
}

const char *names_take(const struct x509_st *certificate, struct session_names *names)
{
	size_t len = names_subject(certificate, names->subject, sizeof(names->subject));

	names->n = 0;
	if (len >= sizeof(names->subject))
		return "has too long a subject";
	add_common_name(names, certificate);
	add_dns_names(names, certificate);
	return names->n ? NULL : "has no name of a host";
}
