/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening /dev/chaos and attaching it to a link; used by tap.c only. */
#ifndef TUNNEL_ATTACH_H
#define TUNNEL_ATTACH_H

#include <linux/chaos.h>

#include "tap.h"

/**
 * attach_open() - open /dev/chaos and attach it, in batch mode
 * @config: to what
 * @name: of the link, instead of the one in @config
 * @attached: what the kernel says of the link
 * @err: on failure, what went wrong, in words
 *
 * Return: a non-blocking file, or -errno.
 */
int attach_open(const struct tap_config *config, const char *name,
		struct chaos_attach *attached, char err[TAP_ERRLEN]);

#endif /* TUNNEL_ATTACH_H */
