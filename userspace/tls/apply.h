/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From one configuration to the next, or from none to the first, or to none. */
#ifndef CHAOS_TLS_APPLY_H
#define CHAOS_TLS_APPLY_H

#include "tls.h"

int apply(struct tls *tls, const struct config *next);
void apply_nothing(struct tls *tls);

#endif /* CHAOS_TLS_APPLY_H */
