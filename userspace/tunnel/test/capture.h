/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written to the standard error output, for tests of messages. */
#ifndef TUNNEL_TEST_CAPTURE_H
#define TUNNEL_TEST_CAPTURE_H

#include <stddef.h>

#define CAPTURE_LEN	8192

void capture_start(void);
const char *capture_end(char text[CAPTURE_LEN]);

#endif /* TUNNEL_TEST_CAPTURE_H */
