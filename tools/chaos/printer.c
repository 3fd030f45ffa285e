// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <time.h>

#include "frame_json.h"
#include "hostname.h"
#include "json.h"
#include "pcapng.h"
#include "printer.h"
#include "report.h"
#include "text.h"

#define BILLION	UINT64_C(1000000000)

static void print_clock(uint64_t time_ns, const char *format)
{
	time_t seconds = time_ns / BILLION;
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), format, &tm);
	printf("%s.%06" PRIu64 " ", text, time_ns % BILLION / 1000);
}

static void print_seconds(int64_t ns)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t abs = ns < 0 ? -ns : ns;

	printf("%s%" PRIu64 ".%06" PRIu64 " ", sign, abs / BILLION, abs % BILLION / 1000);
}

static void print_time(const struct printer *p, uint64_t time_ns)
{
	switch (p->time) {
	case PRINTER_CLOCK:
		print_clock(time_ns, "%H:%M:%S");
		break;
	case PRINTER_NO_TIME:
		break;
	case PRINTER_SECONDS:
		print_seconds(time_ns);
		break;
	case PRINTER_DELTA:
		print_seconds(p->count > 1 ? (int64_t)(time_ns - p->last_ns) : 0);
		break;
	case PRINTER_DATE:
		print_clock(time_ns, "%Y-%m-%d %H:%M:%S");
		break;
	}
}

static void print_text(const struct printer *p, const struct capture_frame *frame,
		       const struct frame *f)
{
	const struct text text = {
		.out = stdout, .name = p->names ? hostname_get : NULL, .link = p->link,
		.whole = p->whole,
	};

	print_time(p, frame->time_ns);
	if (p->show_link)
		printf("%s ", p->captures[frame->source].name);
	text_frame(&text, f);
	if (frame->captured < frame->length)
		printf(" [only %" PRIu32 " of %" PRIu32 " bytes captured]", frame->captured,
		       frame->length);
	putchar('\n');
	if (p->hex)
		text_bytes(stdout, f->bytes, f->len);
}

static void print_json(const struct printer *p, const struct capture_frame *frame,
		       const struct frame *f)
{
	const struct frame_json json = {
		.out = stdout, .name = p->names ? hostname_get : NULL, .link = p->link,
	};

	printf("{\"time\":%" PRIu64 ".%06" PRIu64, frame->time_ns / BILLION,
	       frame->time_ns % BILLION / 1000);
	if (p->captures[frame->source].is_link) {
		fputs(",\"dev\":", stdout);
		json_string(stdout, p->captures[frame->source].name);
	}
	frame_json(&json, f);
	if (p->hex) {
		fputs(",\"bytes\":\"", stdout);
		for (size_t i = 0; i < f->len; i++)
			printf("%02x", f->bytes[i]);
		putchar('"');
	}
	puts("}");
}

/**
 * printer_take() - print or keep a frame, if it is wanted
 * @ctx: the struct printer
 * @frame: the frame
 *
 * Return: false if it was the last one.
 */
bool printer_take(void *ctx, const struct capture_frame *frame)
{
	struct printer *p = ctx;
	struct frame f;

	frame_decode(&f, frame->dlt, frame->bytes, frame->captured);
	if (!match_frame(&p->match, &f))
		return true;
	p->count++;
	if (p->file)
		pcapng_packet(p->file, frame->source, frame->time_ns, frame->bytes,
			      frame->captured, frame->length);
	if (p->print && p->json)
		print_json(p, frame, &f);
	else if (p->print)
		print_text(p, frame, &f);
	p->last_ns = frame->time_ns;
	return p->count != p->max;
}

/**
 * printer_flush() - let others see what is printed and kept so far
 * @ctx: the struct printer
 *
 * Return: true, or false after a message when it cannot be written.
 */
bool printer_flush(void *ctx)
{
	struct printer *p = ctx;

	/* That of standard output is told when we end. */
	if (fflush(stdout) || ferror(stdout))
		return false;
	if (!p->file || (!fflush(p->file) && !ferror(p->file)))
		return true;
	say("%s: cannot write: %m", p->path);
	return false;
}
