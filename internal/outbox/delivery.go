package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// postman works delivery jobs.
type postman struct {
	river.WorkerDefaults[delivery]
	outbox *Outbox
}

// Work delivers what is left of a batch. An error means that some messages are to be tried again: later, or at once where
// the round was only cut short.
func (p *postman) Work(ctx context.Context, job *river.Job[delivery]) error {
	ctx, span := p.outbox.options.Tracer.Job(ctx, "delivery", causeOf(job.JobRow))
	err := p.work(ctx, job)
	span.End(err != nil)
	if _, cut := errors.AsType[*river.JobSnoozeError](err); err != nil && !cut {
		p.outbox.options.Log.Warn("messages are to be tried again", "portal", job.Args.Portal, "organisation", job.Args.Organisation,
			"attempt", job.Attempt, "error", err)
	}
	return err
}

func (p *postman) work(ctx context.Context, job *river.Job[delivery]) error {
	r := &round{
		outbox: p.outbox, tenant: job.Args.tenant(), began: time.Now(),
		last: job.Attempt >= job.MaxAttempts, wait: p.outbox.options.Backoff(job.Attempt),
	}
	defer r.hangUp()
	messages, err := r.load(ctx, job.Args, job.Attempt)
	if err != nil {
		return err
	}
	for _, message := range messages {
		switch {
		case p.outbox.stopping.Err() != nil || errors.Is(ctx.Err(), context.Canceled):
			return river.JobSnooze(0) // at once, by whoever works then; it counts for no attempt
		case !p.outbox.presence.shown.Load():
			return river.JobSnooze(lookAround) // others may think that this process is gone, and take over its jobs
		case time.Since(r.began) > turn && r.postponed == 0:
			return river.JobSnooze(0)
		case time.Since(r.began) > turn:
			return r.failure()
		}
		deliver := r.deliver
		if message.Kind.IsText() {
			deliver = r.deliverText
		}
		if err := deliver(ctx, message); err != nil {
			return err
		}
	}
	return r.failure()
}

// round is one attempt at a batch.
type round struct {
	outbox *Outbox
	tenant identity.Tenant
	began  time.Time
	// now is the database's instant when the round began.
	now time.Time
	// last: there is no further attempt. Otherwise it comes after wait.
	last bool
	wait time.Duration

	line *mail.Conn
	// unreachable is why there is no connection: all messages of the round share it.
	unreachable error
	postponed   int
	reason      error
}

// load reads what is still to be delivered. Each attempt begins with another message, so that one on which the mail server
// hangs doesn't keep those behind it from being sent.
func (r *round) load(ctx context.Context, args delivery, attempt int) (messages []store.QueuedMessage, err error) {
	err = r.outbox.options.DB.Read(ctx, r.tenant, func(s *store.Scope) error {
		r.now = s.Now
		messages, err = s.QueuedMessages(ctx, args.Messages)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load a batch: %w", err)
	}
	if len(messages) == 0 {
		return nil, nil
	}
	first := (attempt - 1) % len(messages)
	return append(messages[first:], messages[:first]...), nil
}

// deliver sends a message and settles it before it returns, or leaves it for another attempt. An error ends the round.
func (r *round) deliver(ctx context.Context, message store.QueuedMessage) error {
	began := time.Now()
	if message.ExpiresAt != nil && !r.now.Before(*message.ExpiresAt) {
		return r.settle(ctx, message, began, ending{store.MessageExpired, "its link expired before it could be delivered"})
	}
	err := r.send(ctx, message)
	if err == nil {
		return r.settle(ctx, message, began, ending{state: store.MessageDelivered})
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return river.JobSnooze(0) // broken off by Stop, which says nothing of the message
	}
	if end, final := r.judge(message, err); final {
		return r.settle(ctx, message, began, end)
	}
	r.postponed++
	r.reason = err
	r.outbox.observe(Retried, time.Since(began))
	return nil
}

// send brings the message to the mail server. nil: the server took it.
func (r *round) send(ctx context.Context, message store.QueuedMessage) error {
	letter, err := r.write(message)
	if err != nil {
		return err
	}
	ctx, span := trace.Call(ctx, "mail")
	line, err := r.connection(ctx)
	if err == nil {
		err = line.Send(ctx, letter)
	}
	span.End(err != nil)
	return err
}

func (r *round) write(message store.QueuedMessage) (*mail.Letter, error) {
	portal, known := r.outbox.portals[message.Portal]
	if !known {
		return nil, fmt.Errorf("write letter %s: there is no portal %s", message.ID, message.Portal)
	}
	var token []byte
	if message.SealedToken != nil {
		var err error
		if token, err = r.outbox.options.Keys.Open(message.SealedToken, []byte(message.ID)); err != nil {
			return nil, fmt.Errorf("write letter %s: open the token: %w", message.ID, err)
		}
	}
	return mail.Render(portal, message.Message, string(token))
}

// connection is the round's one, or a new one where that broke.
func (r *round) connection(ctx context.Context) (*mail.Conn, error) {
	if r.line != nil && !r.line.Broken() {
		return r.line, nil
	}
	if r.unreachable == nil {
		r.line, r.unreachable = r.outbox.options.Sender.Open(ctx)
	}
	return r.line, r.unreachable
}

func (r *round) hangUp() {
	if r.line != nil {
		r.line.Close()
	}
}

// failure is the round's error where messages are to be tried again: it brings the job back after a while.
func (r *round) failure() error {
	if r.postponed == 0 {
		return nil
	}
	return fmt.Errorf("%d not delivered: %w", r.postponed, r.reason)
}
