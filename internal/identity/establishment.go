package identity

import (
	"slices"
	"strings"
)

// EstablishmentScope is what a session is held to whose mandate is for some establishments of a business: of the businesses that its
// organisation is it sees that one, with those establishments, and it changes nothing but what is its user's own. A service has to
// respect such a limit (Afsprakenstelsel Elektronische Toegangsdiensten 1.13, ServiceRestriction). The zero scope holds
// nobody. Scopes can be compared.
type EstablishmentScope struct {
	User      ID
	KVKNumber KVKNumber
	// Numbers are the establishments, with spaces between.
	Numbers string
}

// Scope is what the session is held to.
func (s Session) Scope() EstablishmentScope {
	if len(s.EstablishmentScope) == 0 {
		return EstablishmentScope{}
	}
	numbers := make([]string, len(s.EstablishmentScope))
	for i, number := range s.EstablishmentScope {
		numbers[i] = string(number)
	}
	return EstablishmentScope{User: s.User, KVKNumber: s.KVKNumber, Numbers: strings.Join(numbers, " ")}
}

// Holds tells whether there is a limit.
func (s EstablishmentScope) Holds() bool { return s != EstablishmentScope{} }

// Narrow leaves of a business what the scope covers.
func (s EstablishmentScope) Narrow(b BusinessIdentity) BusinessIdentity {
	if !s.Holds() {
		return b
	}
	covered := strings.Fields(s.Numbers)
	within := func(numbers []EstablishmentNumber) []EstablishmentNumber {
		return slices.DeleteFunc(slices.Clone(numbers), func(number EstablishmentNumber) bool { return !slices.Contains(covered, string(number)) })
	}
	if len(b.EstablishmentNumbers) == 0 { // all that the register lists: from here on, those of the scope among them
		b.EstablishmentNumbers = b.RegisteredEstablishments
	}
	b.EstablishmentNumbers, b.RegisteredEstablishments = within(b.EstablishmentNumbers), within(b.RegisteredEstablishments)
	return b
}

// Restrict takes from a user, and from what is loaded for them, what goes beyond the session: whoever acts for some establishments
// manages no organisation.
func (s Session) Restrict(u User, o Organisation) (User, Organisation) {
	if o.Scope = s.Scope(); o.Scope.Holds() {
		u.Role = SubUser
	}
	return u, o
}
