/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon in this process, between socketpairs in the place of /dev/chaos and real
 * UDP sockets on this machine:
 *
 *	kernel (the test) <== socketpair ==> udp <== loopback ==> peers (the test)
 *
 * Programs are linked with --wrap=tap_open.
 */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include "udp.h"

#define RIG_PATIENCE_MS	30000	/* for what must happen */
#define RIG_LINKS	8

/**
 * struct rig - a daemon and its surroundings
 * @event: its loop
 * @udp: the daemon
 * @config: its configuration
 * @port: where it listens
 */
struct rig {
	sd_event *event;
	struct udp *udp;
	struct config *config;
	uint16_t port;
};

/* All fail the test if something goes wrong. */
struct rig *rig_new(const char *listen, const char *text);
int rig_reload(struct rig *rig, const char *text);
void rig_free(struct rig *rig);

struct config *rig_config(const char *text);
int rig_socket(const char *ip, uint16_t *port);
void rig_send(struct rig *rig, int fd, const char *ip, const void *bytes, size_t len);
size_t rig_receive(struct rig *rig, int fd, void *bytes, size_t size);
void rig_work(struct rig *rig);
void rig_idle(struct rig *rig);

/* The kernel's end of a link. */
int rig_kernel(const char *link);
size_t rig_record(uint8_t *batch, const void *packet, size_t len);
void rig_kernel_write(struct rig *rig, const char *link, const void *batch, size_t len);
size_t rig_kernel_read(struct rig *rig, const char *link, uint8_t *packet);
unsigned int rig_opened(void);

/* A packet of @count bytes, numbered @number; returns its length. */
size_t rig_packet(uint8_t *packet, uint16_t to, uint16_t from, uint16_t number,
		  unsigned int count);

#endif /* TEST_RIG_H */
