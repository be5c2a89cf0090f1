package examples_test

import (
	"bytes"
	"io"
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
organisation Boekhandel De Wit, org_…, has policies [123456791]
no room for Sem de Wit: ACCOUNT_LIMIT_REACHED
now it has 1 of 5 accounts
invitation to sem@dewit.example is PENDING
user Sem de Wit is SUB_USER, INVITED
user Wies de Wit is MAIN_USER, INVITED
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
			for database, opened := range map[string]func(testing.TB, *testrig.Clock) testrig.Database{"sqlite": testrig.NewSQLite, "postgres": testrig.NewPostgres} {
				for work, does := range map[string]func(t *testing.T, l *line, command []string){
					"does its day once, though an answer is lost and the quota is met": doesItsDay,
					"tells what is refused, with the request's id":                     tellsRefusals,
					"moves people once, though it is killed halfway":                   movesPeople,
					"takes each webhook once, and no forged one":                       takesWebhooks,
				} {
					t.Run(work+" on "+database, func(t *testing.T) {
						clock := testrig.NewClock()
						clock.Set(lastSecond(time.Now()))
						does(t, newLine(t, opened(t, clock)), command)
					})
				}
			}
		})
	}
}

// lastSecond is that of a minute: programs look at the age of a webhook, and wait for the end of the minute.
func lastSecond(now time.Time) time.Time { return now.Truncate(time.Minute).Add(59 * time.Second) }

var anOrganisation = regexp.MustCompile(`org_\w{26}`)

func doesItsDay(t *testing.T, line *line, command []string) {
	token := line.rig.Token("interpolis", identity.OrganisationsWrite, identity.OrganisationsRead, identity.UsersWrite, identity.UsersRead, identity.AuditRead)
	for range requestsPerMinute { // somebody else uses the token too
		line.rig.Partner("interpolis", token).Do(`{ portal { slug } }`)
	}
	again := regexp.MustCompile("(?m)^(no room|now it has).*\n").ReplaceAllString(told, "") // after a crash; nothing is done twice
	for _, want := range []string{told, again} {
		out, complaint, err := line.run(t, command, token, "welcome", "--page", "1", "customer.json")
		if out = anOrganisation.ReplaceAllString(out, "org_…"); err != nil || out != strings.TrimPrefix(want, "\n") {
			t.Fatalf("%v\n%s\n%s", err, complaint, out)
		}
	}
	line.wantMails(t, "wies@dewit.example", "sem@dewit.example")
	// What somebody else left, and what the run before left, a program hears by 429; of its own requests it keeps count.
	if line.lost.Load() != 1 || line.early.Load() != 2 || line.spent.Load() <= line.early.Load() {
		t.Errorf("%d answers got lost, %d requests came too soon, and the quota was spent %d times", line.lost.Load(), line.early.Load(), line.spent.Load())
	}
}

func tellsRefusals(t *testing.T, line *line, command []string) {
	blind := line.rig.Token("interpolis", identity.OrganisationsWrite, identity.OrganisationsRead, identity.UsersWrite, identity.UsersRead)
	for token, code := range map[string]string{blind: "FORBIDDEN", "nonsense": "UNAUTHENTICATED"} {
		_, complaint, err := line.run(t, command, token, "welcome", "--page", "1", "customer.json")
		_, id, _ := strings.Cut(complaint, "refused with "+code+", request id ")
		if id, _, _ = strings.Cut(id, ":"); err == nil || id == "" {
			t.Errorf("with %s: %v, %q", code, err, complaint)
		}
		if strings.Contains(complaint, token) {
			t.Errorf("the token is told: %q", complaint)
		}
	}
}

const requestsPerMinute = 8

// newLine starts a server whose quota a program meets.
func newLine(t *testing.T, db testrig.Database) *line {
	t.Helper()
	return between(t, rig.New(t, db, rig.Portal("interpolis", func(p *identity.Portal) { p.API.RequestsPerMinute = requestsPerMinute })))
}

// start starts a program; what it says goes to out, and what it complains about to the test's log where it fails.
func (l *line) start(t *testing.T, command []string, token string, out, complaint io.Writer, arguments ...string) *exec.Cmd {
	t.Helper()
	program := exec.CommandContext(t.Context(), command[0], append(command[1:len(command):len(command)], arguments...)...)
	program.Env = append(os.Environ(), "SLEUTELBOS_URL="+l.url+"/portals/interpolis/graphql", "SLEUTELBOS_TOKEN="+token, "SLEUTELBOS_WEBHOOK_SECRET="+l.secret)
	program.Stdout, program.Stderr = out, complaint
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	return program
}

func (l *line) run(t *testing.T, command []string, token string, arguments ...string) (out, complaint string, err error) {
	t.Helper()
	var told, complained bytes.Buffer
	err = l.start(t, command, token, &told, &complained, arguments...).Wait()
	return told.String(), complained.String(), err
}

// wantMails wants one mail to each.
func (l *line) wantMails(t *testing.T, addresses ...string) {
	t.Helper()
	l.rig.Settle()
	for _, address := range addresses {
		if count := l.rig.Mailbox.Count(address); count != 1 {
			t.Errorf("%s got %d mails, want 1", address, count)
		}
	}
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
