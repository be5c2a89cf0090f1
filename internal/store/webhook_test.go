package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAWebhookEndpointIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.WebhookEndpoint]{
		fit: func(v *identity.WebhookEndpoint, o identity.Organisation) {
			v.ID, v.Portal, v.Organisation = id(identity.KindWebhook, 7), o.Portal, o.ID
			v.Actions = []identity.Action{identity.UserInvited, identity.UserBlocked}
		},
		save: func(ctx context.Context, s *store.Scope, v identity.WebhookEndpoint) error {
			return second(s.AddWebhookEndpoint(ctx, v, sealedWebhook))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.WebhookEndpoint) (identity.WebhookEndpoint, error) {
			return s.WebhookEndpoint(ctx, v.ID)
		},
		change: func(ctx context.Context, s *store.Scope, v identity.WebhookEndpoint) error {
			return s.SaveWebhookEndpoint(ctx, v)
		},
		fixed: []string{"CreatedAt", "CreatedBy", "Owner", "PreviousSecretUntil"},
	}.run(t)
}

func TestNoMoreEndpointsAreMadeAtOnceThanThereMayBe(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		var made atomic.Int32
		var all sync.WaitGroup
		for number := range 50 {
			all.Go(func() {
				err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
					added, err := s.AddWebhookEndpoint(t.Context(), webhookOf(o, number), sealedWebhook)
					if added {
						made.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != identity.MostWebhookEndpoints {
			t.Errorf("%d were made, want %d", made.Load(), identity.MostWebhookEndpoints)
		}
	})
}

func TestFiftyProcessesClaimAnEndpointAndOneGetsIt(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return second(s.AddWebhookEndpoint(ctx, webhookOf(o, 1), sealedWebhook))
		})
		claim := func(process string) (claimed bool) {
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) (err error) {
				_, _, claimed, err = s.ClaimWebhook(t.Context(), webhookOf(o, 1).ID, process, time.Minute)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			return claimed
		}
		var won atomic.Int32
		var all sync.WaitGroup
		for number := range 50 {
			all.Go(func() {
				if claim(string(rune('A' + number))) {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d processes hold the endpoint at once", won.Load())
		}
		db.Clock.Advance(time.Minute)
		if !claim("another") || claim("yet another") {
			t.Error("a claim that ran out isn't free for one other")
		}
	})
}

func TestAnEventGoesOnlyForwardAndARewindHoldsAgainstATryInFlight(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		endpoint := webhookOf(o, 1)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return second(s.AddWebhookEndpoint(ctx, endpoint, sealedWebhook))
		})
		for number := range 3 {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				s.Record(eventOf(o, number))
				return nil
			})
		}
		next := func() (event store.QueuedEvent) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
				event, _, err = s.NextWebhookEvent(ctx, endpoint)
				return err
			})
			return event
		}
		settleOne := func(event store.QueuedEvent) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				return s.SettleWebhook(ctx, endpoint, event, identity.WebhookDelivered, identity.WebhookAttempt{Status: 204})
			})
		}
		first := next()
		settleOne(first)
		flying := next()
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.RewindWebhook(ctx, endpoint, noon) })
		settleOne(flying)
		if first.Sequence != 1 || flying.Sequence != 2 || next().Sequence != 1 {
			t.Errorf("the first is %d, the second %d, after a rewind comes %d", first.Sequence, flying.Sequence, next().Sequence)
		}
	})
}

func TestARewindBeginsAtTheFirstEventInTheLogThatHappenedSince(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		endpoint := webhookOf(o, 1)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return second(s.AddWebhookEndpoint(ctx, endpoint, sealedWebhook))
		})
		// Transactions that began in another order than they ended in.
		var happened []time.Time
		for number, seconds := range []int{0, 100, 40, 41, 90, 100, 400, 410, 330, 409, 409, 900, 4000, 3950} {
			db.Clock.Set(noon.Add(time.Duration(seconds) * time.Second))
			happened = append(happened, db.Clock.Now())
			within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
				s.Record(eventOf(o, number))
				return nil
			})
		}
		for _, since := range append(happened, noon.Add(-time.Hour), noon.Add(time.Hour), noon.Add(2*time.Hour)) {
			want, got := slices.IndexFunc(happened, func(at time.Time) bool { return !at.Before(since) }), int64(0)
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				// One that begins behind all of them.
				if err := errors.Join(s.RemoveWebhookEndpoint(ctx, endpoint.ID), second(s.AddWebhookEndpoint(ctx, endpoint, sealedWebhook)),
					s.RewindWebhook(ctx, endpoint, since)); err != nil {
					return err
				}
				event, _, err := s.NextWebhookEvent(ctx, endpoint)
				got = event.Sequence
				return err
			})
			if got != int64(want)+1 {
				t.Errorf("since %s it begins at %d, want %d", since.Sub(noon), got, want+1)
			}
		}
	})
}
