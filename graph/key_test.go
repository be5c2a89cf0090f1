package graph_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// offeringKeys lets people have security keys, and give as many wrong answers as a test must.
func offeringKeys(p *identity.Portal) {
	p.Factors.Kinds = []identity.FactorKind{identity.WebAuthn, identity.TOTP}
	p.TwoFactor = identity.TwoFactorPolicy{StartedBy: identity.StartedByPortal}
	p.Factors.Change = identity.ChangedByUser
	patient(p)
}

// withKey is somebody with a security key whose counter runs, in the middle of a sign-in.
func withKey(r *rig.Rig, portal, email string) (*rig.Browser, *rig.Key) {
	r.T.Helper()
	r.Organisation(portal, "Office of "+email, email)
	browser := r.Browser(portal)
	browser.SignIn(email, rig.Password)
	key, _ := browser.EnrolKey("Sleutel")
	key.Credential.Counter = 1
	browser = r.Browser(portal)
	if answer := browser.SignIn(email, rig.Password); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
		r.T.Fatal(answer.Text)
	}
	return browser, key
}

func failuresOf(r *rig.Rig, email string) string {
	return one(r, "SELECT sum(failures) FROM factors WHERE user_id = (SELECT id FROM users WHERE email = '"+email+"')")
}

func TestNothingButTheKeysOwnAnswerToThisChallengeSignsIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		browser, key := withKey(r, "default", "mies@keys.test")
		wrong := 0
		refuse := func(name string, answer map[string]any) {
			t.Helper()
			wrong++
			got := browser.ProveKey(answer)
			if code := got.Code(); code != "INVALID_CODE" || got.At("verifySignIn.step") != nil {
				t.Errorf("%s: %s", name, got.Text)
			}
			if counted := failuresOf(r, "mies@keys.test"); counted != fmt.Sprint(wrong) {
				t.Errorf("%s: %s wrong ones are counted, want %d", name, counted, wrong)
			}
		}
		for name, bend := range forgeries {
			refuse(name, key.Forge(browser.AskKey(), bend))
		}
		for name, bend := range tamperings {
			answer := key.Get(browser.AskKey())
			response := answer["response"].(map[string]any)
			bend(answer, response)
			refuse(name, answer)
		}
		stranger := r.Key("default")
		stranger.Credential.ID, stranger.Credential.Counter = key.Credential.ID, 100
		refuse("another key under its name", stranger.Get(browser.AskKey()))
		refuse("an empty object", map[string]any{})

		options := browser.AskKey()
		browser.AskKey()
		refuse("an answer to a challenge before the last", key.Get(options))
		used := key.Forge(browser.AskKey(), func(s *rig.Signed) { s.Data[32] &^= 1 })
		refuse("a wrong answer", used)
		refuse("a right one to the challenge that the wrong one used up", key.Get(optionsOf(t, used)))

		r.Clock.Advance(identity.ChallengeLifetime)
		late := key.Get(browser.AskKey())
		r.Clock.Advance(identity.ChallengeLifetime)
		refuse("an answer that comes too late", late)

		right := key.Get(browser.AskKey())
		if answer := browser.ProveKey(right); answer.String("verifySignIn.step.session.strength") != "PHISHING_RESISTANT" {
			t.Fatalf("and the right one: %s", answer.Text)
		}
		if counted := failuresOf(r, "mies@keys.test"); counted != "0" {
			t.Errorf("%s wrong ones are counted after the right one", counted)
		}
		browser = r.Browser("default")
		browser.SignIn("mies@keys.test", rig.Password)
		browser.AskKey()
		wrong = 0
		refuse("the same again, in another sign-in", right)
	}, rig.Portal("default", offeringKeys))
}

// optionsOf are options with the challenge that an answer is to.
func optionsOf(t *testing.T, answer map[string]any) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(answer["response"].(map[string]any)["clientDataJSON"].(string))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), `"challenge":"`)
	challenge, _, _ := strings.Cut(rest, `"`)
	return `{"challenge": "` + challenge + `"}`
}

func TestAKeyOfOnePersonOrPortalOpensNothingOfAnother(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		mies, key := withKey(r, "default", "mies@keys.test")
		joost, other := withKey(r, "default", "joost@keys.test")
		abroad, foreign := withKey(r, "tvm", "mies@abroad.test")
		mies.AskKey()
		for name, answer := range map[string]map[string]any{
			"a colleague's key": other.Get(mies.AskKey()), "to a colleague's challenge": key.Get(joost.AskKey()),
			"a key of another portal": foreign.Get(mies.AskKey()), "to another portal's challenge": key.Get(abroad.AskKey()),
		} {
			if got := mies.ProveKey(answer); got.Code() != "INVALID_CODE" {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
		if counted := failuresOf(r, "joost@keys.test"); counted != "0" {
			t.Errorf("what Mies gives is counted for Joost: %s", counted)
		}
		if got := mies.ProveKey(key.Get(mies.AskKey())); got.Code() != "" {
			t.Fatal(got.Text)
		}
		copied := r.Key("default")
		copied.Credential.ID = other.Credential.ID
		options, id := mies.BeginKey("Van Joost")
		if got := mies.ConfirmKey(id, copied.Create(options)); got.Code() != "INVALID_CODE" {
			t.Errorf("a key that is enrolled already: %s", got.Text)
		}
	}, rig.Portal("default", offeringKeys), rig.Portal("tvm", offeringKeys))
}

func TestOnlyAKeyThatIsAskedHereAndNowIsEnrolled(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("default", "Keys", "mies@keys.test")
		browser := r.Browser("default")
		browser.SignIn("mies@keys.test", rig.Password)
		for name, bend := range map[string]func(*rig.Key){
			"for a page elsewhere":       func(k *rig.Key) { k.Party.Origin = "https://evil.example" },
			"for an origin in capitals":  func(k *rig.Key) { k.Party.Origin = "https://PORTAL.example" },
			"for another domain":         func(k *rig.Key) { k.Party.ID = "evil.example" },
			"nobody touched it":          func(k *rig.Key) { k.Authenticator.Options.UserNotPresent = true },
			"backed up, though it can't": func(k *rig.Key) { k.Authenticator.Options.BackupState = true },
			"a name that is too long":    func(k *rig.Key) { k.Credential.ID = make([]byte, 1024) },
		} {
			key := r.Key("default")
			bend(key)
			options, id := browser.BeginKey("Sleutel")
			if got := browser.ConfirmKey(id, key.Create(options)); got.Code() != "INVALID_CODE" {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
		key := r.Key("default")
		options, id := browser.BeginKey("Sleutel")
		answer := key.Create(options)
		response := answer["response"].(map[string]any)
		rightly := response["attestationObject"]
		response["attestationObject"] = turned(rightly)
		if got := browser.ConfirmKey(id, answer); got.Code() != "INVALID_CODE" {
			t.Errorf("tampered with: %s", got.Text)
		}
		options, id = browser.BeginKey("Sleutel")
		if got := browser.ConfirmKey(id, key.Get(options)); got.Code() != "INVALID_CODE" {
			t.Errorf("a proof for an enrolment: %s", got.Text)
		}
		options, id = browser.BeginKey("Sleutel")
		r.Clock.Advance(identity.ChallengeLifetime)
		if got := browser.ConfirmKey(id, key.Create(options)); got.Code() != "NOT_FOUND" {
			t.Errorf("too late: %s", got.Text)
		}
		options, id = browser.BeginKey("Sleutel")
		if got := browser.ConfirmKey(id, key.Create(options)); got.Code() != "" {
			t.Errorf("and the right one: %s", got.Text)
		}
	}, rig.Portal("default", offeringKeys))
}

func TestAKeyWhoseCounterGoesBackIsDisabledAndItsOwnerTold(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		browser, key := withKey(r, "default", "mies@keys.test")
		key.Credential.Counter = 40
		if got := browser.ProveKey(key.Get(browser.AskKey())); got.Code() != "" {
			t.Fatal(got.Text)
		}
		key.Credential.Counter = 7 // the copy's
		browser = r.Browser("default")
		browser.SignIn("mies@keys.test", rig.Password)
		if got := browser.ProveKey(key.Get(browser.AskKey())); got.Code() != "INVALID_CODE" {
			t.Errorf("the copy: %s", got.Text)
		}
		r.Mailbox.ExpectSubject(t, "mies@keys.test", "Beveiligingssleutel geblokkeerd: misschien is er een kopie")
		key.Credential.Counter = 100 // the key itself can't be told from it
		if options := browser.AskKey(); options != "" {
			t.Errorf("a disabled key is asked: %s", options)
		}
		if got := browser.ProveKey(key.Get(`{"challenge": "AAAA"}`)); got.Code() != "TOO_MANY_ATTEMPTS" {
			t.Errorf("the key itself: %s", got.Text)
		}
		if got := one(r, "SELECT count(*) FROM audit_events WHERE action = 'FACTOR_DISABLED'"); got != "1" {
			t.Errorf("%s audit events", got)
		}
	}, rig.Portal("default", offeringKeys))
}

func TestAKeyWithoutACounterIsNeverTakenForACopy(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		browser, key := withKey(r, "default", "mies@keys.test")
		key.Credential.Counter = 0
		for range 3 {
			if got := browser.ProveKey(key.Get(browser.AskKey())); got.Code() != "" {
				t.Fatal(got.Text)
			}
			browser = r.Browser("default")
			browser.SignIn("mies@keys.test", rig.Password)
		}
	}, rig.Portal("default", offeringKeys))
}

func TestWrongAnswersOfAKeyAreFollowedByDelaysAndItsEnd(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		_, key := withKey(r, "default", "mies@keys.test")
		unknown := r.Key("default")
		prove := func(with *rig.Key) string {
			browser := r.Browser("default")
			browser.SignIn("mies@keys.test", rig.Password)
			options := browser.AskKey()
			if options == "" {
				options = `{"challenge": "AAAA"}`
			}
			return browser.ProveKey(with.Get(options)).Code()
		}
		for range 4 { // three are free, and the fourth is followed by a delay
			if code := prove(unknown); code != "INVALID_CODE" {
				t.Errorf("a key that nobody knows: %s", code)
			}
		}
		if code := prove(key); code != "TOO_MANY_ATTEMPTS" {
			t.Errorf("the right one, before its time: %q", code)
		}
		for range 6 {
			r.Clock.Advance(15 * time.Minute)
			if code := prove(unknown); code != "INVALID_CODE" {
				t.Errorf("a key that nobody knows: %s", code)
			}
		}
		r.Mailbox.ExpectSubject(t, "mies@keys.test", "Twee-factor-authenticatie geblokkeerd na te veel verkeerde codes")
		r.Clock.Advance(time.Hour)
		if code := prove(key); code != "TOO_MANY_ATTEMPTS" {
			t.Errorf("the right one, when it is disabled: %q", code)
		}
	}, rig.Portal("default", func(p *identity.Portal) {
		lockout := p.Lockout
		offeringKeys(p)
		p.Lockout = lockout
	}))
}

func TestAnAnswerThatIsTooBigOrTooDeepIsRefusedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		browser, key := withKey(r, "default", "mies@keys.test")
		deep := map[string]any{}
		for range 8 {
			deep = map[string]any{"a": deep}
		}
		for name, answer := range map[string]any{
			"too big": map[string]any{"id": strings.Repeat("A", 17<<10)}, "too many": map[string]any{"a": make([]any, 17<<10)},
			"too deep": deep, "no object": "text", "a list": []any{},
		} {
			if got := browser.Do(rig.VerifyKey, map[string]any{"answer": answer}); got.Code() != "BAD_USER_INPUT" {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
		if counted := failuresOf(r, "mies@keys.test"); counted != "0" {
			t.Errorf("what isn't read is counted: %s", counted)
		}
		right := key.Get(browser.AskKey())
		right["clientExtensionResults"] = map[string]any{"credProps": map[string]any{"rk": true}} // which some tell unasked
		if got := browser.ProveKey(right); got.Code() != "" {
			t.Error(got.Text)
		}
	}, rig.Portal("default", offeringKeys))
}
