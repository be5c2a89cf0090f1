package graph_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// operations is how many the wall is tried with; SLEUTELBOS_TEST_LONG=1 tries it with more.
func operations() int {
	if os.Getenv("SLEUTELBOS_TEST_LONG") != "" {
		return 10_000
	}
	return 400
}

// TestWhateverOneOrganisationDoesAnotherIsAsItWas lets everybody in one organisation do everything that the schema has, at
// random and with the ids of all others at hand, and compares every row and every answer of the others.
func TestWhateverOneOrganisationDoesAnotherIsAsItWas(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		w := newWall(r)
		w.settle()
		rows, answers := w.rows(t), w.answers()
		random := rand.New(rand.NewPCG(7, 4711))
		for range operations() {
			w.act(random)
		}
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
		if w.done < operations()/20 {
			t.Errorf("no more than %d of the operations did anything: that proves little", w.done)
		}
	}, rig.Portal("default", likeTVM), rig.Portal("tvm", patient))
}

type wall struct {
	r       *rig.Rig
	own     household
	others  []household
	actors  []*rig.Browser
	witness []*rig.Browser
	done    int
}

func newWall(r *rig.Rig) *wall {
	here, there := newDesk(r, "tvm"), newDesk(r, "default")
	w := &wall{r: r, own: newHousehold(r, here, "tvm", "own"), others: []household{newHousehold(r, here, "tvm", "sibling"), newHousehold(r, there, "default", "foreign")}}
	main := r.SignedIn("tvm", w.own.main)
	main.Enrol()
	token := here.admin.Do(`mutation ($id: ID!, $scopes: [ApiScope!]!) { createApiToken(input: {name: "one", scopes: $scopes, organisationIds: [$id]}) { token } }`,
		map[string]any{"id": w.own.ids["org"], "scopes": identity.APIScopes}).String("createApiToken.token")
	w.actors = []*rig.Browser{
		main, main, r.SignedIn("tvm", w.own.super), r.SignedIn("tvm", w.own.sub), r.Partner("tvm", token), r.Partner("tvm", token), r.Browser("tvm"),
	}
	for _, h := range w.others {
		w.witness = append(w.witness, r.SignedIn(h.portal, h.main))
	}
	w.answers() // notes the sessions' use
	return w
}

// settle waits until every mail is noted as delivered, which is the outbox's doing and nobody else's.
func (w *wall) settle() {
	w.r.T.Helper()
	for w.r.T.Context().Err() == nil && one(w.r, "SELECT count(*) FROM messages WHERE state = 'QUEUED'") != "0" {
		runtime.Gosched()
	}
}

// act has somebody of the organisation do something: a random mutation or query, with ids of everybody's, and notes when
// it did what it should. Signing out would end the game.
func (w *wall) act(random *rand.Rand) {
	field := schema().Mutation.Fields[random.IntN(len(schema().Mutation.Fields))]
	if field.Name == "signOut" || field.Name == "revokeSession" || field.Name == "blockUser" && random.IntN(4) > 0 {
		field = schema().Query.Fields.ForName("node")
	}
	emails := []string{"new%d@own.test", "main@sibling.test", "main@foreign.test", "open@sibling.test", "super@own.test"}
	values := map[string]string{
		"String": fmt.Sprintf("Text-%d", random.IntN(1000)), "ID": w.id(random, entries["Mutation."+field.Name].kind()),
		"UserRole": []string{"SUB_USER", "SUPER_SUB_USER"}[random.IntN(2)], "ApiScope": "USERS_READ",
		"EmailAddress": `"` + strings.Replace(emails[random.IntN(len(emails))], "%d", fmt.Sprint(random.IntN(1e6)), 1) + `"`,
	}
	kind := "mutation"
	if field.Name == "node" {
		kind = "query"
	}
	selection := " { __typename }"
	if definition := schema().Types[field.Type.Name()]; definition.Kind == gql.Object && definition.Fields.ForName("userErrors") != nil {
		selection = " { userErrors { code } }"
	}
	answer := w.actors[random.IntN(len(w.actors))].Do(kind + " { " + field.Name + arguments(field.Arguments, values) + selection + " }")
	if answer.Code() == "" && answer.At(field.Name) != nil {
		w.done++
	}
	if answer.Code() == "INTERNAL" {
		w.r.T.Errorf("%s: %s", field.Name, answer.Text)
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
