// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "rig.h"

/* The kernel's ends of links, with what was read and not yet asked for. */
static struct {
	char name[TAP_NAME_LEN];
	int fd;
	uint8_t batch[65536];
	size_t at, len;
} ends[RIG_LINKS];

static unsigned int opened;

int __wrap_tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN]);

int __wrap_tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN])
{
	int pair[2], i, size = 4 * 1024 * 1024;

	if (!strcmp(config->name, "broken")) {
		strcpy(err, "broken: it always is");
		return -EPERM;
	}
	for (i = 0; ends[i].fd; i++)
		assert_int_not_equal(i, RIG_LINKS - 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	assert_int_equal(tap_open_fd(config, pair[0], tap), 0);
	strcpy(ends[i].name, config->name);
	ends[i].fd = pair[1];
	ends[i].at = ends[i].len = 0;
	opened++;
	return 0;
}

unsigned int rig_opened(void)
{
	return opened;
}

static unsigned int find_end(const char *link)
{
	unsigned int i;

	for (i = 0; i < RIG_LINKS; i++)
		if (ends[i].fd && !strcmp(ends[i].name, link))
			return i;
	fail_msg("there is no link %s", link);
	return 0;
}

int rig_kernel(const char *link)
{
	return ends[find_end(link)].fd;
}

struct config *rig_config(const char *text)
{
	struct config *config = config_new();
	struct conf conf = { .tables = { config_keywords }, .configs = { config } };

	assert_int_equal(conf_read_text(&conf, "rig", text, strlen(text)), 0);
	config_check(&conf, config);
	assert_int_equal(conf.errors, 0);
	return config;
}

static int bind_socket(const char *ip, uint16_t *port)
{
	struct endpoint ep = { .port = *port };
	struct sockaddr_storage sa;
	socklen_t len;
	int fd;

	assert_null(word_endpoint(ip, &ep));
	ep.port = *port ? *port : 1;
	len = endpoint_address(&ep, 1, &sa);
	if (!*port)
		((struct sockaddr_in *)&sa)->sin_port = 0;	/* the same place in IPv6 */
	fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
	return fd;
}

int rig_socket(const char *ip, uint16_t *port)
{
	int fd, size = 8 * 1024 * 1024;

	*port = 0;
	fd = bind_socket(ip, port);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

struct rig *rig_new(const char *listen, const char *text)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	int tries;

	memset(ends, 0, sizeof(ends));
	opened = 0;
	assert_true(sd_event_new(&rig->event) >= 0);
	rig->udp = udp_new(rig->event, false);
	assert_non_null(rig->udp);
	rig->config = rig_config(text);
	assert_null(word_endpoint(listen, &rig->config->listen));
	/* A port that is free now may be taken soon. */
	for (tries = 0; tries < 20; tries++) {
		rig->port = 0;
		close(bind_socket(listen, &rig->port));
		rig->config->listen.port = rig->port;
		if (!udp_apply(rig->udp, rig->config)) {
			rig_work(rig);
			return rig;
		}
	}
	fail_msg("the daemon does not start");
	return NULL;
}

int rig_reload(struct rig *rig, const char *text)
{
	struct config *next = rig_config(text);

	if (!next->listen_place.number)
		next->listen = rig->config->listen;
	if (udp_apply(rig->udp, next)) {
		config_free(next);
		return -1;
	}
	config_free(rig->config);
	rig->config = next;
	return 0;
}

void rig_free(struct rig *rig)
{
	unsigned int i;

	udp_free(rig->udp);
	config_free(rig->config);
	sd_event_unref(rig->event);
	for (i = 0; i < RIG_LINKS; i++)
		if (ends[i].fd)
			close(ends[i].fd);
	memset(ends, 0, sizeof(ends));
	free(rig);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* Let the daemon work until there is something to read. */
static void await(struct rig *rig, int fd)
{
	long long end = now_ms() + RIG_PATIENCE_MS;

	while (!readable(fd)) {
		assert_true(now_ms() < end);
		assert_true(sd_event_run(rig->event, 10000) >= 0);
	}
}

/* Let the daemon do what it has to do now. */
void rig_work(struct rig *rig)
{
	while (sd_event_run(rig->event, 0) > 0)
		;
}

/* The same, until it has had nothing to do for a while. */
void rig_idle(struct rig *rig)
{
	while (sd_event_run(rig->event, 20000) > 0)
		;
}

void rig_send(struct rig *rig, int fd, const char *ip, const void *bytes, size_t len)
{
	struct endpoint ep;
	struct sockaddr_storage sa;
	socklen_t sa_len;

	assert_null(word_endpoint(ip, &ep));
	sa_len = endpoint_address(&ep, rig->port, &sa);
	assert_int_equal(sendto(fd, bytes, len, 0, (struct sockaddr *)&sa, sa_len), len);
}

size_t rig_receive(struct rig *rig, int fd, void *bytes, size_t size)
{
	ssize_t n;

	await(rig, fd);
	n = recv(fd, bytes, size, 0);
	assert_true(n >= 0);
	return n;
}

size_t rig_record(uint8_t *batch, const void *packet, size_t len)
{
	uint16_t here = len;

	memcpy(batch, &here, sizeof(here));
	memcpy(batch + sizeof(here), packet, len);
	return len + sizeof(here);
}

void rig_kernel_write(struct rig *rig, const char *link, const void *batch, size_t len)
{
	assert_int_equal(send(rig_kernel(link), batch, len, 0), len);
	assert_true(sd_event_run(rig->event, 0) >= 0);
}

size_t rig_kernel_read(struct rig *rig, const char *link, uint8_t *packet)
{
	unsigned int i = find_end(link);
	uint16_t here;

	if (ends[i].at == ends[i].len) {
		ends[i].at = 0;
		ends[i].len = rig_receive(rig, ends[i].fd, ends[i].batch, sizeof(ends[i].batch));
	}
	memcpy(&here, ends[i].batch + ends[i].at, sizeof(here));
	assert_in_range(here, FRAME_MIN, FRAME_MAX);
	assert_in_range(here, FRAME_MIN, ends[i].len - ends[i].at - sizeof(here));
	memcpy(packet, ends[i].batch + ends[i].at + sizeof(here), here);
	ends[i].at += sizeof(here) + here;
	return here;
}

size_t rig_packet(uint8_t *packet, uint16_t to, uint16_t from, uint16_t number,
		  unsigned int count)
{
	unsigned int i;

	memset(packet, 0, FRAME_MAX);
	packet[1] = CHAOS_OP_DAT;
	frame_put_word(packet + 2, count);
	frame_put_word(packet + 4, to);
	frame_put_word(packet + 8, from);
	frame_put_word(packet + 12, number);
	for (i = 0; i < count; i++)
		packet[FRAME_HEADER_LEN + i] = i ^ number;
	return frame_set_trailer(packet, to, from);
}
