/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHAOS_HOSTNAME_H
#define CHAOS_HOSTNAME_H

#include <stdint.h>

const char *hostname_get(uint16_t addr);

#endif /* CHAOS_HOSTNAME_H */
