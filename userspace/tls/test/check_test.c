// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos-tls --check, against a server that is us. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "check.h"
#include "ends.h"

#define OUTPUT	16384

/* Where the server listens, and who it says it is; NULL: it closes at once. */
static int listener;
static unsigned int port;
static const char *server_host;

static int setup(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&in, len) || listen(listener, 5) ||
	    getsockname(listener, (struct sockaddr *)&in, &len))
		return -1;
	port = ntohs(in.sin_port);
	return ends_setup(state);
}

static int teardown(void **state)
{
	close(listener);
	return ends_teardown(state);
}

static void write_hosts(const char *text)
{
	FILE *file = fopen(ends_file("hosts"), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct config *configure(const char *host, const char *more)
{
	struct config *config = config_new();
	struct conf conf = { .tables = { config_keywords }, .configs = { config } };
	bool other = !strcmp(host, "other");
	struct config_files files;
	char text[sizeof(files) + 2000];

	ends_files(&files, host);
	snprintf(text, sizeof(text), "key %s\ncertificate %s\nchain %s\nca %s\nhosts %s\n%s",
		 files.key, files.certificate, other ? ends_file("other-chain.pem") : files.chain,
		 other ? ends_file("both.pem") : files.ca, ends_file("hosts"), more);
	assert_int_equal(conf_read_text(&conf, "test", text, strlen(text)), 0);
	config_check(&conf, config);
	assert_int_equal(conf.errors, 0);
	return config;
}

/* In a process of its own. */
static pid_t begin(const char *host, const char *more, int *output)
{
	struct config *config;
	int pipes[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid) {
		close(pipes[1]);
		*output = pipes[0];
		return pid;
	}
	if (dup2(pipes[1], STDOUT_FILENO) < 0 || dup2(pipes[1], STDERR_FILENO) < 0)
		_exit(99);
	close(pipes[0]);
	close(pipes[1]);
	config = configure(host, more);
	status = check(config);
	config_free(config);
	_exit(status);
}

/* Then it is clear that the client is welcome. */
static void send_something(struct end *end)
{
	uint8_t packet[512];

	session_send(end->session, packet, ends_packet(packet, 4, 1));
	session_flush(end->session);
}

static void serve(struct end *end, int fd)
{
	if (!server_host) {
		close(fd);
		return;
	}
	if (end->session)
		end_finish(end);
	end_begin(end, server_host, CONTEXT_SERVER, NULL, fd, 1);
	end->on_secured = send_something;
}

/* Returns the exit status; the server is at work meanwhile. */
static int run(const char *host, const char *more, char output[OUTPUT])
{
	static struct end end;
	struct pollfd polled = { .events = POLLIN };
	int status, fd, turns = 0;
	pid_t pid = begin(host, more, &polled.fd);
	size_t len = 0;
	ssize_t n = 1;

	memset(&end, 0, sizeof(end));
	while (n) {
		assert_true(++turns < 60000);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			serve(&end, fd);
		ends_turn();
		if (poll(&polled, 1, 0) == 1) {
			n = read(polled.fd, output + len, OUTPUT - 1 - len);
			assert_true(n >= 0);
			len += n;
		}
	}
	output[len] = '\0';
	close(polled.fd);
	end_finish(&end);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define HOSTS_GOOD	"3040 " SERVER "\n3143 " CLIENT " revoked only-server\n"

/* @connect: behind "connect ADDRESS"; @why: what is said to be wrong, NULL: nothing. */
static const struct {
	const char *server, *client;
	const char *hosts;
	const char *link;
	const char *connect;
	const char *more;
	const char *why;
} rows[] = {
	{ SERVER, CLIENT, HOSTS_GOOD, "link chaos0 address 3143", "name " SERVER, "", NULL },
	{ SERVER, CLIENT, HOSTS_GOOD, "link chaos0 address 3143", "name " SERVER, "peer 3040", NULL },
	{ SERVER, CLIENT, HOSTS_GOOD, "link chaos0 address 3143", "name " SERVER, "peer 3041",
	  " (127.0.0.1:PORT): it is " SERVER ", which has address 3040, not 3041\n" },
	{ SERVER, CLIENT, HOSTS_GOOD, "link chaos0 address 3144", "name " SERVER, "",
	  "WRONG  link chaos0: 3144 is no address of " CLIENT ", which has 3143\n" },
	{ SERVER, CLIENT, "440 " SERVER "\n441 " SERVER "\n3143 " CLIENT "\n",
	  "link chaos0 address 3143", "name " SERVER, "",
	  "it is " SERVER ", which has address 440, 441, not on subnet 6\n" },
	{ SERVER, CLIENT, HOSTS_GOOD, "link chaos0 address 3143", "name elsewhere.net", "",
	  "its certificate (CN=" SERVER ",O=Test) is not for elsewhere.net\n"
	  "       If 'ca' and 'connect' are as they should be, tell the server's operator.\n" },
	{ NULL, CLIENT, HOSTS_GOOD, "link chaos0 address 3143", "name " SERVER, "",
	  "server 127.0.0.1:PORT (127.0.0.1:PORT): " },
	{ SERVER, "only-server", HOSTS_GOOD, "link chaos0 address 3143", "name " SERVER, "",
	  "only-server.pem: our certificate is not for clients (extended key usage)\n" },
};

/* Writes the port instead of "PORT". */
static const char *with_port(const char *text, char *buf, size_t len)
{
	size_t at = 0;

	for (; *text && at + 8 < len; text++)
		if (!strncmp(text, "PORT", 4)) {
			at += snprintf(buf + at, len - at, "%u", port);
			text += 3;
		} else {
			buf[at++] = *text;
		}
	buf[at] = '\0';
	return buf;
}

static void found(void **state)
{
	char output[OUTPUT], more[500], why[500];
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		write_hosts(rows[i].hosts);
		server_host = rows[i].server;
		snprintf(more, sizeof(more), "%s\nconnect 127.0.0.1:%u %s\n%s\n", rows[i].link,
			 port, rows[i].connect, rows[i].more);
		status = run(rows[i].client, more, output);
		if (rows[i].why ? !strstr(output, with_port(rows[i].why, why, sizeof(why))) :
				  !!strstr(output, "WRONG"))
			fail_msg("row %zu:\n%s", i, output);
		assert_int_equal(status, rows[i].why ? 1 : 0);
	}
}

static void all_is_told(void **state)
{
	static const char *const told[] = {
		".key: our key, for the certificate in /",
		"note   /", CLIENT ".pem: our certificate ends in ",
		"ca.pem: the certificate of the CA ends in ",
		"note   there is no 'crl'",
		CLIENT ".pem: we are " CLIENT "\n",
		"good   link chaos0: 3143 is an address of " CLIENT "\n",
		"good   server 127.0.0.1:PORT (127.0.0.1:PORT): it is " SERVER ", 3040\n",
	};
	char output[OUTPUT], more[200], line[200];
	size_t i;

	(void)state;
	write_hosts(HOSTS_GOOD);
	server_host = SERVER;
	snprintf(more, sizeof(more), "link chaos0 address 3143\nconnect 127.0.0.1:%u name %s\n",
		 port, SERVER);
	assert_int_equal(run(CLIENT, more, output), 0);
	for (i = 0; i < sizeof(told) / sizeof(*told); i++)
		if (!strstr(output, with_port(told[i], line, sizeof(line))))
			fail_msg("not told: %s\n%s", line, output);
}

/* The server does not know who certified us, and says so. */
static void refused(void **state)
{
	char output[OUTPUT], more[400];

	(void)state;
	write_hosts(HOSTS_GOOD "3144 other\n");
	server_host = SERVER;
	snprintf(more, sizeof(more), "cat %s %s >%s", ends_file("ca.pem"),
		 ends_file("other-ca.pem"), ends_file("both.pem"));
	assert_int_equal(system(more), 0);
	snprintf(more, sizeof(more), "link chaos0 address 3144\nconnect 127.0.0.1:%u name %s\n",
		 port, SERVER);
	assert_int_equal(run("other", more, output), 1);
	if (!strstr(output, ": the peer ended it by the alert \""))
		fail_msg("%s", output);
}

static void unreachable(void **state)
{
	char output[OUTPUT], more[200];

	(void)state;
	write_hosts(HOSTS_GOOD);
	server_host = SERVER;
	/* Nobody listens there. */
	snprintf(more, sizeof(more), "link chaos0 address 3143\nconnect 127.0.0.2:%u name %s\n",
		 port, SERVER);
	assert_int_equal(run(CLIENT, more, output), 1);
	assert_non_null(strstr(output, "): Connection refused\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
		cmocka_unit_test(all_is_told),
		cmocka_unit_test(refused),
		cmocka_unit_test(unreachable),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
