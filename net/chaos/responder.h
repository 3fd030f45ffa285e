/* SPDX-License-Identifier: GPL-2.0-only */
/* Simple transactions that the kernel answers itself. */
#ifndef _NET_CHAOS_RESPONDER_H
#define _NET_CHAOS_RESPONDER_H

#include "net.h"

bool chaos_responder_has(const u8 *contact, size_t len);
bool chaos_responder_answer(struct chaos_net *cn, const struct chaos_hdr *rfc, const u8 *contact,
			    size_t len);

#endif /* _NET_CHAOS_RESPONDER_H */
