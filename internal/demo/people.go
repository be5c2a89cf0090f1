package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

//go:embed people.yaml
var peopleFile []byte

// cast is people.yaml.
type cast struct {
	Password  string
	Portals   map[string]household
	Otherwise household
}

// household is one organisation, and the portal's staff.
type household struct {
	Organisation struct {
		Name, Code    string
		PolicyNumbers []string `yaml:"policyNumbers"`
		Businesses    []business
	}
	// Private is a private customer, by the names that portal files have for what a provider tells; nil: none.
	Private  map[string]string
	MainUser person `yaml:"mainUser"`
	Users    []person
	Staff    person
	Try      []string
}

// business has a KVK number, and establishments that may act.
type business struct {
	Number         identity.KVKNumber
	Establishments []identity.EstablishmentNumber
}

type person struct {
	Name, Email, Username string
	Role                  identity.UserRole
}

func readCast() (cast, error) {
	var c cast
	decoder := yaml.NewDecoder(bytes.NewReader(peopleFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("read people.yaml: %w", err)
	}
	return c, nil
}

// of is who lives in a portal.
func (c cast) of(slug string) household {
	home, listed := c.Portals[slug]
	if !listed {
		home = c.Otherwise
	}
	home.MainUser.Role = identity.MainUser
	home.MainUser = home.MainUser.in(slug)
	home.Staff = home.Staff.in(slug)
	users := make([]person, len(home.Users))
	for i, user := range home.Users {
		users[i] = user.in(slug)
	}
	home.Users = users
	return home
}

func (p person) in(slug string) person {
	p.Email = strings.ReplaceAll(p.Email, "{slug}", slug)
	return p
}

// record is what the portal knows of the private customer.
func (h household) record() *app.PrivatePerson {
	told := h.Private
	return &app.PrivatePerson{Person: identity.Person{
		Initials: told["initials"], NamePrefix: told["namePrefix"], Name: told["familyName"], BirthDate: told["birthDate"],
		Street: told["street"], HouseNumber: told["houseNumber"], HouseNumberSuffix: told["houseNumberSuffix"],
		PostalCode: told["postalCode"], City: told["city"], Country: told["country"],
	}}
}
