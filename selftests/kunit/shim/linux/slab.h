/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory from malloc(), so that AddressSanitizer sees every access past its end. */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#include <stdlib.h>

#define GFP_KERNEL		0

#define kmalloc(size, gfp)	((void)(gfp), malloc(size))
#define kzalloc(size, gfp)	((void)(gfp), calloc(1, size))
#define kfree(ptr)		free((void *)(ptr))

#endif /* _SHIM_LINUX_SLAB_H */
