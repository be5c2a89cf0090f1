package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

const (
	attempts     = 5
	firstPause   = 500 * time.Millisecond // doubled each time
	longestPause = 2 * time.Minute
	longestBody  = 16 << 20
)

// Sender sends requests with a token, one after the other, and sends one again when its answer got lost (the connection broke,
// or something in between answered 502, 503 or 504) or when it came too soon (429). That is safe for what this program asks,
// since each of its mutations carries an idempotency key, or brings about the same however often it is done.
type Sender struct {
	Client *http.Client
	Token  string
	// next is before which instant the quota has nothing left.
	next time.Time
}

// Do sends a request until there is an answer.
func (s *Sender) Do(request *http.Request) (*http.Response, error) {
	request.Header.Set("Authorization", "Bearer "+s.Token)
	for attempt := 1; ; attempt++ {
		if err := wait(request.Context(), time.Until(s.next)); err != nil {
			return nil, err
		}
		response, err := s.once(request)
		longer, again := pause(response, err, attempt)
		if !again || attempt == attempts {
			return response, err
		}
		if err := wait(request.Context(), longer); err != nil {
			return nil, err
		}
	}
}

// once sends a request and reads the whole answer, for an answer can get lost halfway, too.
func (s *Sender) once(request *http.Request) (*http.Response, error) {
	body, err := request.GetBody()
	if err != nil {
		return nil, fmt.Errorf("repeat the request: %w", err)
	}
	sent := request.Clone(request.Context())
	sent.Body = body
	response, err := s.Client.Do(sent)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, longestBody))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(text))
	if seconds, spent := spent(response.Header.Get("RateLimit")); spent {
		s.next = time.Now().Add(min(seconds, longestPause))
	}
	return response, nil
}

// pause tells how long to wait before sending again, and whether to. With status 429 the server says how long in
// Retry-After, in seconds.
func pause(response *http.Response, err error, attempt int) (time.Duration, bool) {
	own := firstPause << (attempt - 1)
	if err != nil {
		return own, true
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds >= 0 {
			return min(time.Duration(seconds)*time.Second, longestPause), true
		}
		return own, true
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return own, true
	}
	return 0, false
}

// nothingLeft is a quota of which nothing remains, with the seconds until there is more: "minute";r=0;t=12
var nothingLeft = regexp.MustCompile(`;r=0;t=(\d+)`)

// spent reads the field RateLimit: whether the quota is spent, and for how long. Who waits by it is never told 429, unless
// somebody else uses the token too.
func spent(field string) (time.Duration, bool) {
	found := nothingLeft.FindStringSubmatch(field)
	if found == nil {
		return 0, false
	}
	seconds, err := strconv.Atoi(found[1])
	return time.Duration(seconds) * time.Second, err == nil
}

// wait waits, unless the program is told to stop meanwhile.
func wait(ctx context.Context, long time.Duration) error {
	if long <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
		return nil
	}
}
