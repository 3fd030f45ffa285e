/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing attributes of the kernel's answers.  All of these print nothing for
 * an attribute that is not there, and expect that its length was checked.
 */
#ifndef CHAOSCTL_ATTRS_H
#define CHAOSCTL_ATTRS_H

#include <netlink/attr.h>

#include "show.h"

void attr_str(struct show *s, const char *key, const char *before, struct nlattr *attr);
void attr_u16(struct show *s, const char *key, const char *before, struct nlattr *attr);
void attr_u32(struct show *s, const char *key, const char *before, struct nlattr *attr);
void attr_u64(struct show *s, const char *key, const char *before, struct nlattr *attr);
void attr_addr(struct show *s, const char *key, const char *before, struct nlattr *attr);
void attr_age(struct show *s, struct nlattr *attr);
void attr_lladdr(struct show *s, const char *key, const char *before, struct nlattr *attr);
void attr_name(struct show *s, const char *key, const char *before, const char *const *names,
	       size_t n, struct nlattr *attr);

#endif /* CHAOSCTL_ATTRS_H */
