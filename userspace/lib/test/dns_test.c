// SPDX-License-Identifier: GPL-2.0-or-later
/* Names from DNS: what answers say, and a server that gives all kinds of them. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "chaos_dns_parse.h"
#include "dns_messages.h"

/* --------------------------------------------------------- what answers say */

#define N_RECORDS	4

struct record {
	const char *owner;
	size_t owner_len;
	const char *data;
	size_t len;
	unsigned int type;	/* of class CH, unless IN is added */
	uint32_t ttl;
};

#define IN	0x10000

/* As long as it is, for the address sanitizer. */
static uint8_t *build(const struct record *records, ns_type type, size_t *len)
{
	static struct message message;
	uint8_t *copy;

	put_question(&message, 1, 0x8180, "up.example", type);
	for (size_t i = 0; i < N_RECORDS && records[i].owner; i++) {
		const struct record *r = &records[i];

		put_record(&message, r->owner, r->owner_len, r->type & 0xffff,
			   r->type & IN ? ns_c_in : ns_c_chaos, r->ttl, r->data, r->len);
	}
	copy = malloc(message.len);
	assert_non_null(copy);
	memcpy(copy, message.bytes, message.len);
	*len = message.len;
	return copy;
}

#define OWNER		ASKED, 2
#define ADDR(data)	RR(DOMAIN "\0" data), ns_t_a

static const struct {
	const char *what;
	struct record records[N_RECORDS];
	int status;
	uint16_t addrs[3];
	uint32_t ttl;
} addr_rows[] = {
	{ "one", { { OWNER, ADDR("\x06\x21"), 60 } }, 0, { 03041 }, 60 },
	{ "two, and one of them again", {
		{ OWNER, ADDR("\x06\x21"), 60 },
		{ OWNER, ADDR("\xfe\x01"), 7 },
		{ OWNER, ADDR("\x06\x21"), 60 },
	}, 0, { 03041, 0177001 }, 7 },
	{ "letters of any size", {
		{ RR("\2uP\7ExAmple\0"), RR("\7ch-ADDr\3net\0\x06\x21"), ns_t_a, 60 },
	}, 0, { 03041 }, 60 },
	{ "an alias, behind what it is one of", {
		{ RR("\4real\7example\0"), ADDR("\x06\x21"), 60 },
		{ OWNER, RR("\4real\xc0\x0f"), ns_t_cname, 30 },
	}, 0, { 03041 }, 30 },
	{ "an alias of an alias", {
		{ OWNER, RR("\1b\0"), ns_t_cname, 30 },
		{ RR("\1b\0"), RR("\1c\0"), ns_t_cname, 20 },
		{ RR("\1c\0"), ADDR("\x06\x21"), 60 },
	}, 0, { 03041 }, 20 },
	{ "other records", {
		{ OWNER, RR("\0\0"), ns_t_txt, 1 },
		{ OWNER, RR("\x7f\0\0\1"), ns_t_a | IN, 1 },
		{ RR("\1b\0"), ADDR("\x06\x22"), 1 },
		{ OWNER, ADDR("\x06\x21"), 60 },
	}, 0, { 03041 }, 60 },
	{ "nothing", { { NULL } }, -ENOENT, { 0 }, 0 },
	{ "an alias of nothing", { { OWNER, RR("\1b\0"), ns_t_cname, 1 } }, -ENOENT, { 0 }, 0 },
	{ "an address elsewhere", { { OWNER, RR("\1b\0\6\1"), ns_t_a, 1 } }, -ENOENT, { 0 }, 0 },
	{ "an alias of itself", { { OWNER, RR(ASKED), ns_t_cname, 1 } }, -EBADMSG, { 0 }, 0 },
	{ "no room for an address", { { OWNER, ADDR(""), 1 } }, -EBADMSG, { 0 }, 0 },
	{ "half an address", { { OWNER, ADDR("\6"), 1 } }, -EBADMSG, { 0 }, 0 },
	{ "more than an address", { { OWNER, ADDR("\6\1\0"), 1 } }, -EBADMSG, { 0 }, 0 },
	{ "IPv4", { { OWNER, RR("\x0a\0\0\1"), ns_t_a, 1 } }, -EBADMSG, { 0 }, 0 },
	{ "no data", { { OWNER, RR(""), ns_t_a, 1 } }, -EBADMSG, { 0 }, 0 },
	{ "a name without end", { { OWNER, RR("\7CH-ADDR"), ns_t_a, 1 } }, -EBADMSG, { 0 }, 0 },
	{ "a name that ends elsewhere", {
		{ OWNER, RR("\7CH-ADDR"), ns_t_a, 1 },
		{ RR(""), RR("\6\1"), ns_t_a, 1 },
	}, -EBADMSG, { 0 }, 0 },
	{ "a pointer to itself", { { OWNER, RR("\xc0\x28\6\1"), ns_t_a, 1 } }, -EBADMSG, { 0 }, 0 },
	{ "a pointer to the outside", { { OWNER, RR("\xff\xff\6\1"), ns_t_a, 1 } }, -EBADMSG,
	  { 0 }, 0 },
	{ "a bad alias", { { OWNER, RR("\1b\0\0"), ns_t_cname, 1 } }, -EBADMSG, { 0 }, 0 },
	{ "subnet 0", { { OWNER, ADDR("\0\1"), 1 } }, -EBADMSG, { 0 }, 0 },
	{ "host 0", { { OWNER, ADDR("\6\0"), 1 } }, -EBADMSG, { 0 }, 0 },
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static void addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(addr_rows); i++) {
		struct chaos_dns_answer answer;
		uint8_t *message;
		size_t len, n = 0;
		int status;

		message = build(addr_rows[i].records, ns_t_a, &len);
		status = chaos_dns_parse_addrs(message, len, "up.example", &answer);
		if (status != addr_rows[i].status)
			print_error("%s: %d\n", addr_rows[i].what, status);
		assert_int_equal(status, addr_rows[i].status);
		if (!status) {
			while (n < 3 && addr_rows[i].addrs[n])
				n++;
			assert_int_equal(answer.n, n);
			assert_memory_equal(answer.addrs, addr_rows[i].addrs, 2 * n);
			assert_int_equal(answer.ttl, addr_rows[i].ttl);
		}
		free(message);
	}
}

/* However much is missing, it is noticed. */
static void cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(addr_rows); i++) {
		struct chaos_dns_answer answer;
		size_t len;
		uint8_t *message = build(addr_rows[i].records, ns_t_a, &len), *copy;

		for (size_t cut = 0; cut < len; cut++) {
			copy = malloc(cut + !cut);
			assert_non_null(copy);
			memcpy(copy, message, cut);
			assert_int_equal(chaos_dns_parse_addrs(copy, cut, "up.example", &answer),
					 -EBADMSG);
			free(copy);
		}
		free(message);
	}
}

static void names(void **state)
{
#define LONG63 "\x3f" "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggghhhhhhh"
	static const struct {
		struct record records[N_RECORDS];
		int status;
		const char *name;
	} rows[] = {
		{ { { OWNER, RR("\2oz\3mit\0"), ns_t_ptr, 1 } }, 0, "oz.mit" },
		{ { { OWNER, RR("\2oz\xc0\x0f"), ns_t_ptr, 1 } }, 0, "oz.example" },
		{ { { OWNER, RR("\2o.\3m t\0"), ns_t_ptr, 1 } }, 0, "o\\..m\\032t" },
		{ { { OWNER, RR("\0"), ns_t_ptr, 1 } }, 0, "." },
		{ {
			{ OWNER, RR("\2oz\0"), ns_t_ptr, 1 },
			{ OWNER, RR("\2ai\0"), ns_t_ptr, 1 }
		}, 0, "oz" },
		{ {
			{ OWNER, RR("\2oz\0"), ns_t_ptr, 1 },
			{ OWNER, RR("\4AnCh\2OR\0"), ns_t_ptr, 1 },
			{ OWNER, RR("\2ai\0"), ns_t_ptr, 1 }
		}, 0, "AnCh.OR" },
		{ {
			{ OWNER, RR("\2oz\0"), ns_t_ptr, 1 },
			{ OWNER, RR(""), ns_t_ptr, 1 }
		}, -EBADMSG, NULL },
		{ {
			{ OWNER, RR("\1b\0"), ns_t_cname, 1 },
			{ RR("\1b\0"), RR("\2oz\0"), ns_t_ptr, 1 }
		}, 0, "oz" },
		{ { { NULL } }, -ENOENT, NULL },
		{ { { OWNER, RR("\2oz\0"), ns_t_ptr | IN, 1 } }, -ENOENT, NULL },
		{ { { OWNER, RR("\2oz\0\0"), ns_t_ptr, 1 } }, -EBADMSG, NULL },
		{ { { OWNER, RR("\2oz"), ns_t_ptr, 1 } }, -EBADMSG, NULL },
		{ { { OWNER, RR(""), ns_t_ptr, 1 } }, -EBADMSG, NULL },
		/* A name of 255 bytes fits only if they are letters. */
		{ { { OWNER, RR(LONG63 LONG63 LONG63 "\x3d"
				"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), ns_t_ptr, 1 } },
		  -EBADMSG, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char name[CHAOS_DNS_NAME_LEN] = "";
		uint8_t *message;
		size_t len;

		message = build(rows[i].records, ns_t_ptr, &len);
		assert_int_equal(chaos_dns_parse_name(message, len, "up.example", "anch.or", name),
				 rows[i].status);
		if (!rows[i].status)
			assert_string_equal(name, rows[i].name);
		free(message);
	}
}

static void many_addresses(void **state)
{
	static struct message message;
	struct chaos_dns_answer answer;

	(void)state;
	put_question(&message, 1, 0x8180, "up.example", ns_t_a);
	for (int i = 1; i <= 255; i++) {
		const char data[] = DOMAIN "\0\6", host = i;

		put_record(&message, OWNER, ns_t_a, ns_c_chaos, 60, data, sizeof(data));
		message.bytes[message.len - 1] = host;
	}
	assert_int_equal(chaos_dns_parse_addrs(message.bytes, message.len, "up.example", &answer),
			 0);
	assert_int_equal(answer.n, CHAOS_DNS_ADDRS);
	assert_int_equal(answer.addrs[CHAOS_DNS_ADDRS - 1], 03000 + CHAOS_DNS_ADDRS);
}

/* ----------------------------------------------------------------- a server */

struct server {
	int udp, udp6, tcp;
	int wake[2];
	pthread_t thread;
	struct sockaddr_storage addr, addr6;
};

static struct server server;

/* Its answer to a question; of length 0: none. */
static void reply(struct message *to, const uint8_t *question, size_t len, bool tcp)
{
	const uint16_t id = ns_get16(question);
	char name[NS_MAXDNAME];
	ns_msg msg;
	ns_rr rr;

	to->len = 0;
	if (ns_initparse(question, len, &msg) || ns_parserr(&msg, ns_s_qd, 0, &rr) ||
	    ns_rr_class(rr) != ns_c_chaos)
		return;
	strcpy(name, ns_rr_name(rr));
	put_question(to, id, 0x8580, name, ns_rr_type(rr));
	if (!strcasecmp(name, "up.example")) {
		put_record(to, OWNER, ns_t_a, ns_c_chaos, 60, RR(DOMAIN "\0\x06\x21"));
		put_record(to, OWNER, ns_t_a, ns_c_chaos, 50, RR(DOMAIN "\0\x06\x22"));
	} else if (!strcmp(name, "long.example")) {
		if (tcp)
			for (int i = 0; i < 40; i++)
				put_record(to, OWNER, ns_t_a, ns_c_chaos, 60,
					   RR(DOMAIN "\0\x06\x21"));
		else
			to->bytes[2] |= 2;	/* TC */
	} else if (!strcasecmp(name, "3041.CH-ADDR.NET")) {
		put_record(to, OWNER, ns_t_ptr, ns_c_chaos, 60, RR("\2up\7example\0"));
	} else if (!strcmp(name, "bad.example")) {
		put_record(to, OWNER, ns_t_a, ns_c_chaos, 60, RR("\6\1"));
	} else if (!strcmp(name, "refused.example")) {
		to->bytes[3] |= ns_r_refused;
	} else if (!strcmp(name, "broken.example")) {
		to->bytes[3] |= ns_r_servfail;
	} else if (!strcmp(name, "silent.example")) {
		to->len = 0;
	} else if (!strcmp(name, "garbage.example")) {
		memset(to->bytes, 0xff, 100);
		to->len = 100;
	} else if (strcmp(name, "empty.example")) {
		to->bytes[3] |= ns_r_nxdomain;
	}
}

static void serve_udp(int fd)
{
	static struct message to;
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	uint8_t question[NS_PACKETSZ];
	ssize_t len = recvfrom(fd, question, sizeof(question), 0, (struct sockaddr *)&from,
			       &from_len);

	if (len < NS_HFIXEDSZ)
		return;
	reply(&to, question, len, false);
	if (to.len)
		sendto(fd, to.bytes, to.len, 0, (struct sockaddr *)&from, from_len);
}

static void serve_tcp(int listener)
{
	static struct message to;
	uint8_t question[2 + NS_PACKETSZ], len[2];
	int fd = accept(listener, NULL, NULL);
	ssize_t got = recv(fd, question, 2, MSG_WAITALL);

	if (got == 2 && ns_get16(question) <= NS_PACKETSZ)
		got = recv(fd, question + 2, ns_get16(question), MSG_WAITALL);
	if (got >= NS_HFIXEDSZ) {
		reply(&to, question + 2, got, true);
		ns_put16(to.len, len);
		if (send(fd, len, 2, MSG_MORE) != 2 ||
		    send(fd, to.bytes, to.len, 0) != (ssize_t)to.len)
			perror("send");
	}
	close(fd);
}

static void *serve(void *arg)
{
	struct pollfd fds[] = {
		{ .fd = server.wake[0], .events = POLLIN },
		{ .fd = server.udp, .events = POLLIN },
		{ .fd = server.udp6, .events = POLLIN },
		{ .fd = server.tcp, .events = POLLIN },
	};

	(void)arg;
	while (poll(fds, 4, -1) > 0 && !fds[0].revents) {
		if (fds[1].revents)
			serve_udp(server.udp);
		if (fds[2].revents)
			serve_udp(server.udp6);
		if (fds[3].revents)
			serve_tcp(server.tcp);
	}
	return NULL;
}

/* UDP and TCP on one port of 127.0.0.1; UDP on ::1 if there is such a thing. */
static int set_up(void **state)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&server.addr;
	struct sockaddr_in6 *addr6 = (struct sockaddr_in6 *)&server.addr6;
	socklen_t len;

	(void)state;
	do {
		addr->sin_family = AF_INET;
		addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		addr->sin_port = 0;
		len = sizeof(*addr);
		server.udp = socket(AF_INET, SOCK_DGRAM, 0);
		server.tcp = socket(AF_INET, SOCK_STREAM, 0);
		if (bind(server.udp, (struct sockaddr *)addr, len) ||
		    getsockname(server.udp, (struct sockaddr *)addr, &len))
			return -1;
		if (!bind(server.tcp, (struct sockaddr *)addr, len))
			break;
		close(server.udp);
		close(server.tcp);
	} while (errno == EADDRINUSE);
	server.udp6 = socket(AF_INET6, SOCK_DGRAM, 0);
	addr6->sin6_family = AF_INET6;
	addr6->sin6_addr = in6addr_loopback;
	len = sizeof(*addr6);
	if (bind(server.udp6, (struct sockaddr *)addr6, len) ||
	    getsockname(server.udp6, (struct sockaddr *)addr6, &len))
		addr6->sin6_family = 0;
	return listen(server.tcp, 5) || pipe(server.wake) ||
	       pthread_create(&server.thread, NULL, serve, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(server.wake[1]);
	pthread_join(server.thread, NULL);
	close(server.wake[0]);
	close(server.udp);
	close(server.udp6);
	close(server.tcp);
	return 0;
}

static struct chaos_dns ask_server(void)
{
	/* Generous but where the time has to be over. */
	return (struct chaos_dns) { { server.addr }, 1, 30, 1 };
}

static void asks(void **state)
{
	static const struct {
		const char *name;
		unsigned int timeout;
		int status;
		size_t n;
		const char *err;
	} rows[] = {
		{ "up.example", 30, 0, 2, "" },
		{ "UP.example.", 30, 0, 2, "" },
		{ "long.example", 30, 0, 1, "" },
		{ "missing.example", 30, -ENOENT, 0,
		  "missing.example has no address in class CH of DNS" },
		{ "empty.example.", 30, -ENOENT, 0,
		  "empty.example has no address in class CH of DNS" },
		{ "bad.example", 30, -EBADMSG, 0,
		  "what DNS says of bad.example in class CH makes no sense" },
		{ "refused.example", 30, -EAGAIN, 0,
		  "no DNS server can tell the address of refused.example in class CH now" },
		{ "broken.example", 30, -EAGAIN, 0,
		  "no DNS server can tell the address of broken.example in class CH now" },
		{ "silent.example", 1, -EAGAIN, 0,
		  "no DNS server can tell the address of silent.example in class CH now" },
		{ "garbage.example", 1, -EAGAIN, 0,
		  "no DNS server can tell the address of garbage.example in class CH now" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct chaos_dns dns = ask_server();
		struct chaos_dns_answer answer;
		char err[CHAOS_DNS_ERRLEN] = "";

		dns.timeout = rows[i].timeout;
		assert_int_equal(chaos_dns_addrs(&dns, rows[i].name, &answer, err), rows[i].status);
		assert_string_equal(err, rows[i].err);
		if (rows[i].status)
			continue;
		assert_int_equal(answer.n, rows[i].n);
		assert_int_equal(answer.addrs[0], 03041);
	}
}

static void asks_back(void **state)
{
	const struct chaos_dns dns = ask_server();
	char name[CHAOS_DNS_NAME_LEN], err[CHAOS_DNS_ERRLEN] = "";

	(void)state;
	assert_int_equal(chaos_dns_name(&dns, 03041, NULL, name, err), 0);
	assert_string_equal(name, "up.example");
	assert_string_equal(err, "");
	assert_int_equal(chaos_dns_name(&dns, 0177777, NULL, name, err), -ENOENT);
	assert_string_equal(err, "177777.CH-ADDR.NET has no name in class CH of DNS");
}

/* One that nobody listens at is passed over. */
static void several_servers(void **state)
{
	struct chaos_dns dns = { { server.addr, server.addr }, 2, 30, 1 };
	struct sockaddr_in *nobody = (struct sockaddr_in *)&dns.servers[0];
	socklen_t len = sizeof(*nobody);
	struct chaos_dns_answer answer;
	char err[CHAOS_DNS_ERRLEN];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	nobody->sin_port = 0;
	assert_int_equal(bind(fd, (struct sockaddr *)nobody, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)nobody, &len), 0);
	close(fd);
	assert_int_equal(chaos_dns_addrs(&dns, "up.example", &answer, err), 0);
	assert_int_equal(answer.n, 2);
}

static void over_ipv6(void **state)
{
	const struct chaos_dns dns = { { server.addr6 }, 1, 30, 1 };
	const struct chaos_dns both = { { server.addr6, server.addr, server.addr6 }, 3, 30, 1 };
	struct chaos_dns_answer answer;
	char err[CHAOS_DNS_ERRLEN];

	(void)state;
	if (!server.addr6.ss_family)
		skip();
	assert_int_equal(chaos_dns_addrs(&dns, "up.example", &answer, err), 0);
	assert_int_equal(answer.n, 2);
	assert_int_equal(chaos_dns_addrs(&both, "up.example", &answer, err), 0);
	assert_int_equal(answer.n, 2);
}

static void no_names(void **state)
{
	static const char *const names[] = {
		"", ".", "..", ".a", "a..b", "a..", "a b", "a\\.b", "a\nb", "\303\245.example",
		"aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggghhhhhhhh.example",
	};
	const struct chaos_dns dns = ask_server();
	char name[300], err[CHAOS_DNS_ERRLEN];
	struct chaos_dns_answer answer;

	(void)state;
	for (size_t i = 0; i < N(names); i++) {
		assert_int_equal(chaos_dns_addrs(&dns, names[i], &answer, err), -EINVAL);
		snprintf(name, sizeof(name), "'%s' is no name of a host", names[i]);
		assert_string_equal(err, name);
	}
	/* The longest, and one that is longer. */
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 10 ? 'x' : '.';
	name[1 + 253] = 0;
	assert_int_equal(chaos_dns_addrs(&dns, name + 1, &answer, err), -ENOENT);
	name[1 + 253] = 'x';
	name[1 + 254] = 0;
	assert_int_equal(chaos_dns_addrs(&dns, name + 1, &answer, err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(names),
		cmocka_unit_test(many_addresses),
		cmocka_unit_test(asks),
		cmocka_unit_test(asks_back),
		cmocka_unit_test(several_servers),
		cmocka_unit_test(over_ipv6),
		cmocka_unit_test(no_names),
	};

	return cmocka_run_group_tests_name("dns", tests, set_up, tear_down);
}
