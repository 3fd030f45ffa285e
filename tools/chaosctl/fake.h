/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests: a transport without a kernel, which records what is sent and
 * answers what the test prepared, and a complain() that remembers.
 */
#ifndef CHAOSCTL_FAKE_H
#define CHAOSCTL_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "object.h"

#define FAKE_FAMILY	0x21

extern struct transport fake;

/* State of one test; reset by the setup and teardown of each. */
int fake_setup(void **state);
int fake_teardown(void **state);
void fake_unavailable(void);
void fake_foreign_answers(void);

/* Datagrams to come, in order; whoever runs out of them fails to receive. */
struct nl_msg *fake_msg(uint8_t cmd, int flags);
void fake_put_str(struct nl_msg *msg, int attr, const char *value);
void fake_put_u8(struct nl_msg *msg, int attr, uint8_t value);
void fake_put_u16(struct nl_msg *msg, int attr, uint16_t value);
void fake_put_u32(struct nl_msg *msg, int attr, uint32_t value);
void fake_answer(struct nl_msg *msg);
void fake_error(int err, const char *text);
void fake_error_uncapped(int err, const char *text, size_t request_len);
void fake_done(int err, const char *text);
void fake_raw(const void *data, size_t len);

/* What was sent. */
size_t fake_n_sent(void);
struct nlmsghdr *fake_sent(size_t i);

/* All complaints since the setup, each with a newline. */
const char *fake_complaints(void);

/* Runs the words of a command as chaosctl would; the output can be read after it. */
int fake_run(const struct object *object, const char *words);
int fake_run_ctl(struct ctl *ctl, const struct object *object, const char *words, bool json);
const char *fake_output(void);

#endif /* CHAOSCTL_FAKE_H */
