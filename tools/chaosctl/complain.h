/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error messages. */
#ifndef CHAOSCTL_COMPLAIN_H
#define CHAOSCTL_COMPLAIN_H

void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void complain_at(const char *file, unsigned int line);

#endif /* CHAOSCTL_COMPLAIN_H */
