/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* The address structure of sockets, see chaos(7). */
#ifndef LIBCHAOS_SOCKADDR_H
#define LIBCHAOS_SOCKADDR_H

#include <stdint.h>
#include <sys/socket.h>
#include <linux/chaos.h>

const char *chaos_contact_check(const char *contact);
socklen_t chaos_sockaddr(struct sockaddr_chaos *sa, uint16_t addr, const char *contact);

#endif /* LIBCHAOS_SOCKADDR_H */
