package graph_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// forgeries are answers that a key would sign for an attacker, or that an attacker signs with it.
var forgeries = map[string]func(*rig.Signed){
	"an enrolment's":             func(s *rig.Signed) { s.Client["type"] = "webauthn.create" },
	"another challenge":          func(s *rig.Signed) { s.Client["challenge"] = base64.RawURLEncoding.EncodeToString(make([]byte, 32)) },
	"no challenge":               func(s *rig.Signed) { delete(s.Client, "challenge") },
	"a page elsewhere":           func(s *rig.Signed) { s.Client["origin"] = "https://portal.example.evil.example" },
	"a page below":               func(s *rig.Signed) { s.Client["origin"] = "https://sub.portal.example" },
	"a page without TLS":         func(s *rig.Signed) { s.Client["origin"] = "http://portal.example" },
	"a page at another port":     func(s *rig.Signed) { s.Client["origin"] = "https://portal.example:8443" },
	"an origin that is more":     func(s *rig.Signed) { s.Client["origin"] = "https://portal.example/path" },
	"an origin in capitals":      func(s *rig.Signed) { s.Client["origin"] = "https://PORTAL.example" },
	"a frame in another's page":  func(s *rig.Signed) { s.Client["crossOrigin"] = true },
	"a page above it":            func(s *rig.Signed) { s.Client["topOrigin"] = "https://portal.example" },
	"another domain":             func(s *rig.Signed) { sum := sha256.Sum256([]byte("evil.example")); copy(s.Data, sum[:]) },
	"a domain above":             func(s *rig.Signed) { sum := sha256.Sum256([]byte("example")); copy(s.Data, sum[:]) },
	"nobody touched it":          func(s *rig.Signed) { s.Data[32] &^= 1 },
	"it can be backed up now":    func(s *rig.Signed) { s.Data[32] |= 1 << 3 },
	"backed up, though it can't": func(s *rig.Signed) { s.Data[32] |= 1 << 4 },
	"more behind it":             func(s *rig.Signed) { s.Data = append(s.Data, 0) },
	"less of it":                 func(s *rig.Signed) { s.Data = s.Data[:36] },
}

// tamperings are changes of what a key has signed rightly.
var tamperings = map[string]func(answer, response map[string]any){
	"a signature with a bit turned": func(_, r map[string]any) { r["signature"] = turned(r["signature"]) },
	"no signature":                  func(_, r map[string]any) { delete(r, "signature") },
	"the domain turned":             func(_, r map[string]any) { r["authenticatorData"] = turned(r["authenticatorData"]) },
	"somebody else's handle": func(_, r map[string]any) {
		r["userHandle"] = base64.RawURLEncoding.EncodeToString([]byte("usr_somebody"))
	},
	"another credential": func(a, _ map[string]any) {
		a["id"], a["rawId"] = base64.RawURLEncoding.EncodeToString(make([]byte, 32)), base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	},
	"two names of a credential":    func(a, _ map[string]any) { a["rawId"] = base64.RawURLEncoding.EncodeToString(make([]byte, 32)) },
	"no credential":                func(a, _ map[string]any) { delete(a, "id") },
	"another kind of credential":   func(a, _ map[string]any) { a["type"] = "password" },
	"nothing of what was signed":   func(a, _ map[string]any) { delete(a, "response") },
	"what was signed isn't base64": func(_, r map[string]any) { r["clientDataJSON"] = "{}" },
	"what was signed isn't JSON":   func(_, r map[string]any) { r["clientDataJSON"] = base64.RawURLEncoding.EncodeToString([]byte("{")) },
	"a number for what was signed": func(_, r map[string]any) { r["clientDataJSON"] = 7 },
	"a list for what was signed":   func(a, _ map[string]any) { a["response"] = []any{} },
	"an enrolment's form, not this": func(a, r map[string]any) {
		a["response"] = map[string]any{"attestationObject": r["signature"], "clientDataJSON": r["clientDataJSON"]}
	},
}

func turned(text any) string {
	raw, _ := base64.RawURLEncoding.DecodeString(text.(string))
	raw[0] ^= 1
	return base64.RawURLEncoding.EncodeToString(raw)
}

// withKey enrols a security key and signs in with it. Challenges and what is signed open something once, and are written down
// nowhere.
func (j *journey) withKey(main *rig.Browser, email string) {
	j.T.Helper()
	j.do(main, `mutation ($e: EmailAddress!) { inviteUser(input: {email: $e, displayName: "K"}) { userErrors { code } } }`, map[string]any{"e": email})
	browser, key := j.register(email, secondPassword), j.Key("tvm")
	options, id := browser.BeginKey("Sleutel")
	answer := key.Create(options)
	j.notes("enrolment", options, answer)
	j.do(browser, `mutation ($id: ID!, $a: JSON!) { confirmEnrolment(input: {enrolmentId: $id, webAuthn: $a}) { factor { name } userErrors { code } } }`,
		map[string]any{"id": id, "a": answer})
	for range 2 {
		browser = j.Browser("tvm")
		j.signIn(browser, email, secondPassword)
		options = browser.AskKey()
		answer = key.Get(options)
		j.notes("proof", options, answer)
		j.do(browser, rig.VerifyKey, map[string]any{"answer": answer})
		key.Party.Origin = "https://merk-4716.evil.example" // the second time it is refused
	}
}

func (j *journey) notes(what, options string, answer map[string]any) {
	j.T.Helper()
	var asked struct{ Challenge string }
	if err := json.Unmarshal([]byte(options), &asked); err != nil || asked.Challenge == "" {
		j.T.Fatalf("there is no challenge in %s: %v", options, err)
	}
	number := len(j.secrets)
	j.secrets[fmt.Sprintf("challenge of an %s %d", what, number)] = asked.Challenge
	for name, signed := range answer["response"].(map[string]any) {
		if name != "userHandle" && name != "authenticatorData" {
			j.secrets[fmt.Sprintf("%s of an %s %d", name, what, number)] = signed.(string)
		}
	}
	j.secrets["origin of a forgery"] = "merk-4716"
}
