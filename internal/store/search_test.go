package store_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestNoSearchAndNoCursorIsAFault(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		for _, text := range []string{"", "\x00", "a\x00b", "'", `\`, `\'`, "%", "?", "?0", "$1", "☃", "--", "/*", "9223372036854775808", "-1"} {
			read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
				two := identity.Page{First: 1, After: identity.Cursor{text, text}}
				one := identity.Page{First: 1, After: identity.Cursor{text}}
				_, failed := s.AuditEvents(ctx, h.organisation.ID, identity.AuditFilter{}, one)
				if _, refused := identity.Refusals(failed); refused {
					failed = nil
				}
				err := cmp.Or(failed,
					second(s.Users(ctx, h.organisation.ID, identity.UserFilter{Search: &text}, identity.UserOrder{Field: identity.ByDisplayName}, two)),
					second(s.Organisations(ctx, identity.OrganisationFilter{Search: &text}, identity.OrganisationOrder{}, two)),
					second(s.Invitations(ctx, h.organisation.ID, nil, one)), second(s.APITokens(ctx, h.organisation.ID, identity.APITokenFilter{}, one)))
				if err != nil {
					t.Errorf("%q: %v", text, err)
				}
				return nil
			})
		}
		err := db.Read(t.Context(), h.organisation.Tenant(), func(s *store.Scope) error {
			return second(s.AuditEvents(t.Context(), h.organisation.ID, identity.AuditFilter{}, identity.Page{First: 1, After: identity.Cursor{"x"}}))
		})
		wantRefusal(t, err, identity.BadUserInput)
	})
}

func TestTextThatNoDatabaseHoldsIsNoFault(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := userOf(o, 1)
		u.DisplayName, u.Username = "a\x00b", pointer("c\xffd")
		addUser(t, db, u)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			got, err := s.User(ctx, u.ID)
			if got.DisplayName != "a\uFFFDb" || *got.Username != "c\uFFFDd" {
				t.Errorf("it is saved as %q and %q", got.DisplayName, *got.Username)
			}
			_, strange := s.User(ctx, u.ID+"\x00")
			wantRefusal(t, strange, identity.NotFound)
			return err
		})
		account, err := db.AccountNamed(t.Context(), "p\x00", identity.Identifier{Kind: identity.ByUsername, Value: "\x00\xff"})
		if account != (store.Account{}) || err != nil {
			t.Errorf("a name that nobody can have leads to %+v (%v)", account, err)
		}
	})
}

func TestFiltersOfAuditEvents(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
			for number, change := range []func(*identity.AuditEvent){
				0: func(*identity.AuditEvent) {},
				1: func(e *identity.AuditEvent) { e.Action = identity.SignedIn },
				2: func(e *identity.AuditEvent) { e.Actor = "usr_actor" },
				3: func(e *identity.AuditEvent) { e.Target = "usr_target" },
			} {
				event := eventOf(o, number)
				change(&event)
				s.Record(event)
			}
			return nil
		})
		began := db.Clock.Now()
		db.Clock.Advance(time.Hour)
		within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
			later := eventOf(o, 4)
			later.Action = identity.SignedOut
			s.Record(later)
			return nil
		})
		later := db.Clock.Now()
		for _, row := range []struct {
			filter identity.AuditFilter
			want   int
		}{
			{identity.AuditFilter{Actions: []identity.Action{identity.SignedIn}}, 1},
			{identity.AuditFilter{Actions: []identity.Action{identity.SignedOut, identity.PasswordSet}}, 4},
			{identity.AuditFilter{From: &later}, 4},
			{identity.AuditFilter{From: pointer(began.Add(time.Microsecond))}, 4},
			{identity.AuditFilter{Actions: []identity.Action{identity.SignedIn, identity.SignedOut}, From: &began, Until: &later}, 1},
			{identity.AuditFilter{Actor: pointer(identity.ID("usr_actor")), Until: pointer(began.Add(time.Microsecond))}, 2},
			{identity.AuditFilter{Actor: pointer(identity.ID("usr_actor"))}, 2},
			{identity.AuditFilter{Target: pointer(identity.ID("usr_target"))}, 3},
		} {
			read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				part, err := s.AuditEvents(ctx, o.ID, row.filter, everything)
				n, failed := s.CountAuditEvents(ctx, o.ID, row.filter)
				if len(part.Items) != 1 || n != 1 || part.Items[0].ID != id(identity.KindEvent, row.want) {
					t.Errorf("found %v, and counted %d; want number %d", part.Items, n, row.want)
				}
				return cmp.Or(err, failed)
			})
		}
	})
}

func TestTheStatusOfAListedInvitationIsTheOneAskedFor(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		number := 0
		for _, accepted := range []*time.Time{nil, &noon} {
			for _, revoked := range []*time.Time{nil, &noon} {
				for _, lasts := range []time.Duration{-time.Microsecond, 0, time.Microsecond} {
					number++
					u := addUser(t, db, userOf(o, number))
					i := invitationOf(u, number)
					i.AcceptedAt, i.RevokedAt, i.ExpiresAt = accepted, revoked, noon.Add(lasts)
					within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.AddInvitation(ctx, i) })
				}
			}
		}
		for status, want := range map[identity.InvitationStatus]int{
			identity.InvitationAccepted: 6, identity.InvitationRevoked: 3, identity.InvitationExpired: 2, identity.InvitationPending: 1,
		} {
			read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				part, err := s.Invitations(ctx, o.ID, &status, everything)
				n, failed := s.CountInvitations(ctx, o.ID, &status)
				if len(part.Items) != want || n != want {
					t.Errorf("%d are listed as %s and %d counted, want %d", len(part.Items), status, n, want)
				}
				for _, i := range part.Items {
					if i.Status != status {
						t.Errorf("%s is %s, and listed as %s", i.ID, i.Status, status)
					}
				}
				return cmp.Or(err, failed)
			})
		}
	})
}
