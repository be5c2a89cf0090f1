package federation

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestAnAnswerOfOpenIDConnectSaysWhoActsForWhichBusiness(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	f.token["eherkenning_vestigingsnr"] = []string{"000037178598", "000037178601"}
	f.token["eherkenning_intermediate_kvknr"] = "69599084"
	party := newParty(t, eHerkenningRow(f.server.URL))
	a := f.begin(party, eHerkenningRow(f.server.URL))
	got, err := a.finish(party)
	if err != nil {
		t.Fatal(err)
	}
	intermediary := identity.KVKNumber("69599084")
	want := identity.Assertion{
		Provider: "eherkenning", Environment: "test", Issuer: f.server.URL, ID: a.pending.Nonce, Subject: "c0ffee@pseudonym",
		Level: identity.EH3, KVKNumber: "68750110", Establishments: []identity.EstablishmentNumber{"000037178598", "000037178601"},
		Intermediary: &intermediary, AuthenticatedAt: oidcNow, ExpiresAt: oidcNow.Add(time.Minute),
	}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Error(difference)
	}
}

func TestARequestOfOpenIDConnectIsBoundToItsBrowser(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	row := eHerkenningRow(f.server.URL)
	party := newParty(t, row)
	a := f.begin(party, row)
	want := map[string]string{
		"response_type": "code", "client_id": forgedClient, "redirect_uri": row.RedirectURL, "scope": "openid idp-id eherkenning-extra",
		"acr_values": "idp:eherkenning loa:substantial", "prompt": "login", "max_age": "0", "code_challenge_method": "S256",
		"state": a.pending.State, "nonce": a.pending.Nonce,
	}
	for name, value := range want {
		if got := f.begun[name]; len(got) != 1 || got[0] != value {
			t.Errorf("%s is %v, want %s", name, got, value)
		}
	}
	if len(f.begun) != len(want)+1 || strings.Contains(f.begun.Encode(), a.pending.Verifier) {
		t.Errorf("the request says more than it should: %v", f.begun)
	}
	b := f.begin(party, row)
	for _, pair := range [][2]string{{a.pending.State, b.pending.State}, {a.pending.Nonce, b.pending.Nonce}, {a.pending.Verifier, b.pending.Verifier}, {a.pending.State, a.pending.Nonce}} {
		if pair[0] == pair[1] || len(pair[0]) != 43 {
			t.Errorf("%q and %q aren't 256 random bits each", pair[0], pair[1])
		}
	}
	if _, _, err := party.Begin(context.Background(), oidcNow, strings.NewReader("too little")); err == nil {
		t.Error("a request is made without dice")
	}
}

// TestWhatIsWrongWithAnAnswerOfOpenIDConnectIsRefused is §5 of the cases that must be refused, those of OpenID Connect. Each
// row changes one thing of an answer that would be taken.
func TestWhatIsWrongWithAnAnswerOfOpenIDConnectIsRefused(t *testing.T) {
	t.Parallel()
	claim := func(name string, value any) func(*forger, *attempt) {
		return func(f *forger, _ *attempt) {
			if value == nil {
				delete(f.token, name)
			} else {
				f.token[name] = value
			}
		}
	}
	sign := func(as func(f *forger, claims map[string]any) string) func(*forger, *attempt) {
		return func(f *forger, _ *attempt) {
			f.sign = func(claims map[string]any) string { return as(f, claims) }
		}
	}
	back := func(name string, values ...string) func(*forger, *attempt) {
		return func(_ *forger, a *attempt) { a.returned[name] = values }
	}
	token := func(serve http.HandlerFunc) func(*forger, *attempt) {
		return func(f *forger, _ *attempt) { f.answer["/token"] = serve }
	}
	for name, row := range map[string]struct {
		change func(f *forger, a *attempt)
		want   Reason
	}{
		"nothing": {func(*forger, *attempt) {}, ""},
		// What the browser brings.
		"another state":           {back("state", "other"), RequestUnknown},
		"no state":                {back("state"), RequestUnknown},
		"two states":              {func(_ *forger, a *attempt) { a.returned["state"] = []string{a.pending.State, a.pending.State} }, RequestUnknown},
		"no request at all":       {func(_ *forger, a *attempt) { a.pending = Request{}; a.returned["state"] = []string{""} }, RequestUnknown},
		"another provider's name": {back("iss", "https://evil.test"), IssuerWrong},
		"its name and another's":  {func(f *forger, a *attempt) { a.returned["iss"] = []string{f.server.URL, "https://evil.test"} }, IssuerWrong},
		"no code":                 {back("code"), ProviderFault},
		"two codes":               {back("code", "the-code", "other"), ProviderFault},
		"another code":            {back("code", "other"), ProviderRefused},
		"the person cancelled":    {back("error", "access_denied"), Cancelled},
		"the provider refused":    {back("error", "login_required"), ProviderRefused},
		"cancelled, by another": {func(_ *forger, a *attempt) {
			a.returned = map[string][]string{"error": {"access_denied"}, "state": {"x"}}
		}, RequestUnknown},
		"another browser's verifier":   {func(_ *forger, a *attempt) { a.pending.Verifier = strings.Repeat("x", 43) }, ProviderRefused},
		"a code that was used already": {func(f *forger, _ *attempt) { f.used = true }, ProviderRefused},
		// The back channel.
		"a token endpoint that fails": {token(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 503, nil) }), ProviderUnreachable},
		"a page instead of a token":   {token(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }), ProviderFault},
		"an error without a name":     {token(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 400, "no") }), ProviderFault},
		"an answer without an end":    {token(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat(" ", 400<<10))) }), ProviderFault},
		"a redirect":                  {token(http.RedirectHandler("https://evil.test/", http.StatusFound).ServeHTTP), ProviderFault},
		"a token endpoint that hangs": {token(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), ProviderUnreachable},
		"no ID token":                 {sign(func(*forger, map[string]any) string { return "" }), ProviderFault},
		"an ID token that is none":    {sign(func(*forger, map[string]any) string { return "x.y.z" }), ProviderFault},
		"keys that can't be fetched": {func(f *forger, _ *attempt) {
			f.answer["/keys"] = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 500, nil) }
		}, SignatureInvalid},
		// The signature.
		"no signature": {sign(func(_ *forger, c map[string]any) string { return unsigned(`{"alg":"none"}`, c) }), AlgorithmWeak},
		"no algorithm": {sign(func(_ *forger, c map[string]any) string { return unsigned(`{}`, c) }), ProviderFault},
		"signed with our secret": {sign(func(f *forger, c map[string]any) string {
			return f.signed(jose.HS256, []byte(strings.Repeat(forgedSecret, 2)), "k1", c)
		}), AlgorithmWeak},
		"signed with the public key as a secret": {sign(func(f *forger, c map[string]any) string {
			return f.signed(jose.HS256, f.key.PublicKey.N.Bytes(), "k1", c)
		}), AlgorithmWeak},
		"signed by another":          {sign(func(f *forger, c map[string]any) string { return f.signed(jose.ES256, otherKey(), "k1", c) }), SignatureInvalid},
		"signed by another, unnamed": {sign(func(f *forger, c map[string]any) string { return f.signed(jose.ES256, otherKey(), "", c) }), SignatureInvalid},
		"changed after it was signed": {sign(func(f *forger, c map[string]any) string {
			parts := strings.Split(f.signed(jose.RS256, f.key, "k1", c), ".")
			c["chamber_of_commerce"] = "69599084"
			return parts[0] + "." + strings.Split(unsigned("{}", c), ".")[1] + "." + parts[2]
		}), SignatureInvalid},
		// Whose it is, and when.
		"another issuer":             {claim("iss", "https://evil.test"), IssuerWrong},
		"no issuer":                  {claim("iss", nil), IssuerWrong},
		"another audience":           {claim("aud", "other"), AudienceWrong},
		"another audience besides":   {claim("aud", []string{forgedClient, "other"}), AudienceWrong},
		"no audience":                {claim("aud", nil), AudienceWrong},
		"another authorised party":   {claim("azp", "other"), AudienceWrong},
		"an odd authorised party":    {claim("azp", []string{forgedClient}), AudienceWrong},
		"our own authorised party":   {claim("azp", forgedClient), ""},
		"expired":                    {claim("exp", oidcNow.Add(-time.Second).Unix()), TooLate},
		"without an end":             {claim("exp", nil), TooLate},
		"not yet valid":              {claim("nbf", oidcNow.Add(10*time.Minute).Unix()), TooEarly},
		"made in the future":         {claim("iat", oidcNow.Add(2*time.Minute).Unix()), TooEarly},
		"made long ago":              {claim("iat", oidcNow.Add(-6*time.Minute).Unix()), TooLate},
		"made at no time":            {claim("iat", nil), TooLate},
		"another nonce":              {claim("nonce", "other"), RequestUnknown},
		"an empty nonce":             {claim("nonce", ""), RequestUnknown},
		"an odd nonce":               {claim("nonce", 7), SignatureInvalid},
		"proved before it was asked": {claim("auth_time", oidcNow.Add(-2*time.Minute).Unix()), TooLate},
		"proved in the future":       {claim("auth_time", oidcNow.Add(2*time.Minute).Unix()), TooEarly},
		"proved at no time":          {claim("auth_time", nil), TooLate},
		"proved at an odd time":      {claim("auth_time", "now"), TooLate},
		"another access token":       {claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), SignatureInvalid},
		// The level.
		"EH4":                    {claim("acr", "urn:etoegang:core:assurance-class:loa4"), ""},
		"EH2":                    {claim("acr", "urn:etoegang:core:assurance-class:loa2"), LevelTooLow},
		"EH2+":                   {claim("acr", "urn:etoegang:core:assurance-class:loa2plus"), LevelTooLow},
		"EH1":                    {claim("acr", "urn:etoegang:core:assurance-class:loa1"), LevelTooLow},
		"no level":               {claim("acr", nil), LevelTooLow},
		"an empty level":         {claim("acr", ""), LevelTooLow},
		"a level in other case":  {claim("acr", "URN:ETOEGANG:CORE:ASSURANCE-CLASS:LOA3"), LevelTooLow},
		"a level and more":       {claim("acr", "urn:etoegang:core:assurance-class:loa3 "), LevelTooLow},
		"another scheme's level": {claim("acr", "http://eidas.europa.eu/LoA/high"), LevelTooLow},
		"two levels":             {claim("acr", []string{"urn:etoegang:core:assurance-class:loa3", "urn:etoegang:core:assurance-class:loa2"}), LevelTooLow},
		"one level in a list":    {claim("acr", []string{"urn:etoegang:core:assurance-class:loa3"}), LevelTooLow},
		// Who, and for whom.
		"no pseudonym":                  {claim("sub", nil), SubjectMissing},
		"an empty pseudonym":            {claim("sub", ""), SubjectMissing},
		"a pseudonym with white space":  {claim("sub", "a b"), SubjectMissing},
		"a pseudonym without an end":    {claim("sub", strings.Repeat("x", 1027)), SubjectMissing},
		"no KVK number":                 {claim("chamber_of_commerce", nil), KVKNumberMissing},
		"a KVK number that is a number": {claim("chamber_of_commerce", 68750110), KVKNumberMissing},
		"a KVK number of seven digits":  {claim("chamber_of_commerce", "8750110"), KVKNumberMissing},
		"an RSIN":                       {claim("chamber_of_commerce", "823807071"), KVKNumberMissing},
		"two KVK numbers":               {claim("chamber_of_commerce", []string{"68750110", "69599084"}), KVKNumberMissing},
		"an intermediary and no business": {func(f *forger, _ *attempt) {
			delete(f.token, "chamber_of_commerce")
			f.token["eherkenning_intermediate_kvknr"] = "68750110"
		}, KVKNumberMissing},
		"an establishment and no business": {func(f *forger, _ *attempt) {
			delete(f.token, "chamber_of_commerce")
			f.token["eherkenning_vestigingsnr"] = "68750110"
		}, KVKNumberMissing},
		"an establishment":                      {claim("eherkenning_vestigingsnr", "000037178598"), ""},
		"an establishment that is none":         {claim("eherkenning_vestigingsnr", "37178598"), EstablishmentBad},
		"an empty establishment":                {claim("eherkenning_vestigingsnr", ""), EstablishmentBad},
		"no establishment in a list":            {claim("eherkenning_vestigingsnr", []string{}), EstablishmentBad},
		"an odd establishment":                  {claim("eherkenning_vestigingsnr", map[string]any{}), EstablishmentBad},
		"one establishment of two that is none": {claim("eherkenning_vestigingsnr", []string{"000037178598", "x"}), EstablishmentBad},
		"an intermediary that is none":          {claim("eherkenning_intermediate_kvknr", "accountant"), IntermediaryBad},
		"an empty intermediary":                 {claim("eherkenning_intermediate_kvknr", ""), IntermediaryBad},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForger(t)
			settings := eHerkenningRow(f.server.URL)
			settings.Timeout = 3 * time.Second
			party := newParty(t, settings)
			a := f.begin(party, settings)
			row.change(f, &a)
			got, err := a.finish(party)
			wantReason(t, got, err, row.want)
		})
	}
}

func wantReason(t *testing.T, got identity.Assertion, err error, want Reason) {
	t.Helper()
	if ReasonOf(err) != want || (err == nil) != (want == "") {
		t.Errorf("answered %v (%q), want %q", err, ReasonOf(err), want)
	}
	if _, isRefusal := errors.AsType[*identity.Unidentified](err); err != nil && !isRefusal {
		t.Errorf("%v is no refusal", err)
	}
	if err != nil && (got.Subject != "" && got.KVKNumber != "" && want != EstablishmentBad && want != IntermediaryBad) {
		t.Errorf("it asserts %+v all the same", got)
	}
	if err != nil && strings.Contains(err.Error(), forgedSecret) {
		t.Errorf("the refusal shows our secret: %v", err)
	}
}

func TestUserInfoAddsToWhatWasSignedAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(f *forger)
		want   Reason
	}{
		"the number is there":            {func(*forger) {}, ""},
		"signed":                         {func(f *forger) { f.infoSigned = true }, ""},
		"signed by another":              {func(f *forger) { f.infoSigned = true; f.answer["/me"] = forgedInfo(f) }, ProviderUnreachable},
		"of another person":              {func(f *forger) { f.info["sub"] = "other" }, SubjectMissing},
		"of nobody":                      {func(f *forger) { delete(f.info, "sub") }, SubjectMissing},
		"it contradicts what was signed": {func(f *forger) { f.token["chamber_of_commerce"] = "69599084" }, ProviderFault},
		"it repeats what was signed":     {func(f *forger) { f.token["chamber_of_commerce"] = "68750110" }, ""},
		"it raises the level":            {func(f *forger) { f.info["acr"] = f.token["acr"]; delete(f.token, "acr") }, LevelTooLow},
		"it speaks of another level":     {func(f *forger) { f.info["acr"] = "urn:etoegang:core:assurance-class:loa2" }, ""},
		"it fails": {func(f *forger) {
			f.answer["/me"] = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 500, nil) }
		}, ProviderUnreachable},
		"it has no end": {func(f *forger) {
			f.answer["/me"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat(" ", 400<<10))) }
		}, AnswerTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForger(t)
			settings := eHerkenningRow(f.server.URL)
			settings.OIDC.UserInfo = true
			delete(f.token, "chamber_of_commerce")
			f.info["chamber_of_commerce"] = "68750110"
			party := newParty(t, settings)
			a := f.begin(party, settings)
			row.change(f)
			got, err := a.finish(party)
			wantReason(t, got, err, row.want)
			if err == nil && (got.KVKNumber != "68750110" || got.Level != identity.EH3) {
				t.Errorf("asserted %+v", got)
			}
		})
	}
}

func forgedInfo(f *forger) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwt")
		_, _ = w.Write([]byte(f.signed(jose.ES256, otherKey(), "k1", f.info)))
	}
}

func TestAProviderThatSaysItNamesItselfMustDoSo(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	f.discovery = map[string]any{"authorization_response_iss_parameter_supported": true}
	row := eHerkenningRow(f.server.URL)
	party := newParty(t, row)
	a := f.begin(party, row)
	got, err := a.finish(party)
	wantReason(t, got, err, IssuerWrong)
	a.returned["iss"] = []string{f.server.URL}
	got, err = a.finish(party)
	wantReason(t, got, err, "")
}
