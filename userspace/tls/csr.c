// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A new key, and a request to have it certified: RSA, because all takers of certificates
 * take it, and as long as is asked for today.  The request asks for the host's name as
 * common name and as DNS name, and for use by both ends of a TLS connection: most hosts
 * are clients of one host and servers of others.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "csr.h"
#include "daemon.h"
#include "log.h"

#define KEY_BITS	3072
#define NAME_MAX_CN	64	/* of a common name: RFC 5280, ub-common-name */
#define FILE_LEN	(NAME_MAX_CN + 5)

/* Everything to be written, before any of it is. */
struct csr {
	char name[NAME_MAX_CN + 1];
	EVP_PKEY *key;
	X509_REQ *request;
};

/* One part between dots: returns its length, 0 if it is none.  None is too long in a name that
 * is not: see NAME_MAX_CN.
 */
static size_t label_len(const char *label)
{
	size_t len = 0;

	while (isalnum((unsigned char)label[len]) || label[len] == '-')
		len++;
	return len && label[0] != '-' && label[len - 1] != '-' ? len : 0;
}

/* What is wrong with a name, in words that can follow "'NAME': ". */
static const char *check_name(const char *name)
{
	unsigned int labels = 0;
	size_t len;

	if (strlen(name) > NAME_MAX_CN)
		return "a name in a certificate has at most 64 characters";
	for (;;) {
		len = label_len(name);
		if (!len)
			return "that is no name of a host";
		labels++;
		name += len;
		if (!*name)
			break;
		if (*name++ != '.')
			return "that is no name of a host";
	}
	return labels < 2 ? "the name must be given in full, with its domain" : NULL;
}

static void set_name(struct csr *csr, const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		csr->name[i] = tolower((unsigned char)name[i]);
}

/* Takes over @extension, which may be NULL after an error. */
static bool add_extension(X509_EXTENSIONS *all, X509_EXTENSION *extension)
{
	if (extension && sk_X509_EXTENSION_push(all, extension))
		return true;
	X509_EXTENSION_free(extension);
	return false;
}

static bool add_extensions(struct csr *csr)
{
	X509_EXTENSIONS *all = sk_X509_EXTENSION_new_null();
	char dns[sizeof(csr->name) + 4];
	const struct {
		int nid;
		const char *value;
	} wanted[] = {
		{ NID_subject_alt_name, dns },
		{ NID_key_usage, "critical,digitalSignature,keyEncipherment" },
		{ NID_ext_key_usage, "serverAuth,clientAuth" },
	};
	bool ok = all;
	size_t i;

	snprintf(dns, sizeof(dns), "DNS:%s", csr->name);
	for (i = 0; ok && i < sizeof(wanted) / sizeof(wanted[0]); i++)
		ok = add_extension(all, X509V3_EXT_conf_nid(NULL, NULL, wanted[i].nid,
							    wanted[i].value));
	ok = ok && X509_REQ_add_extensions(csr->request, all);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return ok;
}

static bool make(struct csr *csr)
{
	X509_NAME *subject;

	csr->key = EVP_RSA_gen(KEY_BITS);
	csr->request = X509_REQ_new();
	if (!csr->key || !csr->request)
		return false;
	subject = X509_REQ_get_subject_name(csr->request);
	return X509_REQ_set_version(csr->request, X509_REQ_VERSION_1) &&
	       X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
					  (const unsigned char *)csr->name, -1, -1, 0) &&
	       X509_REQ_set_pubkey(csr->request, csr->key) &&
	       add_extensions(csr) &&
	       X509_REQ_sign(csr->request, csr->key, EVP_sha256()) > 0;
}

/* Returns 0 or -errno. */
static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = write(fd, text, len);
		if (n < 0)
			return -errno;
	}
	return fsync(fd) ? -errno : 0;
}

/* A new file, or none at all. */
static bool write_file(const char *file, mode_t mode, BIO *text)
{
	int status, fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	char *start;
	long len;

	if (fd < 0 && errno == EEXIST) {
		log_error("%s: is there already, and left as it is", file);
		return false;
	}
	if (fd < 0) {
		log_error("%s: cannot be made: %s", file, strerror(errno));
		return false;
	}
	len = BIO_get_mem_data(text, &start);
	status = write_all(fd, start, len);
	if (close(fd) && !status)
		status = -errno;
	if (!status)
		return true;
	log_error("%s: cannot be written: %s", file, strerror(-status));
	unlink(file);
	return false;
}

/* Both files or none. */
static bool write_files(const struct csr *csr, BIO *key, BIO *request)
{
	char key_file[FILE_LEN], request_file[FILE_LEN];

	snprintf(key_file, sizeof(key_file), "%s.key", csr->name);
	snprintf(request_file, sizeof(request_file), "%s.csr", csr->name);
	if (!write_file(key_file, 0600, key))
		return false;
	if (write_file(request_file, 0644, request))
		return true;
	unlink(key_file);
	return false;
}

static void say_what_next(const struct csr *csr)
{
	printf("%s.key is the new private key: nobody else may have it.\n"
	       "%s.csr is the request: send it to those who certify hosts, for the global\n"
	       "Chaosnet to those who gave you the address and the name %s.\n"
	       "What they send back goes into the configuration:\n"
	       "    key FILE            %s.key, readable by the daemon's user only\n"
	       "    certificate FILE    the certificate\n"
	       "    chain FILE          certificates between that and the CA's, if there are any\n"
	       "    ca FILE             the CA's certificate\n",
	       csr->name, csr->name, csr->name, csr->name);
}

static int tell_openssl(const struct csr *csr)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	log_error("%s: no key and request can be made: %s", csr->name, why ?: "unknown error");
	return DAEMON_FAILED;
}

static int make_and_write(struct csr *csr, BIO *key, BIO *request)
{
	if (!key || !request || !make(csr) ||
	    !PEM_write_bio_PKCS8PrivateKey(key, csr->key, NULL, NULL, 0, NULL, NULL) ||
	    !PEM_write_bio_X509_REQ(request, csr->request))
		return tell_openssl(csr);
	if (!write_files(csr, key, request))
		return DAEMON_FAILED;
	say_what_next(csr);
	return DAEMON_OK;
}

int csr_make(const char *name)
{
	const char *wrong = check_name(name);
	BIO *key, *request;
	struct csr csr = {};
	int status;

	if (wrong) {
		log_error("'%s': %s", name, wrong);
		return DAEMON_USAGE;
	}
	set_name(&csr, name);
	key = BIO_new(BIO_s_mem());
	request = BIO_new(BIO_s_mem());
	status = make_and_write(&csr, key, request);
	BIO_free(key);
	BIO_free(request);
	EVP_PKEY_free(csr.key);
	X509_REQ_free(csr.request);
	return status;
}
