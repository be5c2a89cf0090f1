package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// caller is one kind of somebody who asks, with what the test knows of them by itself.
type caller struct {
	name    string
	browser *rig.Browser
	actor   identity.Actor
	// narrow: a partner who differs from another in scopes alone.
	narrow bool
	// wide: their work reaches the whole portal, so that a sibling organisation isn't foreign to them.
	wide bool
}

// matrix is the world of the access matrix: an organisation, its sibling, one in another portal, and everybody who asks.
type matrix struct {
	r                     *rig.Rig
	own, sibling, foreign household
	// staff is the portal's operating organisation: foreign to everybody but staff.
	staff   household
	callers []caller
}

func newMatrix(r *rig.Rig, strength identity.SessionStrength) *matrix {
	here, there := newDesk(r, "tvm"), newDesk(r, "default")
	m := &matrix{
		r: r, own: newHousehold(r, here, "tvm", "own"), sibling: newHousehold(r, here, "tvm", "sibling"),
		foreign: newHousehold(r, there, "default", "foreign"),
	}
	m.staff = operator(r, here)
	before := enrolling(r, r.SignedIn("tvm", m.own.main), "tvm", "enrolling@own.test")
	middle := r.Browser("tvm")
	middle.SignIn(m.own.enrolled, rig.Password)
	m.add("nobody", r.Browser("tvm"), identity.Actor{})
	m.add("in the middle of a sign-in", middle, identity.Actor{SignIn: &identity.SignIn{}})
	m.add("before enrolment", before, identity.Actor{SignIn: &identity.SignIn{}})
	m.session("sub-user", r.SignedIn("tvm", m.own.sub), identity.SubUser, identity.SingleFactor)
	m.session("super sub-user", r.SignedIn("tvm", m.own.super), identity.SuperSubUser, identity.SingleFactor)
	m.session("session of one establishment", limited(r, m.own), identity.SubUser, identity.TwoFactor)
	main := r.SignedIn("tvm", m.own.main)
	if strength == identity.TwoFactor {
		main.Enrol()
	}
	m.session("main user", main, identity.MainUser, strength)
	m.session("support agent", here.support, identity.Support, identity.TwoFactor)
	m.session("portal administrator", here.admin, identity.PortalAdmin, identity.TwoFactor)
	m.token("partner", identity.WholePortal, identity.APIScopes...)
	m.tokenOf("partner of one organisation", here.admin)
	return m
}

// limited is an employee of a household's business who may act for one establishment of it. They came in through the broker.
func limited(r *rig.Rig, h household) *rig.Browser {
	browser := r.Browser("tvm")
	browser.Come(map[string]any{"sub": "p-limited", "chamber_of_commerce": numberOf(h.name), "eherkenning_vestigingsnr": shop})
	if read := browser.Do(howItWent); !strings.Contains(read.Text, shop) {
		r.T.Fatalf("nobody of one establishment came in: %s", read.Text)
	}
	return browser
}

// narrow adds partners with each scope alone, and with all but each.
func (m *matrix) narrow() {
	for _, scope := range identity.APIScopes {
		m.token("partner with "+string(scope)+" alone", identity.WholePortal, scope)
		m.token("partner without "+string(scope), identity.WholePortal, slices.DeleteFunc(slices.Clone(identity.APIScopes),
			func(s identity.APIScope) bool { return s == scope })...)
	}
	for i := range m.callers {
		m.callers[i].narrow = strings.HasPrefix(m.callers[i].name, "partner with")
	}
}

func (m *matrix) add(name string, browser *rig.Browser, actor identity.Actor) {
	m.callers = append(m.callers, caller{name: name, browser: browser, actor: actor, wide: actor.IsStaff() || actor.Token != nil && actor.Token.Organisation == identity.WholePortal})
}

func (m *matrix) session(name string, browser *rig.Browser, role identity.UserRole, strength identity.SessionStrength) {
	m.add(name, browser, identity.Actor{
		User: &identity.User{Role: role}, Organisation: &identity.Organisation{},
		Session: &identity.Session{Strength: strength, ProvenAt: m.r.Clock.Now()},
	})
}

func (m *matrix) token(name string, organisation identity.ID, scopes ...identity.APIScope) {
	m.add(name, m.r.Partner("tvm", m.r.Token("tvm", scopes...)), identity.Actor{Token: &identity.APIToken{Organisation: organisation, Scopes: scopes}})
}

func (m *matrix) tokenOf(name string, admin *rig.Browser) {
	scopes := identity.APIScopes
	token := admin.Do(`mutation ($id: ID!, $scopes: [ApiScope!]!) { createApiToken(input: {name: "one", scopes: $scopes, organisationIds: [$id]}) { token } }`,
		map[string]any{"id": m.own.ids["org"], "scopes": scopes}).String("createApiToken.token")
	m.add(name, m.r.Partner("tvm", token), identity.Actor{Token: &identity.APIToken{Organisation: identity.ID(m.own.ids["org"]), Scopes: scopes}})
}

// asked is what a field answers that caller, the ids in its arguments naming that thing.
func (m *matrix) asked(c caller, e entry, id string) rig.Answer {
	if len(e.ids) == 0 {
		return c.browser.Do(e.document)
	}
	return c.browser.Do(e.document, map[string]any{"id": id})
}

// kind is what the field's id names; every field of Query and Mutation has at most one.
func (e entry) kind() string {
	for _, kind := range e.ids {
		return kind
	}
	return ""
}

// door is the field that an entry asks: several can ask the same one, each in a way of its own that stands behind a space.
func door(entry string) string {
	field, _, _ := strings.Cut(entry, " ")
	return field
}

// roots are the fields of Query and Mutation in the order in which they are asked.
func roots() []string {
	all := slices.Sorted(maps.Keys(entries))
	all = slices.DeleteFunc(all, func(field string) bool { return strings.HasPrefix(field, "Organisation.") })
	slices.SortStableFunc(all, func(a, b string) int {
		switch {
		case entries[a].ends == entries[b].ends:
			return 0
		case entries[b].ends:
			return -1
		}
		return 1
	})
	return all
}

// denied is the code of the denial that an answer begins with; "" for none.
func denied(answer rig.Answer) string {
	for _, err := range answer.Errors {
		return err.Code()
	}
	return ""
}

func admits(access identity.Access, actor identity.Actor) string {
	refusals, _ := identity.Refusals(access.Admit(actor))
	for _, refusal := range refusals {
		return string(refusal.Code)
	}
	return ""
}

// standsElsewhere are the doors that open to a sign-in which stands before enrolment, and not to one before a factor: which
// of the two it is, the use case knows.
var standsElsewhere = []string{
	"Mutation.beginTotpEnrolment", "Mutation.beginEmailEnrolment", "Mutation.beginSmsEnrolment", "Mutation.beginWebAuthnEnrolment",
	"Mutation.confirmEnrolment",
}

func TestEveryFieldOpensToWhomTheSchemaSaysAndToNobodyElse(t *testing.T) {
	t.Parallel()
	doors := accessOf(t)
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.SingleFactor)
		m.narrow()
		m.check(t, doors, func(field string) bool { return !entries[field].ends })
		r.Clock.Advance(5 * time.Minute) // no proof is fresh any more, which means nothing to programs
		m.callers = slices.DeleteFunc(m.callers, func(c caller) bool { return c.narrow })
		m.check(t, doors, func(field string) bool { return !entries[field].ends || strings.HasSuffix(field, "signOut") })
	}, rig.Portal("default", likeTVM))
}

func (m *matrix) check(t *testing.T, doors map[string]identity.Access, which func(string) bool) {
	t.Helper()
	for _, c := range m.callers {
		c.actor.At = m.r.Clock.Now()
		for _, field := range roots() {
			if !which(field) {
				continue
			}
			want := admits(doors[door(field)], c.actor)
			if c.name == "in the middle of a sign-in" && slices.Contains(standsElsewhere, field) {
				want = string(identity.Forbidden)
			}
			answer := m.asked(c, entries[field], missing(entries[field].kind()))
			if got := denied(answer); got != want {
				t.Errorf("%s asks %s: want %q, got %q: %s", c.name, field, want, got, answer.Text)
			}
		}
	}
}

func TestThingsOfOthersLookLikeThingsThatDoNotExist(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.TwoFactor)
		for _, c := range m.callers {
			for _, field := range roots() {
				m.compare(t, c, field)
			}
		}
		m.reach(t)
	}, rig.Portal("default", likeTVM), rig.Portal("tvm", patient))
}

// patient lets the matrix give as many wrong passwords and codes as it must.
func patient(p *identity.Portal) {
	p.Lockout.FreeAttempts, p.Lockout.PasswordLimit, p.Lockout.CodeLimit = 1000, 1000, 1000
}

func (m *matrix) compare(t *testing.T, c caller, field string) {
	t.Helper()
	e := entries[field]
	if len(e.ids) == 0 {
		return
	}
	none := masked(m.asked(c, e, missing(e.kind())))
	if strings.Contains(none, "BAD_USER_INPUT") || strings.Contains(none, "GRAPHQL") {
		t.Fatalf("%s is not asked rightly: %s", field, none)
	}
	others := []household{m.foreign}
	if !c.wide {
		others = append(others, m.sibling)
	}
	if !c.actor.IsStaff() {
		others = append(others, m.staff)
	}
	for _, h := range others {
		for kind, id := range h.ids {
			if kind != e.kind() && (field != "Query.node" || kind == "preview") {
				continue
			}
			if got := masked(m.asked(c, e, id)); got != none {
				t.Errorf("%s asks %s for the %s of %s:\n%s\nfor none:\n%s", c.name, field, kind, h.name, got, none)
			}
		}
	}
	for _, odd := range []string{"", "*", "%", "usr_' OR 1=1 --", missing("sig")} {
		if got := masked(m.asked(c, e, odd)); got != none {
			t.Errorf("%s asks %s for %q:\n%s\nfor none:\n%s", c.name, field, odd, got, none)
		}
	}
}

// reach makes sure that whoever may reaches an own thing through each field: else looking alike would prove nothing.
func (m *matrix) reach(t *testing.T) {
	t.Helper()
	byName := map[string]caller{}
	for _, c := range m.callers {
		byName[c.name] = c
	}
	fields := roots()
	slices.SortStableFunc(fields, func(a, b string) int { return stage(a) - stage(b) })
	for _, field := range fields {
		e := entries[field]
		if e.by == "" {
			continue
		}
		none := masked(m.asked(byName[e.by], e, missing(e.kind())))
		if got := masked(m.asked(byName[e.by], e, m.own.ids[e.kind()])); got == none {
			t.Errorf("%s doesn't reach an own %s through %s: %s", e.by, e.kind(), field, got)
		}
	}
}

// stage puts reading before changing, and taking away last.
func stage(field string) int {
	switch {
	case strings.HasPrefix(field, "Query."):
		return 0
	case strings.Contains(field, ".remove"), strings.Contains(field, ".revoke"), strings.Contains(field, ".delete"), strings.Contains(field, ".block"):
		return 2
	}
	return 1
}
