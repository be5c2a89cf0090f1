package store_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// manyKinds gives the users of populous statuses, roles, factors and last sign-ins.
const manyKinds = `UPDATE users SET registration = CASE substr(id, length(id), 1) WHEN '3' THEN 'INVITED' WHEN '7' THEN 'REMOVED' ELSE 'REGISTERED' END,
	role = CASE WHEN id LIKE '%9' THEN 'SUPER_SUB_USER' ELSE role END, blocked_at = CASE WHEN id LIKE '%999' THEN created_at END,
	factor_kinds = CASE WHEN id LIKE '%2' THEN 'TOTP' ELSE '' END,
	last_sign_in_at = CASE WHEN id NOT LIKE '%4' THEN created_at - (substr(id, 5) || ' seconds')::interval END
	WHERE length(id) = 9 AND organisation_id LIKE 'org_01%'`

// orderIndexes are the indexes that serve an order; by role none does, for who is main user is the organisation's to tell.
var orderIndexes = map[identity.UserOrderField][]string{
	identity.ByDisplayName: {"users_by_name", "users_by_status"}, identity.ByEmailAddress: {"users_by_email"},
	identity.ByCreation: {"users_pkey", "users_portal_organisation_id_id_removed_key"}, identity.ByRole: nil,
	identity.ByStatus: {"users_by_status"}, identity.ByLastSignIn: {"users_by_last_sign_in"},
}

func TestEveryOrderOfUsersIsReadFromAnIndexThroughEveryFilter(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	o, raw := populous(t, db)
	execute(t, raw, manyKinds, "ANALYZE users")
	var middle identity.User
	read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
		middle, err = s.User(ctx, "usr_20018")
		return err
	})
	long := db.Clock.Now().AddDate(-50, 0, 0)
	for _, row := range []struct {
		filter identity.UserFilter
		// rare is the index that finds the few who fit a filter, which are sorted then; "" where many fit.
		rare string
	}{
		{identity.UserFilter{}, ""},
		{identity.UserFilter{Status: pointer(identity.StatusActive)}, ""},
		{identity.UserFilter{Roles: []identity.UserRole{identity.SubUser}}, ""},
		{identity.UserFilter{IsEnrolled: pointer(false)}, ""},
		{identity.UserFilter{HasSignedIn: pointer(true)}, ""},
		{identity.UserFilter{CreatedFrom: &long}, ""},
		{identity.UserFilter{Statuses: []identity.UserStatus{identity.StatusBlocked}}, "users_by_status"},
		{identity.UserFilter{LastSignInUntil: &long}, "users_by_last_sign_in"},
	} {
		for field, indexes := range orderIndexes {
			for _, direction := range []identity.OrderDirection{identity.Ascending, identity.Descending} {
				order := identity.UserOrder{Field: field, Direction: direction}
				for _, after := range []identity.Cursor{nil, order.Cursor(middle)} {
					plan := explain(t, db, raw, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
						return second(s.Users(ctx, o.ID, row.filter, order, identity.Page{First: 50, After: after}))
					})
					if fault := faultOf(plan, row.rare, indexes); fault != "" {
						t.Errorf("%+v by %v after %v %s:\n%s", row.filter, order, after, fault, plan)
					}
				}
			}
		}
	}
}

// faultOf says what is wrong with a plan; "" where nothing is.
func faultOf(plan, rare string, indexes []string) string {
	found := func(index string) bool { return strings.Contains(plan, index+" ") }
	switch {
	case strings.Contains(plan, "Disk"):
		return "is sorted on disk"
	case rare != "" && found(rare): // what little is left may be sorted
	case rare != "" && !slices.ContainsFunc(indexes, found):
		return "isn't read from " + rare
	case indexes == nil && (strings.Contains(plan, "top-N heapsort") || strings.Contains(plan, "Sort Method: quicksort")):
	case !slices.ContainsFunc(indexes, found):
		return "isn't read from " + strings.Join(indexes, " or ")
	case strings.Contains(plan, "Sort Key"):
		return "is sorted"
	}
	return ""
}

func TestOrdersOfUsersAreReadFromAnIndexOnSQLiteToo(t *testing.T) {
	t.Parallel()
	db := testrig.NewSQLite(t, testrig.NewClock())
	h := settle(t, db, "p", 1)
	var last string
	db.Listen(func(statement string) {
		if strings.HasPrefix(statement, "SELECT") {
			last = statement
		}
	})
	for _, filter := range []identity.UserFilter{{}, {IsEnrolled: pointer(true)}, {Roles: []identity.UserRole{identity.SubUser}}, {Search: pointer("x")}} {
		for field, indexes := range orderIndexes {
			order := identity.UserOrder{Field: field, Direction: identity.Descending}
			for _, after := range []identity.Cursor{nil, order.Cursor(h.user)} {
				read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
					return second(s.Users(ctx, h.organisation.ID, filter, order, identity.Page{First: 50, After: after}))
				})
				plan := litePlan(t, owner(t, db), last)
				sorted := strings.Contains(plan, "TEMP B-TREE")
				read := slices.ContainsFunc(indexes, func(index string) bool {
					return strings.Contains(plan, index+" (portal=? AND organisation_id=?") || field == identity.ByCreation && strings.Contains(plan, "(portal=? AND organisation_id=?")
				})
				if indexes != nil && (sorted || !read) || strings.Contains(plan, "SCAN u") {
					t.Errorf("%+v by %v after %v isn't read from %v:\n%s", filter, order, after, indexes, plan)
				}
			}
		}
	}
}

func TestAListOfUsersIsCountedWithoutReadingThem(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		var last string
		db.Listen(func(statement string) {
			if strings.HasPrefix(statement, "SELECT") {
				last = statement
			}
		})
		read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return second(s.CountUsers(ctx, h.organisation.ID, identity.UserFilter{}))
		})
		if db.IsPostgres() {
			raw := owner(t, db)
			execute(t, raw, "VACUUM ANALYZE users")
			asApp(t, raw, "p", h.organisation.ID, func(tx *sql.Tx) {
				if _, err := tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil { // there are but a few
					t.Fatal(err)
				}
				if plan := planOf(t, tx, last); !strings.Contains(plan, "Index Only Scan using users_by_registration") {
					t.Errorf("users are read to be counted:\n%s", plan)
				}
			})
		} else if plan := litePlan(t, owner(t, db), last); !strings.Contains(plan, "USING COVERING INDEX users_by_registration") {
			t.Errorf("users are read to be counted:\n%s", plan)
		}
	})
}
