package graph_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// hashes is a program that hashes a password with Python's own hashlib and bcrypt, in the forms of passlib and Django, and as PHC
// strings. Each line is a name and a hash.
const hashes = `
import base64, bcrypt, hashlib, sys
word, salt = sys.argv[1].encode(), b"0123456789abcdef"
std = lambda raw: base64.b64encode(raw).decode()
bare = lambda raw: std(raw).rstrip("=")
for name, size in ("sha1", 20), ("sha256", 32), ("sha512", 64):
    key = hashlib.pbkdf2_hmac(name, word, salt, 1200)
    print("phc-" + name, "$pbkdf2-%s$i=1200,l=%d$%s$%s" % (name, size, bare(salt), bare(key)))
    dotted = lambda raw: bare(raw).replace("+", ".")
    print("passlib-" + name, "$pbkdf2%s$1200$%s$%s" % ("" if name == "sha1" else "-" + name, dotted(salt), dotted(key)))
    if name != "sha512":
        print("django-" + name, "pbkdf2_%s$1200$%s$%s" % (name, salt.decode(), std(key)))
key = hashlib.scrypt(word, salt=salt, n=1024, r=8, p=2, dklen=64)
print("phc-scrypt", "$scrypt$ln=10,r=8,p=2$%s$%s" % (bare(salt), bare(key)))
print("django-scrypt", "scrypt$1024$%s$8$2$%s" % (salt.decode(), std(key)))
for prefix in b"2a", b"2b":
    print("bcrypt-" + prefix.decode(), bcrypt.hashpw(word, bcrypt.gensalt(4, prefix)).decode())
`

// foreignPassword has what implementations have differed over: more than ASCII, a dollar and a colon.
const foreignPassword = "Fiets: één dak$pan, 7 regenbuien"

// foreignHashes are hashes of foreignPassword that other programs made, by a name for each.
func foreignHashes(t *testing.T) map[string]string {
	t.Helper()
	run := func(input string, words ...string) string {
		command := exec.CommandContext(t.Context(), program(t, words[0]), words[1:]...)
		command.Stdin = strings.NewReader(input)
		out, err := command.Output()
		if err != nil {
			t.Skipf("%s doesn't run as it should (script/setup installs what it needs): %v", words[0], err)
		}
		return strings.TrimSpace(string(out))
	}
	all := map[string]string{"argon2": run(foreignPassword, "argon2", "some-salt-of-theirs", "-id", "-t", "3", "-k", "512", "-p", "2", "-l", "32", "-e")}
	_, all["htpasswd"], _ = strings.Cut(run(foreignPassword, "htpasswd", "-niB", "-C", "5", "somebody"), ":")
	for line := range strings.SplitSeq(run("", "/usr/bin/python3", "-c", hashes, foreignPassword), "\n") {
		name, hash, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[name] = hash
	}
	if len(all) != 14 {
		t.Fatalf("%d hashes: %v", len(all), all)
	}
	return all
}

func TestPasswordsThatOtherProgramsHashedSignInAndAreHashedAnewThen(t *testing.T) {
	t.Parallel()
	all, app := foreignHashes(t), program(t, "oathtool")
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		const shared = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
		r := rig.New(t, db)
		organisation := r.Organisation("tvm", "Joosten Transport", "joost@tvm.test")
		var rows []map[string]any
		for name, hash := range all {
			rows = append(rows, map[string]any{
				"number": len(rows) + 1, "organisationId": organisation, "email": name + "@tvm.test", "displayName": name, "passwordHash": hash,
			})
		}
		rows[0]["totp"] = map[string]any{"secret": shared}
		robot := r.Partner("tvm", r.Token("tvm", identity.UsersWrite, identity.OrganisationsRead))
		id := did(r, robot, `mutation ($rows: [ImportUserInput!]!) { importUsers(input: {key: "k", rows: $rows}) { import { id } userErrors { code } } }`,
			map[string]any{"rows": rows}).String("importUsers.import.id")
		r.Settle()
		if report := robot.Do(`query ($id: ID!) { import(id: $id) { done rows(state: FAILED) { nodes { number userErrors { code path } } } } }`, map[string]any{"id": id}); report.Int("import.done") != len(all) {
			t.Fatal(report.Text)
		}
		r.Clock.Advance(time.Minute)
		for i, row := range rows {
			address, step := row["email"].(string), "SignInComplete"
			if i == 0 {
				step = "SignInFactorRequired"
			}
			hash := func() string { return one(r, "SELECT password_hash FROM users WHERE email = '"+address+"'") }
			if answer := r.Browser("tvm").SignIn(address, foreignPassword+"!"); answer.Code() != "INVALID_CREDENTIALS" || hash() != row["passwordHash"] {
				t.Errorf("%s: a wrong password: %s", address, answer.Text)
			}
			for _, time := range []string{"first", "second"} {
				answer := r.Browser("tvm").SignIn(address, foreignPassword)
				if got := answer.String("beginSignIn.step.__typename"); got != step || !strings.HasPrefix(hash(), "$argon2id$v=19$m=8,t=1,p=1$") {
					t.Errorf("%s, the %s time: %s, and the hash is %s", address, time, answer.Text, hash())
				}
			}
		}
		browser := r.Browser("tvm")
		factor := browser.SignIn(fmt.Sprint(rows[0]["email"]), foreignPassword).String("beginSignIn.step.factors.0.id")
		if answer := browser.Verify(factor, shows(t, app, shared, r.Clock.Now())); answer.String("verifySignIn.step.session.strength") != "TWO_FACTOR" {
			t.Errorf("what oathtool shows: %s", answer.Text)
		}
	})
}
