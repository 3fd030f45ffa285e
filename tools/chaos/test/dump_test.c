// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames taken apart and printed: captured ones, and what nobody should send. */
#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/chaos.h>

#include "content.h"
#include "frame_json.h"
#include "match.h"
#include "text.h"

#define ROOM	8192

/* Hardware addresses and type, for what only the rest of the frame matters. */
#define ETH	"ae2378ecc996" "82e2e79202d3" "0804"
#define TO_401	"82e2e79202d3" "ae2378ecc996"
#define TO_402	"ae2378ecc996" "82e2e79202d3"
/* A STS of so many bytes (in hexadecimal) up to its window, and how it is printed. */
#define STS(len)	ETH "0007" len "000201ed9a0101c1428d5e904c" "914c0d00"
#define STS_TEXT	"401:42c1 > 402:9aed STS 5e8d/4c90 receipt 4c91 window 13"
#define BITS28	"00000000000000000000000000000000000000000000000000000000"

static size_t unhex(const char *hex, uint8_t *bytes)
{
	size_t n = 0;
	unsigned int byte;

	for (; *hex; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		bytes[n++] = byte;
	}
	return n;
}

/* Exactly as long as the frame, so that the sanitizer sees every byte read beyond. */
static uint8_t *frame_of(const char *hex, size_t *len)
{
	uint8_t bytes[ROOM];
	uint8_t *copy;

	*len = unhex(hex, bytes);
	copy = malloc(*len ? *len : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, *len);
	return copy;
}

static const char *name_of(uint16_t addr)
{
	return addr == 0402 ? "oz" : NULL;
}

/* Options of a row. */
enum {
	LINK = 1,
	WHOLE = 2,
	NAMES = 4,
};

static const struct row {
	const char *about;
	int dlt;
	const char *hex;
	int options;
	const char *text;
} rows[] = {
	/* As captured on an Ethernet. */
	{ "ARP request", DLT_EN10MB,
	  "ffffffffffff82e2e79202d30806000108040602000182e2e79202d301010000000000000201", 0,
	  "ARP who has 402, tell 401" },
	{ "ARP reply", DLT_EN10MB,
	  "82e2e79202d3ae2378ecc99608060001080406020002ae2378ecc996020182e2e79202d30101", NAMES,
	  "ARP 402(oz) is at ae:23:78:ec:c9:96" },
	{ "RFC", DLT_EN10MB, TO_402 "0804" "000106000201000001011ce1ee9a0000535441545553", 0,
	  "401:e11c > 402:0000 RFC 9aee/0000 \"STATUS\"" },
	{ "RFC, link and names", DLT_EN10MB,
	  TO_402 "0804" "000106000201000001011ce1ee9a0000535441545553", LINK | NAMES,
	  "82:e2:e7:92:02:d3 > ae:23:78:ec:c9:96 "
	  "401:e11c > 402(oz):0000 RFC 9aee/0000 \"STATUS\"" },
	{ "ANS, no text", DLT_EN10MB,
	  TO_401 "0804" "000504000101d014020100000000000056d4acee", 0,
	  "402:0000 > 401:14d0 ANS 0000/0000 len 4 56d4acee" },
	{ "CLS, odd length", DLT_EN10MB,
	  TO_401 "0804" "00031f00010146ed0201000082ff00004e6f2073657276657220666f722074686973"
	  "20636f6e74616374206e616d6500", 0,
	  "402:0000 > 401:ed46 CLS ff82/0000 \"No server for this contact name\"" },
	{ "OPN", DLT_EN10MB, TO_401 "0804" "000204000101c1420201ed9a914c8c5e8c5e0d00", 0,
	  "402:9aed > 401:42c1 OPN 4c91/5e8c receipt 5e8c window 13" },
	{ "STS", DLT_EN10MB, TO_402 "0804" "000704000201ed9a0101c1428d5e904c914c0d00", 0,
	  "401:42c1 > 402:9aed STS 5e8d/4c90 receipt 4c91 window 13" },
	{ "DAT", DLT_EN10MB, TO_402 "0804" "008016000201ed9a0101c1428e5e914c"
	  "000102030405060708090a0b0c0d0e0f101112131415", 0,
	  "401:42c1 > 402:9aed DAT 5e8e/4c91 len 22 "
	  "000102030405060708090a0b0c0d0e0f101112131415" },
	{ "DAT, text", DLT_EN10MB, TO_401 "0804" "008004000101c1420201ed9a924c905e444f4e45", 0,
	  "402:9aed > 401:42c1 DAT 4c92/5e90 len 4 \"DONE\"" },
	{ "EOF", DLT_EN10MB, TO_402 "0804" "000c00000201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed EOF 5e91/4c92" },
	{ "BRD, forwarded", DLT_EN10MB,
	  "ffffffffffff82e2e79202d30804" "000e261000000000020194d132e120000600" BITS28 "0000"
	  "535441545553", 0,
	  "402:d194 > 0:0000 BRD e132/0020 fwd 1 subnets 1,2 \"STATUS\"" },
	{ "RUT", DLT_EN10MB,
	  "ffffffffffff82e2e79202d30804" "0008040000000000010100000000000002000a00", 0,
	  "401:0000 > 0:0000 RUT 0000/0000 subnet 2 cost 10" },
	/* As captured, in UDP and IP. */
	{ "UDP", DLT_EN10MB, TO_402 "08004500003ccfaf4000401156390a6300010a630002a43aa43a00281502"
	  "01010000" "01000006010200000101d8cded37000054535441535501020101" "3904", LINK,
	  "10.99.0.1.42042 > 10.99.0.2.42042 "
	  "401:d8cd > 402:0000 RFC ed37/0000 \"STATUS\" trailer 402 401 3904" },
	{ "UDP, odd length", DLT_EN10MB, TO_402
	  "08004500003ed0ad4000401155390a6300010a630002a43aa43a002a1504" "01010000"
	  "030000070102ed360101cee4871986b77942206579620065010201011b97", 0,
	  "401:cee4 > 402:ed36 CLS 8719/86b7 \"Bye bye\"" },
	{ "UDP, RUT", DLT_EN10MB, TO_402
	  "08004500003ec3c14000401162250a6300010a630002a43aa43a002a1504" "01010000"
	  "080000080000000006020000000000000001000a0002000a00000602ebdc", 0,
	  "3002:0000 > 0:0000 RUT 0000/0000 subnet 1 cost 10, 2 cost 10" },
	{ "IPv4", DLT_EN10MB, TO_402 "08004500002e133f4000401012b90a6300020a630001"
	  "0005040001011c4c0201000000000000aed4acee010102017de7", LINK,
	  "10.99.0.2 > 10.99.0.1 402:0000 > 401:4c1c ANS 0000/0000 len 4 aed4acee "
	  "trailer 401 402 7de7" },
	{ "IPv6", DLT_EN10MB, TO_402 "86dd6002a85f001c1040fd000099000000000000000000000001"
	  "fd000099000000000000000000000002"
	  "0001060002010000010139b2cebf000053544154555302010101018d", LINK,
	  "fd00:99::1 > fd00:99::2 401:b239 > 402:0000 RFC bfce/0000 \"STATUS\" "
	  "trailer 402 401 018d" },
	{ "IPv4 without link", DLT_RAW, "4500002e133f4000401012b90a6300020a630001"
	  "0005040001011c4c0201000000000000aed4acee010102017de7", 0,
	  "402:0000 > 401:4c1c ANS 0000/0000 len 4 aed4acee" },
	{ "IPv4, without trailer", DLT_IPV4, "45000026133f4000401012b90a6300020a630001"
	  "000c00000201ed9a0101c142915e924c" "0000", LINK,
	  "10.99.0.2 > 10.99.0.1 401:42c1 > 402:9aed EOF 5e91/4c92" },
	{ "UDP, any port", DLT_IPV4, "4500003ccfaf4000401156390a6300010a630002000100020028150201010000"
	  "01000006010200000101d8cded370000545354415355010201013904", 0,
	  "401:d8cd > 402:0000 RFC ed37/0000 \"STATUS\"" },
	/* Other links. */
	{ "cooked", DLT_LINUX_SLL, "00040001000682e2e79202d300000804"
	  "000c00000201ed9a0101c142915e924c", LINK, "401:42c1 > 402:9aed EOF 5e91/4c92" },
	{ "cooked 2", DLT_LINUX_SLL2, "080400000000000200010406" "82e2e79202d30000"
	  "000c00000201ed9a0101c142915e924c", LINK, "401:42c1 > 402:9aed EOF 5e91/4c92" },
	{ "virtual link", DLT_EN10MB, "024348000102" "024348000101" "0804"
	  "000c00000201ed9a0101c142915e924c", LINK | NAMES,
	  "link 401 > 402(oz) 401:42c1 > 402(oz):9aed EOF 5e91/4c92" },
	{ "virtual link, all", DLT_EN10MB, "ffffffffffff" "024348000101" "0804"
	  "0008040000000000010100000000000002000a00", LINK,
	  "link 401 > 0 401:0000 > 0:0000 RUT 0000/0000 subnet 2 cost 10" },
	/* Other opcodes and contents. */
	{ "arguments", DLT_EN10MB, ETH "00010b000201000001011ce1ee9a0000" "53454e4420612062225c8d00",
	  0, "401:e11c > 402:0000 RFC 9aee/0000 \"SEND\" args \"a b\\\"\\\\\\n\"" },
	{ "no contact", DLT_EN10MB, ETH "000100000201000001011ce1ee9a0000", 0,
	  "401:e11c > 402:0000 RFC 9aee/0000 \"\" [no contact name]" },
	{ "FWD", DLT_EN10MB, ETH "000404000101c14202010000914c0306" "4e414d45", 0,
	  "402:0000 > 401:42c1 FWD 4c91/0603 to 3003 \"NAME\"" },
	{ "LOS", DLT_EN10MB, ETH "000902000101c1420201ed9a914c0000" "6e6f", 0,
	  "402:9aed > 401:42c1 LOS 4c91/0000 \"no\"" },
	{ "SNS", DLT_EN10MB, ETH "000600000201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed SNS 5e91/4c92" },
	{ "MNT", DLT_EN10MB, ETH "000b00000201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed MNT 5e91/4c92" },
	{ "LSN", DLT_EN10MB, ETH "000a04000000000001010000000000004e414d45", 0,
	  "401:0000 > 0:0000 LSN 0000/0000 \"NAME\"" },
	{ "UNC", DLT_EN10MB, ETH "000d02000201ed9a0101c142915e0080" "4500", 0,
	  "401:42c1 > 402:9aed UNC 5e91/8000 len 2 4500" },
	{ "Lisp Machine text", DLT_EN10MB, ETH "008008000201ed9a0101c142915e0080"
	  "41898d8a8c88420a", 0,
	  "401:42c1 > 402:9aed DAT 5e91/8000 len 8 \"A\\t\\n\\r\\f\\bB\\012\"" },
	{ "another DAT", DLT_EN10MB, ETH "008102000201ed9a0101c142915e0080" "4142", 0,
	  "401:42c1 > 402:9aed DAT 201 5e91/8000 len 2 \"AB\"" },
	{ "DWD", DLT_EN10MB, ETH "00c004000201ed9a0101c142915e0080" "01feffff", 0,
	  "401:42c1 > 402:9aed DWD 5e91/8000 len 4 177001 177777" },
	{ "DWD, odd", DLT_EN10MB, ETH "00ff03000201ed9a0101c142915e0080" "01feff00", 0,
	  "401:42c1 > 402:9aed DWD 377 5e91/8000 len 3 177001..." },
	{ "long text", DLT_EN10MB, ETH "008042000201ed9a0101c142915e0080"
	  "4141414141414141414141414141414141414141414141414141414141414141"
	  "41414141414141414141414141414141414141414141414141414141414141414242", 0,
	  "401:42c1 > 402:9aed DAT 5e91/8000 len 66 "
	  "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"..." },
	{ "long text, whole", DLT_EN10MB, ETH "008042000201ed9a0101c142915e0080"
	  "4141414141414141414141414141414141414141414141414141414141414141"
	  "41414141414141414141414141414141414141414141414141414141414141414242", WHOLE,
	  "401:42c1 > 402:9aed DAT 5e91/8000 len 66 "
	  "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABB\"" },
	/* What nobody should send. */
	{ "no header", DLT_EN10MB, ETH "000106000201000001011ce1ee9a00", 0,
	  "packet [shorter than a header]" },
	{ "nothing at all", DLT_EN10MB, ETH, LINK,
	  "82:e2:e7:92:02:d3 > ae:23:78:ec:c9:96 packet [shorter than a header]" },
	{ "cut short", DLT_EN10MB, ETH "000106000201000001011ce1ee9a00005354", 0,
	  "401:e11c > 402:0000 RFC 9aee/0000 \"ST\" [shorter than its byte count]" },
	{ "reserved bits", DLT_EN10MB, ETH "010c00000201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed EOF 5e91/4c92 [reserved bits set]" },
	{ "opcode 0", DLT_EN10MB, ETH "000000000201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed op 0 5e91/4c92 [undefined opcode]" },
	{ "opcode 177", DLT_EN10MB, ETH "007f00000201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed op 177 5e91/4c92 [undefined opcode]" },
	{ "byte count 489", DLT_EN10MB, ETH "000ce9010201ed9a0101c142915e924c", 0,
	  "401:42c1 > 402:9aed EOF 5e91/4c92 [byte count over 488]" },
	{ "STS without window", DLT_EN10MB, ETH "000702000201ed9a0101c1428d5e904c914c", 0,
	  "401:42c1 > 402:9aed STS 5e8d/4c90 len 2 914c [without receipt and window]" },
	/* Packets that have arrived behind a gap. */
	{ "runs", DLT_EN10MB, STS("10") "934c934c" "954c974c" "a04ca14c", 0,
	  STS_TEXT " have 4c93,4c95-4c97,4ca0-4ca1" },
	{ "runs, greatest number", DLT_EN10MB, STS("08") "934c90cc", 0,
	  STS_TEXT " have 4c93-cc90" },
	{ "runs, number too great", DLT_EN10MB, STS("08") "934c91cc", 0, STS_TEXT },
	{ "runs, more than once around", DLT_EN10MB, STS("10") "934c008c" "028c00c0" "02c0954c", 0,
	  STS_TEXT },
	{ "runs across 0", DLT_EN10MB, ETH "00070c000201ed9a0101c1428d5e904c" "fdff0d00"
	  "ffff0000" "02000200", 0,
	  "401:42c1 > 402:9aed STS 5e8d/4c90 receipt fffd window 13 have ffff-0000,0002" },
	{ "runs after 0", DLT_EN10MB, ETH "000708000201ed9a0101c1428d5e904c" "ffff0d00" "01000100", 0,
	  "401:42c1 > 402:9aed STS 5e8d/4c90 receipt ffff window 13 have 0001" },
	{ "run without a gap across 0", DLT_EN10MB, ETH "000708000201ed9a0101c1428d5e904c"
	  "ffff0d00" "00000100", 0,
	  "401:42c1 > 402:9aed STS 5e8d/4c90 receipt ffff window 13" },
	{ "run without a gap", DLT_EN10MB, STS("08") "924c954c", 0, STS_TEXT },
	{ "run of what has a receipt", DLT_EN10MB, STS("08") "914c954c", 0, STS_TEXT },
	{ "run of the past", DLT_EN10MB, STS("08") "804c854c", 0, STS_TEXT },
	{ "runs without a gap", DLT_EN10MB, STS("0c") "934c944c" "954c964c", 0, STS_TEXT },
	{ "runs in each other", DLT_EN10MB, STS("0c") "934c984c" "954c964c", 0, STS_TEXT },
	{ "runs out of order", DLT_EN10MB, STS("0c") "954c964c" "934c934c", 0, STS_TEXT },
	{ "run backwards", DLT_EN10MB, STS("08") "944c934c", 0, STS_TEXT },
	{ "runs and a bad one", DLT_EN10MB, STS("0c") "934c934c" "994c984c", 0, STS_TEXT },
	{ "a word after the window", DLT_EN10MB, STS("06") "934c", 0, STS_TEXT },
	{ "odd data after the window", DLT_EN10MB, STS("07") "934c9300", 0, STS_TEXT },
	{ "runs cut short", DLT_EN10MB, STS("0c") "934c944c", 0,
	  STS_TEXT " [shorter than its byte count]" },
	{ "OPN, more words", DLT_EN10MB, ETH "000208000101c1420201ed9a914c8c5e8c5e0d00" "8e5e8f5e", 0,
	  "402:9aed > 401:42c1 OPN 4c91/5e8c receipt 5e8c window 13" },
	{ "RUT, half a route", DLT_EN10MB, ETH "0008060000000000010100000000000002000a000300", 0,
	  "401:0000 > 0:0000 RUT 0000/0000 subnet 2 cost 10 [without or with half a route]" },
	{ "RUT, empty", DLT_EN10MB, ETH "00080000000000000101000000000000", 0,
	  "401:0000 > 0:0000 RUT 0000/0000 [without or with half a route]" },
	{ "BRD, map beyond data", DLT_EN10MB, ETH "000e020000000000020194d132e120000600", 0,
	  "402:d194 > 0:0000 BRD e132/0020 len 2 0600 [map of subnets of impossible length]" },
	{ "BRD, map of 3", DLT_EN10MB, ETH "000e040000000000020194d132e1030006000041", 0,
	  "402:d194 > 0:0000 BRD e132/0003 len 4 06000041 "
	  "[map of subnets of impossible length]" },
	{ "BRD, empty map", DLT_EN10MB, ETH "000e060000000000020194d132e10400000000004142", 0,
	  "402:d194 > 0:0000 BRD e132/0004 no subnets \"AB\"" },
	{ "bad checksum", DLT_IPV4, "4500002e133f4000401012b90a6300020a630001"
	  "0005040001011c4c0201000000000000aed4acee010102017de8", 0,
	  "402:0000 > 401:4c1c ANS 0000/0000 len 4 aed4acee [bad checksum]" },
	{ "UDP, no trailer", DLT_IPV4, "45000030cfaf4000401156390a6300010a630002a43aa43a001c1502"
	  "01010000" "0c0000000102ed360101cee4871886b7", 0,
	  "401:cee4 > 402:ed36 EOF 8718/86b7 [no trailer]" },
	{ "UDP, version 2", DLT_IPV4, "45000020cfaf4000401156390a6300010a630002a43aa43a000c1502"
	  "02010000", 0, "packet [not version 1, function 1]" },
	{ "ARP, hardware type", DLT_EN10MB, "ffffffffffff82e2e79202d30806"
	  "000208040602000182e2e79202d301010000000000000201", 0,
	  "ARP [not about Ethernet addresses]" },
	{ "ARP, short", DLT_EN10MB, "ffffffffffff82e2e79202d30806"
	  "000108040602000182e2e79202d3010100000000000002", 0, "ARP [too short]" },
	{ "ARP, operation 3", DLT_EN10MB, "ffffffffffff82e2e79202d30806"
	  "000108040602000382e2e79202d301010000000000000201", 0,
	  "ARP operation 3 [neither request nor reply]" },
	{ "ARP, probe", DLT_EN10MB, "ffffffffffff82e2e79202d30806"
	  "000108040602000182e2e79202d300000000000000000201", 0, "ARP who has 402" },
};

/* Not Chaosnet, whatever it is. */
static const struct {
	const char *about;
	int dlt;
	const char *hex;
} others[] = {
	{ "empty", DLT_EN10MB, "" },
	{ "half an Ethernet header", DLT_EN10MB, "ae2378ecc99682e2e79202d308" },
	{ "half a cooked header", DLT_LINUX_SLL, "00040001000682e2e79202d3000008" },
	{ "half another cooked header", DLT_LINUX_SLL2, "080400000000000200010406" "82e2e79202d300" },
	{ "ARP for IPv4", DLT_EN10MB, "ffffffffffff82e2e79202d30806"
	  "000108000604000182e2e79202d30a6300010000000000000a630002" },
	{ "half of ARP", DLT_EN10MB, "ffffffffffff82e2e79202d3080600010804060200" },
	{ "IPv4, header cut", DLT_IPV4, "4500002e133f4000401012b90a6300020a6300" },
	{ "IPv4, header length 4", DLT_IPV4, "4400002e133f4000401012b90a6300020a630001" },
	{ "IPv4, options beyond", DLT_IPV4, "4f00002e133f4000401012b90a6300020a630001" },
	{ "IPv4, length within header", DLT_IPV4, "45000013133f4000401012b90a6300020a630001" },
	{ "IPv4, fragment", DLT_IPV4, "45000024133f2000401012b90a6300020a630001"
	  "000c00000201ed9a0101c142915e924c" },
	{ "TCP", DLT_IPV4, "45000024133f4000400612b90a6300020a630001"
	  "000c00000201ed9a0101c142915e924c" },
	{ "UDP, header cut", DLT_IPV4, "4500001bcfaf4000401156390a6300010a630002a43aa43a001c15" },
	{ "UDP, other", DLT_IPV4, "45000020cfaf4000401156390a6300010a63000200350035000c150201020304" },
	{ "UDP, other, alike", DLT_IPV4, "45000020cfaf4000401156390a6300010a63000200350035"
	  "000c150201010000" },
	{ "IPv6, header cut", DLT_IPV6, "6002a85f001c1040fd00009900000000000000000000" },
	{ "DSAP", 7, "000c00000201ed9a0101c142915e924c" },
};

static void decode(struct frame *f, int dlt, const char *hex, uint8_t **bytes)
{
	size_t len;

	*bytes = frame_of(hex, &len);
	frame_decode(f, dlt, *bytes, len);
}

static void texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char line[ROOM] = "";
		struct text text = {
			.out = fmemopen(line, sizeof(line), "w"),
			.name = rows[i].options & NAMES ? name_of : NULL,
			.link = rows[i].options & LINK,
			.whole = rows[i].options & WHOLE,
		};
		struct frame f;
		uint8_t *bytes;

		decode(&f, rows[i].dlt, rows[i].hex, &bytes);
		if (f.kind == FRAME_OTHER)
			fail_msg("%s: not recognised", rows[i].about);
		text_frame(&text, &f);
		fclose(text.out);
		if (strcmp(line, rows[i].text))
			fail_msg("%s:\n  %s\nis not\n  %s", rows[i].about, line, rows[i].text);
		free(bytes);
	}
}

static void not_ours(void **state)
{
	const struct match all = {};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct frame f;
		uint8_t *bytes;

		decode(&f, others[i].dlt, others[i].hex, &bytes);
		if (f.kind != FRAME_OTHER || match_frame(&all, &f))
			fail_msg("%s: recognised", others[i].about);
		free(bytes);
	}
}

/* Every frame, cut at every length, is either not ours or printed. */
static void cut(void **state)
{
	char line[ROOM];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t whole[ROOM];
		size_t n = unhex(rows[i].hex, whole);

		for (size_t len = 0; len <= n; len++) {
			struct text text = { .out = fmemopen(line, sizeof(line), "w"), .link = true };
			uint8_t *bytes = malloc(len ? len : 1);
			struct frame f;

			assert_non_null(bytes);
			memcpy(bytes, whole, len);
			frame_decode(&f, rows[i].dlt, bytes, len);
			if (f.kind != FRAME_OTHER)
				text_frame(&text, &f);
			fclose(text.out);
			free(bytes);
		}
	}
}

static const struct {
	const char *hex;
	bool link;
	const char *json;
} json_rows[] = {
	{ ETH "00010b000201000001011ce1ee9a0000" "53454e4420612062225c8d00", false,
	  "\"op\":\"RFC\",\"opcode\":\"1\",\"src\":\"401\",\"src_index\":\"e11c\","
	  "\"dst\":\"402\",\"dst_name\":\"oz\",\"dst_index\":\"0000\",\"number\":\"9aee\","
	  "\"ack\":\"0000\",\"forwarded\":0,\"count\":11,\"contact\":\"SEND\","
	  "\"args\":\"a b\\\"\\\\\\u008d\"" },
	{ ETH "000204000101c1420301ed9a914c8c5e8c5e0d00", true,
	  "\"mac_src\":\"82:e2:e7:92:02:d3\",\"mac_dst\":\"ae:23:78:ec:c9:96\","
	  "\"op\":\"OPN\",\"opcode\":\"2\",\"src\":\"403\",\"src_index\":\"9aed\","
	  "\"dst\":\"401\",\"dst_index\":\"42c1\",\"number\":\"4c91\","
	  "\"ack\":\"5e8c\",\"forwarded\":0,\"count\":4,\"receipt\":\"5e8c\",\"window\":13" },
	{ ETH "000710000201c1420301ed9a914c8c5e" "8c5e0d00" "8e5e905e" "ff5eff5e" "ff6e006f", false,
	  "\"op\":\"STS\",\"opcode\":\"7\",\"src\":\"403\",\"src_index\":\"9aed\","
	  "\"dst\":\"402\",\"dst_name\":\"oz\",\"dst_index\":\"42c1\",\"number\":\"4c91\","
	  "\"ack\":\"5e8c\",\"forwarded\":0,\"count\":16,\"receipt\":\"5e8c\",\"window\":13,"
	  "\"runs\":[[\"5e8e\",\"5e90\"],[\"5eff\",\"5eff\"],[\"6eff\",\"6f00\"]]" },
	{ ETH "000708000301c1420301ed9a914c8c5e" "8c5e0d00" "8d5e905e", false,
	  "\"op\":\"STS\",\"opcode\":\"7\",\"src\":\"403\",\"src_index\":\"9aed\","
	  "\"dst\":\"403\",\"dst_index\":\"42c1\",\"number\":\"4c91\","
	  "\"ack\":\"5e8c\",\"forwarded\":0,\"count\":8,\"receipt\":\"5e8c\",\"window\":13" },
	{ ETH "000302000101c1420301ed9a914c0000" "6e6f", false,
	  "\"op\":\"CLS\",\"opcode\":\"3\",\"src\":\"403\",\"src_index\":\"9aed\","
	  "\"dst\":\"401\",\"dst_index\":\"42c1\",\"number\":\"4c91\","
	  "\"ack\":\"0000\",\"forwarded\":0,\"count\":2,\"reason\":\"no\"" },
	{ "ffffffffffff" "024348000101" "0804" "000808000000000001010000000000000200"
	  "0a0003000b00", true,
	  "\"mac_src\":\"02:43:48:00:01:01\",\"mac_dst\":\"ff:ff:ff:ff:ff:ff\","
	  "\"link_src\":\"401\",\"link_dst\":\"0\","
	  "\"op\":\"RUT\",\"opcode\":\"10\",\"src\":\"401\",\"src_index\":\"0000\","
	  "\"dst\":\"0\",\"dst_index\":\"0000\",\"number\":\"0000\",\"ack\":\"0000\","
	  "\"forwarded\":0,\"count\":8,\"routes\":[{\"subnet\":\"2\",\"cost\":10},"
	  "{\"subnet\":\"3\",\"cost\":11}]" },
	{ ETH "000e260000000000030194d132e120000600" BITS28 "0000" "535441545553", false,
	  "\"op\":\"BRD\",\"opcode\":\"16\",\"src\":\"403\",\"src_index\":\"d194\","
	  "\"dst\":\"0\",\"dst_index\":\"0000\",\"number\":\"e132\",\"ack\":\"0020\","
	  "\"forwarded\":0,\"count\":38,\"subnets\":[\"1\",\"2\"],\"contact\":\"STATUS\"" },
	{ ETH "000404000101c14203010000914c0306" "4e414d45", false,
	  "\"op\":\"FWD\",\"opcode\":\"4\",\"src\":\"403\",\"src_index\":\"0000\","
	  "\"dst\":\"401\",\"dst_index\":\"42c1\",\"number\":\"4c91\",\"ack\":\"0603\","
	  "\"forwarded\":0,\"count\":4,\"to\":\"3003\",\"contact\":\"NAME\"" },
	{ ETH "00c004000301ed9a0101c142915e0080" "01feffff", false,
	  "\"op\":\"DWD\",\"opcode\":\"300\",\"src\":\"401\",\"src_index\":\"42c1\","
	  "\"dst\":\"403\",\"dst_index\":\"9aed\",\"number\":\"5e91\",\"ack\":\"8000\","
	  "\"forwarded\":0,\"count\":4,\"words\":[65025,65535]" },
	{ ETH "007f00000301ed9a0101c142915e924c", false,
	  "\"opcode\":\"177\",\"src\":\"401\",\"src_index\":\"42c1\","
	  "\"dst\":\"403\",\"dst_index\":\"9aed\",\"number\":\"5e91\",\"ack\":\"4c92\","
	  "\"forwarded\":0,\"count\":0,\"fault\":\"undefined opcode\"" },
	{ ETH "00", false, "\"fault\":\"shorter than a header\"" },
	{ "ffffffffffff82e2e79202d30806000108040602000182e2e79202d301010000000000000301", false,
	  "\"op\":\"ARP\",\"operation\":1,\"sender\":\"401\","
	  "\"sender_mac\":\"82:e2:e7:92:02:d3\",\"target\":\"403\","
	  "\"target_mac\":\"00:00:00:00:00:00\"" },
	{ TO_402 "08004500003ed0ad4000401155390a6300010a630002a43aa43a002a1504" "01010000"
	  "030000070102ed360101cee4871986b77942206579620065010201011b97", true,
	  "\"mac_src\":\"82:e2:e7:92:02:d3\",\"mac_dst\":\"ae:23:78:ec:c9:96\","
	  "\"outer_src\":\"10.99.0.1.42042\",\"outer_dst\":\"10.99.0.2.42042\","
	  "\"op\":\"CLS\",\"opcode\":\"3\",\"src\":\"401\",\"src_index\":\"cee4\","
	  "\"dst\":\"402\",\"dst_name\":\"oz\",\"dst_index\":\"ed36\",\"number\":\"8719\","
	  "\"ack\":\"86b7\",\"forwarded\":0,\"count\":7,\"reason\":\"Bye bye\","
	  "\"trailer_dst\":\"402\",\"trailer_dst_name\":\"oz\",\"trailer_src\":\"401\","
	  "\"checksum\":\"1b97\",\"checksum_good\":true" },
};

static void json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(json_rows) / sizeof(json_rows[0]); i++) {
		char line[ROOM] = "";
		struct frame_json j = {
			.out = fmemopen(line, sizeof(line), "w"), .name = name_of,
			.link = json_rows[i].link,
		};
		struct frame f;
		uint8_t *bytes;

		decode(&f, DLT_EN10MB, json_rows[i].hex, &bytes);
		frame_json(&j, &f);
		fclose(j.out);
		/* It goes on in an object. */
		assert_int_equal(line[0], ',');
		assert_string_equal(line + 1, json_rows[i].json);
		free(bytes);
	}
}

/* Runs of one packet each, 65532 the first, as far as any length goes. */
static void run_lengths(void **state)
{
	struct packet p = { .opcode = CHAOS_OP_STS };
	struct content c;

	(void)state;
	for (size_t i = 0; i < CHAOS_DATA_MAX / 2; i++) {
		uint16_t word = i < 2 ? 65530 : 65530 + i / 2 * 2;

		p.data[2 * i] = word;
		p.data[2 * i + 1] = word >> 8;
	}
	for (p.count = 0; p.count <= CHAOS_DATA_MAX; p.count++) {
		bool runs = p.count >= 8 && p.count % 4 == 0;

		p.len = p.count;
		content_decode(&c, &p);
		assert_int_equal(c.kind, p.count < 4 ? CONTENT_DATA : CONTENT_WINDOW);
		assert_int_equal(c.runs.len, runs ? p.count - 4 : 0);
		if (runs)
			assert_ptr_equal(c.runs.bytes, p.data + 4);
	}
}

static const struct {
	const char *about;
	uint16_t hosts[MATCH_HOSTS];
	const char *ops;
	const char *contact;
	bool rfc, arp, broken;	/* which of three frames match */
} filters[] = {
	{ "none", {}, NULL, NULL, true, true, true },
	{ "source", { 0401 }, NULL, NULL, true, true, false },
	{ "destination", { 0402 }, NULL, NULL, true, true, false },
	{ "both", { 0402, 0401 }, NULL, NULL, true, true, false },
	{ "another", { 0403 }, NULL, NULL, false, false, false },
	{ "one of them another", { 0401, 0403 }, NULL, NULL, false, false, false },
	{ "opcode", {}, "rfc", NULL, true, false, false },
	{ "opcodes", {}, "dat,1,arp", NULL, true, true, false },
	{ "other opcodes", {}, "OPN,377", NULL, false, false, false },
	{ "contact", {}, NULL, "status", true, false, false },
	{ "beginning of contact", {}, NULL, "STAT", false, false, false },
	{ "longer contact", {}, NULL, "STATUSES", false, false, false },
	{ "all of it", { 0401 }, "RFC", "STATUS", true, false, false },
	{ "not all of it", { 0403 }, "RFC", "STATUS", false, false, false },
};

static void matching(void **state)
{
	struct frame rfc, arp, broken;
	uint8_t *bytes[3];

	(void)state;
	decode(&rfc, DLT_EN10MB, ETH "000106000201000001011ce1ee9a0000535441545553", &bytes[0]);
	decode(&arp, DLT_EN10MB, rows[0].hex, &bytes[1]);
	decode(&broken, DLT_EN10MB, ETH "00", &bytes[2]);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct match m = { .contact = filters[i].contact };

		memcpy(m.hosts, filters[i].hosts, sizeof(m.hosts));
		while (m.n_hosts < MATCH_HOSTS && m.hosts[m.n_hosts])
			m.n_hosts++;
		if (filters[i].ops)
			assert_int_equal(match_add_ops(&m, filters[i].ops), 0);
		if (match_frame(&m, &rfc) != filters[i].rfc ||
		    match_frame(&m, &arp) != filters[i].arp ||
		    match_frame(&m, &broken) != filters[i].broken)
			fail_msg("%s", filters[i].about);
	}
	for (size_t i = 0; i < 3; i++)
		free(bytes[i]);
}

static void bad_ops(void **state)
{
	static const char *const bad[] = { "", ",", "RFC,", "XYZ", "8", "400", "1x", "-1", " 1", "RF" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct match m = {};

		if (!match_add_ops(&m, bad[i]))
			fail_msg("\"%s\" taken", bad[i]);
	}
}

static void hexadecimal(void **state)
{
	char out[ROOM] = "";
	FILE *f = fmemopen(out, sizeof(out), "w");

	(void)state;
	text_bytes(f, (const uint8_t *)"0123456789abcdef\0Z\x7f", 19);
	fclose(f);
	assert_string_equal(out,
			    "\t0x0000:  3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef\n"
			    "\t0x0010:  005a 7f                                  .Z.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(not_ours),
		cmocka_unit_test(cut),
		cmocka_unit_test(json),
		cmocka_unit_test(run_lengths),
		cmocka_unit_test(matching),
		cmocka_unit_test(bad_ops),
		cmocka_unit_test(hexadecimal),
	};

	return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
