package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// few and many are the pages whose statements are compared.
const few, many = 2, 20

// listed are the ways to every list of the schema that goes on behind a cursor, by the field; LIST is where its page goes.
var listed = map[string]string{
	"Query.organisations":                      `{ organisations(first: N) LIST }`,
	"Query.users":                              `{ users(search: "person", first: N) LIST }`,
	"Query.supportActions":                     `{ supportActions(first: N) LIST }`,
	"Import.rows":                              `{ import(id: "IMPORT") { rows(first: N) LIST } }`,
	"Query.webhookEndpoints":                   `{ webhookEndpoints(first: N) LIST }`,
	"WebhookEndpoint.deliveries":               `{ webhookEndpoints(first: 1) { nodes { deliveries(first: N) LIST } } }`,
	"Organisation.users":                       `{ organisation(id: "ID") { users(first: N) LIST } }`,
	"Organisation.invitations":                 `{ organisation(id: "ID") { invitations(first: N) LIST } }`,
	"Organisation.auditEvents":                 `{ organisation(id: "ID") { auditEvents(first: N) LIST } }`,
	"Organisation.apiTokens":                   `{ organisation(id: "ID") { apiTokens(first: N) LIST } }`,
	"TwoFactorActivationPreview.affectedUsers": `{ organisation { twoFactorActivationPreview { affectedUsers(first: N) LIST } } }`,
}

// TestALongListTakesAsManyStatementsAsAShortOne asks for every list of the schema with everything that its items lead to, and
// counts what the database is asked.
func TestALongListTakesAsManyStatementsAsAShortOne(t *testing.T) {
	t.Parallel()
	for _, list := range lists() {
		if listed[list] == "" {
			t.Errorf("%s isn't asked: add it to listed", list)
		}
	}
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		var statements atomic.Int64
		db.Listen(func(string) { statements.Add(1) })
		r := rig.New(t, db, rig.Portal("tvm", func(p *identity.Portal) { p.Accounts.LimitPerOrganisation = nil }))
		places, asks := crowded(r)
		doors := accessOf(t)
		for _, list := range lists() {
			c := asks[list == "TwoFactorActivationPreview.affectedUsers"]
			for _, selection := range c.selections(doors, nodeOf(list)) {
				document := strings.Replace(places.Replace(listed[list]), "LIST", "{ totalCount edges { cursor } pageInfo { endCursor } nodes { "+selection+" } }", 1)
				if short, long := c.compare(t, &statements, document); long != short {
					t.Errorf("%s: %d items take %d statements and %d take %d\n%s", list, few, short, many, long, document)
				}
			}
		}
	})
}

// lists are the fields of the schema that answer a part of a list.
func lists() (all []string) {
	for _, definition := range schema().Types {
		for _, field := range definition.Fields {
			if strings.HasSuffix(field.Type.Name(), "Connection") {
				all = append(all, definition.Name+"."+field.Name)
			}
		}
	}
	slices.Sort(all)
	return all
}

func nodeOf(list string) *ast.Definition {
	owner, field, _ := strings.Cut(list, ".")
	connection := schema().Types[schema().Types[owner].Fields.ForName(field).Type.Name()]
	return schema().Types[connection.Fields.ForName("nodes").Type.Name()]
}

// selections are what a caller may select of an item: each field that leads on by itself, so that no document is too large.
func (c caller) selections(doors map[string]identity.Access, item *ast.Definition) []string {
	all := []string{"__typename" + c.below(doors, item, 0)}
	for _, field := range item.Fields {
		if selected := c.selected(doors, item, field, 3); strings.Contains(selected, "{") {
			all = append(all, selected)
		}
	}
	return all
}

// below selects everything of a type that a caller may, so many levels deep.
func (c caller) below(doors map[string]identity.Access, of *ast.Definition, depth int) (text string) {
	for _, field := range of.Fields {
		text += c.selected(doors, of, field, depth)
	}
	return text
}

func (c caller) selected(doors map[string]identity.Access, of *ast.Definition, field *ast.FieldDefinition, depth int) string {
	if door, has := doors[of.Name+"."+field.Name]; has && admits(door, c.actor) != "" || strings.HasPrefix(field.Name, "__") {
		return ""
	}
	kind := schema().Types[field.Type.Name()]
	switch {
	case kind.Kind == ast.Scalar || kind.Kind == ast.Enum:
		return " " + field.Name
	case depth == 0:
		return ""
	case strings.HasSuffix(kind.Name, "Connection"):
		return fmt.Sprintf(" %s(first: %d) { totalCount nodes {%s } }", field.Name, few, c.below(doors, nodeOf(of.Name+"."+field.Name), depth-1))
	}
	return " " + field.Name + " {" + c.below(doors, kind, depth-1) + " }"
}

// compare is how many statements a short and a long page take, each the least of some times, for the outbox works beside.
func (c caller) compare(t *testing.T, counted *atomic.Int64, document string) (short, long int64) {
	t.Helper()
	const tries = 10
	short, long = 1<<32, 1<<32
	for try := 0; try == 0 || try < tries && short != long; try++ {
		short, long = min(short, c.statements(t, counted, document, few)), min(long, c.statements(t, counted, document, many))
	}
	return short, long
}

// statements is how many were sent while a page of that size was answered. Nothing is delivered to endpoints here, and a
// delivery leads to nothing.
func (c caller) statements(t *testing.T, counted *atomic.Int64, document string, size int) int64 {
	t.Helper()
	document = strings.Replace(document, "first: N", fmt.Sprintf("first: %d", size), 1)
	before := counted.Load()
	answer := c.browser.Do(document)
	sent := counted.Load() - before
	if answer.Code() != "" || strings.Count(answer.Text, `"cursor"`) != size && !strings.Contains(document, "deliveries(first: "+fmt.Sprint(size)) {
		t.Fatalf("%s isn't answered a page of %d: %s\n%s", c.name, size, answer.Text, document)
	}
	return sent
}

// crowded fills a portal with more than enough of everything, and answers what puts the ids of an organisation of it and of an
// import into documents, and who may ask for anything (false) and the organisation's main user (true).
func crowded(r *rig.Rig) (*strings.Replacer, map[bool]caller) {
	r.T.Helper()
	d := newDesk(r, "tvm")
	id := r.Organisation("tvm", "Crowded", "main@crowded.test")
	main := r.SignedIn("tvm", "main@crowded.test")
	for i := range many + 2 {
		name := fmt.Sprintf("person%d@crowded.test", i)
		made := did(r, d.admin, `mutation ($kvk: KvkNumber!, $name: String!, $mail: EmailAddress!) { createOrganisation(input: {name: $name,
			businessIdentities: [{kvkNumber: $kvk}], mainUser: {email: $mail, displayName: "Person"}}) { organisation { id } userErrors { code path } } }`,
			map[string]any{"kvk": numberOf(name), "name": name, "mail": name})
		did(r, d.admin, `mutation ($id: ID!) { createWebhookEndpoint(input: {url: "http://127.0.0.1:1/", organisationId: $id}) { userErrors { code path } } }`,
			map[string]any{"id": made.String("createOrganisation.organisation.id")})
		member := fmt.Sprintf("member%d@crowded.test", i)
		main.Invite(member, "Person", identity.SubUser)
		did(r, d.admin, `mutation ($id: ID!) { createApiToken(input: {name: "t", scopes: [USERS_READ], organisationIds: [$id]}) { userErrors { code path } } }`, map[string]any{"id": id})
		user := one(r, "SELECT id FROM users WHERE organisation_id = '"+id+"' AND email = '"+member+"'")
		did(r, d.support, `mutation ($id: ID!) {
			blockUser(input: {id: $id, reason: "r", ticket: "t"}) { userErrors { code path } }
			unblockUser(input: {id: $id, reason: "r", ticket: "t"}) { userErrors { code path } }
		}`, map[string]any{"id": user})
	}
	rows := make([]map[string]any, many+2)
	for i := range rows {
		rows[i] = map[string]any{"number": i + 1, "organisationId": id, "email": "none", "displayName": "Nobody"}
	}
	imported := did(r, d.admin, `mutation ($rows: [ImportUserInput!]!) { importUsers(input: {key: "k", rows: $rows}) { import { id } } }`, map[string]any{"rows": rows})
	r.Settle()
	places := strings.NewReplacer("IMPORT", imported.String("importUsers.import.id"), "ID", id)
	session := func(role identity.UserRole) identity.Actor {
		return identity.Actor{
			User: &identity.User{Role: role}, Organisation: &identity.Organisation{},
			Session: &identity.Session{Strength: identity.TwoFactor, ProvenAt: r.Clock.Now()}, At: r.Clock.Now(),
		}
	}
	return places, map[bool]caller{
		false: {name: "portal administrator", browser: d.admin, actor: session(identity.PortalAdmin)},
		true:  {name: "main user", browser: main, actor: session(identity.MainUser)},
	}
}

func did(r *rig.Rig, by *rig.Browser, document string, variables map[string]any) rig.Answer {
	r.T.Helper()
	answer := by.Do(document, variables)
	if answer.Code() != "" {
		r.T.Fatalf("%s: %s", document, answer.Text)
	}
	return answer
}
