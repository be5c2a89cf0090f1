package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// stricken is a server that a fault is about to strike: somebody is signed in, and somebody's sign-in waits for the code.
type stricken struct {
	*rig.Rig
	signedIn, waiting *rig.Browser
	factor, code      string
}

func beforeTheFault(r *rig.Rig) stricken {
	r.T.Helper()
	r.Organisation("tvm", "Office", "main@office.test")
	s := stricken{Rig: r, signedIn: r.SignedIn("tvm", "main@office.test"), waiting: r.Browser("tvm")}
	for _, name := range []string{"plain", "enrolled"} {
		invite(r, s.signedIn, name+"@office.test")
		r.Register("tvm", name+"@office.test")
	}
	app, confirmed := r.SignedIn("tvm", "enrolled@office.test").Enrol()
	r.Clock.Advance(2 * time.Minute)
	s.waiting.SignIn("enrolled@office.test", rig.Password)
	s.factor, s.code = confirmed.String("confirmEnrolment.factor.id"), app.Code()
	return s
}

// at is the same at another process.
func (s stricken) at(r *rig.Rig) stricken {
	return stricken{r, s.signedIn.At(r), s.waiting.At(r), s.factor, s.code}
}

// staysShut makes every kind of request to a server that can't work, and wants a fault and no cookie.
func (s stricken) staysShut(t *testing.T) {
	t.Helper()
	anonymous := s.Browser("tvm")
	questions := map[string]struct {
		by       *rig.Browser
		document string
	}{
		"sign in": {anonymous, `mutation { beginSignIn(input: {email: "plain@office.test", password: "` + rig.Password + `"}) { step { __typename } userErrors { code } } }`},
		"verify":  {s.waiting, `mutation { verifySignIn(input: {proof: {totp: {factorId: "` + s.factor + `", code: "` + s.code + `"}}}) { step { __typename } userErrors { code } } }`},
		"reset":   {anonymous, `mutation { requestPasswordReset(input: {email: "plain@office.test"}) { accepted userErrors { code } } }`},
		"link":    {anonymous, `mutation { setPassword(input: {token: "` + strings.Repeat("A", 43) + `", newPassword: "Sleutel-bos 4711 Kade"}) { userErrors { code } } }`},
		"invite":  {s.signedIn, `mutation { inviteUser(input: {email: "lost@office.test", displayName: "L"}) { invitation { id } userErrors { code } } }`},
		"prove":   {s.signedIn, `mutation { reauthenticate(input: {password: "` + rig.Password + `"}) { session { id } userErrors { code } } }`},
	}
	for name, question := range questions {
		before := fmt.Sprint(question.by.Cookies())
		answer := question.by.Do(question.document)
		reads := name == "link" && answer.Code() == "TOKEN_INVALID" // which a database that takes no writes can still say
		if answer.Code() != "INTERNAL" && !reads {
			t.Errorf("%s: %s", name, answer.Text)
		}
		if after := fmt.Sprint(question.by.Cookies()); after != before {
			t.Errorf("%s: the cookies became %s", name, after)
		}
		tellsNothing(t, s.Rig, answer)
	}
}

var inner = regexp.MustCompile(`(?i)sql|pgx|postgres|database|closed|read.?only|disk|full|context|/tmp|\.go|key|seal|goroutine|refused|connection`)

// tellsNothing: a fault shows its request's id, which finds it in the log, and nothing else.
func tellsNothing(t *testing.T, r *rig.Rig, answer rig.Answer) {
	t.Helper()
	for _, err := range answer.Errors {
		if err.Code() != "INTERNAL" {
			continue
		}
		id, _ := err.Extensions["requestId"].(string)
		if id == "" || id != answer.Header.Get("X-Request-Id") || !strings.Contains(r.Log.String(), id) {
			t.Errorf("the request's id leads nowhere: %s", answer.Text)
		}
	}
	if told := inner.FindString(answer.Text); told != "" {
		t.Errorf("the answer tells of %q: %s", told, answer.Text)
	}
}

func TestADatabaseThatIsGoneLetsNobodyInAndTellsNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		second := r.Another(rig.WithoutDelivery())
		s := beforeTheFault(r).at(second)
		if err := second.Database.Close(); err != nil {
			t.Fatal(err)
		}
		s.staysShut(t)
	})
}

func TestADatabaseThatTakesNoWritesLetsNobodyInAndWorksAgainAfterwards(t *testing.T) {
	t.Parallel()
	first := rig.New(t, testrig.NewSQLite(t, testrig.NewClock()))
	r := first.Another(rig.WithoutDelivery())
	s := beforeTheFault(first).at(r)
	pragma(r, "PRAGMA query_only = 1")
	s.staysShut(t)
	pragma(r, "PRAGMA query_only = 0")
	metrics := httptest.NewRecorder()
	r.Server.Internal().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if !strings.Contains(metrics.Body.String(), `sleutelbos_requests_total{outcome="fault",portal="tvm",route="graphql"} 5`) {
		t.Error("the operator sees no faults, or others than those five")
	}
	if answer := s.waiting.Verify(s.factor, s.code); answer.String("verifySignIn.step.__typename") != "SignInComplete" {
		t.Errorf("afterwards: %s", answer.Text)
	}
	if one(r, "SELECT count(*) FROM users WHERE email = 'lost@office.test'") != "0" {
		t.Error("half an invitation was kept")
	}
}

// pragma sets something of the one connection that writes.
func pragma(r *rig.Rig, statement string) {
	r.T.Helper()
	if _, err := r.Database.SystemSQL().Exec(statement); err != nil {
		r.T.Fatal(err)
	}
}

func TestAKeyringWithoutTheKeyLetsNobodyIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		s := beforeTheFault(r)
		other := s.at(r.Another(rig.WithoutDelivery(), rig.Sealing("other:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=")))
		answer := other.waiting.Verify(s.factor, s.code)
		if _, signedIn := other.waiting.Cookies()["__Host-tvm-session"]; answer.Code() != "INTERNAL" || signedIn {
			t.Errorf("without the key: %s", answer.Text)
		}
		tellsNothing(t, other.Rig, answer)
		if answer := s.waiting.Verify(s.factor, s.code); answer.String("verifySignIn.step.__typename") != "SignInComplete" {
			t.Errorf("the fault used something up: %s", answer.Text)
		}
	})
}

func TestWhatWasAcknowledgedOutlivesLostConnections(t *testing.T) {
	t.Parallel()
	const crowd = 60
	r := rig.New(t, testrig.NewPostgres(t, testrig.NewClock()))
	r.Organisation("tvm", "Office", "main@office.test")
	main := r.SignedIn("tvm", "main@office.test")
	cut := cutter(t, r)
	answers := rig.Crowd(crowd, func(i int) rig.Answer {
		if i%20 == 10 {
			cut()
		}
		return main.Copy().Ask(`mutation ($email: EmailAddress!) { inviteUser(input: {email: $email, displayName: "N"}) { invitation { id email } userErrors { code } } }`,
			map[string]any{"email": fmt.Sprintf("new%d@office.test", i)})
	})
	for i, answer := range answers {
		id := answer.String("inviteUser.invitation.id")
		switch {
		case id == "" && answer.Code() != "INTERNAL":
			t.Errorf("want an invitation or a fault: %s", answer.Text)
		case id == "":
			tellsNothing(t, r, answer)
		case one(r, "SELECT count(*) FROM invitations WHERE id = '"+id+"'") != "1":
			t.Errorf("an acknowledged invitation is lost: %s", answer.Text)
		default:
			r.Mailbox.Expect(t, fmt.Sprintf("new%d@office.test", i))
		}
	}
	if got := r.SignedIn("tvm", "main@office.test").Do(readUsers); got.Code() != "" {
		t.Errorf("the server doesn't recover: %s", got.Text)
	}
	if one(r, "SELECT count(*) FROM invitations") != one(r, "SELECT count(DISTINCT user_id) FROM messages") {
		t.Error("an invitation is without its mail")
	}
}

// cutter ends all connections of the server with its database, each time it is called.
func cutter(t *testing.T, r *rig.Rig) func() {
	t.Helper()
	config, err := pgxpool.ParseConfig(r.Database.URL)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	turn := make(chan struct{}, 1)
	return func() {
		turn <- struct{}{}
		defer func() { <-turn }()
		if _, err := connection.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Error(err)
		}
	}
}

func TestAMailServerThatIsDownKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Office", "main@office.test")
		main := r.SignedIn("tvm", "main@office.test")
		r.Clock.Advance(2 * time.Minute)
		r.Mailbox.GoDown()
		main.Do(`mutation { inviteUser(input: {email: "new@office.test", displayName: "N"}) { invitation { id } userErrors { code } } }`)
		reset := r.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "main@office.test"}) { accepted userErrors { code } } }`)
		if reset.String("requestPasswordReset.accepted") != "true" {
			t.Error(reset.Text)
		}
		r.Mailbox.ComeUp()
		for _, email := range []string{"new@office.test", "main@office.test"} {
			r.Register("tvm", email)
		}
	})
}

func TestAnEmptyProofInAVariableIsNoFault(t *testing.T) {
	t.Parallel()
	r := rig.New(t, testrig.NewSQLite(t, testrig.NewClock()))
	for _, proof := range []map[string]any{{}, {"totp": nil}} {
		answer := r.Browser("tvm").Do(`mutation ($p: FactorProofInput!) { verifySignIn(input: {proof: $p}) { userErrors { code } } }`, map[string]any{"p": proof})
		if answer.Code() != "BAD_USER_INPUT" || strings.Contains(r.Log.String(), "panic") {
			t.Errorf("%v: %s", proof, answer.Text)
		}
	}
}

func TestAValueThatDoesNotFitIsToldWhereAndNotRepeated(t *testing.T) {
	t.Parallel()
	r := rig.New(t, testrig.NewSQLite(t, testrig.NewClock()))
	long := strings.Repeat("x", 400)
	answer := r.Browser("tvm").Do(`mutation { beginSignIn(input: {email: "` + long + `", password: "x"}) { userErrors { code } } }`)
	if answer.Code() != "BAD_USER_INPUT" || fmt.Sprint(answer.Errors[0].Path) != "[beginSignIn input email]" || strings.Contains(answer.Text+r.Log.String(), long) {
		t.Error(answer.Text)
	}
}
