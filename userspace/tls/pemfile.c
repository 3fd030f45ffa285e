// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "pemfile.h"
#include "sslerror.h"

#define FILE_MAX_LEN	(4 * 1024 * 1024)
#define NAME_SHOWN	255

/* The bytes of a file. */
struct text {
	char *bytes;
	size_t len;
};

int pemfile_fail(char err[CONTEXT_ERRLEN], const char *file, const char *fmt, ...)
{
	size_t len = strlen(file);
	va_list args;
	int n;

	if (len > NAME_SHOWN)
		file += len - NAME_SHOWN;
	n = snprintf(err, CONTEXT_ERRLEN, "%s: ", file);
	va_start(args, fmt);
	vsnprintf(err + n, CONTEXT_ERRLEN - n, fmt, args);
	va_end(args);
	return -1;
}

static int read_all(int fd, const char *file, struct text *text, char err[CONTEXT_ERRLEN])
{
	ssize_t n;

	text->len = 0;
	text->bytes = malloc(FILE_MAX_LEN + 1);
	if (!text->bytes)
		return pemfile_fail(err, file, "%s", strerror(ENOMEM));
	do {
		n = read(fd, text->bytes + text->len, FILE_MAX_LEN + 1 - text->len);
		if (n > 0)
			text->len += n;
	} while ((n > 0 && text->len <= FILE_MAX_LEN) || (n < 0 && errno == EINTR));
	if (n < 0)
		pemfile_fail(err, file, "%s", strerror(errno));
	else if (n > 0)
		pemfile_fail(err, file, "this is too long for keys or certificates");
	return n ? -1 : 0;
}

static void forget(struct text *text)
{
	if (text->bytes)
		OPENSSL_cleanse(text->bytes, text->len);
	free(text->bytes);
}

/* Returns a descriptor, or -1. */
static int open_regular(const char *file, struct stat *st, char err[CONTEXT_ERRLEN])
{
	/* Without O_NONBLOCK a FIFO would be waited for. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return pemfile_fail(err, file, "%s", strerror(errno));
	if (fstat(fd, st))
		pemfile_fail(err, file, "%s", strerror(errno));
	else if (!S_ISREG(st->st_mode))
		pemfile_fail(err, file, "this is not a file");
	else
		return fd;
	close(fd);
	return -1;
}

static int load(const char *file, struct stat *st, struct text *text, char err[CONTEXT_ERRLEN])
{
	int fd = open_regular(file, st, err), status;

	*text = (struct text) {};
	if (fd < 0)
		return -1;
	status = read_all(fd, file, text, err);
	close(fd);
	return status;
}

/*
 * What the group may do.  There systemd shows who else is on the access list of a credential:
 * nobody but the service.
 */
static mode_t group_may(const char *file)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	size_t len = dir ? strlen(dir) : 0;

	return len && !strncmp(file, dir, len) && file[len] == '/' ? 0040 : 0;
}

/* Root begins, and whom it becomes may own the key. */
static int look_at_owner(const char *file, const struct stat *st, char err[CONTEXT_ERRLEN])
{
	uid_t self = geteuid();

	if (st->st_mode & 0077 & ~group_may(file))
		return pemfile_fail(err, file, "others than its owner have access to this key "
				    "(mode %04o): chmod 600", st->st_mode & 07777);
	if (self && st->st_uid && st->st_uid != self)
		return pemfile_fail(err, file, "this key belongs neither to us nor to root "
				    "(but to user %u)", st->st_uid);
	return 0;
}

/* Nobody is there to be asked for a passphrase. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static EVP_PKEY *parse_key(const char *file, const struct text *text, char err[CONTEXT_ERRLEN])
{
	BIO *bio = BIO_new_mem_buf(text->bytes, text->len);
	bool asked = false;
	EVP_PKEY *key;

	key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked) : NULL;
	BIO_free(bio);
	if (!key)
		pemfile_fail(err, file, asked ?
			     "this key is encrypted, and there is nobody to ask how" :
			     "there is no private key in PEM in it");
	ERR_clear_error();
	return key;
}

EVP_PKEY *pemfile_key(const char *file, char err[CONTEXT_ERRLEN])
{
	EVP_PKEY *key = NULL;
	struct text text;
	struct stat st;

	if (!load(file, &st, &text, err) && !look_at_owner(file, &st, err))
		key = parse_key(file, &text, err);
	forget(&text);
	return key;
}

/* Adds one, read from @bio, to a list; returns whether there was one. */
typedef bool (*take_one)(BIO *bio, void *list);

static bool take_certificate(BIO *bio, void *list)
{
	X509 *certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, &(bool) { false });

	if (certificate && sk_X509_push(list, certificate))
		return true;
	X509_free(certificate);
	return false;
}

static bool take_crl(BIO *bio, void *list)
{
	X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, no_passphrase, &(bool) { false });

	if (crl && sk_X509_CRL_push(list, crl))
		return true;
	X509_CRL_free(crl);
	return false;
}

/* Returns 0 if all that begins like PEM could be understood, and there was something. */
static int parse_all(const char *file, const struct text *text, take_one take, void *list,
		     const char *what, char err[CONTEXT_ERRLEN])
{
	BIO *bio = BIO_new_mem_buf(text->bytes, text->len);
	unsigned int n = 0;
	unsigned long last;

	ERR_clear_error();
	while (bio && take(bio, list))
		n++;
	last = ERR_peek_last_error();
	BIO_free(bio);
	if (bio && ERR_GET_LIB(last) == ERR_LIB_PEM &&
	    ERR_GET_REASON(last) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return n ? 0 : pemfile_fail(err, file, "there is no %s in PEM in it", what);
	}
	return pemfile_fail(err, file, "%s %u cannot be understood: %s", what, n + 1,
			    sslerror_text());
}

static void *read_list(const char *file, take_one take, void *list, const char *what,
		       char err[CONTEXT_ERRLEN])
{
	struct text text;
	struct stat st;
	int status;

	if (!list) {
		pemfile_fail(err, file, "%s", strerror(ENOMEM));
		return NULL;
	}
	status = load(file, &st, &text, err);
	if (!status)
		status = parse_all(file, &text, take, list, what, err);
	forget(&text);
	return status ? NULL : list;
}

struct stack_st_X509 *pemfile_certificates(const char *file, char err[CONTEXT_ERRLEN])
{
	struct stack_st_X509 *list = sk_X509_new_null();

	if (read_list(file, take_certificate, list, "certificate", err))
		return list;
	sk_X509_pop_free(list, X509_free);
	return NULL;
}

struct stack_st_X509_CRL *pemfile_crls(const char *file, char err[CONTEXT_ERRLEN])
{
	struct stack_st_X509_CRL *list = sk_X509_CRL_new_null();

	if (read_list(file, take_crl, list, "revocation list", err))
		return list;
	sk_X509_CRL_pop_free(list, X509_CRL_free);
	return NULL;
}
