package federation

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// zeros are dice that always fall the same.
type zeros struct{}

func (zeros) Read(into []byte) (int, error) {
	clear(into)
	return len(into), nil
}

// left is the request that the vectors answer, as the caller keeps it.
var left = Request{State: "relay-state-of-this-browser", Nonce: "_request", Verifier: expected.resolveID, At: noon.Add(-time.Minute)}

// brought is what a browser comes back with.
type brought struct{ artifact, relayState string }

func (b brought) values() url.Values {
	return url.Values{"SAMLart": {b.artifact}, "RelayState": {b.relayState}}
}

// brokerAt is a service provider whose broker's back channel is the handler.
func brokerAt(t *testing.T, handler http.HandlerFunc) (*ServiceProvider, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handler(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a caller who hangs up is what is tested
	server.StartTLS()
	t.Cleanup(server.Close)
	p := receiver()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	p.row.TLS = &tls.Config{RootCAs: roots}
	p.row.Timeout = 2 * time.Minute // a slow machine is no fault
	p.client = p.row.client()
	p.broker.resolution = map[int]string{0: server.URL + "/zero", 3: server.URL + "/three"}
	return p, &calls
}

func answerWith(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(body)
}

func TestAnArtifactIsExchangedAtItsOwnEndpointBySignedSOAP(t *testing.T) {
	t.Parallel()
	answer := vector{}.make(t)
	var asked []byte
	var call *http.Request
	p, _ := brokerAt(t, func(w http.ResponseWriter, r *http.Request) {
		call = r
		asked, _ = io.ReadAll(r.Body)
		answerWith(w, answer)
	})
	artifact := made(brokerEntity, 3)
	got, err := p.Finish(t.Context(), left, brought{artifact, left.State}.values(), noon)
	if diff := cmp.Diff(whole(), got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if call.URL.Path != "/three" || call.Method != http.MethodPost || !strings.HasPrefix(call.Header.Get("Content-Type"), "text/xml") {
		t.Errorf("asked %s %s %v", call.Method, call.URL, call.Header)
	}
	for _, part := range []string{
		artifact, `ID="` + expected.resolveID + `"`, `<saml:Issuer>` + ourEntity + `</saml:Issuer>`, `IssueInstant="2025-06-11T12:00:00Z"`,
		"<ds:KeyInfo><ds:KeyName>" + keyName(testKeys()["ours"].Certificate) + "</ds:KeyName></ds:KeyInfo>",
	} {
		if !bytes.Contains(asked, []byte(part)) {
			t.Errorf("asked without %s:\n%s", part, asked)
		}
	}
	holds(t, string(asked), "ours", nsProtocol+":ArtifactResolve")
}

// holds has xmlsec1 verify a signature of ours.
func holds(t *testing.T, message, key, node string) {
	t.Helper()
	certificate, _ := savedKey(key)
	xmlsec(t, message, "--verify", "--pubkey-cert-pem", certificate, "--id-attr:ID", node)
}

func TestNobodyIsAskedWhereTheBrowserBringsNothingThatFits(t *testing.T) {
	t.Parallel()
	good := brought{made(brokerEntity, 0), left.State}
	for _, row := range []struct {
		sentence string
		why      Reason
		change   func(*brought, *Request, *ServiceProvider)
	}{
		{"an artifact of somebody else's", ArtifactSource, func(back *brought, _ *Request, _ *ServiceProvider) { back.artifact = made("urn:other", 0) }},
		{"an artifact of our own", ArtifactSource, func(back *brought, _ *Request, _ *ServiceProvider) { back.artifact = made(ourEntity, 0) }},
		{"an endpoint that isn't", ArtifactEndpoint, func(back *brought, _ *Request, _ *ServiceProvider) { back.artifact = made(brokerEntity, 1) }},
		{"no artifact", ArtifactMalformed, func(back *brought, _ *Request, _ *ServiceProvider) { back.artifact = "" }},
		{"no relay state", RelayStateWrong, func(back *brought, _ *Request, _ *ServiceProvider) { back.relayState = "" }},
		{"the relay state of another browser", RelayStateWrong, func(back *brought, _ *Request, _ *ServiceProvider) { back.relayState = "another" }},
		{"a relay state changed", RelayStateWrong, func(back *brought, _ *Request, _ *ServiceProvider) { back.relayState += "x" }},
		{"a relay state that is an address", RelayStateWrong, func(back *brought, _ *Request, _ *ServiceProvider) { back.relayState = "https://evil.test/" }},
		{"a relay state longer than any", RelayStateWrong, func(back *brought, pending *Request, _ *ServiceProvider) {
			back.relayState = strings.Repeat("a", 81)
			pending.State = back.relayState
		}},
		{"a browser that was never sent away", RelayStateWrong, func(back *brought, pending *Request, _ *ServiceProvider) {
			back.relayState, *pending = "", Request{}
		}},
		{"metadata that has become outdated", BrokerOutdated, func(_ *brought, _ *Request, p *ServiceProvider) { p.broker.validUntil = noon }},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			p, calls := brokerAt(t, func(w http.ResponseWriter, _ *http.Request) { answerWith(w, nil) })
			back, pending := good, left
			row.change(&back, &pending, p)
			got, err := p.Finish(t.Context(), pending, back.values(), noon)
			if ReasonOf(err) != row.why || got.ID != "" {
				t.Errorf("%v, want %s", err, row.why)
			}
			if calls.Load() != 0 {
				t.Error("the broker was asked")
			}
		})
	}
}

func TestABackChannelThatFailsLetsNobodyIn(t *testing.T) {
	t.Parallel()
	answer := vector{}.make(t)
	for _, row := range []struct {
		sentence string
		why      Reason
		handler  http.HandlerFunc
	}{
		{"HTTP 500 with a good answer", ProviderFault, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write(answer)
		}},
		{"a redirect", ProviderFault, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/zero" {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
				return
			}
			answerWith(w, answer)
		}},
		{"HTML", ProviderFault, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(answer)
		}},
		{"no type", ProviderFault, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "")
			_, _ = w.Write(answer)
		}},
		{"a page under the right type", XMLRefused, func(w http.ResponseWriter, _ *http.Request) { answerWith(w, []byte("<html><br></html>")) }},
		{"nothing", XMLRefused, func(w http.ResponseWriter, _ *http.Request) { answerWith(w, nil) }},
		{"more than any message", AnswerTooLarge, func(w http.ResponseWriter, _ *http.Request) {
			answerWith(w, append(bytes.Clone(answer), bytes.Repeat([]byte(" "), 1<<20)...))
		}},
		{"an answer without an end", AnswerTooLarge, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 4096)); err != nil {
					return
				}
			}
		}},
		{"an answer that breaks off", ProviderUnreachable, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(answer[:1000])
		}},
		{"a connection that breaks off", ProviderUnreachable, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"the answer to another question", RequestUnknown, func(w http.ResponseWriter, _ *http.Request) {
			answerWith(w, edit("_"+strings.Repeat("0", 40), "_"+strings.Repeat("1", 40)).make(t))
		}},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			p, calls := brokerAt(t, row.handler)
			got, err := p.Finish(t.Context(), left, brought{made(brokerEntity, 0), left.State}.values(), noon)
			if ReasonOf(err) != row.why || got.ID != "" {
				t.Errorf("%v, want %s", err, row.why)
			}
			if calls.Load() != 1 {
				t.Errorf("the broker was asked %d times", calls.Load())
			}
		})
	}
}

func TestABrokerThatDoesNotAnswerIsWaitedForNoLongerThanAgreed(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server doesn't notice that the caller hangs up
		<-r.Context().Done()
	}
	p, _ := brokerAt(t, hang)
	p.row.Timeout = 50 * time.Millisecond
	p.client = p.row.client()
	back := brought{made(brokerEntity, 0), left.State}
	if _, err := p.Finish(t.Context(), left, back.values(), noon); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("by time-out: %v", err)
	}
	p, _ = brokerAt(t, hang)
	given, giveUp := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer giveUp()
	if _, err := p.Finish(given, left, back.values(), noon); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("by the caller: %v", err)
	}
	p, _ = brokerAt(t, hang)
	p.row.TLS = nil
	p.client = p.row.client()
	if _, err := p.Finish(t.Context(), left, back.values(), noon); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

// What the log gets is a word of the list, and nothing of the message.
func TestNoRefusalSaysAnythingOfTheMessage(t *testing.T) {
	t.Parallel()
	const marker = "MARKER"
	p, _ := brokerAt(t, func(w http.ResponseWriter, _ *http.Request) { answerWith(w, []byte("<a>"+marker+"</a>")) })
	for _, back := range []brought{{made(brokerEntity, 0), left.State}, {marker, left.State}, {made(brokerEntity, 0), marker}} {
		_, err := p.Finish(t.Context(), left, back.values(), noon)
		refusals, mendable := identity.Refusals(err)
		if err == nil || strings.Contains(err.Error(), marker) || !mendable || refusals[0].Code != identity.IdentificationFailed {
			t.Errorf("%v: %v", err, refusals)
		}
	}
}
