// SPDX-License-Identifier: GPL-2.0-or-later
#include "news.h"

/* FNV-1a */
static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619;
	return value;
}

/**
 * news_add() - look whether something is to be told
 * @news: what was told; the text is of that now
 * @text: what happened
 *
 * Return: whether it is none of the last NEWS_MAX different texts.
 */
bool news_add(struct news *news, const char *text)
{
	uint32_t value = hash(text);
	unsigned int i;

	for (i = 0; i < news->n && i < NEWS_MAX; i++)
		if (news->told[i] == value)
			return false;
	news->told[news->n++ % NEWS_MAX] = value;
	return true;
}

/**
 * news_forget() - tell everything anew
 * @news: what was told
 */
void news_forget(struct news *news)
{
	news->n = 0;
}
