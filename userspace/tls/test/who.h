/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certified hosts and packets, for tests. */
#ifndef TEST_WHO_H
#define TEST_WHO_H

#include "roster.h"

/**
 * who_named() - what a certificate says
 * @name: common name; the subject is CN=NAME
 */
struct session_names who_named(const char *name);

/**
 * who_member() - somebody
 * @name: of the certificate
 * @is_server: we connected to it
 * @addrs: the first is the one that it told; ends with 0
 */
struct member who_member(const char *name, bool is_server, const uint16_t *addrs);

/**
 * who_packet() - a packet without data
 * @packet: result, FRAME_MIN bytes
 * @opcode: its opcode
 * @from: its source
 * @index: its destination index
 */
void who_packet(uint8_t *packet, unsigned int opcode, uint16_t from, uint16_t index);

#endif /* TEST_WHO_H */
