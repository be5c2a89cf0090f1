package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// crowd adds users with names in twos and threes that are the same, in another order than their ids and addresses.
func crowd(t testing.TB, db testrig.Database, o identity.Organisation, size int) []identity.User {
	t.Helper()
	users := []identity.User{userOf(o, 0)}
	users[0].Role = identity.MainUser
	within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		for number := 1; number < size; number++ {
			u := userOf(o, number)
			u.DisplayName = []string{"Ánna", "ánna", "Bas", "bas ", "Zoë", "1 & 1", "de Vries", "De Vries"}[number*7%8]
			u.Email = identity.EmailAddress(fmt.Sprintf("%c%d@example.nl", 'z'-rune(number%5), number))
			if err := s.AddUser(ctx, u); err != nil {
				return err
			}
			users = append(users, u)
		}
		return nil
	})
	return users
}

// paged follows the cursors to the end of a list.
func paged[T any](t testing.TB, db testrig.Database, size int,
	list func(context.Context, *store.Scope, identity.Page) (identity.Slice[T], error), cursor func(T) identity.Cursor,
) (all []T) {
	t.Helper()
	page := identity.Page{First: size}
	for more := true; more; {
		read(t, db, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
			part, err := list(ctx, s, page)
			if err != nil {
				return err
			}
			if len(part.Items) > size || part.HasNextPage && len(part.Items) != size {
				t.Errorf("a page of %d has %d items", size, len(part.Items))
			}
			all, more = append(all, part.Items...), part.HasNextPage
			if more {
				page.After = cursor(part.Items[len(part.Items)-1])
			}
			return nil
		})
		if len(all) > 1000 {
			t.Fatal("the list has no end")
		}
	}
	return all
}

func names(users []identity.User) (all []string) {
	for _, u := range users {
		all = append(all, fmt.Sprintf("%s <%s>", u.DisplayName, u.Email))
	}
	return all
}

func TestFiltersOfUsers(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		for number, change := range []func(*identity.User){
			1: func(u *identity.User) {
				u.DisplayName, u.Email, u.LastSignInAt = "100% Zeker", "percent@example.nl", pointer(noon.Add(-time.Microsecond))
			},
			2: func(u *identity.User) {
				u.DisplayName, u.Email, u.LastSignInAt = "1000 Zeker", "under_score@example.nl", &noon
			},
			3: func(u *identity.User) {
				u.DisplayName, u.Email, u.LastSignInAt = `Back\slash`, "underXscore@example.nl", pointer(noon.Add(time.Microsecond))
			},
			4: func(u *identity.User) {
				u.DisplayName, u.Role, u.Username = "Élodie", identity.SuperSubUser, pointer("Elode_K")
			},
			5: func(u *identity.User) { u.Registration = identity.Invited },
			6: func(u *identity.User) {
				u.Registration, u.CreatedAt = identity.ReRegistering, noon.Add(time.Hour)
			},
			7: func(u *identity.User) { u.Registration, u.BlockedAt = identity.Removed, pointer(noon) },
			8: func(u *identity.User) { u.BlockedAt = pointer(noon) },
			9: func(u *identity.User) { u.EmailRefusedAt = pointer(noon) },
		} {
			if change != nil {
				u := userOf(o, number)
				change(&u)
				addUser(t, db, u)
			}
		}
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			u := userOf(o, 9)
			return s.AddFactor(ctx, u, factorOf(u, 1), []byte("sealed"), 1)
		})
		for _, row := range []struct {
			name   string
			filter identity.UserFilter
			want   []int
		}{
			{"everybody but the removed", identity.UserFilter{}, []int{0, 1, 2, 3, 4, 5, 6, 8, 9}},
			{"a percent sign", identity.UserFilter{Search: pointer("0% z")}, []int{1}},
			{"an underscore", identity.UserFilter{Search: pointer("r_s")}, []int{2}},
			{"a backslash", identity.UserFilter{Search: pointer(`K\S`)}, []int{3}},
			{"another case and an accent", identity.UserFilter{Search: pointer("éLO")}, []int{4}},
			{"an address", identity.UserFilter{Search: pointer("USER8@")}, []int{8}},
			{"an apostrophe", identity.UserFilter{Search: pointer(`' OR 1=1 --`)}, nil},
			{"active", identity.UserFilter{Status: pointer(identity.StatusActive)}, []int{0, 1, 2, 3, 4, 9}},
			{"invited", identity.UserFilter{Status: pointer(identity.StatusInvited)}, []int{5}},
			{"registering again", identity.UserFilter{Status: pointer(identity.StatusReRegistering)}, []int{6}},
			{"removed", identity.UserFilter{Status: pointer(identity.StatusRemoved)}, []int{7}},
			{"blocked", identity.UserFilter{Status: pointer(identity.StatusBlocked)}, []int{8}},
			{"main user", identity.UserFilter{Role: pointer(identity.MainUser)}, []int{0}},
			{"super sub-user", identity.UserFilter{Role: pointer(identity.SuperSubUser)}, []int{4}},
			{"sub-user", identity.UserFilter{Role: pointer(identity.SubUser)}, []int{1, 2, 3, 5, 6, 8, 9}},
			{"enrolled", identity.UserFilter{IsEnrolled: pointer(true)}, []int{9}},
			{"not enrolled", identity.UserFilter{IsEnrolled: pointer(false)}, []int{0, 1, 2, 3, 4, 5, 6, 8}},
			{"not reached", identity.UserFilter{EmailRefused: pointer(true)}, []int{9}},
			{"reached", identity.UserFilter{EmailRefused: pointer(false)}, []int{0, 1, 2, 3, 4, 5, 6, 8}},
			{"a user name", identity.UserFilter{Search: pointer("ODE_K")}, []int{4}},
			{"one of two roles", identity.UserFilter{Roles: []identity.UserRole{identity.MainUser, identity.SuperSubUser}}, []int{0, 4}},
			{"one of two roles, and a third", identity.UserFilter{Role: pointer(identity.SubUser), Roles: []identity.UserRole{identity.MainUser}}, nil},
			{"a role that is none", identity.UserFilter{Roles: []identity.UserRole{"' OR 1=1 --"}}, nil},
			{"one of two statuses", identity.UserFilter{Statuses: []identity.UserStatus{identity.StatusBlocked, identity.StatusInvited}}, []int{5, 8}},
			{"the removed beside others", identity.UserFilter{Statuses: []identity.UserStatus{identity.StatusRemoved, identity.StatusBlocked}}, []int{7, 8}},
			{"a status and another", identity.UserFilter{Status: pointer(identity.StatusRemoved), Statuses: []identity.UserStatus{identity.StatusActive}}, nil},
			{"a status that is none", identity.UserFilter{Statuses: []identity.UserStatus{"' OR 1=1 --"}}, nil},
			{"empty lists", identity.UserFilter{Roles: []identity.UserRole{}, Statuses: []identity.UserStatus{}, FactorKinds: []identity.FactorKind{}}, []int{0, 1, 2, 3, 4, 5, 6, 8, 9}},
			{"one of two kinds of factors", identity.UserFilter{FactorKinds: []identity.FactorKind{identity.SMS, identity.TOTP}}, []int{9}},
			{"another kind of factor", identity.UserFilter{FactorKinds: []identity.FactorKind{identity.SMS}}, nil},
			{"a part of a kind of factor", identity.UserFilter{FactorKinds: []identity.FactorKind{"TOT_"}}, nil},
			{"never signed in", identity.UserFilter{HasSignedIn: pointer(false)}, []int{0, 4, 5, 6, 8, 9}},
			{"signed in once", identity.UserFilter{HasSignedIn: pointer(true)}, []int{1, 2, 3}},
			{"signed in since an instant", identity.UserFilter{LastSignInFrom: pointer(noon)}, []int{2, 3}},
			{"signed in before an instant", identity.UserFilter{LastSignInUntil: pointer(noon)}, []int{1}},
			{"signed in before an instant or never", identity.UserFilter{HasSignedIn: pointer(false), LastSignInUntil: pointer(noon)}, nil},
			{"signed in in a period", identity.UserFilter{LastSignInFrom: pointer(noon), LastSignInUntil: pointer(noon.Add(time.Microsecond))}, []int{2}},
			{"in another zone", identity.UserFilter{LastSignInFrom: pointer(noon.In(time.FixedZone("", 7200)))}, []int{2, 3}},
			{"made since an instant", identity.UserFilter{CreatedFrom: pointer(noon.Add(time.Hour))}, []int{6}},
			{"made before an instant", identity.UserFilter{CreatedUntil: pointer(noon.Add(time.Hour))}, []int{0, 1, 2, 3, 4, 5, 8, 9}},
			{"two at once", identity.UserFilter{Search: pointer("user"), IsEnrolled: pointer(true)}, []int{9}},
			{"two that exclude each other", identity.UserFilter{Search: pointer("user8"), IsEnrolled: pointer(true)}, nil},
		} {
			read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				part, err := s.Users(ctx, o.ID, row.filter, identity.UserOrder{Field: identity.ByCreation}, everything)
				var want, got []identity.ID
				for _, number := range row.want {
					want = append(want, userOf(o, number).ID)
				}
				for _, u := range part.Items {
					got = append(got, u.ID)
				}
				if !slices.Equal(want, got) {
					t.Errorf("%s: %v, want %v", row.name, got, want)
				}
				counted, failed := s.CountUsers(ctx, o.ID, row.filter)
				if counted != len(got) {
					t.Errorf("%s: counted %d, listed %d", row.name, counted, len(got))
				}
				return cmp.Or(err, failed)
			})
		}
	})
}

func TestTheStatusOfAListedUserIsTheOneAskedFor(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		number := 0
		for _, registration := range []identity.Registration{identity.Invited, identity.ReRegistering, identity.Registered, identity.Removed} {
			for _, blocked := range []*time.Time{nil, &noon} {
				number++
				u := userOf(o, number)
				u.Registration, u.BlockedAt = registration, blocked
				addUser(t, db, u)
			}
		}
		seen := 0
		for _, status := range []identity.UserStatus{
			identity.StatusInvited, identity.StatusReRegistering, identity.StatusActive, identity.StatusBlocked, identity.StatusRemoved,
		} {
			read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				part, err := s.Users(ctx, o.ID, identity.UserFilter{Status: &status}, identity.UserOrder{}, everything)
				for _, u := range part.Items {
					seen++
					if u.Status() != status {
						t.Errorf("user %s is %s, and listed as %s", u.ID, u.Status(), status)
					}
				}
				return err
			})
		}
		if seen != number+1 {
			t.Errorf("%d users have a status, want %d", seen, number+1)
		}
	})
}

func TestOrganisationsAreListedByNameAndFoundByCode(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		for number, name := range []string{1: "Beta", 2: "alfa", 3: "Beta", 4: "Operator", 5: "Gamma 10%"} {
			if name == "" {
				continue
			}
			o, main := organisationOf("p", number)
			o.Name, o.IsOperator, o.Code = name, name == "Operator", pointer(fmt.Sprintf("CODE_%d", number))
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				return cmp.Or(s.AddOrganisation(ctx, o), s.AddUser(ctx, main))
			})
		}
		for _, row := range []struct {
			search *string
			want   []int
		}{
			{nil, []int{2, 1, 3, 5}}, {pointer("BETA"), []int{1, 3}}, {pointer("code_3"), []int{3}}, {pointer("0%"), []int{5}}, {pointer("operator"), nil},
		} {
			filter := identity.OrganisationFilter{Search: row.search}
			for _, size := range []int{1, 2, 5} {
				list := func(ctx context.Context, s *store.Scope, page identity.Page) (identity.Slice[identity.Organisation], error) {
					n, err := s.CountOrganisations(ctx, filter)
					if n != len(row.want) {
						t.Errorf("counted %d, want %d", n, len(row.want))
					}
					part, failed := s.Organisations(ctx, filter, identity.OrganisationOrder{}, page)
					return part, cmp.Or(err, failed)
				}
				got := paged(t, db, size, list, func(o identity.Organisation) identity.Cursor {
					return identity.Cursor{identity.Fold(o.Name), string(o.ID)}
				})
				if !slices.EqualFunc(got, row.want, func(o identity.Organisation, number int) bool {
					return o.ID == id(identity.KindOrganisation, number)
				}) {
					t.Errorf("pages of %d: %v, want %v", size, got, row.want)
				}
			}
		}
	})
}

func TestListsOfEventsInvitationsAndTokensAreCompleteAndTheLatestFirst(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		const size = 9
		for number := range size {
			u := addUser(t, db, userOf(o, number+1))
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				s.Record(eventOf(o, number))
				return cmp.Or(s.AddInvitation(ctx, invitationOf(u, number)), s.AddAPIToken(ctx, apiTokenOf(u, number), hash(number)))
			})
		}
		for page := range size + 2 {
			events := paged(t, db, page+1, func(ctx context.Context, s *store.Scope, page identity.Page) (identity.Slice[store.AuditEvent], error) {
				return s.AuditEvents(ctx, o.ID, identity.AuditFilter{}, page)
			}, func(e store.AuditEvent) identity.Cursor { return identity.Cursor{fmt.Sprint(e.Sequence)} })
			invitations := paged(t, db, page+1, func(ctx context.Context, s *store.Scope, page identity.Page) (identity.Slice[identity.Invitation], error) {
				return s.Invitations(ctx, o.ID, nil, page)
			}, func(i identity.Invitation) identity.Cursor { return identity.Cursor{string(i.ID)} })
			tokens := paged(t, db, page+1, func(ctx context.Context, s *store.Scope, page identity.Page) (identity.Slice[identity.APIToken], error) {
				return s.APITokens(ctx, o.ID, identity.APITokenFilter{}, page)
			}, func(a identity.APIToken) identity.Cursor { return identity.Cursor{string(a.ID)} })
			if len(events) != size || len(invitations) != size || len(tokens) != size {
				t.Fatalf("pages of %d: %d events, %d invitations and %d tokens, want %d of each", page+1, len(events), len(invitations), len(tokens), size)
			}
			for i := range size {
				last := size - 1 - i
				if events[i].ID != id(identity.KindEvent, last) || invitations[i].ID != id(identity.KindInvitation, last) || tokens[i].ID != id(identity.KindAPIToken, last) {
					t.Errorf("pages of %d: number %d is out of order", page+1, i)
				}
			}
		}
	})
}
