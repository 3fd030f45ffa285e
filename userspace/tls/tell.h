/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a check found, to the standard output, a line for each thing. */
#ifndef CHAOS_TLS_TELL_H
#define CHAOS_TLS_TELL_H

/**
 * tell_good() - something is as it should be
 * @fmt: what
 */
void tell_good(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * tell_note() - something is, but need not stay, as it should be
 * @fmt: what
 */
void tell_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * tell_wrong() - something is wrong
 * @advice: what to do about it, a sentence
 * @fmt: what
 */
void tell_wrong(const char *advice, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* How often tell_wrong() was called. */
unsigned int tell_wrongs(void);

#endif /* CHAOS_TLS_TELL_H */
