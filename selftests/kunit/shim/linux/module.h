/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of the test module are environment variables of the test program. */
#ifndef _SHIM_LINUX_MODULE_H
#define _SHIM_LINUX_MODULE_H

#include <linux/kernel.h>

#define MODULE_AUTHOR(text)
#define MODULE_DESCRIPTION(text)
#define MODULE_LICENSE(text)
#define MODULE_PARM_DESC(name, text)

/* Only for unsigned int: parameter "rounds" is CHAOS_KUNIT_ROUNDS. */
void shim_param(const char *name, unsigned int *value);

#define module_param(name, type, perm)					\
static void __attribute__((constructor)) shim_param_##name(void)	\
{									\
	shim_param(#name, &(name));					\
}

#endif /* _SHIM_LINUX_MODULE_H */
