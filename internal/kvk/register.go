package kvk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// DefaultURL is where the register's API is; its test companies are at DefaultURL + "/test".
const DefaultURL = "https://api.kvk.nl"

const (
	// patience is how long an answer may take, all of it.
	patience = 10 * time.Second
	// longest is how many bytes of an answer are read. A chain of thousands of shops fits.
	longest = 4 << 20
)

// Register is the trade register's API. Safe for concurrent use.
type Register struct {
	base, key string
	client    *http.Client
}

// New makes one. The key goes into a header of each request and nowhere else. The base is an https address, or one on the
// loopback; "": DefaultURL.
func New(base, key string) (*Register, error) {
	if base == "" {
		base = DefaultURL
	}
	address, err := url.Parse(base)
	if err != nil || address.Host == "" || address.User != nil || address.RawQuery != "" || address.Fragment != "" {
		return nil, errors.New("the trade register's address isn't one")
	}
	if address.Scheme != "https" && !(address.Scheme == "http" && isLoopback(address.Hostname())) {
		return nil, errors.New("the trade register's address must be https")
	}
	return &Register{base: strings.TrimSuffix(base, "/"), key: key, client: &http.Client{
		Timeout:   patience,
		Transport: trace.Transport("trade register", http.DefaultTransport),
		// The key would travel along to wherever a redirect leads.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func isLoopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// Look asks what the register has of a KVK number. The error is a *Failure.
func (r *Register) Look(ctx context.Context, number identity.KVKNumber) (identity.RegisterEntry, error) {
	return r.basisprofiel(ctx, number)
}

// get asks for a page of the API and reads its JSON. false: the register says that there is no such thing.
func (r *Register) get(ctx context.Context, path string, into any) (found bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, nil)
	if err != nil {
		return false, &Failure{cause: err}
	}
	request.Header.Set("apikey", r.key)
	request.Header.Set("Accept", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		return false, &Failure{Temporary: true, cause: err}
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(response.Body, longest+1))
	switch {
	case err != nil:
		return false, &Failure{Status: response.StatusCode, Temporary: true, cause: err}
	case len(body) > longest:
		return false, &Failure{Status: response.StatusCode, cause: errors.New("the answer is too long")}
	case response.StatusCode != http.StatusOK:
		return false, judge(response.StatusCode, body)
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(into); err != nil {
		// A page of something in between that is being repaired: it comes and goes.
		return false, &Failure{Status: response.StatusCode, Temporary: true, cause: fmt.Errorf("read the answer: %w", err)}
	}
	return true, nil
}
