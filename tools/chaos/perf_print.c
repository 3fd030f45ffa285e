// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "ask.h"
#include "perf_clock.h"
#include "perf_print.h"

/* The latencies that are told. */
static const struct percentile {
	const char *key, *name;
	unsigned int ppm;
} percentiles[] = {
	{ "p50_ns", "p50", 500000 },
	{ "p90_ns", "p90", 900000 },
	{ "p99_ns", "p99", 990000 },
	{ "p99_9_ns", "p99.9", 999000 },
};

#define N_PERCENTILES	(sizeof(percentiles) / sizeof(percentiles[0]))

static double seconds(uint64_t ns)
{
	return (double)ns / PERF_NS_PER_S;
}

static double rate(uint64_t n, uint64_t ns)
{
	return ns ? (double)n * PERF_NS_PER_S / ns : 0;
}

/* Add what one connection saw. */
static void add(struct perf_result *sum, const struct perf_result *r)
{
	sum->rx_bytes += r->rx_bytes;
	sum->rx_ops += r->rx_ops;
	sum->rx_calls += r->rx_calls;
	sum->rx_again += r->rx_again;
	sum->tx_bytes += r->tx_bytes;
	sum->tx_ops += r->tx_ops;
	sum->tx_calls += r->tx_calls;
	sum->tx_again += r->tx_again;
	sum->sent += r->sent;
	sum->rcvd += r->rcvd;
	sum->retrans += r->retrans;
	sum->dups += r->dups;
	sum->gaps += r->gaps;
	sum->ooo += r->ooo;
	if (r->rx_ns > sum->rx_ns)
		sum->rx_ns = r->rx_ns;
	if (r->tx_ns > sum->tx_ns)
		sum->tx_ns = r->tx_ns;
	/* Of the slowest. */
	if (r->rtt_us >= sum->rtt_us) {
		sum->rtt_us = r->rtt_us;
		sum->rttvar_us = r->rttvar_us;
	}
}

static struct perf_result total(const struct perf_options *o, const struct perf_result *r)
{
	struct perf_result sum = {};
	unsigned int i;

	for (i = 0; i < o->request.conns; i++)
		add(&sum, &r[i]);
	return sum;
}

/* In words. */

static const char *size_text(uint64_t bytes, char text[32])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double n = bytes;
	size_t i = 0;

	for (; n >= 1024 && i < sizeof(units) / sizeof(units[0]) - 1; i++)
		n /= 1024;
	snprintf(text, 32, i ? "%.2f %s" : "%.0f %s", n, units[i]);
	return text;
}

static void text_flow(const char *what, uint64_t bytes, uint64_t calls, uint64_t ns)
{
	char size[32];

	printf("  %-9s %12s in %8.3f s  %10.3f Mbit/s  %10" PRIu64 " calls\n", what,
	       size_text(bytes, size), seconds(ns), rate(bytes, ns) * 8 / 1e6, calls);
}

/* One direction, as its two ends saw it. */
static void text_direction(const char *way, const char *host, const struct perf_result *from,
			   const struct perf_result *to)
{
	printf("%s %s:\n", way, host);
	if (from)
		text_flow("sent", from->tx_bytes, from->tx_calls, from->tx_ns);
	if (to)
		text_flow("received", to->rx_bytes, to->rx_calls, to->rx_ns);
}

static void text_info(const char *whose, const struct perf_result *r)
{
	printf("%s packets: %" PRIu64 " sent, %" PRIu64 " of them again; %" PRIu64
	       " received, %" PRIu64 " of them twice, %" PRIu64 " too early", whose, r->sent,
	       r->retrans, r->rcvd, r->dups, r->ooo);
	if (r->rtt_us)
		printf("; round trip %.3f ms", r->rtt_us / 1e3);
	putchar('\n');
}

static void text_each(const struct perf_options *o, const struct perf_outcome *end)
{
	unsigned int i;

	for (i = 0; i < o->request.conns; i++) {
		printf("connection %u:\n", i);
		if (o->request.send && end->server)
			text_flow("received", end->server[i].rx_bytes, end->server[i].rx_calls,
				  end->server[i].rx_ns);
		if (o->request.back)
			text_flow("from it", end->client[i].rx_bytes, end->client[i].rx_calls,
				  end->client[i].rx_ns);
	}
}

static void text_test(const struct perf_options *o, const struct perf_outcome *end)
{
	struct perf_result client, server = {};

	if (!end->client)
		return;
	client = total(o, end->client);
	if (end->server)
		server = total(o, end->server);
	if (o->request.conns > 1)
		text_each(o, end);
	if (o->request.send)
		text_direction("to", o->host, &client, end->server ? &server : NULL);
	if (o->request.back)
		text_direction("from", o->host, end->server ? &server : NULL, &client);
	text_info("our", &client);
	if (end->server)
		text_info("its", &server);
}

static void text_transactions(const struct perf_outcome *end)
{
	const struct perf_hist *h = end->latency;
	size_t i;

	printf("%" PRIu64 " transactions in %.3f s, %.0f a second\n", end->count.ops,
	       seconds(end->ns), rate(end->count.ops, end->ns));
	if (!h->n)
		return;
	printf("ms: min %.3f", h->min / 1e6);
	for (i = 0; i < N_PERCENTILES; i++)
		printf("  %s %.3f", percentiles[i].name,
		       perf_hist_at(h, percentiles[i].ppm) / 1e6);
	printf("  max %.3f  mean %.3f\n", h->max / 1e6, perf_hist_mean(h) / 1e6);
}

static void text_begin(const struct perf_options *o)
{
	const struct perf_request *r = &o->request;
	char label[ASK_LABEL], size[32];

	printf("%s, ", ask_label(o->addr, label));
	if (o->transactions)
		printf("%s: transactions of %" PRIu64 " bytes", o->echo_contact, r->size);
	else
		printf("%s: %s of %" PRIu64 " bytes", o->contact, r->packets ? "packets" :
		       "calls", r->size);
	if (r->conns > 1)
		printf(", %" PRIu64 " %s", r->conns, o->transactions ? "at a time" : "connections");
	if (r->amount && o->transactions)
		printf(", %" PRIu64 " of them", r->amount);
	else if (r->amount)
		printf(", %s", size_text(r->amount, size));
	if (r->ms)
		printf(", %.1f s", r->ms / 1e3);
	putchar('\n');
}

static void text_interval(const struct perf_print *p, const struct perf_progress *now)
{
	const struct perf_progress *before = &p->before;
	uint64_t ns = now->ns - before->ns;
	char size[32];

	printf("%6.1f -%6.1f s", seconds(before->ns), seconds(now->ns));
	if (p->o->transactions)
		printf("  %8" PRIu64 " transactions  %8.0f a second", now->ops - before->ops,
		       rate(now->ops - before->ops, ns));
	if (p->o->request.send)
		printf("  sent %12s  %10.3f Mbit/s", size_text(now->sent - before->sent, size),
		       rate(now->sent - before->sent, ns) * 8 / 1e6);
	if (p->o->request.back)
		printf("  received %12s  %10.3f Mbit/s",
		       size_text(now->received - before->received, size),
		       rate(now->received - before->received, ns) * 8 / 1e6);
	putchar('\n');
}

/* As JSON. */

static void json_flow(struct json *j, const char *key, uint64_t bytes, uint64_t ops,
		      uint64_t calls, uint64_t again, uint64_t ns)
{
	json_open(j, key, '{');
	json_number(j, "bytes", bytes);
	json_number(j, "ops", ops);
	json_number(j, "calls", calls);
	json_number(j, "again", again);
	json_real(j, "seconds", seconds(ns));
	json_real(j, "bits_per_second", rate(bytes, ns) * 8);
	json_close(j, '}');
}

static void json_sent(struct json *j, const struct perf_result *r)
{
	json_flow(j, "sent", r->tx_bytes, r->tx_ops, r->tx_calls, r->tx_again, r->tx_ns);
}

static void json_received(struct json *j, const struct perf_result *r)
{
	json_flow(j, "received", r->rx_bytes, r->rx_ops, r->rx_calls, r->rx_again, r->rx_ns);
}

static void json_side(struct json *j, const char *key, const struct perf_result *r)
{
	json_open(j, key, '{');
	json_sent(j, r);
	json_received(j, r);
	json_open(j, "packets", '{');
	json_number(j, "sent", r->sent);
	json_number(j, "sent_again", r->retrans);
	json_number(j, "received", r->rcvd);
	json_number(j, "received_again", r->dups);
	json_number(j, "received_early", r->ooo);
	json_number(j, "gaps_reported", r->gaps);
	json_close(j, '}');
	if (r->rtt_us) {
		json_number(j, "round_trip_us", r->rtt_us);
		json_number(j, "round_trip_variation_us", r->rttvar_us);
	}
	json_number(j, "window", r->window);
	json_number(j, "congestion_window", r->cwnd);
	json_close(j, '}');
}

static void json_direction(struct json *j, const char *key, const struct perf_result *from,
			   const struct perf_result *to)
{
	json_open(j, key, '{');
	if (from)
		json_sent(j, from);
	if (to)
		json_received(j, to);
	json_close(j, '}');
}

static void json_test(struct json *j, const struct perf_options *o, const struct perf_outcome *end)
{
	struct perf_result client, server = {};
	unsigned int i;

	if (!end->client)
		return;
	json_open(j, "connections", '[');
	for (i = 0; i < o->request.conns; i++) {
		json_open(j, NULL, '{');
		json_side(j, "client", &end->client[i]);
		if (end->server)
			json_side(j, "server", &end->server[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
	client = total(o, end->client);
	if (end->server)
		server = total(o, end->server);
	if (o->request.send)
		json_direction(j, "to_server", &client, end->server ? &server : NULL);
	if (o->request.back)
		json_direction(j, "from_server", end->server ? &server : NULL, &client);
}

static void json_transactions(struct json *j, const struct perf_outcome *end)
{
	const struct perf_hist *h = end->latency;
	size_t i;

	json_number(j, "transactions", end->count.ops);
	json_number(j, "bytes", end->count.bytes);
	json_number(j, "calls", end->count.calls);
	json_real(j, "seconds", seconds(end->ns));
	json_real(j, "per_second", rate(end->count.ops, end->ns));
	json_open(j, "latency", '{');
	json_number(j, "count", h->n);
	json_number(j, "min_ns", h->min);
	for (i = 0; i < N_PERCENTILES; i++)
		json_number(j, percentiles[i].key, perf_hist_at(h, percentiles[i].ppm));
	json_number(j, "max_ns", h->max);
	json_number(j, "mean_ns", perf_hist_mean(h));
	json_close(j, '}');
}

static void json_begin(struct json *j, const struct perf_options *o)
{
	const struct perf_request *r = &o->request;
	char addr[8];

	snprintf(addr, sizeof(addr), "%o", o->addr);
	json_open(j, NULL, '{');
	json_text(j, "host", addr);
	json_text(j, "contact", o->transactions ? o->echo_contact : o->contact);
	json_open(j, "test", '{');
	json_text(j, "mode", o->transactions ? "transaction" : r->packets ? "packet" : "stream");
	json_bool(j, "to_server", r->send);
	json_bool(j, "from_server", r->back);
	json_number(j, "connections", r->conns);
	json_number(j, "size", r->size);
	json_number(j, "amount", r->amount);
	json_number(j, "ms", r->ms);
	json_number(j, "window", r->window);
	json_close(j, '}');
	json_open(j, "intervals", '[');
}

static void json_interval(struct perf_print *p, const struct perf_progress *now)
{
	struct json *j = &p->json;

	json_open(j, NULL, '{');
	json_real(j, "from", seconds(p->before.ns));
	json_real(j, "to", seconds(now->ns));
	if (p->o->transactions) {
		json_number(j, "transactions", now->ops - p->before.ops);
	} else {
		json_number(j, "sent", now->sent - p->before.sent);
		json_number(j, "received", now->received - p->before.received);
	}
	json_close(j, '}');
}

/**
 * perf_print_begin() - tell what is going to be measured
 * @p: result
 * @o: options
 */
void perf_print_begin(struct perf_print *p, const struct perf_options *o)
{
	*p = (struct perf_print){ .o = o, .json = { .f = stdout } };
	if (o->json)
		json_begin(&p->json, o);
	else
		text_begin(o);
	fflush(stdout);
}

/**
 * perf_print_interval() - tell how it goes
 * @p: printer
 * @now: counts until now
 */
void perf_print_interval(struct perf_print *p, const struct perf_progress *now)
{
	if (p->o->json)
		json_interval(p, now);
	else
		text_interval(p, now);
	p->before = *now;
	fflush(stdout);
}

/**
 * perf_print_rest() - tell of an interval that is cut short by the end of the test
 * @p: printer
 * @now: counts until now; if nothing has changed nothing is told
 */
void perf_print_rest(struct perf_print *p, const struct perf_progress *now)
{
	const struct perf_progress *before = &p->before;

	if (p->o->interval_ms && (now->sent != before->sent ||
				  now->received != before->received || now->ops != before->ops))
		perf_print_interval(p, now);
}

/**
 * perf_print_end() - tell what was measured
 * @p: printer
 * @end: it
 */
void perf_print_end(struct perf_print *p, const struct perf_outcome *end)
{
	struct json *j = &p->json;

	if (!p->o->json) {
		if (p->o->transactions)
			text_transactions(end);
		else
			text_test(p->o, end);
		return;
	}
	json_close(j, ']');
	if (p->o->transactions)
		json_transactions(j, end);
	else
		json_test(j, p->o, end);
	json_bool(j, "complete", end->complete);
	json_bool(j, "interrupted", end->interrupted);
	json_close(j, '}');
}
