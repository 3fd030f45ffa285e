/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part by which this host's kernel is a member. */
#ifndef CHAOSD_KERNEL_H
#define CHAOSD_KERNEL_H

#include "chaosd.h"

extern const struct part_ops kernel_ops;

#endif /* CHAOSD_KERNEL_H */
