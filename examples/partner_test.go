package examples_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// told is what each program tells of its day, page by page, in spite of all that the line does to it.
const told = `
organisation Bloemisterij De Vries has policies [123456789]
no room for Sem de Vries: ACCOUNT_LIMIT_REACHED
now it has 1 of 5 accounts
invitation to sem@devries.example is PENDING
user Fenna de Vries is MAIN_USER, INVITED
user Sem de Vries is SUB_USER, INVITED
event 6 was USER_INVITED
event 5 was ORGANISATION_UPDATED
event 4 was USER_INVITED
event 3 was POLICY_NUMBERS_CHANGED
event 2 was BUSINESS_IDENTITY_ADDED
event 1 was ORGANISATION_CREATED
`

// programs are how to build each, and what it is then run as.
var programs = map[string]func(t *testing.T) []string{
	"partner-go": func(t *testing.T) []string {
		binary := filepath.Join(t.TempDir(), "partner-go")
		build(t, "partner-go", "go", "build", "-o", binary, ".")
		return []string{binary}
	},
	"partner-node": func(t *testing.T) []string {
		needNode(t)
		build(t, ".", "../script/node-modules", "partner-node")
		build(t, "partner-node", "npm", "run", "build")
		return []string{"node", "partner-node/build/main.js"}
	},
}

func TestPartnersProgramsWorkAgainstAServer(t *testing.T) {
	t.Parallel()
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := program(t)
			t.Run("does its day once, though an answer is lost and the quota is met", func(t *testing.T) { doesItsDay(t, command) })
			t.Run("tells what is refused, with the request's id", func(t *testing.T) { tellsRefusals(t, command) })
		})
	}
}

func doesItsDay(t *testing.T, command []string) {
	line, token := newLine(t)
	again := regexp.MustCompile("(?m)^(no room|now it has).*\n").ReplaceAllString(told, "") // after a crash; nothing is done twice
	for _, want := range []string{told, again} {
		out, complaint, err := line.run(t, command, token)
		if err != nil || out != strings.TrimPrefix(want, "\n") {
			t.Fatalf("%v\n%s\n%s", err, complaint, out)
		}
	}
	line.rig.Settle()
	for _, address := range []string{"fenna@devries.example", "sem@devries.example"} {
		if count := line.rig.Mailbox.Count(address); count != 1 {
			t.Errorf("%s got %d mails, want 1", address, count)
		}
	}
	if line.lost.Load() != 1 || line.waited.Load() == 0 {
		t.Errorf("%d answers got lost and %d requests came too soon: the line was kind", line.lost.Load(), line.waited.Load())
	}
}

func tellsRefusals(t *testing.T, command []string) {
	line, _ := newLine(t)
	blind := line.rig.Token("interpolis", identity.OrganisationsWrite, identity.OrganisationsRead, identity.UsersWrite, identity.UsersRead)
	for token, code := range map[string]string{blind: "FORBIDDEN", "nonsense": "UNAUTHENTICATED"} {
		_, complaint, err := line.run(t, command, token)
		_, id, _ := strings.Cut(complaint, "refused with "+code+", request id ")
		if id, _, _ = strings.Cut(id, ":"); err == nil || id == "" {
			t.Errorf("with %s: %v, %q", code, err, complaint)
		}
		if strings.Contains(complaint, token) {
			t.Errorf("the token is told: %q", complaint)
		}
	}
}

// newLine starts a server whose quota a program meets, at the last second of a minute, and a token for all that it does.
func newLine(t *testing.T) (*line, string) {
	t.Helper()
	clock := testrig.NewClock()
	clock.Advance(59 * time.Second)
	r := rig.New(t, testrig.NewSQLite(t, clock), rig.Portal("interpolis", func(p *identity.Portal) { p.API.RequestsPerMinute = 8 }))
	token := r.Token("interpolis", identity.OrganisationsWrite, identity.OrganisationsRead, identity.UsersWrite, identity.UsersRead, identity.AuditRead)
	return between(t, r), token
}

// run runs a program for the customer in customer.json, with lists in parts of one.
func (l *line) run(t *testing.T, command []string, token string) (out, complaint string, err error) {
	t.Helper()
	program := exec.CommandContext(t.Context(), command[0], append(command[1:], "--page", "1", "customer.json")...)
	program.Env = append(os.Environ(), "SLEUTELBOS_URL="+l.url+"/portals/interpolis/graphql", "SLEUTELBOS_TOKEN="+token)
	var told, complained bytes.Buffer
	program.Stdout, program.Stderr = &told, &complained
	err = program.Run()
	return told.String(), complained.String(), err
}

func build(t *testing.T, folder string, command ...string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), command[0], command[1:]...)
	run.Dir = folder
	run.Env = append(os.Environ(), "CGO_ENABLED=0")
	if report, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, report)
	}
}

// needNode skips the test where Node.js is missing, except under CI.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("npm"); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("a partner's program in TypeScript needs Node.js, and CI must not go without")
	}
	t.Skip("a partner's program in TypeScript needs Node.js (node and npm), which is not installed")
}
