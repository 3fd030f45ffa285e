/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* The Lisp Machine character set of text protocols. */
#ifndef LIBCHAOS_CHARSET_H
#define LIBCHAOS_CHARSET_H

#include <stddef.h>

void chaos_text_translate(void *text, size_t len);
void chaos_text_printable(char *line, const void *text, size_t len);

#endif /* LIBCHAOS_CHARSET_H */
