// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "sslerror.h"
#include "verify.h"

static const char *text_of(unsigned long error)
{
	const char *text = NULL;

	if (ERR_SYSTEM_ERROR(error))
		text = strerror(ERR_GET_REASON(error));
	else if (error)
		text = ERR_reason_error_string(error);
	return text ? text : "OpenSSL does not say what is wrong";
}

const char *sslerror_text(void)
{
	unsigned long error = ERR_get_error();

	ERR_clear_error();
	return text_of(error);
}

/* What a peer's refusal comes from, as far as we can tell. */
static const char *hint(int alert)
{
	switch (alert) {
	case SSL_AD_UNKNOWN_CA:
		return ": it does not know who issued our certificate";
	case SSL_AD_CERTIFICATE_EXPIRED:
		return ": ours, or its clock is wrong";
	case SSL_AD_CERTIFICATE_REVOKED:
		return ": ours";
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_UNKNOWN:
		return ": it does not like ours";
	default:
		return "";
	}
}

static void refused(int alert, char *buf, size_t len)
{
	snprintf(buf, len, "the peer ended it by the alert \"%s\"%s",
		 SSL_alert_desc_string_long(alert), hint(alert));
}

static void failed(const SSL *ssl, unsigned long error, char *buf, size_t len)
{
	int reason = ERR_GET_REASON(error);

	if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET) {
		refused(reason - SSL_AD_REASON_OFFSET, buf, len);
		return;
	}
	if (ERR_GET_LIB(error) != ERR_LIB_SSL)
		reason = 0;
	switch (reason) {
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		snprintf(buf, len, "%s", verify_why(ssl));
		break;
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		snprintf(buf, len, "the peer closed the TCP connection");
		break;
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		snprintf(buf, len, "the peer presented no certificate");
		break;
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_RECORD_LENGTH_MISMATCH:
		snprintf(buf, len, "the peer does not speak TLS, or none that we know");
		break;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
		snprintf(buf, len, "the peer's TLS is older than 1.2");
		break;
	case SSL_R_NO_SHARED_CIPHER:
		snprintf(buf, len, "the peer knows no cipher that we trust");
		break;
	default:
		snprintf(buf, len, "TLS: %s", text_of(error));
	}
}

const char *sslerror_end(const SSL *ssl, int kind, int err, char *buf, size_t len)
{
	unsigned long error = ERR_get_error();

	ERR_clear_error();
	if (kind == SSL_ERROR_ZERO_RETURN)
		snprintf(buf, len, "the peer closed");
	else if (error)
		failed(ssl, error, buf, len);
	else if (kind == SSL_ERROR_SYSCALL && err)
		snprintf(buf, len, "%s", strerror(err));
	else
		snprintf(buf, len, "the peer closed the TCP connection");
	return buf;
}
