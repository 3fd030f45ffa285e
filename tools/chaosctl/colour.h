/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Colours for people who look at a terminal. */
#ifndef CHAOSCTL_COLOUR_H
#define CHAOSCTL_COLOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum colour_when {
	COLOUR_AUTO,		/* if it is a terminal and nothing speaks against it */
	COLOUR_ALWAYS,
	COLOUR_NEVER,
};

int colour_parse(const char *word);
bool colour_wanted(enum colour_when when, FILE *f);
const char *colour_of(const char *key, const char *value, size_t len);

#define COLOUR_END	"\033[0m"

#endif /* CHAOSCTL_COLOUR_H */
