package outbox_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// What a child process is told: this test binary, run as a server that delivers until it is killed, or that is stopped
// and tells which goroutines are left.
const (
	childDatabase = "OUTBOX_TEST_DATABASE"
	childMailbox  = "OUTBOX_TEST_MAILBOX"
	childPhones   = "OUTBOX_TEST_PHONES"
	childStops    = "OUTBOX_TEST_STOPS"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDatabase) != "" {
		live()
		return
	}
	os.Exit(m.Run())
}

func live() {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	db, err := store.Open(context.Background(), store.Options{URL: os.Getenv(childDatabase), Clock: testrig.NewClock().Now})
	must(err)
	keys, err := secret.ParseKeyring(ring)
	must(err)
	options, err := mail.ParseURL(os.Getenv(childMailbox))
	must(err)
	var texts *sms.Sender
	if os.Getenv(childPhones) != "" {
		texts, err = sms.NewSender(twilio(os.Getenv(childPhones)))
		must(err)
	}
	o, err := outbox.New(outbox.Options{
		DB: db, Keys: keys, Sender: mail.NewSender(options), Portals: []identity.Portal{portal}, Texts: texts, Webhooks: toThisMachine(),
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	must(err)
	must(o.Start(context.Background()))
	if os.Getenv(childStops) == "" {
		select {}
	}
	must(o.Stop(context.Background()))
	// The last ones may still be on their way out.
	var left string
	for began := time.Now(); time.Since(began) < patience; runtime.Gosched() {
		if left = leftOver(); left == "" {
			return
		}
	}
	fmt.Print(left)
}

// leftOver are the stacks of goroutines that belong to an outbox.
func leftOver() (stacks string) {
	var all strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 2); err != nil {
		panic(err)
	}
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, "riverqueue") || strings.Contains(stack, "internal/outbox.") {
			stacks += stack + "\n\n"
		}
	}
	return stacks
}

func (r *rig) child(t *testing.T, settings ...string) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(append(os.Environ(), childDatabase+"="+r.URL, childMailbox+"="+r.mailbox.URL()), settings...)
	child.Stderr = os.Stderr
	return child
}

func TestNothingOfAStoppedOutboxGoesOn(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		left, err := newRig(t, db, 1).child(t, childStops+"=1").Output()
		if err != nil || len(left) > 0 {
			t.Errorf("%v: these go on:\n%s", err, left)
		}
	})
}

// spawn starts a child process, and answers how to kill it as kill -9 does.
func (r *rig) spawn(t *testing.T, settings ...string) (kill func()) {
	t.Helper()
	child := r.child(t, settings...)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	t.Cleanup(kill)
	return kill
}

func TestAProcessKilledInTheMidstLosesNoMailAndDoublesOnlyThoseInFlight(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		const workers = 4
		r := newRig(t, db, 200)
		r.enqueueOnly(t)
		told := r.tell(t, r.users...)
		kill := r.spawn(t)
		r.mailbox.ExpectTotal(t, 60)
		release := r.mailbox.Hang()
		defer release()
		kill()
		release()
		r.start(t)
		r.expectNoneQueued(t)
		byID := map[string]string{}
		for _, got := range r.mailbox.All() {
			if before, double := byID[got.MessageID]; double && before != got.Raw {
				t.Errorf("%s came as two different mails", got.MessageID)
			}
			byID[got.MessageID] = got.Raw
		}
		for _, message := range told {
			if byID["<"+string(message)+"@voorbeeld.nl>"] == "" {
				t.Error(message, "is lost")
			}
		}
		if doubled := r.mailbox.Total() - len(told); doubled > workers {
			t.Errorf("%d mails came twice, want those in flight of %d workers at most", doubled, workers)
		}
	})
}

func TestTwoOutboxesOnOnePostgreSQLSendEachMailOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewPostgres(t, testrig.NewClock()), 400)
	r.enqueueOnly(t)
	r.tell(t, r.users...)
	other := *r
	other.Database = r.Open(t)
	r.start(t)
	other.start(t)
	r.tell(t, r.users...)
	r.expect(t, outbox.Delivered, 800)
	for _, user := range r.users {
		if got := r.mailbox.Count(string(user.Email)); got != 2 {
			t.Errorf("%d mails came to %s, want 2", got, user.Email)
		}
	}
}

func TestALivingProcessKeepsItsJobs(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewPostgres(t, testrig.NewClock()), 2)
	release := r.mailbox.Hang()
	defer release()
	alive := r.start(t)
	r.tell(t, r.users...)
	r.mailbox.ExpectAttempts(t, string(r.users[0].Email), 1)
	r.enqueueOnly(t).RescueWithoutMercy(t)
	raw := r.owner(t)
	if got := count(t, raw, "SELECT count(*) FROM river_job WHERE state = 'running' AND kind = 'delivery'"); got != 1 {
		t.Error("the job of a living process was given away")
	}
	release()
	r.expect(t, outbox.Delivered, 2)
	stop(t, alive)
	if r.mailbox.Total() != 2 {
		t.Error(r.mailbox.Total(), "mails came")
	}
}

func TestAProcessThatOthersMayThinkGoneSendsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewPostgres(t, testrig.NewClock()), 1)
	giveBack := r.start(t).LosePresence()
	r.tell(t, r.users...)
	raw := r.owner(t)
	await(t, "the job to be put off", func() bool {
		return count(t, raw, "SELECT count(*) FROM river_job WHERE kind = 'delivery' AND metadata ? 'snoozes'") == 1
	})
	if got := r.mailbox.Total(); got != 0 {
		t.Error(got, "mails came")
	}
	giveBack()
	r.expect(t, outbox.Delivered, 1)
}

func TestAConnectionThatShowedPresenceIsOpenedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewPostgres(t, testrig.NewClock()), 1)
	r.start(t)
	raw := r.owner(t)
	locks := fmt.Sprintf(" FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = %d"+
		" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", outbox.PresenceClass)
	if got := count(t, raw, "SELECT count(pg_terminate_backend(pid))"+locks); got != 1 {
		t.Fatal(got, "processes show that they live")
	}
	await(t, "the process to be seen again", func() bool { return count(t, raw, "SELECT count(*)"+locks) == 1 })
	r.tell(t, r.users...)
	r.expect(t, outbox.Delivered, 1)
}

// safeBuffer collects a log.
type safeBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(text)
}

func (b *safeBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}

func (b *safeBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// dump is all that a table holds, as text.
func dump(t testing.TB, raw *sql.DB, table string) string {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for i, value := range values {
			switch content := (*value.(*any)).(type) {
			case []byte:
				fmt.Fprintf(&all, "%s=%s ", columns[i], content)
			default:
				fmt.Fprintf(&all, "%s=%v ", columns[i], content)
			}
		}
		all.WriteString("\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
