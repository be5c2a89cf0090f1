package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func searchFor(text string) identity.UserSearch {
	search, err := identity.CleanSearch(text)
	if err != nil {
		panic(err)
	}
	return search
}

var byName = identity.UserOrder{Field: identity.ByDisplayName, Direction: identity.Ascending}

// wantFound searches the whole of a portal, page by page of one user, and counts.
func wantFound(t *testing.T, db testrig.Database, portal, text string, want ...identity.User) {
	t.Helper()
	slices.SortFunc(want, func(a, b identity.User) int { return slices.Compare(byName.Cursor(a), byName.Cursor(b)) })
	page := identity.Page{First: 1}
	var got []identity.User
	for more := true; more; {
		read(t, db, identity.AcrossPortal(portal), func(ctx context.Context, s *store.Scope) error {
			part, err := s.SearchUsers(ctx, searchFor(text), identity.UserFilter{}, byName, page)
			counted, failed := s.CountSearchedUsers(ctx, searchFor(text), identity.UserFilter{})
			if counted != len(want) {
				t.Errorf("%q: counted %d, want %d", text, counted, len(want))
			}
			if got, more = append(got, part.Items...), part.HasNextPage; len(part.Items) > 0 {
				page.After = byName.Cursor(part.Items[len(part.Items)-1])
			}
			return errors.Join(err, failed)
		})
	}
	if !slices.EqualFunc(got, want, func(a, b identity.User) bool { return a.ID == b.ID }) {
		t.Errorf("%q finds %v, want %v", text, names(got), names(want))
	}
}

func TestASearchFindsUsersByTheBeginningsOfWordsAndOfWhatElseTheyAreCalled(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o, main := organisationOf("p", 1)
		o.Name, o.Code, main.DisplayName = "Kantoor Zuid-Holland 24", pointer("K_01"), "Mies Bakker"
		jan, zoe, percent, piet := userOf(o, 1), userOf(o, 2), userOf(o, 3), userOf(o, 4)
		jan.DisplayName, jan.Username = "Jan Jansen", pointer("wachtmeester")
		zoe.DisplayName, zoe.Email = "Zoë van der Hoff-de Vries", "hoofd@kantoor.test"
		percent.DisplayName = "100% Zeker"
		piet.DisplayName, piet.Registration = "Piet Verdwenen", identity.Removed
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			err := errors.Join(s.AddOrganisation(ctx, o), s.AddUser(ctx, main))
			for _, u := range []identity.User{jan, zoe, percent, piet} {
				err = errors.Join(err, s.AddUser(ctx, u))
			}
			return errors.Join(err, s.AddSupportAction(ctx, supportActionOf(jan, 1)))
		})
		elsewhere, _ := organisationOf("q", 2)
		within(t, db, elsewhere.Tenant(), func(ctx context.Context, s *store.Scope) error {
			theirs := userOf(elsewhere, 0)
			theirs.DisplayName = "Jan Jansen"
			return errors.Join(s.AddOrganisation(ctx, elsewhere), s.AddUser(ctx, theirs))
		})
		everybody := []identity.User{main, jan, zoe, percent}
		for text, want := range map[string][]identity.User{
			"jansen": {jan}, "JAN": {jan}, "jan jansen": {jan}, "jansen, jan": {jan}, "ja ja": {jan}, "piet jansen": nil, "jansens": nil, "ansen": nil,
			"bak": {main}, "mi bak": {main}, "van der": {zoe}, "hoff": {zoe}, "zoe vries": {zoe}, "ZOË": {zoe}, "van 't": {}, "verdwenen": nil,
			"wachtm": {jan}, "k_0": everybody, "kantoor": everybody, "holland": everybody, "24 zuid": everybody, "k_01 jan": nil,
			"hoofd@": {zoe}, "zoe@": nil, "100%": {percent}, "%e": nil, "_a": nil, "%%": nil, `\\`: nil, "a%": nil, supportActionOf(jan, 1).Ticket: {jan},
		} {
			wantFound(t, db, "p", text, slices.Clone(want)...)
		}
	})
}

func TestWhoIsRenamedOrRemovedIsFoundByTheNewWordsAlone(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u, main := userOf(o, 1), userOf(o, 0)
		u.DisplayName = "Jan van Dam"
		addUser(t, db, u)
		u.DisplayName, o.Name = "Jan Bakker", "Bakkerij Twee"
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return errors.Join(s.SaveUser(ctx, u), s.SaveOrganisation(ctx, o))
		})
		for text, want := range map[string][]identity.User{
			"dam": nil, "jan": {u}, "bakk": {u, main}, "bakker": {u, main}, "jan bakker": {u}, "organisation": nil, "twee": {u, main},
		} {
			wantFound(t, db, "p", text, want...)
		}
		u.Registration = identity.Removed
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.SaveUser(ctx, u) })
		wantFound(t, db, "p", "jan")
		if n := count(t, owner(t, db), fmt.Sprintf("SELECT count(*) FROM name_words WHERE user_id = '%s'", u.ID)); n != 0 {
			t.Errorf("%d words are kept of somebody who was removed", n)
		}
	})
}

func TestTheWordsOfANameAreThoseOfTheLastOfFiftyThatSaveItAtOnce(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		race(t, func(racer int) (bool, error) {
			mine := u
			mine.DisplayName = fmt.Sprintf("Name%d Of Racer%d", racer%7, racer)
			return true, db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.SaveUser(t.Context(), mine) })
		})
		var last identity.User
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
			last, err = s.User(ctx, u.ID)
			return err
		})
		got := lines(t, owner(t, db), fmt.Sprintf("SELECT word FROM name_words WHERE user_id = '%s' ORDER BY word", u.ID))
		if want := identity.NameWords(last.DisplayName); !slices.Equal(got, want) {
			t.Errorf("%s has the words %v, want %v", last.DisplayName, got, want)
		}
	})
}

func TestNamesFromBeforeTheirWordsWereKeptGetThem(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		for number := range 600 { // more than are read at a time
			u := userOf(o, number+1)
			u.DisplayName, u.Registration = fmt.Sprintf("Zoë van Dam%d", number), identity.Registered
			if number%3 == 0 {
				u.Registration = identity.Removed
			}
			addUser(t, db, u)
		}
		raw := owner(t, db)
		before := rowsOf(t, raw, "name_words")
		execute(t, raw, "DROP TABLE name_words", "DELETE FROM bun_migrations WHERE name = '0020'")
		if err := store.Migrate(t.Context(), db.URL); err != nil {
			t.Fatal(err)
		}
		after := rowsOf(t, raw, "name_words")
		slices.Sort(before)
		slices.Sort(after)
		if !slices.Equal(before, after) || len(after) < 1000 {
			t.Errorf("%d words are kept after the migration, want %d", len(after), len(before))
		}
	})
}

// TestASearchOfThePortalIsReadFromIndexes, and no further than what it shows: 45,000 users are in the portal, and every
// name begins with "user".
func TestASearchOfThePortalIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	_, raw := populous(t, db)
	for _, text := range []string{"user 1", "user15", "1500 us", "organisation 1", "12345 organisation", "us", "nobody", "user nobody"} {
		plan := explain(t, db, raw, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
			return second(s.SearchUsers(ctx, searchFor(text), identity.UserFilter{}, byName, identity.Page{First: 50}))
		})
		for _, index := range []string{"users_search_name", "users_mailbox", "users_search_username", "name_words_users", "name_words_organisations"} {
			if !strings.Contains(plan, index) {
				t.Errorf("%q isn't looked for in %s:\n%s", text, index, plan)
			}
		}
		if strings.Contains(plan, "Seq Scan on users") || strings.Contains(plan, "Seq Scan on name_words") {
			t.Errorf("%q reads all users:\n%s", text, plan)
		}
	}
}

func TestASearchOfThePortalIsReadFromIndexesOnSQLiteToo(t *testing.T) {
	t.Parallel()
	db := testrig.NewSQLite(t, testrig.NewClock())
	settle(t, db, "p", 1)
	var last string
	db.Listen(func(statement string) {
		if strings.HasPrefix(statement, "SELECT") {
			last = statement
		}
	})
	for _, text := range []string{"user 1", "jan jansen", "us", "mies van der bakker"} {
		read(t, db, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
			return second(s.SearchUsers(ctx, searchFor(text), identity.UserFilter{}, byName, identity.Page{First: 50}))
		})
		plan := litePlan(t, owner(t, db), last)
		for _, index := range []string{
			"users_search_name (portal=? AND name_key>? AND name_key<?)", "users_mailbox (portal=? AND email_key>? AND email_key<?)",
			"users_search_username (portal=? AND username_key>? AND username_key<?)", "organisations_code (portal=? AND code_key>? AND code_key<?)",
			"name_words_users (portal=? AND word>? AND word<?)", "name_words_organisations (portal=? AND word>? AND word<?)",
		} {
			if !strings.Contains(plan, index) {
				t.Errorf("%q isn't looked for in %s:\n%s", text, index, plan)
			}
		}
		for _, table := range []string{"u", "w", "o", "m", "a"} {
			if strings.Contains(plan, "SCAN "+table+"\n") || strings.Contains(plan, "SCAN "+table+" ") {
				t.Errorf("%q reads all of %s:\n%s", text, table, plan)
			}
		}
	}
}

func litePlan(t *testing.T, raw *sql.DB, statement string) (plan string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var node, parent, unused int
		var detail string
		if err := rows.Scan(&node, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
