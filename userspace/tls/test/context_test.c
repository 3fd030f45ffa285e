// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys and certificates: what is taken, what is refused, and what is said about it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "../../tunnel/test/capture.h"
#include "ends.h"
#include "expiry.h"
#include "names.h"

static struct end end;
static struct raw raw;

/* ---------------------------------------------------------------- files */

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(ends_file(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
	char command[500];

	snprintf(command, sizeof(command), "cp %s %s.new && mv %s.new %s", ends_file(from),
		 ends_file(to), ends_file(to), ends_file(to));
	assert_int_equal(system(command), 0);
	assert_int_equal(chmod(ends_file(to), mode), 0);
}

/* One key more that asks for a passphrase. */
static void encrypt_key(const char *from, const char *to)
{
	FILE *file = fopen(ends_file(from), "r");
	EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);

	fclose(file);
	file = fopen(ends_file(to), "w");
	fchmod(fileno(file), 0600);
	assert_int_equal(PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(),
					      (unsigned char *)"secret", 6, NULL, NULL), 1);
	fclose(file);
	EVP_PKEY_free(key);
}

static void prepare_files(void)
{
	write_file("empty", "");
	chmod(ends_file("empty"), 0600);
	write_file("broken.pem", "-----BEGIN CERTIFICATE-----\nMIIBhTCCASugAwIBAgIUFE\n"
		   "-----END CERTIFICATE-----\n");
	write_file("broken-crl.pem", "-----BEGIN X509 CRL-----\nxxxx\n-----END X509 CRL-----\n");
	copy_file(SERVER ".key", "shared.key", 0640);
	copy_file(SERVER ".key", "public.key", 0604);
	copy_file(SERVER ".key", "once.key", 0400);
	encrypt_key(SERVER ".key", "asks.key");
	mkdir(ends_file("directory"), 0700);
	mkfifo(ends_file("fifo"), 0600);
}

/*
 * A file instead of the one that would do, what is said then (NULL: nothing), and of which
 * file if it is not that one.
 */
static const struct {
	enum { KEY, CERTIFICATE, CHAIN, CA, CRL, N_KINDS } kind;
	const char *file;
	const char *said;
	const char *of;
} files_table[] = {
	{ KEY, SERVER ".key", NULL, NULL },
	{ KEY, "once.key", NULL, NULL },
	{ KEY, "missing", "No such file or directory", NULL },
	{ KEY, "directory", "this is not a file", NULL },
	{ KEY, "fifo", "this is not a file", NULL },
	{ KEY, "empty", "there is no private key in PEM in it", NULL },
	{ KEY, "asks.key", "this key is encrypted, and there is nobody to ask how", NULL },
	{ KEY, "shared.key", "others than its owner have access to this key (mode 0640)", NULL },
	{ KEY, "public.key", "others than its owner have access to this key (mode 0604)", NULL },
	{ CERTIFICATE, CLIENT ".pem", "this certificate is not for the key in ", NULL },
	{ CERTIFICATE, "missing", "No such file or directory", NULL },
	{ CERTIFICATE, "empty", "there is no certificate in PEM in it", NULL },
	{ CERTIFICATE, "/dev/zero", "this is not a file", NULL },
	{ CERTIFICATE, "broken.pem", "certificate 1 cannot be understood: ", NULL },
	{ CHAIN, "missing", "No such file or directory", NULL },
	{ CHAIN, "other-chain.pem", "certificate", SERVER ".pem" },
	{ CHAIN, "", "unable to get local issuer certificate", SERVER ".pem" },
	{ CA, "missing", "No such file or directory", NULL },
	{ CA, "empty", "there is no certificate in PEM in it", NULL },
	{ CA, "other-ca.pem", "certificate", SERVER ".pem" },
	/* Whoever is named there is trusted, be it an intermediate. */
	{ CA, "chain.pem", NULL, NULL },
	{ CRL, "crl.pem", NULL, NULL },
	{ CRL, "crl-revoked.pem", NULL, NULL },
	{ CRL, "crl-expired.pem", NULL, NULL },
	{ CRL, "missing", "No such file or directory", NULL },
	{ CRL, "empty", "there is no revocation list in PEM in it", NULL },
	{ CRL, "ca.pem", "there is no revocation list in PEM in it", NULL },
	{ CRL, "broken-crl.pem", "revocation list 1 cannot be understood: ", NULL },
};

static void try_files(const char *of, enum context_role good_for, const struct config_files *files,
		      const char *said)
{
	char err[CONTEXT_ERRLEN] = "", text[CAPTURE_LEN];
	struct context *context = NULL;
	SSL *ssl;

	capture_start();
	if (context_new(files, &context, err))
		assert_null(context);
	capture_end(text);
	if (!said) {
		assert_string_equal(err, "");
		ssl = context_ssl(context, good_for, NULL);
		assert_non_null(ssl);
		SSL_free(ssl);
		context_free(context);
		return;
	}
	assert_null(context);
	if (!strstr(err, of) || !strstr(err, said))
		fail_msg("%s: \"%s\" instead of \"%s\"", of, err, said);
}

static void files(void **state)
{
	struct config_files files;
	char *const names[N_KINDS] = {
		[KEY] = files.key, [CERTIFICATE] = files.certificate, [CHAIN] = files.chain,
		[CA] = files.ca, [CRL] = files.crl,
	};
	size_t i;

	(void)state;
	prepare_files();
	for (i = 0; i < sizeof(files_table) / sizeof(*files_table); i++) {
		const char *file = files_table[i].file, *of = files_table[i].of;

		ends_files(&files, SERVER);
		strcpy(names[files_table[i].kind], !*file || *file == '/' ? file : ends_file(file));
		try_files(of ? of : file, CONTEXT_SERVER, &files, files_table[i].said);
	}
}

/* systemd shows the service on the access list as the group. */
static void credentials(void **state)
{
	struct config_files files;

	(void)state;
	ends_files(&files, SERVER);
	strcpy(files.key, ends_file("shared.key"));
	setenv("CREDENTIALS_DIRECTORY", ends_file("."), 1);
	strcpy(files.key, ends_file("./shared.key"));
	try_files("shared.key", CONTEXT_SERVER, &files, NULL);
	strcpy(files.key, ends_file("./public.key"));
	try_files("public.key", CONTEXT_SERVER, &files, "others than its owner");
	unsetenv("CREDENTIALS_DIRECTORY");
}

/* Our own certificate. */
static void own_certificates(void **state)
{
	struct config_files files;

	(void)state;
	ends_files(&files, "expired");
	try_files("expired.pem", CONTEXT_CLIENT, &files, "certificate has expired");
	ends_files(&files, "future");
	try_files("future.pem", CONTEXT_CLIENT, &files, "certificate is not yet valid");
	ends_files(&files, "other");
	try_files("other.pem", CONTEXT_CLIENT, &files, "");
	ends_files(&files, "code");
	try_files("code.pem", CONTEXT_CLIENT, &files,
		  "this certificate is neither for servers nor for clients (key usage)");
	ends_files(&files, "revoked");
	try_files("revoked.pem", CONTEXT_CLIENT, &files, NULL);
	strcpy(files.crl, ends_file("crl-expired.pem"));
	try_files("revoked.pem", CONTEXT_CLIENT, &files, "certificate revoked");
}

static void roles(void **state)
{
	struct context *context = ends_context("only-client");
	char text[CAPTURE_LEN];
	SSL *ssl = context_ssl(context, CONTEXT_CLIENT, SERVER);

	(void)state;
	assert_non_null(ssl);
	SSL_free(ssl);
	capture_start();
	ssl = context_ssl(context, CONTEXT_SERVER, NULL);
	capture_end(text);
	assert_null(ssl);
	assert_non_null(strstr(text, "our certificate is not for servers (extended key usage)"));
	context_free(context);
}

/* ---------------------------------------------------------------- peers */

static void ended(struct session *session, const char *why, void *arg)
{
	(void)session;
	(void)arg;
	snprintf(end.ended, sizeof(end.ended), "%s", why);
}

static void secured(struct session *session, void *arg)
{
	(void)session;
	(void)arg;
	end.secured = true;
}

static const struct session_ops *no_ops(void)
{
	static const struct session_ops ops = { .secured = secured, .ended = ended };

	return &ops;
}

/*
 * Our end is of @role, the other one is plain OpenSSL and presents the certificate of
 * @host.  Returns "" if we take it, else why not.
 */
static const char *meet(struct context *context, enum context_role role, const char *name,
			const char *host)
{
	SSL *ssl = context_ssl(context, role, name);
	int fds[2];

	assert_non_null(ssl);
	ends_sockets(fds);
	memset(&end, 0, sizeof(end));
	assert_int_equal(session_new(ends_event, ssl, role, fds[0], 1, no_ops(), NULL,
				     &end.session), 0);
	raw_begin(&raw, host, role == CONTEXT_SERVER ? CONTEXT_CLIENT : CONTEXT_SERVER, fds[1]);
	raw_shake_hands(&raw);
	ends_until(end.secured || *end.ended);
	end_finish(&end);
	raw_finish(&raw);
	return end.ended;
}

/* Peers and what we think of them; NULL: nothing bad. */
static const struct {
	enum context_role role;
	const char *name;
	const char *host;
	const char *why;
} peers[] = {
	{ CONTEXT_SERVER, NULL, CLIENT, NULL },
	{ CONTEXT_SERVER, NULL, "only-client", NULL },
	{ CONTEXT_SERVER, NULL, "only-server",
	  "its certificate (CN=only-server,O=Test): unsuitable certificate purpose" },
	{ CONTEXT_SERVER, NULL, "code",
	  "its certificate (CN=code,O=Test): unsuitable certificate purpose" },
	{ CONTEXT_SERVER, NULL, "expired",
	  "its certificate (CN=expired,O=Test): certificate has expired" },
	{ CONTEXT_SERVER, NULL, "future",
	  "its certificate (CN=future,O=Test): certificate is not yet valid" },
	{ CONTEXT_SERVER, NULL, "other",
	  "its certificate (CN=other,O=Test): unable to get local issuer certificate" },
	{ CONTEXT_SERVER, NULL, NULL, "the peer presented no certificate" },
	{ CONTEXT_CLIENT, SERVER, SERVER, NULL },
	{ CONTEXT_CLIENT, "SERVER.example.NET.", SERVER, NULL },
	{ CONTEXT_CLIENT, "only-server", "only-server", NULL },
	{ CONTEXT_CLIENT, "only-client", "only-client",
	  "its certificate (CN=only-client,O=Test): unsuitable certificate purpose" },
	{ CONTEXT_CLIENT, "elsewhere.example.net", SERVER,
	  "its certificate (CN=" SERVER ",O=Test) is not for elsewhere.example.net" },
	{ CONTEXT_CLIENT, "example.net", SERVER,
	  "its certificate (CN=" SERVER ",O=Test) is not for example.net" },
	{ CONTEXT_CLIENT, "192.0.2.7", SERVER,
	  "its certificate (CN=" SERVER ",O=Test) is not for 192.0.2.7" },
	{ CONTEXT_CLIENT, "2001:db8::1", SERVER,
	  "its certificate (CN=" SERVER ",O=Test) is not for 2001:db8::1" },
};

static void judged_peers(void **state)
{
	struct context *context = ends_context(SERVER);
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
		why = meet(context, peers[i].role, peers[i].name, peers[i].host);
		assert_string_equal(why, peers[i].why ? peers[i].why : "");
	}
	context_free(context);
}

static const char *meet_revoked(struct context *context, char text[CAPTURE_LEN])
{
	const char *why;

	capture_start();
	why = meet(context, CONTEXT_SERVER, NULL, "revoked");
	capture_end(text);
	return why;
}

/* A server that has a list, in a file that can be replaced. */
static struct context *with_list(void)
{
	char err[CONTEXT_ERRLEN] = "";
	struct config_files files;
	struct context *context;

	ends_files(&files, SERVER);
	strcpy(files.crl, ends_file("now.pem"));
	copy_file("crl.pem", "now.pem", 0644);
	assert_int_equal(context_new(&files, &context, err), 0);
	return context;
}

/* The list is replaced while we are at work. */
static void new_lists(void **state)
{
	const char *const revoked = "its certificate (CN=revoked,O=Test): certificate revoked";
	struct context *context = with_list();
	char text[CAPTURE_LEN];

	(void)state;
	assert_string_equal(meet_revoked(context, text), "");
	assert_string_equal(text, "");

	copy_file("crl-revoked.pem", "now.pem", 0644);
	assert_string_equal(meet_revoked(context, text), revoked);
	assert_non_null(strstr(text, "now.pem: read anew"));
	assert_string_equal(meet(context, CONTEXT_SERVER, NULL, CLIENT), "");

	/* A list that cannot be read leaves the old one in force; said once. */
	copy_file("broken-crl.pem", "now.pem", 0644);
	assert_string_equal(meet_revoked(context, text), revoked);
	assert_non_null(strstr(text, "the revocation list read before stays in force"));
	assert_string_equal(meet_revoked(context, text), revoked);
	assert_string_equal(text, "");
	unlink(ends_file("now.pem"));
	assert_string_equal(meet_revoked(context, text), revoked);
	assert_non_null(strstr(text, "No such file or directory; "));

	copy_file("crl.pem", "now.pem", 0644);
	assert_string_equal(meet_revoked(context, text), "");

	/* Out of date, and better than none. */
	copy_file("crl-expired.pem", "now.pem", 0644);
	assert_string_equal(meet_revoked(context, text), revoked);
	assert_non_null(strstr(text, "the revocation list (used even "));
	assert_string_equal(meet(context, CONTEXT_SERVER, NULL, CLIENT), "");
	context_free(context);
}

/* The CA's own list, which revokes the intermediate CA, behind that of the latter. */
static void revoke_intermediate(const char *to)
{
	FILE *file = fopen(ends_file("chain.pem"), "r");
	X509 *chain = PEM_read_X509(file, NULL, NULL, NULL);
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_TIME *last = X509_gmtime_adj(NULL, -60), *next = X509_gmtime_adj(NULL, 86400);
	EVP_PKEY *key;

	fclose(file);
	file = fopen(ends_file("ca.key"), "r");
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_issuer_name(chain));
	X509_CRL_set1_lastUpdate(crl, last);
	X509_CRL_set1_nextUpdate(crl, next);
	X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(chain));
	X509_REVOKED_set_revocationDate(revoked, last);
	assert_int_equal(X509_CRL_add0_revoked(crl, revoked), 1);
	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	file = fopen(ends_file(to), "a");
	assert_int_equal(PEM_write_X509_CRL(file, crl), 1);
	fclose(file);
	EVP_PKEY_free(key);
	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
	X509_CRL_free(crl);
	X509_free(chain);
}

static void revoked_issuer(void **state)
{
	struct context *context = with_list();
	struct config_files files;
	char text[CAPTURE_LEN];

	(void)state;
	ends_files(&files, SERVER);
	strcpy(files.crl, ends_file("now.pem"));
	assert_string_equal(meet(context, CONTEXT_SERVER, NULL, CLIENT), "");
	revoke_intermediate("now.pem");
	capture_start();
	assert_string_equal(meet(context, CONTEXT_SERVER, NULL, CLIENT),
			    "an issuer of its certificate (CN=Test Intermediate CA,O=Test): "
			    "certificate revoked");
	capture_end(text);
	assert_non_null(strstr(text, "now.pem: read anew"));
	context_free(context);
	try_files(SERVER ".pem", CONTEXT_SERVER, &files, "certificate revoked");
}

/* One who was let in is not trusted forever. */
static void judged_again(void **state)
{
	struct context *context = with_list(), *other = ends_context(SERVER);
	char text[CAPTURE_LEN];
	static struct end client;
	int fds[2];

	(void)state;
	ends_sockets(fds);
	end_begin(&end, SERVER, CONTEXT_SERVER, NULL, fds[0], 1);
	end_begin(&client, "revoked", CONTEXT_CLIENT, SERVER, fds[1], 1);
	session_judge(end.session, context);
	ends_until(end.secured && client.secured);
	session_judge(end.session, context);
	session_judge(client.session, context);
	ends_turn();
	assert_string_equal(end.ended, "");

	copy_file("crl-revoked.pem", "now.pem", 0644);
	session_judge(end.session, other);
	capture_start();
	session_judge(end.session, context);
	session_judge(client.session, context);
	capture_end(text);
	ends_until(*end.ended);
	assert_string_equal(end.ended, "its certificate: certificate revoked");
	assert_string_equal(client.ended, "");
	end_finish(&end);
	end_finish(&client);
	context_free(other);
	context_free(context);
}

/* Changes one byte of the signature: the list claims an issuer who did not sign it. */
static void forged_list(void **state)
{
	FILE *file = fopen(ends_file("crl.pem"), "r");
	X509_CRL *crl = PEM_read_X509_CRL(file, NULL, NULL, NULL);
	const ASN1_BIT_STRING *signature;
	struct config_files files;

	(void)state;
	fclose(file);
	X509_CRL_get0_signature(crl, &signature, NULL);
	((ASN1_BIT_STRING *)signature)->data[20] ^= 1;
	file = fopen(ends_file("forged.pem"), "w");
	PEM_write_X509_CRL(file, crl);
	fclose(file);
	X509_CRL_free(crl);

	ends_files(&files, SERVER);
	strcpy(files.crl, ends_file("forged.pem"));
	try_files("forged.pem", CONTEXT_SERVER, &files, "revocation list 1 is not signed by the CA");
}

/* ---------------------------------------------------------------- dates */

static void warnings(void **state)
{
	char err[CONTEXT_ERRLEN] = "", text[CAPTURE_LEN];
	struct config_files files;
	struct context *context;

	(void)state;
	ends_files(&files, SERVER);
	strcpy(files.crl, ends_file("crl-expired.pem"));
	capture_start();
	assert_int_equal(context_new(&files, &context, err), 0);
	capture_end(text);
	assert_string_equal(text, "");
	capture_start();
	context_expiry(context);
	capture_end(text);
	assert_non_null(strstr(text, SERVER ".pem: our certificate ends in "));
	assert_non_null(strstr(text, "chain.pem: the certificate of an issuer of ours ends in"));
	assert_non_null(strstr(text, "ca.pem: the certificate of the CA ends in"));
	assert_non_null(strstr(text, "crl-expired.pem: the revocation list (used even "));
	context_free(context);
}

static void dates(void **state)
{
	static const struct {
		long seconds;
		int days;
		const char *text;
	} rows[] = {
		{ 90 * 86400L + 3600, 90, "ends in 90 days (" },
		{ 86400 + 3600, 1, "ends in 1 day (" },
		{ 3600, 0, "ends in less than a day (" },
		{ -3600, -1, "ended today (" },
		{ -86400 - 3600, -2, "ended 1 day ago (" },
		{ -30 * 86400L - 3600, -31, "ended 30 days ago (" },
	};
	char text[EXPIRY_TEXT_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ASN1_TIME *at = X509_gmtime_adj(NULL, rows[i].seconds);

		assert_int_equal(expiry_days(at), rows[i].days);
		assert_int_equal(strncmp(expiry_text(at, text), rows[i].text,
					 strlen(rows[i].text)), 0);
		ASN1_TIME_free(at);
	}
	assert_true(expiry_days(NULL) > 1000000);
}

/* ---------------------------------------------------------------- names */

/* A certificate of which only the names are of interest. */
static X509 *named(const char *cn, int cn_len, const char *alternatives)
{
	X509 *certificate = X509_new();
	X509_EXTENSION *extension;

	if (cn)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
					   (const unsigned char *)cn, cn_len, -1, 0);
	if (alternatives) {
		extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternatives);
		assert_non_null(extension);
		X509_add_ext(certificate, extension, -1);
		X509_EXTENSION_free(extension);
	}
	return certificate;
}

static void names(void **state)
{
	static const struct {
		const char *cn;
		int cn_len;
		const char *alternatives;
		const char *names;	/* with a space behind each */
		const char *wrong;
	} rows[] = {
		{ "Up.Update.UU.se", -1, NULL, "up.update.uu.se ", NULL },
		{ "up.update.uu.se.", -1, "DNS:up.update.uu.se,DNS:UP.update.uu.se",
		  "up.update.uu.se ", NULL },
		{ "up", -1, "DNS:b.x,DNS:a.x,IP:192.0.2.1,email:a@b.c,URI:http://x/", "up b.x a.x ",
		  NULL },
		{ NULL, 0, "DNS:a.x", "a.x ", NULL },
		{ "Some Body", -1, "DNS:*.x,DNS:a.x", "a.x ", NULL },
		{ "192.0.2.1", -1, NULL, "", "has no name of a host" },
		{ "a.x\0.b.y", 8, NULL, "", "has no name of a host" },
		{ "a.x:42", -1, NULL, "", "has no name of a host" },
		{ "", 0, NULL, "", "has no name of a host" },
		{ NULL, 0, NULL, "", "has no name of a host" },
		{ "x", -1, "DNS:1.x,DNS:2.x,DNS:3.x,DNS:4.x,DNS:5.x,DNS:6.x,DNS:7.x,DNS:8.x",
		  "x 1.x 2.x 3.x 4.x 5.x 6.x 7.x ", NULL },
	};
	struct session_names found;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		X509 *certificate = named(rows[i].cn, rows[i].cn_len, rows[i].alternatives);
		const char *wrong = names_take(certificate, &found);
		char all[SESSION_NAMES_MAX * WORD_HOST_LEN] = "";

		for (j = 0; j < found.n; j++)
			strcat(strcat(all, found.name[j]), " ");
		assert_string_equal(all, rows[i].names);
		assert_string_equal(wrong ? wrong : "good", rows[i].wrong ? rows[i].wrong : "good");
		X509_free(certificate);
	}
}

/* Two that differ only where nobody looks would pass for the same host. */
static void long_subject(void **state)
{
	X509 *certificate = named("a.x", -1, NULL);
	X509_NAME *subject = X509_get_subject_name(certificate);
	unsigned char text[60];
	struct session_names found;
	int i;

	(void)state;
	memset(text, 'o', sizeof(text));
	for (i = 0; i < 4; i++)
		X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, text, sizeof(text), -1, 0);
	assert_string_equal(names_take(certificate, &found), "has too long a subject");
	X509_free(certificate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(credentials),
		cmocka_unit_test(own_certificates),
		cmocka_unit_test(roles),
		cmocka_unit_test(judged_peers),
		cmocka_unit_test(new_lists),
		cmocka_unit_test(revoked_issuer),
		cmocka_unit_test(judged_again),
		cmocka_unit_test(forged_list),
		cmocka_unit_test(warnings),
		cmocka_unit_test(dates),
		cmocka_unit_test(names),
		cmocka_unit_test(long_subject),
	};

	return cmocka_run_group_tests(tests, ends_setup, ends_teardown);
}
