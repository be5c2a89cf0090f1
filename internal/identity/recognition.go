package identity

import (
	"slices"
	"strings"
)

// PersonRecord is what a portal knows of a private customer, who is an organisation of one.
type PersonRecord struct {
	Organisation ID
	Person       Person
	// IsOut: the customer is blocked, or gone.
	IsOut bool
}

// PersonKeys are what a record is found by: two of the three attributes each, so that one which differs hides nobody; ""
// where the record doesn't tell enough of one of the two.
type PersonKeys struct{ NameAddress, NameBirth, AddressBirth string }

// Keys works out what the record of a person is found by. Of names the family's counts; initials and prefixes are compared.
func (told Person) Keys() PersonKeys {
	name, named := told.nameKey()
	address, housed := told.addressKey()
	birth, born := told.birthKey()
	key := func(enough bool, one, other attributeKey) string {
		if !enough {
			return ""
		}
		return one.exact + "\n" + other.exact
	}
	return PersonKeys{key(named && housed, name, address), key(named && born, name, birth), key(housed && born, address, birth)}
}

// CheckPerson decides whether an assertion of this provider is good enough to look for a private customer with.
func (p Provider) CheckPerson(a Assertion) error {
	if a.Provider != p.Name || a.Environment != p.Environment || p.Identifies != Persons || a.Person == nil || a.KVKNumber != "" {
		return Refuse(IdentificationFailed) // who speaks for a business is no private customer
	}
	return nil
}

// Recognise decides whose record it is that a provider tells of, of all that look like it, where the person was never here.
//
// What differs is told only where it is plain whose record it is: all but one of at least three attributes agree, of one
// record alone. Whoever knows less hears what a stranger hears, and so does whoever is out. Two records that agree are
// nobody's: which of two twins it is, nobody can tell.
func (p Provider) Recognise(told Person, records []PersonRecord) (PersonRecord, error) {
	var whole, near []PersonRecord
	for _, record := range records {
		switch comparisons := told.Compare(record.Person, p.Match...); {
		case Matches(comparisons):
			whole = append(whole, record)
		case isNear(comparisons):
			near = append(near, record)
		}
	}
	switch {
	case len(whole) > 1:
		return PersonRecord{}, Refuse(PersonAmbiguous)
	case len(whole) == 1 && !whole[0].IsOut:
		return whole[0], nil
	case len(whole) == 0 && len(near) == 1 && !near[0].IsOut:
		return PersonRecord{}, p.differs(told, near[0])
	}
	return PersonRecord{}, Refuse(NotACustomer)
}

// Confirm decides whether a person may come in as the customer of a record: again at each sign-in, for records change. Known
// says that they were here before: it is plain then whose record it is.
func (p Provider) Confirm(told Person, record PersonRecord, known bool) error {
	comparisons := told.Compare(record.Person, p.Match...)
	switch {
	case record.IsOut:
		return Refuse(NotACustomer)
	case Matches(comparisons):
		return nil
	case known || isNear(comparisons):
		return p.differs(told, record)
	}
	return Refuse(NotACustomer)
}

func (p Provider) differs(told Person, record PersonRecord) error {
	return &Error{Code: AttributesDoNotMatch, Comparisons: told.Compare(record.Person, p.Match...)}
}

// isNear tells whether enough agrees to know whose record it is: all but one, and of at least three.
func isNear(comparisons []Comparison) bool {
	agree := 0
	for _, one := range comparisons {
		if one.Agreement == Agrees {
			agree++
		}
	}
	return agree >= 2 && agree == len(comparisons)-1
}

// IsOut tells whether the user hears what a stranger hears.
func (u User) IsOut() bool { return u.BlockedAt != nil || u.Registration == Removed }

// IdentifiedBy makes a private customer one who signs in through a provider, where they have no password yet.
func (u User) IdentifiedBy(provider string) User {
	if u.Registration == Invited {
		u.Registration, u.Provider = Registered, provider
	}
	return u
}

// LacksPassword tells whether a private customer still can be given a name to sign in by: with a password they see to it
// themselves.
func (u User) LacksPassword() bool { return u.Registration == Invited || u.Provider != "" }

// MaximumPersonText bounds each text of a record, in characters.
const MaximumPersonText = MaximumNameLength

// Clean trims a record's texts, and refuses a record without a name or with something in it that can't be right. An address
// or a birth date that is missing stays missing: nobody is recognised by it.
func (told Person) Clean(path ...string) (Person, error) {
	for _, text := range []struct {
		of   *string
		name string
	}{
		{&told.Initials, "initials"},
		{&told.GivenNames, "givenNames"},
		{&told.NamePrefix, "namePrefix"},
		{&told.Name, "familyName"},
		{&told.BirthDate, "birthDate"},
		{&told.Street, "street"},
		{&told.HouseNumber, "houseNumber"},
		{&told.HouseNumberSuffix, "houseNumberSuffix"},
		{&told.PostalCode, "postalCode"},
		{&told.City, "city"},
		{&told.Country, "country"},
	} {
		*text.of = strings.TrimSpace(*text.of)
		if len([]rune(*text.of)) > MaximumPersonText || !printable(*text.of) {
			return told, Refuse(InvalidInput, append(slices.Clone(path), text.name)...)
		}
	}
	if _, named := told.nameKey(); !named {
		return told, Refuse(InvalidInput, append(slices.Clone(path), "familyName")...)
	}
	if day := strings.ReplaceAll(told.BirthDate, "-", ""); day != "" && !digits(day, 8) {
		return told, Refuse(InvalidInput, append(slices.Clone(path), "birthDate")...)
	}
	return told, nil
}

// HasPrivateCustomers tells whether the portal has a provider that private persons come in through.
func (p Portal) HasPrivateCustomers() bool {
	return slices.ContainsFunc(p.Providers, func(provider Provider) bool { return provider.Identifies == Persons })
}

// CheckRecords decides whether the actor may say who a private customer is: like a business's number, a record is what people
// come in by, so that only who works across the portal may.
func (a Actor) CheckRecords(o Organisation, path ...string) error {
	if a.Tenant().Organisation != WholePortal {
		return Refuse(Forbidden)
	}
	if !o.IsPrivate {
		return Refuse(InvalidInput, path...)
	}
	return nil
}

// CheckInvites refuses to make an organisation of one an organisation of two.
func (o Organisation) CheckInvites() error {
	if o.IsPrivate {
		return Refuse(AccountLimitReached)
	}
	return nil
}
