package graph_test

import (
	"fmt"
	"iter"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// given is who is there before a story begins. Everything is done over HTTP, and what is mailed meanwhile is no part of
// the story. Everybody has chosen the password of rig.Password: "Sleutel-bos 4711 Kade".
type given struct {
	// Clock is when the story begins; else at noon of 11 June 2025.
	Clock time.Time
	// Policies are changes of portal files by slug, in the words of portal files.
	Policies rig.Policies
	// Portal is that of everything below.
	Portal string
	// Organisations by name; the name then stands for the id, and an address for that of its user.
	Organisations map[string]givenOrganisation
	// SignedIn are browsers that are signed in by password, by name, with the user's address.
	SignedIn map[string]string `yaml:"signed in"`
	// Enrolled are browsers of people who paired an app while signed in; its secret has the browser's name.
	Enrolled map[string]string
	// Staff are browsers of staff who did, with the role.
	Staff map[string]identity.UserRole
	// WeakStaff are those of staff who signed in with a password alone.
	WeakStaff map[string]identity.UserRole `yaml:"weak staff"`
	// Partners are programs with a token for the whole portal, with its scopes.
	Partners map[string][]identity.APIScope
}

type givenOrganisation struct {
	// Code is the organisation's, for portals that ask for it. There people have what stands before the @ as user name.
	Code          *string
	MainUser      string   `yaml:"main user"`
	SuperSubUsers []string `yaml:"super sub-users"`
	SubUsers      []string `yaml:"sub-users"`
	AccountLimit  *int     `yaml:"account limit"`
	// PolicyNumbers are the organisation's. With them it can be without a main user, until somebody registers.
	PolicyNumbers []string `yaml:"policy numbers"`
}

func parseGiven(body string) (given, error) {
	g := given{Portal: "tvm"}
	decoder := yaml.NewDecoder(strings.NewReader(body))
	decoder.KnownFields(true)
	return g, decoder.Decode(&g)
}

// policiesOf is what a server must know before it starts.
func policiesOf(sections []section) (rig.Policies, error) {
	for i, section := range sections {
		switch {
		case section.heading != "given":
		case i > 0:
			return nil, fmt.Errorf("%d: given: it comes first", section.line)
		default:
			g, err := parseGiven(section.body)
			return g.Policies, err
		}
	}
	return nil, nil
}

func (s *story) given(_ []string, body string) error {
	g, err := parseGiven(body)
	if err != nil {
		return err
	}
	s.portal = g.Portal
	if !g.Clock.IsZero() {
		s.moveTo(g.Clock)
	}
	for name, organisation := range sorted(g.Organisations) {
		if err := s.found(g.Portal, name, organisation); err != nil {
			return err
		}
	}
	for name, address := range sorted(g.SignedIn) {
		s.browsers[name] = s.SignedIn(g.Portal, address)
	}
	for name, address := range sorted(g.Enrolled) {
		s.browsers[name] = s.Enrolled(g.Portal, address)
		s.memory.name(name, s.browsers[name].App.Secret, true)
	}
	for name, role := range sorted(g.Staff) {
		s.browsers[name] = s.Staff(g.Portal, name+"@"+g.Portal+".example", role)
		s.memory.name(name, s.browsers[name].App.Secret, true)
	}
	for name, role := range sorted(g.WeakStaff) {
		s.browsers[name] = s.StaffWithPassword(g.Portal, name+"@"+g.Portal+".example", role)
	}
	for name, scopes := range sorted(g.Partners) {
		s.browsers[name] = s.Partner(g.Portal, s.Token(g.Portal, scopes...))
	}
	s.Settle()
	for i := range s.Mailbox.All() {
		s.mails[i] = true
	}
	return nil
}

// sorted goes through a map in the order of its keys, so that a story is told the same way each time.
func sorted[V any](all map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !yield(key, all[key]) {
				return
			}
		}
	}
}

// found makes an organisation with its users, all of them registered.
func (s *story) found(portal, name string, organisation givenOrganisation) error {
	founder := s.Partner(portal, s.Token(portal, identity.OrganisationsWrite, identity.UsersWrite, identity.UsersRead, identity.OrganisationsRead))
	var main map[string]any
	person := &mail.Address{}
	if organisation.MainUser != "" {
		var err error
		if person, err = mail.ParseAddress(organisation.MainUser); err != nil {
			return fmt.Errorf("the main user of %s: %w", name, err)
		}
		main = map[string]any{"email": person.Address, "displayName": person.Name, "username": s.username(portal, person.Address)}
	}
	made := founder.Do(`mutation ($name: String!, $code: String, $limit: Int, $numbers: [String!], $main: MainUserInput) {
		createOrganisation(input: {name: $name, code: $code, accountLimit: $limit, policyNumbers: $numbers, mainUser: $main}) {
			organisation { id } userErrors { code path }
		}
	}`, map[string]any{
		"name": name, "code": organisation.Code, "limit": organisation.AccountLimit, "numbers": organisation.PolicyNumbers, "main": main,
	})
	id := made.String("createOrganisation.organisation.id")
	if id == "" {
		return fmt.Errorf("make %s: %s", name, made.Text)
	}
	s.memory.name(name, id, true)
	if main != nil {
		s.Register(portal, person.Address)
	}
	if err := s.invite(founder, id, identity.SuperSubUser, organisation.SuperSubUsers); err != nil {
		return err
	}
	if err := s.invite(founder, id, identity.SubUser, organisation.SubUsers); err != nil {
		return err
	}
	users := founder.Do(`query ($id: ID!) { organisation(id: $id) { users(first: 200) { nodes { id email } } } }`, map[string]any{"id": id})
	for _, user := range users.List("organisation.users.nodes") {
		fields := user.(map[string]any)
		if email, reached := fields["email"].(string); reached {
			s.memory.name(email, fields["id"].(string), true)
		}
	}
	return nil
}

// username is what somebody is called at a portal that asks for user names.
func (s *story) username(portal, address string) *string {
	if s.Portal(portal).SignIn.Names(identity.ByEmail) {
		return nil
	}
	name, _, _ := strings.Cut(address, "@")
	return &name
}

func (s *story) invite(founder *rig.Browser, organisation string, role identity.UserRole, people []string) error {
	for _, text := range people {
		person, err := mail.ParseAddress(text)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		invited := founder.Do(`mutation ($organisation: ID!, $email: EmailAddress!, $name: String!, $username: String, $role: UserRole!) {
			inviteUser(input: {organisationId: $organisation, email: $email, displayName: $name, username: $username, role: $role}) {
				userErrors { code path }
			}
		}`, map[string]any{
			"organisation": organisation, "email": person.Address, "name": person.Name, "role": role,
			"username": s.username(founder.Portal, person.Address),
		})
		if invited.Code() != "" {
			return fmt.Errorf("invite %s: %s", text, invited.Text)
		}
		s.Register(founder.Portal, person.Address)
	}
	return nil
}

// says changes the policy of portals in the middle of a story: the operator changed the files and started the server anew.
func (s *story) says(words []string, body string) error {
	var changes rig.Policies
	if err := yaml.Unmarshal([]byte(words[0]+":\n  "+strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n  ")), &changes); err != nil {
		return err
	}
	s.server = s.Another(rig.WithPolicies(s.T, changes), rig.WithoutDelivery())
	for name, browser := range s.browsers {
		s.browsers[name] = browser.At(s.server)
	}
	return nil
}
