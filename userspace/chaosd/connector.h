/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts by which we join another hub. */
#ifndef CHAOSD_CONNECTOR_H
#define CHAOSD_CONNECTOR_H

#include "chaosd.h"

extern const struct part_ops connector_ops;

#endif /* CHAOSD_CONNECTOR_H */
