package outbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// The trade register is asked after the commit that named a business: whoever named it waits for nobody. Checks have a
// queue of their own, so that a slow register holds no mail up.
const (
	registerQueue = "register"
	// registerWorkers is how many checks are made at once.
	registerWorkers = 2
	// checkAttempts is how often a check is tried before it is left to the next round: ten minutes, with the waits of mails.
	checkAttempts = 6
	// dueAtOnce bounds a round, and roundsEvery is between two.
	dueAtOnce   = 200
	roundsEvery = 10 * time.Minute
)

// check is a job: whose business identity, and which.
type check struct {
	Portal       string      `json:"portal"`
	Organisation identity.ID `json:"organisation"`
	Business     identity.ID `json:"business"`
}

// Kind names the job in River's table.
func (check) Kind() string { return "check" }

// EnqueueChecks adds the jobs that ask the register, in the transaction that named the businesses. Without a register it
// adds none: the numbers stay unverified, and are due when there is one.
func (o *Outbox) EnqueueChecks(ctx context.Context, tx *sql.Tx, tenant identity.Tenant, businesses []identity.ID) error {
	if o.options.Register == nil || len(businesses) == 0 {
		return nil
	}
	jobs := make([]river.InsertManyParams, len(businesses))
	for i, business := range businesses {
		jobs[i] = river.InsertManyParams{
			Args:       check{Portal: tenant.Portal, Organisation: tenant.Organisation, Business: business},
			InsertOpts: &river.InsertOpts{Queue: registerQueue, MaxAttempts: min(checkAttempts, o.options.Attempts), Metadata: metadata(ctx)},
		}
	}
	if _, err := o.inserter.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("add checks: %w", err)
	}
	return nil
}

// registrar works checks.
type registrar struct {
	river.WorkerDefaults[check]
	outbox *Outbox
}

// Work asks the register and saves what it says. An error means that the check is to be tried again.
func (r *registrar) Work(ctx context.Context, job *river.Job[check]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.outbox.stopping, cancel)() // nobody is kept waiting for the register
	ctx, span := r.outbox.options.Tracer.Job(ctx, "check", causeOf(job.JobRow))
	err := r.check(ctx, job.Args)
	span.End(err != nil)
	failure, isFailure := errors.AsType[*kvk.Failure](err)
	log := r.outbox.options.Log.With("portal", job.Args.Portal, "business", job.Args.Business)
	switch {
	case err == nil:
		r.outbox.checked(true)
		return nil
	case r.outbox.stopping.Err() != nil:
		return river.JobSnooze(0) // at once, by whoever works then; it counts for no attempt
	case isFailure && !failure.Temporary:
		log.Error("the trade register can't be asked so", "error", err)
		r.outbox.checked(false)
		return river.JobCancel(err)
	}
	log.Warn("a check of the trade register is to be tried again", "attempt", job.Attempt, "error", err)
	r.outbox.checked(false)
	return err
}

func (r *registrar) check(ctx context.Context, args check) error {
	tenant := identity.Tenant{Portal: args.Portal, Organisation: args.Organisation}
	var business identity.BusinessIdentity
	err := r.outbox.options.DB.Read(ctx, tenant, func(s *store.Scope) (err error) {
		business, err = s.BusinessIdentity(ctx, args.Business)
		return err
	})
	if err != nil {
		return ignoreGone(err)
	}
	entry, err := r.outbox.options.Register.Look(ctx, business.KVKNumber)
	if err != nil {
		return err
	}
	return ignoreGone(r.outbox.options.DB.Within(ctx, tenant, func(s *store.Scope) error {
		return saveAnswer(ctx, s, args.Business, entry)
	}))
}

// ignoreGone: what was taken away meanwhile needs no check.
func ignoreGone(err error) error {
	if errors.Is(err, identity.Refuse(identity.NotFound)) {
		return nil
	}
	return err
}

// saveAnswer saves what the register says, and records it where it is news.
func saveAnswer(ctx context.Context, s *store.Scope, id identity.ID, entry identity.RegisterEntry) error {
	business, err := s.BusinessIdentity(ctx, id)
	if err != nil {
		return err
	}
	after := business.Checked(entry, s.Now)
	if after.RegisterStatus != business.RegisterStatus {
		var random [10]byte
		_, _ = rand.Read(random[:]) // it never fails
		s.Record(identity.AuditEvent{
			ID: identity.NewID(identity.KindEvent, s.Now, random), Portal: after.Portal, Organisation: after.Organisation,
			Action: identity.BusinessChecked, Target: after.ID,
			Details: map[string]string{"kvkNumber": string(after.KVKNumber), "registerStatus": string(after.RegisterStatus)},
		})
	}
	return s.SaveRegisterAnswer(ctx, after)
}

func (o *Outbox) checked(answered bool) {
	if o.options.ObserveCheck != nil {
		o.options.ObserveCheck(answered)
	}
}

// recheck is the job that finds out which checks are due. One process of all does it at a time.
type recheck struct{}

// Kind names the job in River's table.
func (recheck) Kind() string { return "recheck" }

func recheckJob() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(roundsEvery), func() (river.JobArgs, *river.InsertOpts) {
		return recheck{}, &river.InsertOpts{MaxAttempts: 1, Queue: registerQueue}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type rechecker struct {
	river.WorkerDefaults[recheck]
	outbox *Outbox
}

// Work enqueues the checks that are due. What fails is done the next time.
func (r *rechecker) Work(ctx context.Context, _ *river.Job[recheck]) error {
	err := r.outbox.options.DB.QueueDueChecks(ctx, dueAtOnce)
	if err != nil && ctx.Err() == nil {
		r.outbox.options.Log.Error("looking for due checks failed", "error", err)
	}
	return err
}
