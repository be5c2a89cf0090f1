package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// TestPagingShowsEveryUserOnceInOrderWhileUsersComeAndGo draws organisations, orders, filters and sizes of pages. What is paged
// through must be what Go says of the same users, each once and in order; and where users come and go between the pages, the
// same of everybody who stays.
func TestPagingShowsEveryUserOnceInOrderWhileUsersComeAndGo(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		const rounds, lists = 6, 40
		for round := range rounds {
			d := &drawn{T: t, db: db, random: rand.New(rand.NewPCG(47, uint64(round))), o: addOrganisation(t, db, "p", round+1)}
			d.fill()
			for list := range lists {
				d.page(list%2 == 1)
			}
		}
	})
}

// drawn is an organisation with random users.
type drawn struct {
	*testing.T
	db      testrig.Database
	random  *rand.Rand
	o       identity.Organisation
	users   map[identity.ID]identity.User
	numbers int
}

func one[T any](random *rand.Rand, of ...T) T { return of[random.IntN(len(of))] }

func after(microseconds int) time.Time {
	return noon.Add(time.Duration(microseconds) * time.Microsecond)
}

// fill adds users that have much in common, beside the main user, and some in the organisation next door.
func (d *drawn) fill() {
	main := userOf(d.o, 0)
	main.Role = identity.MainUser
	d.users = map[identity.ID]identity.User{main.ID: main}
	for range d.random.IntN(40) {
		d.add()
	}
}

// user draws one. Instants are near each other, to the microsecond.
func (d *drawn) user() identity.User {
	d.numbers++
	u := userOf(d.o, d.numbers)
	u.DisplayName = one(d.random, "Ánna", "ánna", "A\u0301nna", "Bas", "bas ", "Zoë", "zoe", "1 & 1", "de Vries", "De Vries", "100%", "a_b", `c\d`, "Ĳsbrand", "Ωmega", "😀")
	u.Email = identity.EmailAddress(fmt.Sprintf("%s%d@example.nl", one(d.random, "a", "B", "z", "_", "%"), d.numbers))
	if d.random.IntN(3) == 0 {
		u.Username = pointer(fmt.Sprintf("%s%d", one(d.random, "Anna", "z_", "ü"), d.numbers))
	}
	u.Role = one(d.random, identity.SubUser, identity.SubUser, identity.SuperSubUser)
	u.Registration = one(d.random, identity.Registered, identity.Registered, identity.Invited, identity.ReRegistering, identity.Removed)
	u.Provider = one(d.random, "", "", "eherkenning")
	instant := func() *time.Time {
		return pointer(after(one(d.random, 0, 1, 10, 100, 500_000, 1_000_000, 3_600_000_000, d.random.IntN(3_000_000))))
	}
	u.CreatedAt = *instant()
	u.LastSignInAt = one(d.random, nil, instant(), instant())
	u.BlockedAt = one(d.random, nil, nil, nil, instant())
	u.EmailRefusedAt = one(d.random, nil, nil, instant())
	return u
}

func (d *drawn) add() {
	u := d.user()
	within(d, d.db, d.o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		err := s.AddUser(ctx, u)
		if u.Registration == identity.Registered && d.random.IntN(2) == 0 {
			factor := factorOf(u, d.numbers)
			factor.Kind = one(d.random, identity.TOTP, identity.SMS, identity.RecoveryCode)
			u.FactorKinds = []identity.FactorKind{factor.Kind}
			err = errors.Join(err, s.AddFactor(ctx, u, factor, []byte("sealed"), 1))
		}
		return err
	})
	d.users[u.ID] = u
}

// filter draws one that lets some through.
func (d *drawn) filter() (f identity.UserFilter) {
	for range d.random.IntN(3) {
		instant := pointer(after(d.random.IntN(2_000_000)))
		switch d.random.IntN(13) {
		case 0:
			f.Search = pointer(one(d.random, "a", "B", "zo", "_", "%", `\`, "@EXAMPLE", "anna", "ü", "x' OR 1=1 --", "1", ""))
		case 1:
			f.Role = pointer(one(d.random, identity.UserRoles...))
		case 2:
			f.Roles = []identity.UserRole{one(d.random, identity.UserRoles...), one(d.random, identity.UserRoles...)}
		case 3:
			f.Status = pointer(one(d.random, identity.UserStatuses...))
		case 4:
			f.Statuses = []identity.UserStatus{one(d.random, identity.UserStatuses...), one(d.random, identity.UserStatuses...)}
		case 5:
			f.IsEnrolled = pointer(d.random.IntN(2) == 0)
		case 6:
			f.FactorKinds = []identity.FactorKind{one(d.random, identity.FactorKinds...), one(d.random, identity.FactorKinds...)}
		case 7:
			f.HasSignedIn = pointer(d.random.IntN(2) == 0)
		case 8:
			f.LastSignInFrom = instant
		case 9:
			f.LastSignInUntil = instant
		case 10:
			f.CreatedFrom = instant
		case 11:
			f.CreatedUntil = instant
		case 12:
			f.EmailRefused = pointer(d.random.IntN(2) == 0)
		}
	}
	return f
}

// page goes through a list to its end.
func (d *drawn) page(comeAndGo bool) {
	d.Helper()
	order := identity.UserOrder{Field: one(d.random, identity.UserOrderFields...), Direction: one(d.random, identity.Ascending, identity.Descending)}
	filter, page, moved := d.filter(), identity.Page{First: 1 + d.random.IntN(12)}, map[identity.ID]bool{}
	want := d.wanted(filter, order)
	if counted := d.count(filter); counted != len(want) {
		d.Errorf("%+v: counted %d, want %d", filter, counted, len(want))
	}
	var got []identity.ID
	for more := true; more; {
		read(d, d.db, d.o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			part, err := s.Users(ctx, d.o.ID, filter, order, page)
			if len(part.Items) > page.First || part.HasNextPage && len(part.Items) != page.First {
				d.Errorf("a page of %d has %d items", page.First, len(part.Items))
			}
			for _, u := range part.Items {
				got, page.After = append(got, u.ID), order.Cursor(u)
			}
			more = part.HasNextPage
			return err
		})
		if comeAndGo {
			moved[d.move()] = true
		}
	}
	if sorted := slices.Sorted(slices.Values(got)); len(slices.Compact(sorted)) != len(got) {
		d.Errorf("%v of %+v in pages of %d shows somebody twice: %v", order, filter, page.First, got)
	}
	stayed := func(all []identity.ID) []identity.ID {
		return slices.DeleteFunc(slices.Clone(all), func(id identity.ID) bool { return moved[id] })
	}
	if !slices.Equal(stayed(got), stayed(want)) {
		d.Errorf("%v of %+v in pages of %d:\n%v, want\n%v", order, filter, page.First, stayed(got), stayed(want))
	}
}

// move lets a user come, or go for good.
func (d *drawn) move() identity.ID {
	if d.random.IntN(2) == 0 {
		d.add()
		return userOf(d.o, d.numbers).ID
	}
	number := 1 + d.random.IntN(max(d.numbers, 1))
	u, there := d.users[userOf(d.o, number).ID]
	if there && u.Registration != identity.Removed {
		u.Registration, u.FactorKinds = identity.Removed, nil
		within(d, d.db, d.o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return errors.Join(s.SaveUser(ctx, u), s.RemoveFactors(ctx, u.ID))
		})
		d.users[u.ID] = u
	}
	return u.ID
}

func (d *drawn) count(filter identity.UserFilter) (counted int) {
	read(d, d.db, d.o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
		counted, err = s.CountUsers(ctx, d.o.ID, filter)
		return err
	})
	return counted
}

// wanted says in Go who is in a list, and in what order.
func (d *drawn) wanted(f identity.UserFilter, order identity.UserOrder) (ids []identity.ID) {
	var fit []identity.User
	for _, u := range d.users {
		if fits(u, f) {
			fit = append(fit, u)
		}
	}
	slices.SortFunc(fit, func(a, b identity.User) int {
		ascending := slices.Compare(order.Cursor(a), order.Cursor(b))
		if order.Direction == identity.Descending {
			return -ascending
		}
		return ascending
	})
	for _, u := range fit {
		ids = append(ids, u.ID)
	}
	return ids
}

// fits says in Go what the filter says in SQL.
func fits(u identity.User, f identity.UserFilter) bool {
	asked := func(wanted *bool, is bool) bool { return wanted == nil || *wanted == is }
	period := func(at *time.Time, from, until *time.Time) bool {
		return (from == nil || at != nil && !at.Before(*from)) && (until == nil || at != nil && at.Before(*until))
	}
	text := func(text string) bool {
		return strings.Contains(identity.Fold(text), identity.Fold(*f.Search))
	}
	return (f.WantsRemoved() || u.Registration != identity.Removed) &&
		(f.Role == nil || *f.Role == u.Role) && (len(f.Roles) == 0 || slices.Contains(f.Roles, u.Role)) &&
		(f.Status == nil || *f.Status == u.Status()) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, u.Status())) &&
		(f.Search == nil || text(u.DisplayName) || text(string(u.Email)) || u.Username != nil && text(*u.Username)) &&
		asked(f.IsEnrolled, len(u.FactorKinds) > 0) && asked(f.EmailRefused, u.EmailRefusedAt != nil) && asked(f.HasSignedIn, u.LastSignInAt != nil) &&
		(len(f.FactorKinds) == 0 || slices.ContainsFunc(u.FactorKinds, func(kind identity.FactorKind) bool { return slices.Contains(f.FactorKinds, kind) })) &&
		period(u.LastSignInAt, f.LastSignInFrom, f.LastSignInUntil) && period(&u.CreatedAt, f.CreatedFrom, f.CreatedUntil)
}
