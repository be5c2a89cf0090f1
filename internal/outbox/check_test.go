package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// A desk is a rig with a trade register.
type desk struct {
	*rig
	register *testrig.Register
	// checks are told by every outbox of the desk: whether each was answered.
	checks chan bool
	log    *lockedBuffer
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(text)
}

func (b *lockedBuffer) text() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.String()
}

func newDesk(t *testing.T, db testrig.Database) *desk {
	t.Helper()
	return &desk{rig: newRig(t, db, 2), register: testrig.NewRegister(t), checks: make(chan bool, 1000), log: &lockedBuffer{}}
}

// asking has an outbox ask the register.
func (d *desk) asking(t *testing.T) func(*outbox.Options) {
	t.Helper()
	register, err := kvk.New(d.register.URL, testrig.RegisterKey)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *outbox.Options) {
		o.Register, o.Log = register, slog.New(slog.NewTextHandler(d.log, nil))
		o.ObserveCheck = func(answered bool) { d.checks <- answered }
	}
}

// name gives the organisation a business identity.
func (d *desk) name(t *testing.T, number identity.KVKNumber) identity.ID {
	t.Helper()
	var business identity.BusinessIdentity
	d.within(t, func(ctx context.Context, s *store.Scope) error {
		business = d.organisation.Identify(id(identity.KindBusiness, 1), identity.NamedBusiness{KVKNumber: number}, s.Now)
		return s.AddBusinessIdentity(ctx, business)
	})
	return business.ID
}

// expectChecks waits for checks to end so, one after the other.
func (d *desk) expectChecks(t *testing.T, want ...bool) {
	t.Helper()
	for n, want := range want {
		select {
		case got := <-d.checks:
			if got != want {
				t.Fatalf("check %d was answered: %t, want %t\n%s", n+1, got, want, d.log.text())
			}
		case <-time.After(patience):
			t.Fatalf("check %d didn't end in %s\n%s", n+1, patience, d.log.text())
		}
	}
}

func (d *desk) business(t *testing.T, id identity.ID) (business identity.BusinessIdentity) {
	t.Helper()
	d.within(t, func(ctx context.Context, s *store.Scope) (err error) {
		business, err = s.BusinessIdentity(ctx, id)
		return err
	})
	return business
}

func (d *desk) want(t *testing.T, id identity.ID, status identity.RegisterStatus, called string) {
	t.Helper()
	if b := d.business(t, id); b.RegisterStatus != status || b.LegalName != called {
		t.Errorf("%s is %s, called %s; want %s, called %s", b.KVKNumber, b.RegisterStatus, b.LegalName, status, called)
	}
}

func TestTheRegisterIsAskedAfterTheCommitThatNamesABusiness(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		d.start(t, d.asking(t))
		undone := d.Within(t.Context(), d.organisation.Tenant(), func(s *store.Scope) error {
			b := d.organisation.Identify(id(identity.KindBusiness, 9), identity.NamedBusiness{KVKNumber: "69599084"}, s.Now)
			return errors.Join(s.AddBusinessIdentity(t.Context(), b), errors.New("undone"))
		})
		business := d.name(t, "68750110")
		d.expectChecks(t, true)
		d.want(t, business, identity.Verified, "Test BV Donald")
		for _, path := range d.register.Asked() {
			if undone == nil || strings.Contains(path, "69599084") {
				t.Errorf("asked %s, of a number that nobody named (%v)", path, undone)
			}
		}
		d.within(t, func(ctx context.Context, s *store.Scope) error {
			events, err := s.AuditEventsBehind(ctx, d.organisation.ID, identity.AuditFilter{}, 0, 10)
			if len(events) != 1 || events[0].Action != identity.BusinessChecked || events[0].Target != business || events[0].Actor != "" {
				t.Errorf("recorded %+v", events)
			}
			return err
		})
	})
}

func TestARegisterThatCannotAnswerNowIsAskedAgain(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		d.register.Fail(
			testrig.FailWith(http.StatusInternalServerError, "text/html", "<html>"), testrig.FailWithCode(503, "IPD1002"),
			testrig.FailWith(http.StatusOK, "text/html", "<html>maintenance</html>"),
		)
		d.start(t, d.asking(t))
		business := d.name(t, "68750110")
		d.expectChecks(t, false, false, false, true)
		d.want(t, business, identity.Verified, "Test BV Donald")
	})
}

func TestAQuestionThatIsWrongIsNotRepeatedAndNothingIsMadeUp(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		d.register.Fail(testrig.FailWith(http.StatusUnauthorized, "text/html", "<html>"+testrig.RegisterKey+"</html>"))
		d.start(t, d.asking(t))
		business := d.name(t, "68750110")
		d.expectChecks(t, false)
		raw := d.owner(t)
		await(t, "the end of the job", func() bool {
			return count(t, raw, "SELECT count(*) FROM river_job WHERE kind = 'check' AND state = 'cancelled'") == 1
		})
		d.want(t, business, identity.Unverified, d.organisation.Name)
		if log := d.log.text(); !strings.Contains(log, "HTTP 401") || strings.Contains(log, testrig.RegisterKey) {
			t.Errorf("the log tells the fault: %s", log)
		}
		if leaks := count(t, d.owner(t), "SELECT count(*) FROM river_job WHERE CAST(errors AS text) LIKE '%"+testrig.RegisterKey+"%' OR CAST(args AS text) LIKE '%6875%'"); leaks != 0 {
			t.Error("the queue holds the key, or a number")
		}
	})
}

func TestWithoutARegisterANumberStaysUnverifiedUntilThereIsOne(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		without := d.start(t)
		business := d.name(t, "68750110")
		d.tell(t, d.users[1])
		d.expect(t, outbox.Delivered, 1)
		d.want(t, business, identity.Unverified, d.organisation.Name)
		if jobs := count(t, d.owner(t), "SELECT count(*) FROM river_job WHERE queue = 'register'"); jobs != 0 {
			t.Errorf("%d jobs wait for a register that there isn't", jobs)
		}
		stop(t, without)
		d.Clock.Advance(2 * time.Hour)
		d.start(t, d.asking(t))
		d.expectChecks(t, true)
		d.want(t, business, identity.Verified, "Test BV Donald")
	})
}

func TestTheRegisterIsAskedAgainAfterAMonth(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		first := d.start(t, d.asking(t))
		business := d.name(t, "68750110")
		d.expectChecks(t, true)
		stop(t, first)
		d.register.Enter("68750110", testrig.Company{Name: "Test BV Donald", EndedOn: "20250601"})
		d.Clock.Advance(29 * 24 * time.Hour)
		const rounds = "SELECT count(*) FROM river_job WHERE kind = 'recheck' AND state = 'completed'"
		raw := d.owner(t)
		before := count(t, raw, rounds)
		second := d.start(t, d.asking(t))
		await(t, "a round without anything due", func() bool { return count(t, raw, rounds) > before })
		stop(t, second)
		d.want(t, business, identity.Verified, "Test BV Donald")
		d.Clock.Advance(2 * 24 * time.Hour)
		d.start(t, d.asking(t))
		d.expectChecks(t, true)
		d.want(t, business, identity.Deregistered, "Test BV Donald")
		if b := d.business(t, business); b.VerifiedAt != nil {
			t.Errorf("a business that ended was verified at %s", b.VerifiedAt)
		}
	})
}

func TestARegisterThatHangsHoldsUpNeitherMailsNorTheEnd(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		d.register.Fail(testrig.Hang)
		hanging := d.start(t, d.asking(t))
		business := d.name(t, "68750110")
		await(t, "the question", func() bool { return len(d.register.Asked()) == 1 })
		d.tell(t, d.users[1])
		d.expect(t, outbox.Delivered, 1)
		began := time.Now()
		stop(t, hanging)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("stopping took %s: it waited for the register", took)
		}
		d.start(t, d.asking(t))
		d.expectChecks(t, true)
		d.want(t, business, identity.Verified, "Test BV Donald")
	})
}

func TestABusinessThatWasTakenAwayIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		d := newDesk(t, db)
		o := d.rig.options(t)
		d.asking(t)(&o)
		d.make(t, o)
		business := d.name(t, "68750110")
		d.within(t, func(ctx context.Context, s *store.Scope) error { return s.RemoveBusinessIdentity(ctx, business) })
		d.start(t, d.asking(t))
		d.expectChecks(t, true)
		if asked := d.register.Asked(); len(asked) != 0 {
			t.Errorf("asked %v", asked)
		}
	})
}
