package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// Options is what a sender works with; all may be left out.
type Options struct {
	// Allowed are networks that events may be sent to though they aren't public, and by plain HTTP: for tests and the demo.
	Allowed []netip.Prefix
	// Timeout is how long a try may take, from the name's resolution to the last byte that is read; 0: 15 seconds.
	Timeout time.Duration
	// Resolver finds addresses; nil: the machine's own.
	Resolver Resolver
	// Roots are the authorities that are trusted; nil: the machine's own.
	Roots *x509.CertPool
}

const (
	defaultTimeout = 15 * time.Second
	// Nothing in an answer but its status and Retry-After is looked at.
	longestHeader = 16 << 10
	longestAnswer = 4 << 10
	// A connection is kept for as long as an endpoint's turn may take, and one host gets few.
	keptIdle           = 20 * time.Second
	connectionsPerHost = 4
)

// Sender sends requests to partners' addresses. Safe for concurrent use.
type Sender struct {
	client  *http.Client
	dialler *dialler
}

// NewSender makes one. It speaks HTTP/1.1 over TLS 1.2 or later, uses no proxy, follows no redirect, and keeps no cookie.
func NewSender(options Options) *Sender {
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	dialler := newDialler(options)
	return &Sender{dialler: dialler, client: &http.Client{
		Timeout:       options.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: trace.Transport("webhook", &http.Transport{
			DialContext: dialler.dial, TLSHandshakeTimeout: options.Timeout, ResponseHeaderTimeout: options.Timeout,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: options.Roots},
			MaxResponseHeaderBytes: longestHeader, MaxConnsPerHost: connectionsPerHost, MaxIdleConnsPerHost: 1,
			MaxIdleConns: 100, IdleConnTimeout: keptIdle, DisableCompression: true,
		}),
	}}
}

// AllowsHTTP tells whether there are networks to which events may be sent by plain HTTP.
func (s *Sender) AllowsHTTP() bool { return len(s.dialler.allowed) > 0 }

// Request is an event on its way to an endpoint.
type Request struct {
	URL string
	// ID is the event's, by which a receiver knows one that comes twice.
	ID identity.ID
	// At is the instant of this try, by the database's clock.
	At   time.Time
	Body []byte
	// Keys sign the request, each for itself: the endpoint's secret and, while they overlap, the one before it.
	Keys [][]byte
}

// Send sends a request and answers what the receiver said. It ends with the context, or when the time is up.
func (s *Sender) Send(ctx context.Context, r Request) identity.WebhookAttempt {
	request, err := r.signed(ctx)
	if err != nil {
		return identity.WebhookAttempt{Failure: identity.WebhookUnreachable}
	}
	if request.URL.Scheme != "https" && !s.AllowsHTTP() {
		return identity.WebhookAttempt{Failure: identity.WebhookUntrusted}
	}
	response, err := s.client.Do(request)
	if err != nil {
		return identity.WebhookAttempt{Failure: failure(err)}
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	// What is read lets the connection be used again; whether it can be read says nothing of the event.
	_, _ = io.CopyN(io.Discard, response.Body, longestAnswer)
	attempt := identity.WebhookAttempt{Status: response.StatusCode, RetryAfter: retryAfter(response.Header)}
	if !attempt.Accepted() {
		attempt.Failure = identity.WebhookRefused
	}
	return attempt
}

func (r Request) signed(ctx context.Context) (*http.Request, error) {
	signatures := make([]string, len(r.Keys))
	for i, key := range r.Keys {
		signer, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return nil, fmt.Errorf("sign a webhook: %w", err)
		}
		if signatures[i], err = signer.Sign(string(r.ID), r.At, r.Body); err != nil {
			return nil, fmt.Errorf("sign a webhook: %w", err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("write a webhook: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Sleutelbos-Webhooks/1")
	request.Header.Set(standardwebhooks.HeaderWebhookID, string(r.ID))
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(r.At.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}
