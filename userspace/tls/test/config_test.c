// SPDX-License-Identifier: GPL-2.0-or-later
/* What chaos-tls understands, and what it says about the rest. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "config.h"

#define FILES	"key /k certificate /c ca /a "
#define LINK	"link chaos0 address 3040 "

static char said[4096];

static void note(void *arg, const char *text)
{
	size_t at = strlen(said);

	(void)arg;
	snprintf(said + at, sizeof(said) - at, "%s\n", text);
}

static struct config *read_named(const char *file, const char *text)
{
	struct config *config = config_new();
	struct conf conf = {
		.tables = { config_keywords }, .configs = { config }, .complain = note,
	};

	*said = '\0';
	assert_non_null(config);
	if (!conf_read_text(&conf, file, text, strlen(text)))
		config_check(&conf, config);
	return config;
}

static struct config *read_good(const char *text)
{
	struct config *config = read_named("f", text);

	assert_string_equal(said, "");
	return config;
}

static void test_full(void **state)
{
	struct config *c = read_good("key /k certificate /c chain /i ca /a crl /r\n"
				     "hosts /h dns 127.0.0.1:5353 [::1]\n"
				     "listen 42041 # all\n"
				     "listen 127.0.0.1:42043 listen [::1]\n"
				     "clients 7 accept-timeout 1m queue 8 keepalive 20\n"
				     "link chaos0 address 3040 persist\n"
				     "  accept mux Some.Host 3050 3051\n"
				     "link chaos1 address 401\n"
				     "  connect a.example connect 192.0.2.1:1 name b.Example\n"
				     "  peer 402\n");
	struct config_link *link = TAILQ_FIRST(&c->links);
	struct config_listen *listen = TAILQ_FIRST(&c->listens);
	struct config_mux *mux = TAILQ_FIRST(&link->muxes);
	struct config_server *server;

	(void)state;
	assert_string_equal(c->files.key, "/k");
	assert_string_equal(c->files.chain, "/i");
	assert_string_equal(c->files.crl, "/r");
	assert_string_equal(c->names.hosts, "/h");
	assert_int_equal(c->names.n_dns, 2);
	assert_int_equal(c->names.dns[0].port, 5353);
	assert_string_equal(c->names.dns[1].host, "::1");
	assert_int_equal(listen->endpoint.family, AF_UNSPEC);
	assert_int_equal(listen->endpoint.port, 42041);
	listen = TAILQ_NEXT(listen, next);
	assert_string_equal(listen->endpoint.host, "127.0.0.1");
	assert_int_equal(listen->endpoint.port, 42043);
	assert_int_equal(TAILQ_NEXT(listen, next)->endpoint.port, CONFIG_PORT);
	assert_int_equal(c->clients, 7);
	assert_int_equal(c->accept_timeout, 60);
	assert_int_equal(c->queue, 8);
	assert_int_equal(c->keepalive, 20);
	assert_true(link->persist && link->accept);
	assert_int_equal(link->addr, 03040);
	assert_string_equal(mux->name, "some.host");
	assert_int_equal(mux->n, 2);
	assert_int_equal(mux->addrs[1], 03051);
	link = TAILQ_NEXT(link, next);
	assert_false(link->persist || link->accept);
	assert_int_equal(link->peer, 0402);
	server = TAILQ_FIRST(&link->servers);
	assert_string_equal(server->endpoint.host, "a.example");
	assert_int_equal(server->endpoint.port, CONFIG_PORT);
	assert_string_equal(server->name, "");
	server = TAILQ_NEXT(server, next);
	assert_int_equal(server->endpoint.port, 1);
	assert_string_equal(server->name, "b.example");
	config_free(c);
}

static void test_defaults(void **state)
{
	struct config *c = read_good(FILES LINK "connect h");

	(void)state;
	assert_int_equal(c->clients, 64);
	assert_int_equal(c->accept_timeout, 15);
	assert_int_equal(c->queue, 128);
	assert_int_equal(c->keepalive, 15);
	assert_int_equal(c->names.n_dns, 0);
	assert_string_equal(c->files.chain, "");
	assert_string_equal(c->files.crl, "");
	assert_string_equal(c->names.hosts, "");
	config_free(c);
}

/* What is not to be refused. */
static void test_odd(void **state)
{
	static const char *const texts[] = {
		FILES "link chaos%d address 3040 connect a link chaos%d address 3041 connect b",
		FILES LINK "connect a link chaos1 address 3041 connect b",
		FILES LINK "accept connect a listen 1",
		FILES LINK "connect a:1 connect a:2 connect b:1",
		FILES LINK "accept listen 127.0.0.1:1 listen 127.0.0.1:2 listen 127.0.0.2:1",
		FILES LINK "accept mux a 3050 mux a 3051 mux b 3052 listen 1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		config_free(read_good(texts[i]));
}

/* Each mistake is told with its line, and nothing else is. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ FILES, "there is no 'link', so there is nothing to do\n" },
		{ "certificate /c ca /a " LINK "connect a",
		  "'key FILE' is missing, our private key\n" },
		{ "key /k ca /a " LINK "connect a",
		  "'certificate FILE' is missing, which says who we are\n" },
		{ "key /k certificate /c " LINK "connect a",
		  "'ca FILE' is missing, who may issue certificates of peers\n" },
		{ "key", "f:1: 'key' lacks the name of a file: key FILE\n" },
		{ "key ''", "f:1: '': the name of the file is empty\n" },
		{ "key /k\nkey /l", "f:2: '/l': there can be only one such file\n" },
		{ "dns", "f:1: 'dns' lacks a host: dns ADDRESS...\n" },
		{ "dns ns.example", "f:1: 'ns.example': a numeric address is needed\n" },
		{ "dns 1.1.1.1 1.1.1.2 ::1 ::2", "f:1: '::2': there can be at most 3 servers\n" },
		{ "listen h",
		  "f:1: 'h': this must be an IP address, a port, or both\n" },
		{ "listen 0", "f:1: '0': a port is from 1 to 65535 here\n" },
		{ "clients 0", "f:1: '0': a number of clients is from 1 to 4096 here\n" },
		{ "accept-timeout 6m",
		  "f:1: '6m': a time from 1 to 300 seconds is needed here\n" },
		{ "queue 5000", "f:1: '5000': a number of packets is from 1 to 4096 here\n" },
		{ "keepalive 0", "f:1: '0': a time from 1 to 3600 seconds is needed here\n" },
		{ "link c0 3040", "f:1: 'c0': 'address ADDRESS' must follow\n" },
		{ "link c0 address 3080",
		  "f:1: '3080': an address is octal, only digits 0 to 7\n" },
		{ "accept", "f:1: 'accept': this must follow the 'link' that it is about\n" },
		{ "mux a 3050", "f:1: 'mux': this must follow the 'link' that it is about\n" },
		{ "connect h", "f:1: 'connect': this must follow the 'link' that it is about\n" },
		{ "peer 3041", "f:1: 'peer': this must follow the 'link' that it is about\n" },
		{ LINK "mux a", "f:1: 'mux' lacks an address: mux NAME ADDRESS...\n" },
		{ LINK "mux a/b 3050", "f:1: 'a/b': this is not the name of a host\n" },
		{ LINK "mux a 3050 3o51",
		  "f:1: '3o51': there is no such word here; "
		  "'mux' is followed by NAME ADDRESS...\n" },
		{ LINK "connect h:0",
		  "f:1: 'h:0': after the colon comes a port, 1 to 65535\n" },
		{ LINK "connect h connect H:42042",
		  "f:1: 'H:42042': this link connects there already\n" },
		{ LINK "connect h name", "f:1: 'connect' lacks the name in a certificate: "
		  "connect HOST[:PORT] [name CERTIFIED]\n" },
		{ LINK "peer 402", "f:1: '402': this is no other host of subnet 6\n" },
		{ LINK "peer 3040", "f:1: '3040': this is no other host of subnet 6\n" },
		{ LINK "peer 3041 peer 3042",
		  "f:1: '3042': the servers of this link are 3041 already\n" },
		{ FILES "\n" LINK,
		  "f:2: link chaos0 leads nowhere: 'accept' or 'connect HOST' must follow\n" },
		{ FILES LINK "accept", "f:1: link chaos0 accepts clients, but nobody listens: "
		  "say 'listen PORT'\n" },
		{ FILES "listen 42042\n" LINK "connect a",
		  "f:1: 'listen' is of no use: no link says 'accept'\n" },
		{ FILES "listen 1\nlisten 127.0.0.1:1\n" LINK "accept",
		  "f:2: 127.0.0.1:1 is listened at already\n" },
		{ FILES "listen ::1\nlisten ::1\n" LINK "accept",
		  "f:2: [::1]:42042 is listened at already\n" },
		{ FILES LINK "connect a\nlink chaos0 address 401 connect b",
		  "f:2: link chaos0 is there already\n" },
		{ FILES LINK "connect a\nlink chaos1 address 3040 connect b",
		  "f:2: 3040 is our address on link chaos0 already\n" },
		{ FILES "listen 1 " LINK "accept\nlink chaos1 address 3041 accept",
		  "f:2: link chaos0 accepts clients of subnet 6 already\n" },
		{ FILES "listen 1 " LINK "accept peer 3041",
		  "f:1: link chaos0 has a 'peer', but no server: say 'connect HOST'\n" },
		{ FILES LINK "connect a\nmux b 3050",
		  "f:2: 'mux' is about clients, which link chaos0 does not 'accept'\n" },
		{ FILES "listen 1 " LINK "accept mux b 3050\nmux c 3051 3050",
		  "f:2: 3050 is in a 'mux' already\n" },
		{ FILES "listen 1 " LINK "accept mux b 3040\n",
		  "f:1: 3040 is our own address\n" },
		{ FILES "listen 1 " LINK "accept mux b 402\n",
		  "f:1: 402 is not on subnet 6, as link chaos0 is\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config_free(read_named("f", cases[i].text));
		assert_string_equal(said, cases[i].said);
	}
}

static void test_long_words(void **state)
{
	char text[8192] = "key ";

	(void)state;
	memset(text + 4, 'k', 4090);
	config_free(read_named("/some/where/else", text));
	assert_non_null(strstr(said, "the name of the file is too long"));
	snprintf(text, sizeof(text), LINK "mux %0300d 3050", 7);
	config_free(read_named("f", text));
	assert_non_null(strstr(said, "a name has 1 to 255 characters"));
	snprintf(text, sizeof(text), LINK "mux a");
	for (int i = 0; i < CONFIG_MUX_MAX + 1; i++)
		snprintf(text + strlen(text), 16, " %o", 03050 + i);
	config_free(read_named("f", text));
	assert_non_null(strstr(said, "'3070': there can be at most 16 addresses"));
}

/* Files are beside the configuration, unless systemd hands them to us. */
static void test_files(void **state)
{
	char dir[] = "/tmp/config_test.XXXXXX", path[64];
	const char *text = "key k certificate certs/c ca /a " LINK "connect h";
	struct config *c;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/k", dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	c = read_named("/etc/chaosnet/f", text);
	assert_string_equal(c->files.key, path);
	assert_string_equal(c->files.certificate, "/etc/chaosnet/certs/c");
	assert_string_equal(c->files.ca, "/a");
	config_free(c);
	unsetenv("CREDENTIALS_DIRECTORY");
	c = read_named("/etc/chaosnet/f", text);
	assert_string_equal(c->files.key, "/etc/chaosnet/k");
	config_free(c);
	c = read_named("f", text);
	assert_string_equal(c->files.key, "k");
	config_free(c);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
