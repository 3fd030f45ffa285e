/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing, plain or as JSON with the same calls.  In plain form keys only choose
 * colours, and lists and objects leave no trace; in JSON texts that are not
 * values leave none.
 */
#ifndef CHAOSCTL_SHOW_H
#define CHAOSCTL_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "json.h"

/**
 * struct show - where and how to print
 * @f: stream
 * @json: JSON rather than plain
 * @colour: plain: values in colours
 * @writer: of the JSON
 * @column: plain: characters in this line so far
 * @join: the next object goes on with the one that is open
 */
struct show {
	FILE *f;
	bool json;
	bool colour;
	struct json writer;
	unsigned int column;
	bool join;
};

void show_init(struct show *s, FILE *f, bool json, bool pretty);

void show_list_open(struct show *s, const char *key);
void show_list_close(struct show *s);
void show_object_open(struct show *s, const char *key);
void show_object_close(struct show *s);
void show_object_join(struct show *s);

void show_text(struct show *s, const char *text);
void show_column(struct show *s, unsigned int column);
void show_line_end(struct show *s);

void show_str(struct show *s, const char *key, const char *before, const char *value);
void show_bytes(struct show *s, const char *key, const char *before, const char *value, size_t len);
void show_num(struct show *s, const char *key, const char *before, uint64_t value);
void show_bool(struct show *s, const char *key, const char *plain, bool value);
void show_addr(struct show *s, const char *key, const char *before, uint16_t addr);
void show_subnet(struct show *s, const char *key, const char *before, uint8_t subnet);
void show_lladdr(struct show *s, const char *key, const char *before, const uint8_t *lladdr,
		 size_t len);
void show_name(struct show *s, const char *key, const char *before, const char *const *names,
	       size_t n, unsigned int value);

#endif /* CHAOSCTL_SHOW_H */
