package graph

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Organisations, or other things, that stand together in a list are asked together: what a field needs of one of them is
// loaded for all of them when the first one is asked, so that a list of two hundred takes as many statements as a list of
// two. A list says which stand together before its items are answered, so nothing waits, and who comes first doesn't matter.

// siblings are the families of organisations that the lists of one operation have shown so far.
type siblings struct {
	mutex    sync.Mutex
	families map[identity.ID]*family
}

// family is organisations that stand together, and what was loaded of them.
type family struct {
	ids   []identity.ID
	mutex sync.Mutex
	known any // a slice of them; nil: not known yet
	loads map[string]*load
}

// load is something of every member of a family, loaded once.
type load struct {
	mutex sync.Mutex
	done  bool
	found any
	err   error
}

type siblingsKey struct{}

func withSiblings(ctx context.Context) context.Context {
	return context.WithValue(ctx, siblingsKey{}, &siblings{})
}

// forgetSiblings is for the next mutation of an operation, which must not see what was loaded before it.
func forgetSiblings(ctx context.Context) {
	all := ctx.Value(siblingsKey{}).(*siblings)
	all.mutex.Lock()
	defer all.mutex.Unlock()
	clear(all.families)
}

// stand notes that organisations stand together. Those that do so already in a larger list stay there.
func stand(ctx context.Context, ids []identity.ID, known any) {
	all := ctx.Value(siblingsKey{}).(*siblings)
	all.mutex.Lock()
	defer all.mutex.Unlock()
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return
	}
	if first := all.families[ids[0]]; first != nil && !slices.ContainsFunc(ids, func(id identity.ID) bool { return all.families[id] != first }) {
		return
	}
	together := &family{ids: ids, known: known, loads: map[string]*load{}}
	if all.families == nil {
		all.families = map[identity.ID]*family{}
	}
	for _, id := range ids {
		all.families[id] = together
	}
}

// standTogether notes that the organisations of a list do.
func standTogether(ctx context.Context, known []identity.Organisation) {
	stand(ctx, identity.IDsOf(known), known)
}

// usersStandTogether notes that the organisations of the users of a list do.
func usersStandTogether(ctx context.Context, users []identity.User) {
	ids := make([]identity.ID, len(users))
	for i, user := range users {
		ids[i] = user.OrganisationID
	}
	stand(ctx, ids, nil)
}

func familyOf(ctx context.Context, id identity.ID) *family {
	all := ctx.Value(siblingsKey{}).(*siblings)
	all.mutex.Lock()
	defer all.mutex.Unlock()
	return all.families[id]
}

// of answers something of one organisation, loaded with that of its siblings. What names it, with everything that it depends
// on.
func of[T any](ctx context.Context, organisation identity.Organisation, what string, read func(context.Context, []identity.Organisation) (map[identity.ID]T, error)) (T, error) {
	return ofMember(ctx, organisation.ID, organisation, what, read)
}

// ofMember is of for whatever else stands together in a list.
func ofMember[M, T any](ctx context.Context, id identity.ID, member M, what string, read func(context.Context, []M) (map[identity.ID]T, error)) (T, error) {
	f := familyOf(ctx, id)
	members := membersOf[M](f)
	if members == nil {
		found, err := read(ctx, []M{member})
		return found[id], err
	}
	found, err := loadOnce(f, what, func() (map[identity.ID]T, error) { return read(ctx, members) })
	return found[id], err
}

// loadOnce loads something of a family, unless it was. One that panics loads nothing, and the next one tries again.
func loadOnce[T any](f *family, what string, read func() (map[identity.ID]T, error)) (map[identity.ID]T, error) {
	f.mutex.Lock()
	l := f.loads[what]
	if l == nil {
		l = &load{}
		f.loads[what] = l
	}
	f.mutex.Unlock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !l.done {
		l.found, l.err = read()
		l.done = true
	}
	return l.found.(map[identity.ID]T), l.err
}

// membersOf are those of a family; nil where they aren't known yet, or there is no family.
func membersOf[M any](f *family) []M {
	if f == nil {
		return nil
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	members, _ := f.known.([]M)
	return members
}

// organisationOf answers the organisation of a user, loaded with those of the users in the same list.
func organisationOf(ctx context.Context, use *app.App, user identity.User) (*identity.Organisation, error) {
	f := familyOf(ctx, user.OrganisationID)
	if f == nil {
		f = &family{ids: []identity.ID{user.OrganisationID}, loads: map[string]*load{}}
	}
	found, err := loadOnce(f, "organisation", func() (map[identity.ID]identity.Organisation, error) {
		return f.load(ctx, use)
	})
	organisation := found[user.OrganisationID]
	return &organisation, err
}

// load makes the members of a family known that a list of users has shown.
func (f *family) load(ctx context.Context, use *app.App) (map[identity.ID]identity.Organisation, error) {
	if members := membersOf[identity.Organisation](f); members != nil {
		found := make(map[identity.ID]identity.Organisation, len(members))
		for _, organisation := range members {
			found[organisation.ID] = organisation
		}
		return found, nil
	}
	found, err := use.OrganisationsOf(ctx, actorOf(ctx), f.ids)
	if err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.known = slices.Collect(maps.Values(found))
	return found, nil
}

// named names a list with what narrows it.
func named(list string, arguments ...any) string {
	text, _ := json.Marshal(arguments) // inputs always encode
	return list + string(text)
}
