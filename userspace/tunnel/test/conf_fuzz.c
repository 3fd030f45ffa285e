// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a configuration file, and as the words of a command line. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "grammar.h"

#define WORDS_MAX	64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The users of this machine are of no interest, and take long. */
struct passwd *__wrap_getpwnam(const char *name);

struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd entry;

	return strlen(name) % 2 ? &entry : NULL;
}

static void count(void *arg, const char *text)
{
	/* A complaint is one line with a place. */
	if (!*text)
		abort();
	++*(unsigned int *)arg;
}

/* What must hold whatever was read. */
static void check(const struct conf *conf, const struct grammar *g, int status,
		  unsigned int told)
{
	if (status ? !conf->errors || !told : conf->errors)
		abort();
	if (g->n_peers > GRAMMAR_PEERS || g->number > 100 || g->seconds > 86400 || g->colour > 2)
		abort();
	for (size_t i = 0; i < g->n_peers; i++) {
		char text[WORD_ENDPOINT_LEN];
		struct endpoint ep;

		/* What is written as it was understood is understood likewise. */
		endpoint_format(&g->peers[i].ep, text);
		if (!(g->peers[i].addr >> 8) || word_endpoint(text, &ep) ||
		    strcmp(ep.host, g->peers[i].ep.host) || ep.port != g->peers[i].ep.port ||
		    ep.family != g->peers[i].ep.family)
			abort();
	}
}

static void try_text(const uint8_t *data, size_t size)
{
	static struct grammar g;
	unsigned int told = 0;
	struct conf conf = {
		.tables = { grammar }, .configs = { &g }, .complain = count, .arg = &told
	};

	memset(&g, 0, sizeof(g));
	check(&conf, &g, conf_read_text(&conf, "fuzz", (const char *)data, size), told);
}

/* Words end at bytes 0. */
static void try_words(const uint8_t *data, size_t size)
{
	static struct grammar g;
	char *text = malloc(size + 1), *words[WORDS_MAX + 1];
	unsigned int told = 0;
	struct conf conf = {
		.tables = { NULL, grammar }, .configs = { NULL, &g },
		.complain = count, .arg = &told
	};
	size_t n = 0;

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *word = text; word <= text + size && n < WORDS_MAX; word += strlen(word) + 1)
		words[n++] = word;
	words[n] = NULL;
	memset(&g, 0, sizeof(g));
	check(&conf, &g, conf_read_words(&conf, words, 1), told);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] & 1)
		try_words(data + 1, size - 1);
	else if (size)
		try_text(data + 1, size - 1);
	return 0;
}
