package federation

import (
	"crypto/rand"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/lasso"
)

// Lasso, which nobody here wrote, is the broker: it reads our metadata and our requests, checks our signatures, seals names
// for us, and gives each message for its artifact once.
func TestLassoSignsSomebodyInAndGivesAMessageOnce(t *testing.T) {
	t.Parallel()
	p, broker := lassoBroker(t, false)
	pending, back, seen := signIn(t, p, broker, word(nil))
	read := map[string]any{"id": pending.Nonce, "index": 9052.0, "force": true, "binding": bindingArtifact, "consumer": ourConsumer, "policy": nil, "level": nil}
	if diff := cmp.Diff(read, seen); diff != "" {
		t.Errorf("Lasso read something else: %s", diff)
	}
	if back.Get("RelayState") != pending.State {
		t.Errorf("came back with %q, left with %q", back.Get("RelayState"), pending.State)
	}
	got, err := p.Finish(t.Context(), pending, back, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	chain := identity.KVKNumber("12345678")
	want := identity.Assertion{
		Provider: "eherkenning", Environment: "test", Issuer: brokerEntity, ID: got.ID, Subject: acting, Level: identity.EH3,
		KVKNumber: "68750110", Establishments: []identity.EstablishmentNumber{"000037178598", "000037178601"}, Intermediary: &chain,
		ServiceID: ourService, ServiceUUID: ourUUID, AuthenticatedAt: got.AuthenticatedAt, ExpiresAt: got.ExpiresAt,
	}
	if diff := cmp.Diff(want, got); diff != "" || got.ID == "" || time.Since(got.AuthenticatedAt).Abs() > time.Minute {
		t.Error(diff)
	}
	if _, err := p.Finish(t.Context(), pending, back, time.Now()); ReasonOf(err) != ArtifactSpent {
		t.Errorf("the artifact worked twice: %v", err)
	}
}

func TestLassosRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for sentence, row := range map[string]struct {
		change func(*lasso.Word)
		why    Reason
	}{
		"cancelled":       {func(w *lasso.Word) { w.Cancel = true }, Cancelled},
		"EH2":             {func(w *lasso.Word) { w.Level = levelPrefix + "loa2" }, LevelTooLow},
		"another service": {func(w *lasso.Word) { w.Plain[attributeServiceID] = []string{"urn:other"} }, ServiceWrong},
		"no KVK number":   {func(w *lasso.Word) { delete(w.Sealed, attributeLegalSubject) }, KVKNumberMissing},
		"nobody":          {func(w *lasso.Word) { delete(w.Sealed, attributeActingSubject) }, SubjectMissing},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p, broker := lassoBroker(t, false)
			pending, back, _ := signIn(t, p, broker, word(row.change))
			if _, err := p.Finish(t.Context(), pending, back, time.Now()); ReasonOf(err) != row.why {
				t.Errorf("refused for %q: %v", ReasonOf(err), err)
			}
		})
	}
}

// The business that a level wasn't enough for hears of it, as over OpenID Connect: where the mandate is for our service, and only
// by the number that Lasso sealed for us.
func TestARefusedLevelOfLassoNamesTheBusinessThatItWasToldOf(t *testing.T) {
	t.Parallel()
	for sentence, row := range map[string]struct {
		change func(*lasso.Word)
		want   identity.KVKNumber
	}{
		"EH2":                      {func(*lasso.Word) {}, "68750110"},
		"EH2, for another service": {func(w *lasso.Word) { w.Plain[attributeServiceID] = []string{"urn:other"} }, ""},
		"EH2, for nobody":          {func(w *lasso.Word) { delete(w.Sealed, attributeLegalSubject) }, ""},
		"EH2, for a number in the open": {func(w *lasso.Word) {
			delete(w.Sealed, attributeLegalSubject)
			w.Plain[attributesThatRepeat[0]] = []string{"68750110"}
		}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p, broker := lassoBroker(t, false)
			says := word(row.change)
			says.Level = levelPrefix + "loa2"
			pending, back, _ := signIn(t, p, broker, says)
			_, err := p.Finish(t.Context(), pending, back, time.Now())
			unidentified, is := errors.AsType[*identity.Unidentified](err)
			if !is || ReasonOf(err) != LevelTooLow || unidentified.KVKNumber != row.want {
				t.Errorf("refused for %+v, want the business %q", unidentified, row.want)
			}
		})
	}
}

func TestABrokerThatAsksForOurCertificateGetsIt(t *testing.T) {
	t.Parallel()
	p, broker := lassoBroker(t, true)
	pending, back, _ := signIn(t, p, broker, word(nil))
	if _, err := p.Finish(t.Context(), pending, back, time.Now()); err != nil {
		t.Error(err)
	}
	without := *p
	row := p.row
	row.TLS = row.TLS.Clone()
	row.TLS.Certificates = nil
	without.client = row.client()
	pending, back, _ = signIn(t, p, broker, word(nil))
	if _, err := without.Finish(t.Context(), pending, back, time.Now()); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("without our certificate: %v", err)
	}
}

func word(change func(*lasso.Word)) lasso.Word {
	says := lasso.Word{
		Level: levelPrefix + "loa3",
		Plain: map[string][]string{
			attributeServiceID: {ourService}, attributeServiceUUID: {ourUUID}, attributeEstablishment: {"000037178598", "000037178601"},
		},
		Sealed: map[string][2]string{
			attributeLegalSubject: {kvkQualifier, "68750110"}, attributeActingSubject: {qualifierPseudo, acting}, attributeIntermediary: {kvkQualifier, "12345678"},
		},
	}
	if change != nil {
		change(&says)
	}
	return says
}

// signIn goes to the broker as a browser does, and comes back with what it is sent back with.
func signIn(t *testing.T, p *ServiceProvider, broker *lasso.Broker, says lasso.Word) (Request, url.Values, map[string]any) {
	t.Helper()
	pending, address, err := p.Begin(t.Context(), time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	to, back, seen := broker.Identify(t, address, says)
	if to != ourConsumer {
		t.Errorf("sent back to %s", to)
	}
	return pending, back, seen
}

// lassoBroker starts Lasso, and makes a service provider that it knows.
func lassoBroker(t *testing.T, askForOurs bool) (*ServiceProvider, *lasso.Broker) {
	t.Helper()
	broker := lasso.Start(t, askForOurs)
	row := identity.Provider{
		Name: "eherkenning", Environment: "test", Identifies: identity.Businesses, Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4},
		SAML: &identity.SAMLProvider{
			EntityID: ourEntity, BrokerID: brokerEntity, ServiceIndex: 9052, ServiceID: ourService, ServiceUUID: ourUUID, ServiceName: "Mijn TVM",
		},
	}
	documents := Documents{Metadata: broker.Metadata, Signers: broker.Signers, Roots: broker.Roots}
	p, err := OpenServiceProvider(row, documents, broker.Signing, broker.Decryption, ourConsumer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	published, err := p.Metadata(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	broker.Know(t, published)
	p.row.Timeout = 2 * time.Minute // a slow machine is no fault
	p.client = p.row.client()
	return p, broker
}
