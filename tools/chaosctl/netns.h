/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named network namespaces, as ip-netns(8) makes them. */
#ifndef CHAOSCTL_NETNS_H
#define CHAOSCTL_NETNS_H

int netns_enter(const char *name);

#endif /* CHAOSCTL_NETNS_H */
