/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethers by name. */
#ifndef CHAOSD_ETHER_H
#define CHAOSD_ETHER_H

#include "chaosd.h"

#define ETHER_NAME_LEN	16

struct ether *ether_new(const struct config_ether *config);
const char *ether_name(const struct ether *ether, char buf[ETHER_NAME_LEN]);

#endif /* CHAOSD_ETHER_H */
