package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func init() {
	change := func(h household) identity.ID { return id(identity.KindContactChange, h.number) }
	for method, climb := range map[string]climb{
		"WaitingContactChange": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			waiting, err := s.WaitingContactChange(ctx, h.user.ID)
			return waiting != nil, err
		}},
		"BeginContactChange": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.BeginContactChange(ctx, contactChangeOf(h.user, 9)))
		}},
		"LockContactChange": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.LockContactChange(ctx, h.user.ID, change(h))))
		}},
		"CountContactFailure": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.CountContactFailure(ctx, change(h), identity.Failures{Count: 9, LastAt: noon}))
		}},
		"MoveContactChange": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.MoveContactChange(ctx, contactChangeOf(h.user, h.number).Confirmed(noon), identity.ContactAwaitsCode))
		}},
		"ContactChanges": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.ContactChanges(ctx, h.user.ID))
		}},
	} {
		climbs[method] = climb
	}
}

func TestAUserWaitsForOneChangeOfContactAtATime(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			for number := 1; number <= 3; number++ {
				change := contactChangeOf(u, number)
				if err := s.BeginContactChange(ctx, change); err != nil {
					return err
				}
				if number == 1 {
					change.UndoLink = "lnk_1"
					if moved, err := s.MoveContactChange(ctx, change.Confirmed(s.Now), identity.ContactAwaitsCode); err != nil || !moved {
						t.Error("not confirmed", err)
					}
				}
			}
			waiting, err := s.WaitingContactChange(ctx, u.ID)
			if err != nil || waiting == nil || waiting.ID != id(identity.KindContactChange, 3) {
				t.Errorf("%+v waits (%v)", waiting, err)
			}
			confirmed, err := s.ContactChanges(ctx, u.ID)
			if len(confirmed) != 1 || confirmed[0].UndoLink != "lnk_1" || confirmed[0].ExpiresAt != noon.Add(identity.ContactUndoLifetime) {
				t.Errorf("confirmed: %+v", confirmed)
			}
			return err
		})
	})
}

func TestALinkThatUndoesOutlivesThoseThatLeadIn(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			reset, undo := linkOf(u, 1), linkOf(u, 2)
			undo.Purpose, undo.CreatedAt = identity.ForContactUndo, noon.Add(time.Minute)
			err := s.AddLinks(ctx, store.HashedLink{Link: reset, TokenHash: hash(1)}, store.HashedLink{Link: undo, TokenHash: hash(2)})
			if err != nil {
				return err
			}
			if last, err := s.LastLinkAt(ctx, u.ID); err != nil || last == nil || *last != noon {
				t.Errorf("the last link that leads in is of %v (%v)", last, err)
			}
			if err := s.RevokeLinks(ctx, u.ID); err != nil {
				return err
			}
			for link, want := range map[identity.ID]bool{reset.ID: false, undo.ID: true} {
				if used, err := s.UseLink(ctx, link); err != nil || used != want {
					t.Errorf("%s can be used: %t (%v)", link, used, err)
				}
			}
			return nil
		})
	})
}
