package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// failure says why there was no answer.
func failure(err error) identity.WebhookFailure {
	var network net.Error
	switch {
	case errors.Is(err, errNotPublic):
		return identity.WebhookAddressRefused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return identity.WebhookTimedOut
	case errors.Is(err, errUnresolved):
		return identity.WebhookUnresolved
	case isUntrusted(err):
		return identity.WebhookUntrusted
	}
	return identity.WebhookUnreachable
}

func isUntrusted(err error) bool {
	_, verified := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	return verified || record || alert || name
}

// retryAfter is what an answer asks to wait (RFC 9110, 10.2.3): seconds, or an instant by the receiver's own clock, which its
// Date header shows; zero for none.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	now, clock := http.ParseTime(header.Get("Date"))
	if err != nil || clock != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
