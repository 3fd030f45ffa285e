/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going over to a configuration, from nothing or from another one. */
#ifndef CHAOSD_APPLY_H
#define CHAOSD_APPLY_H

#include "chaosd.h"

int apply(struct chaosd *chaosd, const struct config *config);
void apply_nothing(struct chaosd *chaosd);

#endif /* CHAOSD_APPLY_H */
