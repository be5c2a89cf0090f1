package rig

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
)

// At is the same browser, with the same cookies, asking another server: a load balancer sent it there.
func (b *Browser) At(r *Rig) *Browser {
	other := b.Copy()
	other.rig = r
	return other
}

// Ask is Do for goroutines other than the test's own: what comes back and is no answer is an error of the test, not its end.
func (b *Browser) Ask(document string, variables map[string]any) Answer {
	answer, err := b.Try(document, variables)
	if err != nil {
		b.rig.T.Errorf("%s: %v", document, err)
	}
	return answer
}

// Try is Ask where it may be that nothing comes back.
func (b *Browser) Try(document string, variables map[string]any) (Answer, error) {
	text, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return Answer{}, err
	}
	return b.Post(text)
}

// Crowd does something so many times at once, and answers what came back each time.
func Crowd(size int, act func(i int) Answer) []Answer {
	answers := make([]Answer, size)
	var begin, end sync.WaitGroup
	begin.Add(1)
	for i := range size {
		end.Go(func() {
			begin.Wait()
			answers[i] = act(i)
		})
	}
	begin.Done()
	end.Wait()
	return answers
}

// Metrics is what the operator's monitoring reads.
func (r *Rig) Metrics() string {
	r.T.Helper()
	recorder := httptest.NewRecorder()
	r.Server.Internal().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return recorder.Body.String()
}
