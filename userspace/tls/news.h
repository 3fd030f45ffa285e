/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is tried for hours is not to be told for hours, unless the reason is another one.  Pure. */
#ifndef CHAOS_TLS_NEWS_H
#define CHAOS_TLS_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#define NEWS_MAX	32

/**
 * struct news - what was told; begins as 0
 * @told: hashes of texts
 * @n: their number, counting those that were overwritten
 */
struct news {
	uint32_t told[NEWS_MAX];
	unsigned int n;
};

bool news_add(struct news *news, const char *text);
void news_forget(struct news *news);

#endif /* CHAOS_TLS_NEWS_H */
