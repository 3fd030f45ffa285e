/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts where members come to us. */
#ifndef CHAOSD_LISTENER_H
#define CHAOSD_LISTENER_H

#include "chaosd.h"

extern const struct part_ops listener_ops;

#endif /* CHAOSD_LISTENER_H */
