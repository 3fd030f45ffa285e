/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* Writing JSON, on one line or in many. */
#ifndef LIBCHAOS_JSON_H
#define LIBCHAOS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH	8	/* lists and objects within each other */

/**
 * struct json - a value that is being written; all but @f may begin as zeros
 * @f: where to
 * @pretty: in many lines
 * @depth: open lists and objects
 * @filled: per open list or object: something is in it
 */
struct json {
	FILE *f;
	bool pretty;
	unsigned int depth;
	bool filled[JSON_DEPTH + 1];
};

void json_key(struct json *j, const char *key);
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_real(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);

void json_bytes(FILE *out, const void *bytes, size_t len);
void json_string(FILE *out, const char *text);

#endif /* LIBCHAOS_JSON_H */
