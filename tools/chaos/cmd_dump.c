// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos dump: print packets as they pass on links, or from a file. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "chaos_sockaddr.h"
#include "links.h"
#include "options.h"
#include "pcapng.h"
#include "printer.h"
#include "report.h"

#define COUNT_MAX	1000000000
#define TIMES_MAX	4		/* -t */

/**
 * struct dump - the command line, and what is opened for it
 * @printer: what becomes of the frames
 * @read: file to read from, NULL: capture
 * @write: file to write to, NULL: none
 * @subnet: capture on the links of this subnet, 0: not by subnet
 * @links: the links to capture on
 * @captures: them, or the file, opened
 * @n: how many
 */
struct dump {
	struct printer printer;
	const char *read;
	const char *write;
	uint8_t subnet;
	struct links links;
	struct capture *captures;
	size_t n;
};

static bool is_octal(const char *word)
{
	return *word && !word[strspn(word, "01234567")];
}

static int parse_subnet(struct dump *d, const struct cmd *cmd, const char *word)
{
	unsigned long n;

	errno = 0;
	n = strtoul(word, NULL, 8);
	if (!is_octal(word) || errno || n < 1 || n > 0377)
		return usage_error(cmd, "%s: a subnet is an octal number from 1 to 377", word);
	d->subnet = n;
	return CHAOS_EXIT_OK;
}

static int parse_link(struct dump *d, const struct cmd *cmd, const char *word)
{
	if (!*word || strlen(word) >= IF_NAMESIZE)
		return usage_error(cmd, "%s: no name of a link: it has 1 to %d characters", word,
				   IF_NAMESIZE - 1);
	return links_add(&d->links, word);
}

static int parse_match_host(struct dump *d, const struct cmd *cmd, const char *word)
{
	struct match *m = &d->printer.match;

	if (m->n_hosts == MATCH_HOSTS)
		return usage_error(cmd, "%s: a packet has no more than two hosts", word);
	return parse_host(word, &m->hosts[m->n_hosts++]);
}

static int parse_ops(struct dump *d, const struct cmd *cmd, const char *word)
{
	if (!match_add_ops(&d->printer.match, word))
		return CHAOS_EXIT_OK;
	return usage_error(cmd, "%s: opcodes are names, ARP or octal numbers, with commas between",
			   word);
}

static int parse_match_contact(struct dump *d, const struct cmd *cmd, const char *word)
{
	d->printer.match.contact = word;
	return parse_contact(cmd, word);
}

static const struct {
	const char *word;
	int (*parse)(struct dump *d, const struct cmd *cmd, const char *word);
} keywords[] = {
	{ "dev", parse_link },
	{ "subnet", parse_subnet },
	{ "host", parse_match_host },
	{ "op", parse_ops },
	{ "contact", parse_match_contact },
};

#define N_KEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

static size_t find_keyword(const char *word)
{
	size_t i = 0;

	while (i < N_KEYWORDS && strcmp(word, keywords[i].word))
		i++;
	return i;
}

/* What follows the options: where, and what. */
static int parse_words(struct dump *d, const struct cmd *cmd, char **words)
{
	int status = CHAOS_EXIT_OK;

	if (*words && find_keyword(*words) == N_KEYWORDS) {
		status = is_octal(*words) ? parse_subnet(d, cmd, *words) :
					    parse_link(d, cmd, *words);
		words++;
	}
	while (*words && !status) {
		size_t i = find_keyword(*words);

		if (i == N_KEYWORDS)
			return usage_error(cmd, "%s: not \"dev\", \"subnet\", \"host\", \"op\" or "
					   "\"contact\"", *words);
		if (!words[1])
			return usage_error(cmd, "\"%s\" needs a value", *words);
		status = keywords[i].parse(d, cmd, words[1]);
		words += 2;
	}
	if (status)
		return status;
	if (d->subnet && d->links.n)
		return usage_error(cmd, "dump: a subnet or links, not both");
	if (d->read && (d->subnet || d->links.n))
		return usage_error(cmd, "dump: a file has no links: -r goes without");
	return CHAOS_EXIT_OK;
}

static int parse_option(struct dump *d, const struct cmd *cmd, int opt)
{
	struct printer *p = &d->printer;
	int count;

	switch (opt) {
	case 'A':
		p->whole = true;
		break;
	case 'c':
		if (parse_number(cmd, "count of packets", optarg, 1, COUNT_MAX, &count))
			return CHAOS_EXIT_USAGE;
		p->max = count;
		break;
	case 'e':
		p->link = true;
		break;
	case 'j':
		p->json = true;
		break;
	case 'n':
		p->names = false;
		break;
	case 'P':
		p->print = true;
		break;
	case 'r':
		d->read = optarg;
		break;
	case 't':
		if (p->time == TIMES_MAX)
			return usage_error(cmd, "-t: at most %d times", TIMES_MAX);
		p->time++;
		break;
	case 'w':
		d->write = optarg;
		break;
	case 'x':
		p->hex = true;
		break;
	case 'h':
		exit(show_help(cmd));
	default:
		return CHAOS_EXIT_USAGE;
	}
	return CHAOS_EXIT_OK;
}

static int parse_command(struct dump *d, const struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "print", no_argument, NULL, 'P' },
		{ "read", required_argument, NULL, 'r' },
		{ "write", required_argument, NULL, 'w' },
		{}
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "Ac:ejnr:tw:xh", options, NULL)) != -1)
		if (parse_option(d, cmd, opt))
			return CHAOS_EXIT_USAGE;
	if (!d->write)
		d->printer.print = true;
	else if (d->printer.print && !strcmp(d->write, "-"))
		return usage_error(cmd, "dump: standard output is for --print or for -w, not both");
	return parse_words(d, cmd, argv + optind);
}

/* Sets d->links, if they are not given. */
static int find_links(struct dump *d)
{
	int status;

	if (d->links.n)
		return CHAOS_EXIT_OK;
	status = links_find(&d->links, d->subnet);
	if (status || d->links.n)
		return status;
	if (d->subnet)
		say("no link has an address on subnet %o", d->subnet);
	else
		say("there are no links");
	return CHAOS_EXIT_LOCAL;
}

/* Those that are named must be there; of those that were found, what is up will do. */
static int open_links(struct dump *d)
{
	bool named = d->links.n;
	int status = find_links(d);

	if (status)
		return status;
	d->captures = calloc(d->links.n, sizeof(*d->captures));
	if (!d->captures) {
		say("no memory");
		return CHAOS_EXIT_LOCAL;
	}
	for (size_t i = 0; i < d->links.n; i++) {
		status = capture_open_link(&d->captures[d->n], d->links.name[i]);
		if (status && named)
			return status;
		d->n += !status;
	}
	return d->n ? CHAOS_EXIT_OK : CHAOS_EXIT_LOCAL;
}

static int open_read(struct dump *d)
{
	int status;

	d->captures = calloc(1, sizeof(*d->captures));
	if (!d->captures) {
		say("no memory");
		return CHAOS_EXIT_LOCAL;
	}
	status = capture_open_file(d->captures, d->read);
	d->n = !status;
	return status;
}

/* What libpcap calls raw IP has another number in files. */
static uint16_t linktype(int dlt)
{
	return dlt == DLT_RAW ? 101 : dlt;
}

static int open_write(struct dump *d)
{
	struct printer *p = &d->printer;

	p->path = d->write;
	p->file = strcmp(d->write, "-") ? fopen(d->write, "we") : stdout;
	if (!p->file) {
		say("%s: %m", d->write);
		return CHAOS_EXIT_LOCAL;
	}
	pcapng_begin(p->file, "chaos " VERSION);
	for (size_t i = 0; i < d->n; i++) {
		const struct capture *c = &d->captures[i];

		pcapng_interface(p->file, linktype(c->dlt), c->is_link ? CAPTURE_SNAPLEN : 0,
				 c->is_link ? c->name : NULL);
	}
	return printer_flush(p) ? CHAOS_EXIT_OK : CHAOS_EXIT_LOCAL;
}

static void say_links(const struct dump *d)
{
	char list[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < d->n && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, " %s", d->captures[i].name);
	say("capturing on%s", list);
}

static int run(struct dump *d)
{
	const struct capture_sink sink = { printer_take, printer_flush, &d->printer };

	d->printer.captures = d->captures;
	d->printer.show_link = d->n > 1;
	if (d->read)
		return capture_file(d->captures, &sink);
	say_links(d);
	return capture_links(d->captures, d->n, &sink);
}

static void finish_links(struct dump *d)
{
	uint64_t dropped = 0;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < d->n; i++) {
		struct capture *c = &d->captures[i];

		capture_close(c);
		dropped += c->dropped;
		if (d->printer.file)
			pcapng_statistics(d->printer.file, i,
					  now.tv_sec * UINT64_C(1000000000) + now.tv_nsec,
					  c->received, c->dropped);
	}
	say("%" PRIu64 " packet%s captured, %" PRIu64 " lost for want of room",
	    d->printer.count, d->printer.count == 1 ? "" : "s", dropped);
}

static int close_write(struct dump *d)
{
	FILE *file = d->printer.file;
	bool flushed = printer_flush(&d->printer);

	/* That of standard output is told by who called us. */
	if (file != stdout && fclose(file) && flushed) {
		say("%s: cannot write: %m", d->write);
		flushed = false;
	}
	return flushed ? CHAOS_EXIT_OK : CHAOS_EXIT_LOCAL;
}

static int finish(struct dump *d, int status)
{
	if (!d->read)
		finish_links(d);
	if (!d->printer.file)
		return status;
	return close_write(d) ? CHAOS_EXIT_LOCAL : status;
}

static int run_dump(const struct cmd *cmd, int argc, char **argv)
{
	struct dump d = { .printer = { .names = true } };
	int status = parse_command(&d, cmd, argc, argv);

	if (!status)
		status = d.read ? open_read(&d) : open_links(&d);
	if (!status && d.write)
		status = open_write(&d);
	if (!status) {
		setvbuf(stdout, NULL, d.write ? _IOFBF : _IOLBF, BUFSIZ);
		status = finish(&d, run(&d));
	}
	for (size_t i = 0; i < d.n; i++)
		capture_close(&d.captures[i]);
	free(d.captures);
	links_free(&d.links);
	return status;
}

const struct cmd cmd_dump = {
	.name = "dump",
	.usage = "dump [-Aejntx] [-c COUNT] [-r FILE] [-w FILE [--print]] [SUBNET|LINK] "
		 "[host HOST] [op OPCODES] [contact NAME]",
	.about = "Print packets as they pass",
	.help =
	"  -c, --count COUNT     end after so many packets\n"
	"  -e                    with addresses of the link, and with trailers\n"
	"  -j, --json            print JSON, a line for each packet\n"
	"  -n                    without names of hosts\n"
	"  -t                    no time; -tt: seconds since the Epoch, -ttt: since the packet\n"
	"                        before, -tttt: date and time\n"
	"  -A                    print all of the data\n"
	"  -x                    print the bytes too\n"
	"  -r, --read FILE       read packets from a file of type pcap or pcapng\n"
	"  -w, --write FILE      write packets to a file of type pcapng, do not print them;\n"
	"                        \"-\" is standard input or output\n"
	"      --print           with -w, print them too\n"
	"\n"
	"Without SUBNET or LINK, packets of all links are printed.  \"subnet SUBNET\" and\n"
	"\"dev LINK\" say the same, the latter perhaps several times.\n"
	"  host HOST             only packets from or to HOST; given twice: between them\n"
	"  op OPCODES            only these: names, as RFC,OPN,DAT, or ARP, or octal numbers\n"
	"  contact NAME          only requests for this contact\n",
	.run = run_dump,
};
