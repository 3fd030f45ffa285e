/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration that has values of every kind, for tests and for the fuzzer. */
#ifndef TUNNEL_TEST_GRAMMAR_H
#define TUNNEL_TEST_GRAMMAR_H

#include "conf.h"

#define GRAMMAR_PEERS	64

struct grammar_peer {
	struct conf_place place;
	uint16_t addr;
	struct endpoint ep;
	bool quiet;
};

struct grammar {
	char link[16];
	uint16_t addr;
	uint8_t subnet;
	uint16_t port;
	unsigned long number;
	unsigned long seconds;
	bool dynamic;
	char path[108];
	char user[32];
	char title[32];
	size_t colour;
	struct grammar_peer peers[GRAMMAR_PEERS];
	size_t n_peers;
};

extern const struct conf_keyword grammar[];

#endif /* TUNNEL_TEST_GRAMMAR_H */
