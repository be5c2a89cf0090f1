package graph_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// rounds of so many operations each are what the wall is tried with: 10,000 in all.
const rounds, operations = 20, 500

// TestWhateverOneOrganisationDoesAnotherIsAsItWas lets everybody in one organisation do everything that the schema has, at
// random and with the ids of all others at hand, and compares every row and every answer of the others. Each round has an
// organisation of its own, for whoever does everything soon is signed out, blocked, limited or removed.
func TestWhateverOneOrganisationDoesAnotherIsAsItWas(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		w := newWall(r)
		random := rand.New(rand.NewPCG(7, 4711))
		for round := range rounds {
			w.enter(fmt.Sprintf("own%d", round))
			rows, answers := w.rows(t), w.answers()
			for range operations {
				w.act(random)
			}
			w.settle()
			w.compare(t, rows, answers)
		}
		w.proves(t)
	}, rig.Portal("default", likeTVM), rig.Portal("tvm", patient))
}

type wall struct {
	r       *rig.Rig
	desk    desk
	own     household
	others  []household
	actors  []*rig.Browser
	witness []*rig.Browser
	// done counts the operations that did what they should, by field.
	done map[string]int
}

func newWall(r *rig.Rig) *wall {
	here, there := newDesk(r, "tvm"), newDesk(r, "default")
	w := &wall{r: r, desk: here, others: []household{newHousehold(r, here, "tvm", "sibling"), newHousehold(r, there, "default", "foreign")}, done: map[string]int{}}
	for _, h := range w.others {
		main := r.SignedIn(h.portal, h.main)
		main.Enrol()
		w.witness = append(w.witness, main)
	}
	return w
}

// enter makes the organisation of a round, and signs everybody in who belongs to it.
func (w *wall) enter(name string) {
	r := w.r
	w.own = newHousehold(r, w.desk, "tvm", name)
	main := r.SignedIn("tvm", w.own.main)
	main.Enrol()
	token := w.desk.admin.Do(`mutation ($id: ID!, $scopes: [ApiScope!]!) { createApiToken(input: {name: "one", scopes: $scopes, organisationIds: [$id]}) { token } }`,
		map[string]any{"id": w.own.ids["org"], "scopes": identity.APIScopes}).String("createApiToken.token")
	w.actors = []*rig.Browser{
		main, main, r.SignedIn("tvm", w.own.super), r.SignedIn("tvm", w.own.sub), r.Partner("tvm", token), r.Partner("tvm", token),
		limited(r, w.own), r.Browser("tvm"),
	}
	w.settle()
	w.answers() // notes the sessions' use
}

func (w *wall) compare(t *testing.T, rows map[string]string, answers []string) {
	t.Helper()
	for name, digest := range w.rows(t) {
		if rows[name] != digest {
			t.Errorf("rows of %s were changed", name)
		}
	}
	for i, answer := range w.answers() {
		if answer != answers[i] {
			t.Errorf("an answer changed from\n%s\nto\n%s", answers[i], answer)
		}
	}
}

// proves makes sure that enough was done: operations that are all refused would prove little.
func (w *wall) proves(t *testing.T) {
	t.Helper()
	var sum int
	for _, times := range w.done {
		sum += times
	}
	if sum < rounds*operations/20 || len(w.done) < 25 {
		t.Errorf("no more than %d operations did anything, through %d fields: that proves little: %v", sum, len(w.done), w.done)
	}
}

// settle waits until every mail is noted as delivered, which is the outbox's doing and nobody else's.
func (w *wall) settle() {
	w.r.T.Helper()
	for w.r.T.Context().Err() == nil && one(w.r, "SELECT count(*) FROM messages WHERE state = 'QUEUED'") != "0" {
		runtime.Gosched()
	}
}

// act has somebody of the organisation do something, and notes when it did what it should: every other time a field asked as
// the matrix asks it, else one with whatever fits its types.
func (w *wall) act(random *rand.Rand) {
	actor := w.actors[random.IntN(len(w.actors))]
	if all := roots(); random.IntN(2) > 0 {
		field := all[random.IntN(len(all))]
		if !entries[field].ends || random.IntN(16) == 0 {
			_, name, _ := strings.Cut(door(field), ".")
			w.note(name, actor.Do(entries[field].document, map[string]any{"id": w.id(random, entries[field].kind())}))
		}
		return
	}
	field := schema().Mutation.Fields[random.IntN(len(schema().Mutation.Fields))]
	if field.Name == "signOut" || field.Name == "revokeSession" || field.Name == "blockUser" && random.IntN(4) > 0 {
		field = schema().Query.Fields.ForName("node")
	}
	kind := "mutation"
	if field.Name == "node" {
		kind = "query"
	}
	selection := " { __typename }"
	if definition := schema().Types[field.Type.Name()]; definition.Kind == gql.Object && definition.Fields.ForName("userErrors") != nil {
		selection = " { userErrors { code } }"
	}
	w.note(field.Name, actor.Do(kind+" { "+field.Name+arguments(field.Arguments, w.values(random, field.Name))+selection+" }"))
}

// values are what the arguments of a mutation are filled with, by type.
func (w *wall) values(random *rand.Rand, field string) map[string]string {
	emails := []string{"new%d@own.test", "main@sibling.test", "main@foreign.test", "open@sibling.test", w.own.super}
	return map[string]string{
		"String": fmt.Sprintf("Text-%d", random.IntN(1000)), "ID": w.id(random, entries["Mutation."+field].kind()),
		"UserRole": []string{"SUB_USER", "SUPER_SUB_USER"}[random.IntN(2)], "ApiScope": "USERS_READ",
		"EmailAddress": `"` + strings.Replace(emails[random.IntN(len(emails))], "%d", fmt.Sprint(random.IntN(1e6)), 1) + `"`,
	}
}

func (w *wall) note(field string, answer rig.Answer) {
	w.r.T.Helper()
	if answer.Code() == "" && answer.At(field) != nil {
		w.done[field]++
	}
	if answer.Code() == "INTERNAL" {
		w.r.T.Errorf("%s: %s", field, answer.Text)
	}
}

// id is one of a kind that fits, as often an own one as another's; and now and then one that doesn't fit.
func (w *wall) id(random *rand.Rand, kind string) string {
	from := []household{w.own, w.own, w.others[0], w.others[1]}[random.IntN(4)]
	if id, fits := from.ids[kind]; fits && random.IntN(8) > 0 {
		return id
	}
	all := slices.Sorted(maps.Values(from.ids))
	return all[random.IntN(len(all))]
}

// rows digests all rows of the others, table by table.
func (w *wall) rows(t *testing.T) map[string]string {
	t.Helper()
	digests := map[string]string{}
	for _, table := range tables(w.r) {
		columns := columnsOf(w.r, table)
		if !slices.Contains(columns, "organisation_id") {
			continue
		}
		for _, h := range w.others {
			digest := sha256.New()
			for _, row := range texts(w.r, table, columns, "organisation_id = '"+h.ids["org"]+"'") {
				digest.Write([]byte(row))
			}
			digests[h.name+"'s "+table] = fmt.Sprintf("%x", digest.Sum(nil))
		}
	}
	if len(digests) < 2*10 {
		t.Fatalf("too few tables were found: %v", digests)
	}
	return digests
}

// answers is everything that the others' main users can read.
func (w *wall) answers() []string {
	var all []string
	for _, witness := range w.witness {
		all = append(all, witness.Do(`{ viewer { user { id displayName email role status } sessions { id lastSeenAt } factors { id } }
			organisation { id name mainUser { id } accountLimit { used } businessIdentities { kvkNumber establishmentNumbers registerStatus } twoFactor { isActive enrolled notEnrolled }
				users { totalCount nodes { id displayName email role status lastSignInAt } } invitations { totalCount nodes { id email status } }
				auditEvents { totalCount nodes { sequence hash } } twoFactorActivationPreview { previewToken } apiTokens { totalCount nodes { id lastUsedAt revokedAt } } } }`).Text)
	}
	return all
}
