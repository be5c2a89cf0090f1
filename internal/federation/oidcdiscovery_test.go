package federation

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestAProvidersNewKeysAreTakenUpAndItsOldOnesForgotten(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	row := eHerkenningRow(f.server.URL)
	party := newParty(t, row)
	signIn := func(after time.Duration) error {
		a := f.begin(party, row)
		a.now = oidcNow.Add(after)
		f.mutex.Lock()
		for name, span := range map[string]time.Duration{"exp": time.Minute, "iat": 0, "auth_time": 0} {
			f.token[name] = a.now.Add(span).Unix()
		}
		f.mutex.Unlock()
		_, err := a.finish(party)
		return err
	}
	for range 3 {
		if err := signIn(0); err != nil {
			t.Fatal(err)
		}
	}
	if f.asked["/keys"] != 1 || f.asked["/.well-known/openid-configuration"] != 1 {
		t.Errorf("asked %v for three sign-ins, want keys and configuration once", f.asked)
	}
	old, oldID := f.key, f.kid
	next, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f.mutex.Lock()
	f.key, f.kid = next, "k2"
	f.mutex.Unlock()
	if err := signIn(0); err != nil {
		t.Errorf("a new key isn't taken up: %v", err)
	}
	f.sign = func(claims map[string]any) string { return f.signed("RS256", old, oldID, claims) }
	if err := signIn(2 * time.Hour); ReasonOf(err) != SignatureInvalid {
		t.Errorf("a key that was withdrawn works for good: %v", err)
	}
}

func TestAProviderThatCannotBeAskedIsBelievedForADay(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	party := newParty(t, eHerkenningRow(f.server.URL))
	begin := func(after time.Duration) error {
		_, _, err := party.Begin(context.Background(), oidcNow.Add(after), rand.Reader)
		return err
	}
	const path = "/.well-known/openid-configuration"
	down := func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 503, nil) }
	f.answer[path] = down
	if err := begin(0); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("a provider that was never heard: %v", err)
	}
	delete(f.answer, path)
	if err := begin(0); err != nil {
		t.Fatal(err)
	}
	f.answer[path] = down
	before := f.asked[path]
	for _, after := range []time.Duration{time.Hour, time.Hour + time.Second, 23 * time.Hour} {
		if err := begin(after); err != nil {
			t.Errorf("after %s: %v", after, err)
		}
	}
	if asked := f.asked[path] - before; asked != 2 {
		t.Errorf("asked %d times, want once an outage and again after the pause", asked)
	}
	if err := begin(25 * time.Hour); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("after a day: %v", err)
	}
}

func TestAProviderThatLeadsElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		says map[string]any
		want Reason
	}{
		"another issuer":                   {map[string]any{"issuer": "https://evil.test"}, IssuerWrong},
		"sign-in without TLS":              {map[string]any{"authorization_endpoint": "http://evil.test/auth"}, ProviderFault},
		"tokens without TLS":               {map[string]any{"token_endpoint": "http://evil.test/token"}, ProviderFault},
		"keys without TLS":                 {map[string]any{"jwks_uri": "http://evil.test/keys"}, ProviderFault},
		"no keys":                          {map[string]any{"jwks_uri": ""}, ProviderFault},
		"user info without TLS":            {map[string]any{"userinfo_endpoint": "http://evil.test/me"}, ProviderFault},
		"user info in the name of another": {map[string]any{"userinfo_endpoint": "https://us:secret@evil.test/me"}, ProviderFault},
	} {
		f := newForger(t)
		f.discovery = row.says
		settings := eHerkenningRow(f.server.URL)
		settings.OIDC.UserInfo = true
		_, _, err := newParty(t, settings).Begin(context.Background(), oidcNow, rand.Reader)
		if ReasonOf(err) != row.want {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
	}
}

func TestARowThatIsNotSafeIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*OIDC){
		"no protocol":             func(o *OIDC) { o.OIDC = nil },
		"an issuer without TLS":   func(o *OIDC) { o.OIDC.Issuer = "http://broker.example" },
		"an issuer with a query":  func(o *OIDC) { o.OIDC.Issuer = "https://broker.example?x=1" },
		"an issuer with a user":   func(o *OIDC) { o.OIDC.Issuer = "https://u@broker.example" },
		"a callback without TLS":  func(o *OIDC) { o.RedirectURL = "http://portal.example/callback" },
		"no client":               func(o *OIDC) { o.OIDC.ClientID = "" },
		"no environment":          func(o *OIDC) { o.Environment = " " },
		"no claim of the level":   func(o *OIDC) { o.OIDC.LevelClaim = "" },
		"no levels":               func(o *OIDC) { o.OIDC.Levels = nil },
		"no levels accepted":      func(o *OIDC) { o.Provider.Levels = nil },
		"no claim of the number":  func(o *OIDC) { o.OIDC.Claims.KVKNumber = "" },
		"no claim of the subject": func(o *OIDC) { o.OIDC.Claims.Subject = "" },
	} {
		row := eHerkenningRow("https://broker.example")
		change(&row)
		if _, err := NewRelyingParty(row); err == nil || strings.Contains(err.Error(), forgedSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	person := eHerkenningRow("https://broker.example")
	person.Identifies, person.Provider.Levels, person.OIDC.Claims.KVKNumber = identity.Persons, nil, ""
	if _, err := NewRelyingParty(person); err != nil {
		t.Errorf("a provider of private persons: %v", err)
	}
}
