/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields of a packet on an ether that decide where it goes; all low byte first. */
#ifndef CHAOSD_TRAILER_H
#define CHAOSD_TRAILER_H

#include <stddef.h>
#include <stdint.h>

uint16_t trailer_source(const uint8_t *packet, size_t len);
void trailer_aim(uint8_t *packet, size_t len, uint16_t self);

#endif /* CHAOSD_TRAILER_H */
