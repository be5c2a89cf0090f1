package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// TestTextsAtOnceEndExactlyAtEachBudget lets fifty ask at the same time.
func TestTextsAtOnceEndExactlyAtEachBudget(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		budget  identity.Budget
		policy  identity.Budgets
		numbers int
		tenants int
	}{
		{identity.NumberBudget, identity.Budgets{PerNumber: 7, PerOrganisation: 100, PerPortal: 100}, 1, 2},
		{identity.OrganisationBudget, identity.Budgets{PerNumber: 100, PerOrganisation: 7, PerPortal: 100}, 50, 1},
		{identity.PortalBudget, identity.Budgets{PerNumber: 100, PerOrganisation: 100, PerPortal: 7}, 50, 2},
	} {
		t.Run(string(row.budget), func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				organisations := []identity.Organisation{addOrganisation(t, db, "p", 1), addOrganisation(t, db, "p", 2)}
				var mutex sync.Mutex
				var all sync.WaitGroup
				sent, first, refused := 0, 0, 0
				for racer := range 50 {
					all.Go(func() {
						o := organisations[racer%row.tenants]
						var got store.Exhausted
						err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) (err error) {
							got, err = s.SpendText(t.Context(), o.Tenant(), hash(racer%row.numbers), identity.SMSPolicy{Budgets: row.policy})
							return err
						})
						mutex.Lock()
						defer mutex.Unlock()
						switch {
						case err != nil:
							t.Error(err)
						case got.Budget == "":
							sent++
						case got.Budget == row.budget:
							refused++
						}
						if got.First {
							first++
						}
					})
				}
				all.Wait()
				if sent != 7 || refused != 43 || first != 1 {
					t.Errorf("%d were sent, %d refused, %d the first", sent, refused, first)
				}
			})
		})
	}
}

func TestABudgetIsOfOneDayAndOnePortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		policy := identity.SMSPolicy{Budgets: identity.Budgets{PerNumber: 1, PerOrganisation: 9, PerPortal: 9}}
		here, there := addOrganisation(t, db, "p", 1), addOrganisation(t, db, "q", 2)
		spend := func(o identity.Organisation) (got store.Exhausted) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
				got, err = s.SpendText(ctx, o.Tenant(), hash(1), policy)
				return err
			})
			return got
		}
		db.Clock.Set(time.Date(2025, 6, 11, 23, 59, 59, 0, time.UTC))
		none, exhausted := store.Exhausted{}, store.Exhausted{Budget: identity.NumberBudget}
		first := exhausted
		first.First = true
		for i, want := range []store.Exhausted{none, first, exhausted} {
			if got := spend(here); got != want {
				t.Errorf("%d: %+v, want %+v", i, got, want)
			}
		}
		if got := spend(there); got != none {
			t.Errorf("another portal pays for it: %+v", got)
		}
		db.Clock.Advance(time.Second)
		if got := spend(here); got != none {
			t.Errorf("at midnight: %+v", got)
		}
		if err := db.Sweep(t.Context()); err != nil || count(t, owner(t, db), "SELECT count(*) FROM text_budgets") != 9 {
			t.Error("what still counts was swept", err)
		}
		db.Clock.Advance(3 * 24 * time.Hour)
		if err := db.Sweep(t.Context()); err != nil || count(t, owner(t, db), "SELECT count(*) FROM text_budgets") != 0 {
			t.Error("what no longer counts is still there", err)
		}
	})
}

func TestTheFirstEndThatIsToldOfATextIsTheEnd(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		told []identity.TextStatus
		want string
		ends int
	}{
		{[]identity.TextStatus{identity.TextUnderway, identity.TextUnderway, identity.TextDelivered}, "delivered", 1},
		{[]identity.TextStatus{identity.TextDelivered, identity.TextUnderway, identity.TextDelivered}, "delivered", 1},
		{[]identity.TextStatus{identity.TextUndelivered, identity.TextDelivered, identity.TextFailed}, "undelivered", 1},
		{[]identity.TextStatus{identity.TextUnderway}, "", 0},
	} {
		t.Run(fmt.Sprint(row.told), func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				h := settle(t, db, "p", 1)
				ends := 0
				for _, status := range row.told {
					within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
						_, ended, err := s.ReportText(ctx, textID(1), identity.TextReport{ProviderID: "SM1", Status: status})
						if ended {
							ends++
						}
						return err
					})
				}
				raw := owner(t, db)
				kept := count(t, raw, "SELECT count(*) FROM messages WHERE state = 'DELIVERED' AND provider_id = 'SM1' AND sealed_number IS NULL AND provider_status = '"+row.want+"'")
				if ends != row.ends || kept != 1 {
					t.Errorf("%d ends, %d rows as they should be", ends, kept)
				}
				err := db.Within(t.Context(), h.organisation.Tenant(), func(s *store.Scope) error {
					_, _, err := s.ReportText(t.Context(), textID(1), identity.TextReport{ProviderID: "SM2", Status: identity.TextFailed})
					return err
				})
				if !errors.Is(err, identity.Refuse(identity.NotFound)) {
					t.Errorf("what is told of another text counts: %v", err)
				}
			})
		})
	}
}
