package webhook_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/webhook"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func request(url string) webhook.Request {
	return webhook.Request{
		URL: url, ID: "evt_01jxffamd80410600000000000", At: time.Unix(1749643200, 0), Body: []byte(`{"type":"user.invited"}`),
		Keys: [][]byte{[]byte(strings.Repeat("k", 32))},
	}
}

// resolver answers each question with the next list of addresses, and the last one from then on.
type resolver struct {
	answers [][]netip.Addr
	asked   atomic.Int32
}

func (r *resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return r.answers[min(int(r.asked.Add(1)), len(r.answers))-1], nil
}

func addresses(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func TestAReceiverVerifiesWhatIsSentByEitherSecret(t *testing.T) {
	t.Parallel()
	receiver := testrig.NewReceiver(t)
	r := request(receiver.URL)
	r.Keys = append(r.Keys, []byte(strings.Repeat("o", 32)))
	if attempt := webhook.NewSender(webhook.Options{Allowed: loopback}).Send(t.Context(), r); !attempt.Accepted() {
		t.Fatalf("it was not accepted: %+v", attempt)
	}
	received := receiver.All()[0]
	for _, key := range r.Keys {
		if err := received.Verify("whsec_" + base64.StdEncoding.EncodeToString(key)); err != nil {
			t.Errorf("a receiver doesn't verify it: %v", err)
		}
	}
	if received.Verify("whsec_"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32)))) == nil {
		t.Error("a receiver with another secret verifies it")
	}
	received.Body = append(received.Body, ' ')
	if received.Verify("whsec_"+base64.StdEncoding.EncodeToString(r.Keys[0])) == nil {
		t.Error("a changed body is verified")
	}
}

func TestNothingIsSentToAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	receiver := testrig.NewReceiver(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(receiver.URL, "/hook"), "http://"), ":")
	for name, found := range map[string][]netip.Addr{
		"this machine": addresses("127.0.0.1"), "this machine, mapped": addresses("::ffff:127.0.0.1"), "the metadata": addresses("169.254.169.254"),
		"a private network": addresses("10.0.0.1"), "one of several": addresses("93.184.216.34", "127.0.0.1"), "a NAT64": addresses("64:ff9b::7f00:1"),
	} {
		sender := webhook.NewSender(webhook.Options{Resolver: &resolver{answers: [][]netip.Addr{found}}})
		if got := sender.Send(t.Context(), request("https://partner.example:"+port+"/")); got.Failure != identity.WebhookAddressRefused {
			t.Errorf("%s: %+v", name, got)
		}
	}
	literal := webhook.NewSender(webhook.Options{}).Send(t.Context(), request("https://127.0.0.1:"+port+"/"))
	plain := webhook.NewSender(webhook.Options{}).Send(t.Context(), request(receiver.URL))
	if literal.Failure != identity.WebhookAddressRefused || plain.Accepted() || len(receiver.All()) > 0 {
		t.Errorf("a literal address: %+v; plain HTTP: %+v; received: %d", literal, plain, len(receiver.All()))
	}
}

func TestANameThatLeadsElsewhereTheSecondTimeIsAskedOnce(t *testing.T) {
	t.Parallel()
	receiver := testrig.NewReceiver(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(receiver.URL, "/hook"), "http://"), ":")
	// 127.0.0.2 is allowed and nobody answers there; 127.0.0.1, where the receiver is, isn't.
	rebinding := &resolver{answers: [][]netip.Addr{addresses("127.0.0.2"), addresses("127.0.0.1")}}
	sender := webhook.NewSender(webhook.Options{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, Resolver: rebinding})
	first := sender.Send(t.Context(), request("http://partner.example:"+port+"/"))
	if first.Failure != identity.WebhookUnreachable || rebinding.asked.Load() != 1 {
		t.Errorf("the first try: %+v, after %d questions", first, rebinding.asked.Load())
	}
	if second := sender.Send(t.Context(), request("http://partner.example:"+port+"/")); second.Failure != identity.WebhookAddressRefused {
		t.Errorf("the second try: %+v", second)
	}
	if len(receiver.All()) > 0 {
		t.Error("the name led to an address that nobody looked at")
	}
}

func TestARedirectIsAnAnswerAndIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere, receiver := testrig.NewReceiver(t), testrig.NewReceiver(t)
	receiver.Answer(testrig.AnswerWith(http.StatusTemporaryRedirect, "Location", elsewhere.URL), testrig.AnswerWith(http.StatusTooManyRequests, "Retry-After", "90"))
	sender := webhook.NewSender(webhook.Options{Allowed: loopback})
	redirected, limited := sender.Send(t.Context(), request(receiver.URL)), sender.Send(t.Context(), request(receiver.URL))
	if redirected.Status != http.StatusTemporaryRedirect || redirected.Failure != identity.WebhookRefused || len(elsewhere.All()) > 0 {
		t.Errorf("a redirect: %+v; received elsewhere: %d", redirected, len(elsewhere.All()))
	}
	if limited.Status != http.StatusTooManyRequests || limited.RetryAfter != 90*time.Second {
		t.Errorf("asked to wait: %+v", limited)
	}
}

func TestOnlyATrustedCertificateAndATimelyAnswerWillDo(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-release
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	server.Config.ErrorLog = nil
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	if got := webhook.NewSender(webhook.Options{Allowed: loopback}).Send(t.Context(), request(server.URL)); got.Failure != identity.WebhookUntrusted {
		t.Errorf("an unknown certificate: %+v", got)
	}
	trusting := webhook.NewSender(webhook.Options{Allowed: loopback, Roots: roots, Timeout: 300 * time.Millisecond})
	if got := trusting.Send(t.Context(), request(server.URL+"/slow")); got.Failure != identity.WebhookTimedOut {
		t.Errorf("a slow receiver: %+v", got)
	}
	patient := webhook.NewSender(webhook.Options{Allowed: loopback, Roots: roots})
	if got := patient.Send(t.Context(), request(server.URL)); !got.Accepted() {
		t.Errorf("a trusted certificate: %+v", got)
	}
}
