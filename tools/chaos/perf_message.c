// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>
#include <linux/chaos.h>

#include "perf_flow.h"
#include "perf_message.h"
#include "perf_words.h"

#define VERSION_NOW	1
#define TEST_WORD	"TEST"
#define DATA_WORD	"DATA"

#define WORD(type, key, min, max) { #key, offsetof(struct type, key), min, max }
#define COUNT(key) WORD(perf_result, key, 0, UINT64_MAX)

static const struct perf_word request_words[] = {
	WORD(perf_request, version, VERSION_NOW, VERSION_NOW),
	WORD(perf_request, packets, 0, 1),
	WORD(perf_request, send, 0, 1),
	WORD(perf_request, back, 0, 1),
	WORD(perf_request, conns, 1, PERF_CONNS_MAX),
	WORD(perf_request, amount, 0, UINT64_MAX),
	WORD(perf_request, ms, 0, PERF_MS_MAX),
	WORD(perf_request, size, 1, PERF_SIZE_MAX),
	WORD(perf_request, window, 0, 1024),
};

static const struct perf_word result_words[] = {
	COUNT(rx_bytes), COUNT(rx_ops), COUNT(rx_calls), COUNT(rx_again), COUNT(rx_ns),
	COUNT(tx_bytes), COUNT(tx_ops), COUNT(tx_calls), COUNT(tx_again), COUNT(tx_ns),
	COUNT(sent), COUNT(rcvd), COUNT(retrans), COUNT(dups), COUNT(ooo), COUNT(gaps),
	COUNT(rtt_us), COUNT(rttvar_us), COUNT(window), COUNT(cwnd),
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

/**
 * perf_request_print() - write a request for a test, without contact
 * @out: where to
 * @request: the test; its version is set
 */
void perf_request_print(FILE *out, const struct perf_request *request)
{
	struct perf_request r = *request;

	r.version = VERSION_NOW;
	fputs(TEST_WORD, out);
	perf_words_print(out, request_words, N(request_words), &r);
}

/**
 * perf_data_print() - write a request for a connection of a test, without contact
 * @out: where to
 * @token: of the test
 * @index: of the connection
 */
void perf_data_print(FILE *out, uint64_t token, unsigned int index)
{
	fprintf(out, DATA_WORD " %" PRIx64 " %u", token, index);
}

static const char *parse_test(char *text, struct perf_request *r)
{
	const char *wrong = perf_words_parse(text, request_words, N(request_words), r);

	if (wrong)
		return wrong;
	if (!r->send && !r->back)
		return "a test that sends nothing";
	if (!r->amount && !r->ms)
		return "a test without end";
	if (r->amount && r->amount < r->conns)
		return "more connections than bytes";
	if (r->packets && r->size > CHAOS_DATA_MAX)
		return "packets that are too long";
	return NULL;
}

static const char *parse_data(char *text, struct perf_opening *o)
{
	char *space = strchr(text, ' ');
	const char *wrong;

	if (!space)
		return "a connection of no test";
	*space = 0;
	wrong = perf_number(text, 16, UINT64_MAX, &o->token);
	return wrong ? wrong : perf_number(space + 1, 10, PERF_CONNS_MAX - 1, &o->index);
}

/**
 * perf_opening_parse() - read a request
 * @text: what follows the contact and a space; is changed
 * @o: result
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_opening_parse(char *text, struct perf_opening *o)
{
	size_t n = strcspn(text, " ");
	char *rest = text + n + (text[n] == ' ');

	memset(o, 0, sizeof(*o));
	text[n] = 0;
	if (!strcmp(text, TEST_WORD))
		return parse_test(rest, &o->request);
	o->data = true;
	return strcmp(text, DATA_WORD) ? "a request that is not known" : parse_data(rest, o);
}

/**
 * perf_ready_print() - write the line that permits a test
 * @out: where to
 * @token: of the test
 */
void perf_ready_print(FILE *out, uint64_t token)
{
	fprintf(out, PERF_READY "%" PRIx64 "\n", token);
}

/**
 * perf_ready_parse() - read it
 * @line: without its end
 * @token: result
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_ready_parse(const char *line, uint64_t *token)
{
	if (strncmp(line, PERF_READY, strlen(PERF_READY)))
		return "not what a server of tests says";
	return perf_number(line + strlen(PERF_READY), 16, UINT64_MAX, token);
}

/**
 * perf_result_print() - write the line about one connection
 * @out: where to
 * @index: which
 * @result: what was seen
 */
void perf_result_print(FILE *out, unsigned int index, const struct perf_result *result)
{
	fprintf(out, PERF_CONN "%u", index);
	perf_words_print(out, result_words, N(result_words), result);
	fputc('\n', out);
}

/**
 * perf_result_parse() - read it
 * @line: without its end; is changed
 * @index: result, less than PERF_CONNS_MAX
 * @result: result
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_result_parse(char *line, uint64_t *index, struct perf_result *result)
{
	char *number = line + strlen(PERF_CONN), *rest;
	const char *wrong;

	if (strncmp(line, PERF_CONN, strlen(PERF_CONN)))
		return "not what a server of tests says";
	rest = number + strcspn(number, " ");
	if (*rest)
		*rest++ = 0;
	wrong = perf_number(number, 10, PERF_CONNS_MAX - 1, index);
	return wrong ? wrong : perf_words_parse(rest, result_words, N(result_words), result);
}

/**
 * perf_share() - what one connection has of the amount
 * @r: test
 * @index: of the connection
 *
 * Return: bytes; 0: any number.
 */
uint64_t perf_share(const struct perf_request *r, unsigned int index)
{
	return r->amount / r->conns + (index < r->amount % r->conns);
}
