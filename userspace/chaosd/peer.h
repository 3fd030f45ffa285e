/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at the other end of a socket. */
#ifndef CHAOSD_PEER_H
#define CHAOSD_PEER_H

#include <stddef.h>

void peer_name(int fd, char *name, size_t size);

#endif /* CHAOSD_PEER_H */
