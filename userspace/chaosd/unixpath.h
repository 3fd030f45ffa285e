/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unix sockets that have names. */
#ifndef CHAOSD_UNIXPATH_H
#define CHAOSD_UNIXPATH_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

/* A file that we made, and remove if it is still the same. */
struct unixpath {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t dev;
	ino_t ino;
};

int unixpath_listen(struct unixpath *name, const char *path, mode_t mode);
int unixpath_set_group(const struct unixpath *name, const char *group);
int unixpath_client(struct unixpath *name, const char *server, unsigned int n);
void unixpath_remove(struct unixpath *name);
void unixpath_addr(struct sockaddr_un *sun, const char *path);

#endif /* CHAOSD_UNIXPATH_H */
