/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of a measuring program: -q, options with a number, and numbers after them.
 *
 *	args_parse(&(struct args) {
 *		.usage = "bench_netem [-q] [-w PACKETS] [ROUNDS]", .quick = do_little,
 *		.options = { { 'w', &window } }, .numbers = { &rounds }, .rounds = &rounds,
 *	}, argc, argv);
 */
#ifndef ARGS_H
#define ARGS_H

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

#define ARGS_MAX	3		/* options, or numbers */

/**
 * struct args - what a program understands
 * @usage: the same in words
 * @quick: called when -q is seen: do little
 * @options: letters, and where their numbers go
 * @numbers: where those go that follow the options, each of which may be missing
 * @rounds: the one of all these that may not be more than ROUNDS_MAX
 */
struct args {
	const char *usage;
	void (*quick)(void);
	struct {
		char letter;
		unsigned int *number;
	} options[ARGS_MAX];
	unsigned int *numbers[ARGS_MAX + 1];
	const unsigned int *rounds;
};

static inline void args_wrong(const struct args *a)
{
	fprintf(stderr, "usage: %s\n", a->usage);
	exit(2);
}

static inline unsigned int args_number(const struct args *a, const char *text)
{
	unsigned long number;
	char *end;

	number = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || !number || number > INT32_MAX)
		args_wrong(a);
	return number;
}

static inline void args_option(const struct args *a, int letter)
{
	unsigned int i;

	if (letter == 'q') {
		a->quick();
		return;
	}
	for (i = 0; i < ARGS_MAX; i++)
		if (a->options[i].number && letter == a->options[i].letter) {
			*a->options[i].number = args_number(a, optarg);
			return;
		}
	args_wrong(a);
}

/* Set the numbers, or say what is right and exit. */
static inline void args_parse(const struct args *a, int argc, char **argv)
{
	char letters[2 + 2 * ARGS_MAX] = "q";
	unsigned int i;
	int letter;

	for (i = 0; i < ARGS_MAX && a->options[i].number; i++) {
		letters[1 + 2 * i] = a->options[i].letter;
		letters[2 + 2 * i] = ':';
	}
	while ((letter = getopt(argc, argv, letters)) != -1)
		args_option(a, letter);
	for (i = 0; a->numbers[i] && optind < argc; i++)
		*a->numbers[i] = args_number(a, argv[optind++]);
	if (optind < argc || (a->rounds && *a->rounds > ROUNDS_MAX))
		args_wrong(a);
}

#endif /* ARGS_H */
