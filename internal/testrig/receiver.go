package testrig

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Receiver is a partner's program that webhooks are sent to. It checks signatures with the scheme's own library, and answers
// 204 where it isn't told otherwise.
type Receiver struct {
	URL string

	mutex    sync.Mutex
	answers  []http.HandlerFunc
	received []Received
	// at counts requests being answered, most is how many there were at once.
	at, most int
}

// Received is a request that came to a receiver.
type Received struct {
	ID     string
	Header http.Header
	Body   []byte
}

// NewReceiver opens a receiver for a test.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL + "/hook"
	return r
}

// ServeHTTP notes a request and answers it.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body) // what is missing shows in the signature
	answer := r.note(Received{ID: request.Header.Get(standardwebhooks.HeaderWebhookID), Header: request.Header, Body: body})
	answer(w, request)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.at--
}

func (r *Receiver) note(received Received) (answer http.HandlerFunc) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.at++
	r.most = max(r.most, r.at)
	answer = AnswerWith(http.StatusNoContent)
	if len(r.answers) > 0 {
		answer, r.answers = r.answers[0], r.answers[1:]
	}
	r.received = append(r.received, received)
	return answer
}

// Answer answers the next requests so, one after the other.
func (r *Receiver) Answer(answers ...http.HandlerFunc) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.answers = append(r.answers, answers...)
}

// AnswerWith answers a status and headers, which come in pairs.
func AnswerWith(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
	}
}

// All answers what came so far.
func (r *Receiver) All() []Received {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]Received{}, r.received...)
}

// Most answers how many requests were being answered at once.
func (r *Receiver) Most() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.most
}

// Verify checks the signature with a secret, as a receiver's program does but for the age of the request: a test's clock
// stands where it likes.
func (r Received) Verify(secret string) error {
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	return verifier.VerifyIgnoringTimestamp(r.Body, r.Header)
}

// Event is what the body tells of.
func (r Received) Event() (event struct {
	Type string
	Data struct {
		ID, OrganisationID, Hash string
		Sequence                 int64
		TargetID                 *string
		Details                  map[string]string
	}
},
) {
	_ = json.Unmarshal(r.Body, &event) // what can't be read is an event of no type
	return event
}
