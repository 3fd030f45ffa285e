/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/chaos: files at which programs feed links, as in chaos(4). */
#ifndef _NET_CHAOS_CDEV_H
#define _NET_CHAOS_CDEV_H

#include <linux/fs.h>
#include <linux/uio.h>

/* Implemented by cdev_io.c. */
ssize_t chaos_cdev_read(struct kiocb *iocb, struct iov_iter *to);
ssize_t chaos_cdev_write(struct kiocb *iocb, struct iov_iter *from);

int chaos_cdev_register(void);
void chaos_cdev_unregister(void);

#endif /* _NET_CHAOS_CDEV_H */
