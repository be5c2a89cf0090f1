package graph_test

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// People pair with whatever app they like, so one that isn't ours must understand what is shown: zbarimg scans the QR code
// as a phone's camera does, and oathtool, OATH's own tool, is the app.
func TestAForeignAuthenticatorScansTheCodeAndSignsIn(t *testing.T) {
	t.Parallel()
	scanner, app := program(t, "zbarimg"), program(t, "oathtool")
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db)
		r.Organisation("tvm", "Joosten Transport", "joost@tvm.test")
		jonnie := r.SignedIn("tvm", "joost@tvm.test")
		begun := jonnie.Do(`mutation { beginTotpEnrolment { enrolment { id secret otpauthUri qrCode } userErrors { code } } }`)

		uri := scan(t, scanner, begun.String("beginTotpEnrolment.enrolment.qrCode"))
		if shown := begun.String("beginTotpEnrolment.enrolment.otpauthUri"); uri != shown {
			t.Fatalf("the code says %q, the answer %q", uri, shown)
		}
		scanned, err := url.Parse(uri)
		if err != nil || scanned.Scheme != "otpauth" || scanned.Host != "totp" || scanned.Path != "/Mijn TVM:joost@tvm.test" {
			t.Fatalf("an app would list this under %+v %v", scanned, err)
		}
		secret := scanned.Query().Get("secret")
		if typed := begun.String("beginTotpEnrolment.enrolment.secret"); secret != typed {
			t.Errorf("to scan is %s, to type %s", secret, typed)
		}

		confirmed := jonnie.Do(`mutation ($id: ID!, $code: String!) {
			confirmEnrolment(input: {enrolmentId: $id, code: $code}) { factor { id } userErrors { code } }
		}`, map[string]any{"id": begun.String("beginTotpEnrolment.enrolment.id"), "code": shows(t, app, secret, r.Clock.Now())})
		factor := confirmed.String("confirmEnrolment.factor.id")
		if factor == "" {
			t.Fatal(confirmed.Text)
		}
		r.Clock.Advance(30 * time.Second)
		again := r.Browser("tvm")
		again.SignIn("joost@tvm.test", rig.Password)
		if got := again.Verify(factor, shows(t, app, secret, r.Clock.Now())); got.String("verifySignIn.step.session.strength") != "TWO_FACTOR" {
			t.Error(got.Text)
		}
	})
}

// program finds a program of the machine's. Without it the test is skipped, but not where everything must be proved.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s isn't installed; script/setup does that", name)
	default:
		t.Skipf("%s isn't installed; script/setup does that", name)
	}
	return path
}

// scan reads a QR code from its data: URI.
func scan(t *testing.T, scanner, shown string) string {
	t.Helper()
	encoded, ok := strings.CutPrefix(shown, "data:image/png;base64,")
	picture, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !ok {
		t.Fatalf("that is no picture: %.40s… %v", shown, err)
	}
	file := filepath.Join(t.TempDir(), "code.png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	return run(t, exec.CommandContext(t.Context(), scanner, "--quiet", "--raw", file))
}

// shows is what the app shows at an instant. The secret is told on standard input, where other users of the machine can't
// see it.
func shows(t *testing.T, app, secret string, at time.Time) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), app, "--totp", "--base32", "--now", at.UTC().Format("2006-01-02 15:04:05 UTC"), "-")
	command.Stdin = strings.NewReader(secret + "\n")
	return run(t, command)
}

func run(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", command.Path, err, complaints.String())
	}
	return strings.TrimSpace(string(output))
}
