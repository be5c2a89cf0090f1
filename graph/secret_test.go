package graph_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// Marker passwords hold to the rules of tvm and can be mistaken for nothing else. A blob that holds one in base64 or
// hexadecimal is found too.
const (
	firstPassword  = "Merk-Eerste-4711-zeldzaam"
	secondPassword = "Merk-Tweede-4712-zeldzaam"
	wrongPassword  = "Merk-Foute-4713-zeldzaam"
	weakPassword   = "merkzwak"
	typedAsName    = "Merk-Naam-4714@zeldzaam.test"
)

// journey is everything that people do, with all secrets on the way written down by name.
type journey struct {
	*rig.Rig
	secrets map[string]string
	// receiver hears all that happens.
	receiver *testrig.Receiver
	// digits are sent codes: six digits can stand in a number or a hash by chance, so they are looked for as words.
	digits  []string
	answers []string
}

// do asks, and keeps what was answered: but where an answer is the one place in which a secret is shown.
func (j *journey) do(b *rig.Browser, document string, variables map[string]any) rig.Answer {
	answer := b.Do(document, variables)
	j.answers = append(j.answers, answer.Text)
	j.keepCookies(b)
	return answer
}

func (j *journey) keepCookies(b *rig.Browser) {
	for name, value := range b.Cookies() {
		j.secrets[fmt.Sprintf("cookie %s %d", name, len(j.secrets))] = value
	}
}

func (j *journey) run() {
	token := j.Token("tvm", identity.APIScopes...)
	j.secrets["API token"], j.secrets["the trade register's key"] = token, testrig.RegisterKey
	j.do(j.Partner("tvm", token), `mutation { createOrganisation(input: {name: "Org", businessIdentities: [{kvkNumber: "68750110"}], mainUser: {email: "main@merk.test", displayName: "M"}}) { organisation { id } userErrors { code } } }`, nil)
	main := j.register("main@merk.test", firstPassword)
	j.hooked(j.Partner("tvm", token))
	j.do(main, `mutation { inviteUser(input: {email: "sub@merk.test", displayName: "S"}) { invitation { id } userErrors { code } } }`, nil)
	j.register("sub@merk.test", secondPassword)
	j.mailed("sub@merk.test", secondPassword)
	j.withKey(main, "key@merk.test")
	j.mistakes()
	j.do(main, `mutation { inviteUser(input: {email: "phone@merk.test", displayName: "P"}) { invitation { id } userErrors { code } } }`, nil)
	j.texted(j.register("phone@merk.test", firstPassword))
	j.imported(token)
	app := j.enrol(main)
	j.codes(app)
	j.reset()
	j.moved(main, "main@merk.test", "elsewhere@merk.test")
	shown := main.Do(`mutation { createApiToken(input: {name: "own", scopes: [USERS_READ]}) { token userErrors { code } } }`)
	j.secrets["own API token"] = shown.String("createApiToken.token")
	j.do(j.Partner("tvm", j.secrets["own API token"]), `{ organisation { id } }`, nil)
	j.do(j.Partner("tvm", j.secrets["own API token"]+"x"), `{ organisation { id } }`, nil)
	j.do(main, `{ organisation { auditEvents(first: 200) { nodes { action details { name value } } } users { nodes { id email } } } viewer { sessions { id userAgent } factors { id name } } }`, nil)
	j.do(main, `mutation ($p: String!) { reauthenticate(input: {password: $p}) { session { id } userErrors { code } } }`, map[string]any{"p": wrongPassword})
}

func (j *journey) register(email, password string) *rig.Browser {
	j.T.Helper()
	link := j.Mailbox.Expect(j.T, email)
	j.secrets["link of "+email] = link.Token
	browser := j.Browser("tvm")
	j.do(browser, `mutation ($token: String!) { inspectLink(input: {token: $token}) { purpose emailHint userErrors { code } } }`, map[string]any{"token": link.Token})
	for _, chosen := range []string{weakPassword, password, password} {
		j.do(browser, `mutation ($token: String!, $p: String!) { setPassword(input: {token: $token, newPassword: $p}) { step { __typename } userErrors { code message } } }`,
			map[string]any{"token": link.Token, "p": chosen})
	}
	j.signIn(browser, email, password)
	return browser
}

func (j *journey) signIn(b *rig.Browser, email, password string) rig.Answer {
	return j.do(b, `mutation ($e: EmailAddress!, $p: String!) { beginSignIn(input: {email: $e, password: $p}) { step { __typename } userErrors { code message } } }`,
		map[string]any{"e": email, "p": password})
}

// mistakes are requests that go wrong in every way that an error could repeat a secret in.
func (j *journey) mistakes() {
	nobody := j.Browser("tvm")
	j.signIn(nobody, "main@merk.test", wrongPassword)
	j.signIn(nobody, "nobody@merk.test", wrongPassword)
	j.signIn(nobody, typedAsName, wrongPassword)
	for _, document := range []string{
		`mutation { beginSignIn(input: {email: "main@merk.test", password: ` + wrongPassword + `}) { step { __typename } } }`,
		`mutation { beginSignIn(input: {email: "main@merk.test", passwort: "` + wrongPassword + `"}) { step { __typename } } }`,
		`mutation { beginSignIn(input: {email: 1, password: "` + wrongPassword + `"}) { step { __typename } } } ` + "\x00" + wrongPassword,
		`{ organisation(id: "` + wrongPassword + `") { id } }`,
		`query ($x: Int!) { organisations(first: $x) { totalCount } }`,
	} {
		j.do(nobody, document, map[string]any{"x": wrongPassword})
	}
}

func (j *journey) enrol(b *rig.Browser) rig.Authenticator {
	j.T.Helper()
	begun := b.Do(`mutation { beginTotpEnrolment { enrolment { id secret otpauthUri } } }`)
	app := j.Authenticator(begun.String("beginTotpEnrolment.enrolment.secret"))
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(app.Secret)
	if err != nil {
		j.T.Fatal(err)
	}
	j.secrets["TOTP secret"], j.secrets["TOTP secret, bytes"] = app.Secret, string(raw)
	confirm := `mutation ($id: ID!, $c: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $c}) { factor { id } userErrors { code } } }`
	for _, code := range []string{"98765432101", app.Code()} {
		j.do(b, confirm, map[string]any{"id": begun.String("beginTotpEnrolment.enrolment.id"), "c": code})
	}
	return app
}

func (j *journey) codes(app rig.Authenticator) {
	j.Clock.Advance(time.Minute)
	browser := j.Browser("tvm")
	j.signIn(browser, "main@merk.test", firstPassword)
	factor := one(j.Rig, "SELECT id FROM factors WHERE kind = 'TOTP'")
	for _, code := range []string{"merk-code-4715", app.Code(), app.Code()} {
		j.do(browser, `mutation ($f: ID!, $c: String!) { verifySignIn(input: {proof: {totp: {factorId: $f, code: $c}}}) { step { __typename } userErrors { code } } }`,
			map[string]any{"f": factor, "c": code})
	}
	j.secrets["code"] = "merk-code-4715"
}

// mailed chooses codes by mail, gets recovery codes with it, and signs in with one of each.
func (j *journey) mailed(email, password string) {
	j.T.Helper()
	browser := j.Browser("tvm")
	j.signIn(browser, email, password)
	begun := j.do(browser, `mutation { beginEmailEnrolment { enrolment { id destinationHint } userErrors { code } } }`, nil)
	factor := begun.String("beginEmailEnrolment.enrolment.id")
	confirmed := browser.Do(`mutation ($id: ID!, $c: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $c}) { recoveryCodes userErrors { code } } }`,
		map[string]any{"id": factor, "c": j.sent(email)})
	j.keepCookies(browser)
	recovery := confirmed.List("confirmEnrolment.recoveryCodes")
	if len(recovery) != 10 {
		j.T.Fatalf("no recovery codes: %s", confirmed.Text)
	}
	for i, code := range recovery {
		j.secrets[fmt.Sprintf("recovery code %d", i)] = code.(string)
		j.secrets[fmt.Sprintf("recovery code %d, bare", i)] = strings.ReplaceAll(code.(string), "-", "")
	}
	for _, proof := range []string{`code: {factorId: "` + factor + `", code: $c}`, `recoveryCode: $c`} {
		j.Clock.Advance(time.Minute)
		browser = j.Browser("tvm")
		j.signIn(browser, email, password)
		given := recovery[0]
		if strings.HasPrefix(proof, "code") {
			j.do(browser, `mutation ($f: ID!) { sendSignInCode(input: {factorId: $f}) { step { __typename } userErrors { code } } }`, map[string]any{"f": factor})
			given = j.sent(email)
		}
		for range 2 {
			j.do(browser, `mutation ($c: String!) { verifySignIn(input: {proof: {`+proof+`}}) { step { __typename } userErrors { code } } }`, map[string]any{"c": given})
		}
	}
}

// texted chooses codes by SMS, types a number that isn't one, and has a text refused by words that name the number.
func (j *journey) texted(b *rig.Browser) {
	j.T.Helper()
	const number = "+31687654321"
	j.secrets["phone number"], j.secrets["phone number, bare"] = number, number[1:]
	j.secrets["phone number, as typed"], j.secrets["no phone number"] = "+31 6 8765 4321", "+31 687 654 3210"
	begin := `mutation ($n: PhoneNumber!) { beginSmsEnrolment(input: {phoneNumber: $n}) { enrolment { id destinationHint } userErrors { code message } } }`
	j.do(b, begin, map[string]any{"n": j.secrets["no phone number"]})
	j.Phones.Refuse(number, 400, 21614, 1)
	j.do(b, begin, map[string]any{"n": number})
	j.Settle()
	j.Clock.Advance(time.Minute)
	begun := j.do(b, begin, map[string]any{"n": j.secrets["phone number, as typed"]})
	text := j.Phones.Expect(j.T, number)
	j.digits = append(j.digits, text.Code())
	j.ReportText(text, "delivered", 0)
	j.do(b, `mutation ($id: ID!, $c: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $c}) { factor { name destinationHint } userErrors { code } } }`,
		map[string]any{"id": begun.String("beginSmsEnrolment.enrolment.id"), "c": text.Code()})
}

// moved changes an address, and leaves the link that undoes it open.
func (j *journey) moved(b *rig.Browser, from, to string) {
	j.T.Helper()
	asked := j.do(b, `mutation ($to: EmailAddress!) { requestEmailChange(input: {email: $to}) { change { id destinationHint } userErrors { code } } }`, map[string]any{"to": to})
	code, _, _ := strings.Cut(j.Mailbox.ExpectSubject(j.T, to, "is de code").Subject, " ")
	j.digits = append(j.digits, code)
	for _, given := range []string{"merk-code-4716", code} {
		j.do(b, `mutation ($id: ID!, $c: String!) { confirmContactChange(input: {changeId: $id, code: $c}) { change { id } userErrors { code } } }`,
			map[string]any{"id": asked.String("requestEmailChange.change.id"), "c": given})
	}
	j.secrets["another code"] = "merk-code-4716"
	j.secrets["link that undoes"] = j.Mailbox.ExpectSubject(j.T, from, "is gewijzigd").Token
	j.do(j.Browser("tvm"), `mutation ($t: String!) { inspectLink(input: {token: $t}) { purpose userErrors { code } } }`, map[string]any{"t": j.secrets["link that undoes"]})
	j.do(j.Browser("tvm"), `mutation ($t: String!) { undoContactChange(input: {token: $t}) { change { id } userErrors { code } } }`, map[string]any{"t": j.secrets["link that undoes"] + "x"})
}

// sent is the code in the next mail that carries one.
func (j *journey) sent(email string) string {
	j.T.Helper()
	code, _, _ := strings.Cut(j.Mailbox.ExpectSubject(j.T, email, "is uw code").Subject, " ")
	j.digits = append(j.digits, code)
	return code
}

// reset leaves an open link behind, and an attempt that stands before enrolment.
func (j *journey) reset() {
	j.Clock.Advance(time.Minute)
	j.do(j.Browser("tvm"), `mutation { requestPasswordReset(input: {email: "sub@merk.test"}) { accepted } }`, nil)
	j.secrets["reset link"] = j.Mailbox.ExpectSubject(j.T, "sub@merk.test", "Nieuw wachtwoord").Token
	j.do(j.Browser("tvm"), `mutation ($t: String!) { inspectLink(input: {token: $t}) { purpose userErrors { code } } }`, map[string]any{"t": j.secrets["reset link"]})
}

// TestNoSecretOfAJourneyIsFoundAnywhere has no exceptions: passwords are hashed, links, tokens and cookies are kept as
// hashes, seeds and unsent links are sealed, and everything else has no business with a secret at all.
func TestNoSecretOfAJourneyIsFoundAnywhere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		j := &journey{Rig: r, secrets: map[string]string{
			"first password": firstPassword, "second password": secondPassword, "wrong password": wrongPassword, "weak password": weakPassword,
		}}
		j.run()
		j.secrets["name that may be a password"] = strings.ToLower(typedAsName)
		heard := j.heard()
		places := map[string]string{"the webhooks": heard, "the log": r.Log.String(), "the metrics": r.Metrics(), "the answers": strings.Join(j.answers, "\n")}
		for _, table := range tables(r) {
			places["table "+table] = strings.Join(texts(r, table, columnsOf(r, table), "1 = 1"), "\n")
		}
		for place, text := range places {
			if text == "" && strings.HasPrefix(place, "the ") {
				t.Errorf("%s are empty: nothing was looked through", place)
			}
			for name, secret := range j.secrets {
				if how := foundIn(text, secret); how != "" {
					t.Errorf("%s holds the %s, %s", place, name, how)
				}
			}
		}
		for place, text := range places {
			for _, code := range j.digits {
				if regexp.MustCompile(`(^|[^0-9A-Za-z.])` + code + `($|[^0-9A-Za-z])`).MatchString(text) {
					t.Errorf("%s holds a code that was mailed", place)
				}
			}
		}
		r.Settle()
		if kept := one(r, "SELECT count(*) FROM messages WHERE sealed_token IS NOT NULL OR sealed_number IS NOT NULL"); kept != "0" {
			t.Errorf("%s mails that were sent still hold what they carried", kept)
		}
		if len(j.digits) != 4 || len(j.secrets) < 38 || strings.Count(heard, "session.began") < 3 || len(places) < 15 || places["table river_job"] == "" {
			t.Errorf("%d secrets were looked for in %d places", len(j.secrets), len(places))
		}
	}, rig.WithRegister(t), rig.Portal("tvm", mailing))
}

// mailing lets tvm's people choose codes by mail and SMS, and security keys, and gives them recovery codes.
func mailing(p *identity.Portal) {
	p.Factors.Kinds = append(p.Factors.Kinds, identity.Email, identity.SMS, identity.WebAuthn)
	p.Factors.RecoveryCodes = true
}

// foundIn tells how a secret stands in a text: as it is, whatever the case, or encoded.
func foundIn(text, secret string) string {
	quoted, _ := json.Marshal(secret)
	for how, written := range map[string]string{
		"as it is": secret, "quoted": strings.Trim(string(quoted), `"`), "in hexadecimal": hex.EncodeToString([]byte(secret)),
		"in base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
	} {
		if len(written) > 0 && strings.Contains(strings.ToLower(text), strings.ToLower(written)) {
			return how
		}
	}
	// A token's own 256 bits, decoded, are as good as the token.
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(raw) == 32 && strings.Contains(text, hex.EncodeToString(raw)) {
		return "decoded"
	}
	return ""
}
