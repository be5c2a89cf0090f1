package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	attempts     = 5
	firstPause   = 500 * time.Millisecond // doubled each time
	longestPause = 2 * time.Minute
	longestBody  = 16 << 20
)

// Sender sends requests with a token, and sends one again when its answer got lost (the connection broke, or something in
// between answered 502, 503 or 504) or when it came too soon (429). That is safe for what this program asks, since each of
// its mutations carries an idempotency key, or brings about the same however often it is done.
type Sender struct {
	Client *http.Client
	Token  string
}

// Do sends a request until there is an answer.
func (s *Sender) Do(request *http.Request) (*http.Response, error) {
	request.Header.Set("Authorization", "Bearer "+s.Token)
	for attempt := 1; ; attempt++ {
		response, err := s.once(request)
		wait, again := pause(response, err, attempt)
		if !again || attempt == attempts {
			return response, err
		}
		select {
		case <-request.Context().Done():
			return nil, request.Context().Err()
		case <-time.After(wait):
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
