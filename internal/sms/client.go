package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
)

// call is one request of twilio-go's: the connection that the library works on. The library's own has neither a context
// nor a base URL, and reads answers without end.
type call struct {
	// The request's own, and the interface that it stands behind has no place for one.
	ctx    context.Context
	sender *Sender
}

var _ client.BaseClient = (*call)(nil)

// AccountSid stands in the paths of requests.
func (c *call) AccountSid() string { return c.sender.options.AccountSID }

// SetTimeout does nothing: the time-out is the sender's.
func (c *call) SetTimeout(time.Duration) {}

// SetOauth does nothing: requests are signed in by account and token.
func (c *call) SetOauth(client.OAuth) {}

// OAuth is none.
func (c *call) OAuth() client.OAuth { return nil }

// longestAnswer is how much of an answer is read, in bytes. A message resource has about one thousand.
const longestAnswer = 64 << 10

// SendRequest sends what the library asks for to the sender's own base URL: only the path of rawURL counts. The error is a
// *Refusal.
func (c *call) SendRequest(method, rawURL string, data url.Values, headers map[string]any, _ ...byte) (*http.Response, error) {
	request, err := c.request(method, rawURL, data, headers)
	if err != nil {
		return nil, err
	}
	answer, err := c.sender.http.Do(request)
	if err != nil {
		return nil, broken(withoutURL(err))
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	_ = answer.Body.Close() // it was read
	if err != nil {
		return nil, broken(err)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		var told client.TwilioRestError
		_ = json.Unmarshal(text, &told) // whatever isn't Twilio's has no code
		return nil, refused(answer.StatusCode, told.Code)
	}
	answer.Body = io.NopCloser(strings.NewReader(string(text)))
	return answer, nil
}

func (c *call) request(method, rawURL string, data url.Values, headers map[string]any) (*http.Request, error) {
	asked, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("send a text: the library's address: %w", err)
	}
	address := c.sender.base.JoinPath(asked.EscapedPath()).String()
	request, err := http.NewRequestWithContext(c.ctx, method, address, strings.NewReader(data.Encode()))
	if err != nil {
		return nil, fmt.Errorf("send a text: %w", err)
	}
	for name, value := range headers {
		request.Header.Set(name, fmt.Sprint(value))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "sleutelbos")
	request.SetBasicAuth(c.sender.options.AccountSID, c.sender.options.AuthToken)
	return request, nil
}

// withoutURL keeps the cause of a failed request: around it stands the address, with the account's name.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
