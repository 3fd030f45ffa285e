/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes are a story: what a hostile peer, an odd user and the clock may do. */
#ifndef _CHAOS_KUNIT_HOSTILE_H
#define _CHAOS_KUNIT_HOSTILE_H

#include "endpoint.h"

const char *hostile_story(struct endpoint *ep, const u8 *bytes, size_t len);
const char *hostile_frame(const u8 *bytes, size_t len);

#endif /* _CHAOS_KUNIT_HOSTILE_H */
