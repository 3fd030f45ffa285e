/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHAOS_JSON_H
#define CHAOS_JSON_H

#include <stddef.h>
#include <stdio.h>

void json_bytes(FILE *out, const void *bytes, size_t len);
void json_string(FILE *out, const char *text);

#endif /* CHAOS_JSON_H */
