package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// paths lead to an organisation from where a caller may begin: by its id, as a node, back from one of its users, and from
// oneself. The door is the field that they begin at.
var paths = []struct{ door, document, kind string }{
	{"Query.organisation", `query ($id: ID!) { organisation(id: $id) { FIELD } }`, "org"},
	{"Query.node", `query ($id: ID!) { node(id: $id) { ... on Organisation { FIELD } } }`, "org"},
	{"Query.node", `query ($id: ID!) { node(id: $id) { ... on User { organisation { FIELD } } } }`, "usr"},
	{"Query.node", `query ($id: ID!) { node(id: $id) { ... on User { organisation { mainUser { organisation { FIELD } } } } } }`, "usr"},
	{"Query.viewer", `query { viewer { user { organisation { FIELD } } } }`, ""},
}

func nested() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(entries)), func(field string) bool { return !strings.HasPrefix(field, "Organisation.") })
}

func (m *matrix) alongPath(c caller, document, field, id string) rig.Answer {
	document = strings.Replace(document, "FIELD", entries[field].document, 1)
	if !strings.Contains(document, "$id") {
		return c.browser.Do(document)
	}
	return c.browser.Do(document, map[string]any{"id": id})
}

func TestANestedFieldGivesTheSameAnswerHoweverOneGetsThere(t *testing.T) {
	t.Parallel()
	doors := accessOf(t)
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.SingleFactor)
		m.narrow()
		for _, c := range m.callers {
			c.actor.At = r.Clock.Now()
			for _, field := range nested() {
				m.checkNested(t, doors, c, field)
			}
		}
	}, rig.Portal("default", likeTVM))
}

func (m *matrix) checkNested(t *testing.T, doors map[string]identity.Access, c caller, field string) {
	t.Helper()
	for i, path := range paths {
		if c.narrow && i%2 == 1 {
			continue // what the others tell is enough
		}
		answer := m.alongPath(c, path.document, field, m.own.ids[path.kind])
		want := admits(doors[path.door], c.actor)
		if reached := strings.Contains(answer.Text, `"organisation":null`) || strings.Contains(answer.Text, `"node":null`) ||
			strings.Contains(answer.Text, `"viewer":null`); want == "" && (!reached || len(answer.Errors) > 0) {
			want = admits(doors[field], c.actor)
		}
		if got := denied(answer); got != want {
			t.Errorf("%s asks %s by %s: want %q, got %q: %s", c.name, field, path.document, want, got, answer.Text)
		}
		if path.kind == "" || c.narrow {
			continue
		}
		none := masked(m.alongPath(c, path.document, field, missing(path.kind)))
		for _, h := range []household{m.sibling, m.foreign, m.staff} {
			if h.name == "sibling" && c.wide || h.name == "staff" && c.actor.IsStaff() {
				continue
			}
			if got := masked(m.alongPath(c, path.document, field, h.ids[path.kind])); got != none {
				t.Errorf("%s asks %s of %s by %s:\n%s\nfor none:\n%s", c.name, field, h.name, path.document, got, none)
			}
		}
	}
}

// TestAListOfOneTenantNamesNobodyOfAnother reads all that each caller may read, and looks for what belongs to others.
func TestAListOfOneTenantNamesNobodyOfAnother(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.TwoFactor)
		for _, c := range m.callers {
			texts := c.browser.Do(`{ users(first: 200, search: "main") { totalCount nodes { id email organisation { id name } } } }`).Text +
				c.browser.Do(`{ supportActions(first: 200) { totalCount nodes { id targetId } } }`).Text +
				c.browser.Do(`{ organisations(first: 200) { totalCount nodes { id name mainUser { email } businessIdentities { id kvkNumber } } } }`).Text +
				c.browser.Do(`{ viewer { user { email organisation { id name mainUser { email } users { nodes { email } } } } sessions { id } factors { id } pendingSupportActions { id } } }`).Text
			for _, field := range nested() {
				texts += m.alongPath(c, paths[0].document, field, m.own.ids["org"]).Text
			}
			m.findNothing(t, c, texts)
		}
	}, rig.Portal("default", likeTVM))
}

func (m *matrix) findNothing(t *testing.T, c caller, texts string) {
	t.Helper()
	others := []household{m.foreign}
	if !c.wide {
		others = append(others, m.sibling)
	}
	for _, h := range others {
		for kind, id := range h.ids {
			if strings.Contains(texts, id) {
				t.Errorf("%s is shown the %s of %s", c.name, kind, h.name)
			}
		}
		if strings.Contains(texts, "@"+h.name+".test") {
			t.Errorf("%s is shown an address of %s", c.name, h.name)
		}
	}
	if id := m.staff.ids["org"]; strings.Contains(texts, id) && !c.actor.IsStaff() {
		t.Errorf("%s is shown the operating organisation", c.name)
	}
}

// shown is what a node of the own organisation is shown to whom: never more than the fields that lead to the same thing.
var shown = map[string][]string{
	"sub-user":                     {"biz", "org", "usr"}, // which is themselves
	"session of one establishment": {"biz", "org"},        // whose own user isn't the household's
	"super sub-user":               {"biz", "inv", "main", "org", "super", "usr"},
	"main user":                    {"act", "biz", "inv", "main", "org", "super", "tok", "usr"},
	"support agent":                {"act", "biz", "inv", "main", "org", "super", "usr"},
	"portal administrator":         {"act", "biz", "inv", "main", "org", "super", "tok", "usr", "whk"},
	"partner":                      {"biz", "inv", "main", "org", "super", "usr", "whk"},
	"partner of one organisation":  {"biz", "inv", "main", "org", "super", "usr", "whk"},
}

func TestANodeIsShownToWhoeverCouldReadItAnywayAndToNobodyElse(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.SingleFactor)
		for _, c := range m.callers {
			var seen []string
			for kind, id := range m.own.ids {
				answer := m.asked(c, entries["Query.node"], id)
				if answer.String("node.id") == id {
					seen = append(seen, kind)
				} else if none := masked(m.asked(c, entries["Query.node"], missing(kind))); masked(answer) != none {
					t.Errorf("%s asks for the %s:\n%s\nfor none:\n%s", c.name, kind, masked(answer), none)
				}
			}
			slices.Sort(seen)
			if !slices.Equal(seen, shown[c.name]) {
				t.Errorf("%s is shown %v, want %v", c.name, seen, shown[c.name])
			}
		}
	}, rig.Portal("default", likeTVM))
}
