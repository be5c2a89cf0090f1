package identity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var bank = identity.Provider{Name: "idin", Environment: "production", Identifies: identity.Persons, Match: identity.PersonAttributes}

// recordOf is a portal's record, like the person whom the bank tells of but for what is changed.
func recordOf(organisation identity.ID, changes ...func(p *identity.Person)) identity.PersonRecord {
	record := identity.PersonRecord{Organisation: organisation, Person: told}
	for _, change := range changes {
		change(&record.Person)
	}
	return record
}

func out(record identity.PersonRecord) identity.PersonRecord {
	record.IsOut = true
	return record
}

var (
	otherName    = func(p *identity.Person) { p.Name = "Jansen" }
	otherFirst   = func(p *identity.Person) { p.Initials = "K" }
	otherAddress = func(p *identity.Person) { p.HouseNumber = "4" }
	otherBirth   = func(p *identity.Person) { p.BirthDate = "19540229" }
	halfBirth    = func(p *identity.Person) { p.BirthDate = "19840200" }
)

func TestWhoseRecordItIsAndWhatAStrangerHears(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		records []identity.PersonRecord
		want    identity.ID
		code    identity.Code
		differs identity.PersonAttribute
	}{
		"nobody's":                                    {nil, "", identity.NotACustomer, ""},
		"the one that agrees":                         {[]identity.PersonRecord{recordOf("org_1")}, "org_1", "", ""},
		"the one that agrees, beside a father's":      {[]identity.PersonRecord{recordOf("org_2", otherBirth), recordOf("org_1")}, "org_1", "", ""},
		"and beside a partner's of the same day":      {[]identity.PersonRecord{recordOf("org_2", otherName), recordOf("org_1")}, "org_1", "", ""},
		"one with another address":                    {[]identity.PersonRecord{recordOf("org_1", otherAddress)}, "", identity.AttributesDoNotMatch, identity.PersonAddress},
		"one with another birth date":                 {[]identity.PersonRecord{recordOf("org_1", otherBirth)}, "", identity.AttributesDoNotMatch, identity.PersonBirthDate},
		"one with another name":                       {[]identity.PersonRecord{recordOf("org_1", otherName)}, "", identity.AttributesDoNotMatch, identity.PersonName},
		"one with other initials":                     {[]identity.PersonRecord{recordOf("org_1", otherFirst)}, "", identity.AttributesDoNotMatch, identity.PersonName},
		"one whose birth date isn't known in full":    {[]identity.PersonRecord{recordOf("org_1", halfBirth)}, "", identity.AttributesDoNotMatch, identity.PersonBirthDate},
		"one of which two differ":                     {[]identity.PersonRecord{recordOf("org_1", otherAddress, otherBirth)}, "", identity.NotACustomer, ""},
		"a namesake":                                  {[]identity.PersonRecord{recordOf("org_1", otherAddress, halfBirth)}, "", identity.NotACustomer, ""},
		"two that agree: twins with one initial":      {[]identity.PersonRecord{recordOf("org_1"), recordOf("org_2")}, "", identity.PersonAmbiguous, ""},
		"two that agree, of which one is out":         {[]identity.PersonRecord{recordOf("org_1"), out(recordOf("org_2"))}, "", identity.PersonAmbiguous, ""},
		"two that nearly agree: it could be either":   {[]identity.PersonRecord{recordOf("org_1", otherBirth), recordOf("org_2", otherAddress)}, "", identity.NotACustomer, ""},
		"the one that agrees, of somebody blocked":    {[]identity.PersonRecord{out(recordOf("org_1"))}, "", identity.NotACustomer, ""},
		"one that nearly agrees, of somebody blocked": {[]identity.PersonRecord{out(recordOf("org_1", otherBirth))}, "", identity.NotACustomer, ""},
		"blocked, beside one that nearly agrees":      {[]identity.PersonRecord{out(recordOf("org_1")), recordOf("org_2", otherBirth)}, "", identity.NotACustomer, ""},
	} {
		got, err := bank.Recognise(told, row.records)
		wantRecognised(t, name, err, row.code, row.differs)
		if got.Organisation != row.want {
			t.Errorf("%s: recognised as %q, want %q", name, got.Organisation, row.want)
		}
	}
}

// wantRecognised compares a refusal, and that of what was compared that alone doesn't agree.
func wantRecognised(t *testing.T, name string, err error, code identity.Code, differs identity.PersonAttribute) {
	t.Helper()
	var refused identity.Error
	if refusals, is := identity.Refusals(err); is {
		refused = *refusals[0]
	}
	if refused.Code != code {
		t.Errorf("%s: %v, want %q", name, err, code)
	}
	for _, one := range refused.Comparisons {
		if (one.Agreement != identity.Agrees) != (one.Attribute == differs) {
			t.Errorf("%s: %+v", name, refused.Comparisons)
		}
	}
	if (len(refused.Comparisons) > 0) != (code == identity.AttributesDoNotMatch) {
		t.Errorf("%s: %s tells %+v", name, code, refused.Comparisons)
	}
}

func TestWithTwoAttributesNothingIsToldOfTheOther(t *testing.T) {
	t.Parallel()
	p := bank
	p.Match = []identity.PersonAttribute{identity.PersonName, identity.PersonBirthDate}
	if _, err := p.Recognise(told, []identity.PersonRecord{recordOf("org_1", otherBirth)}); !isRefused(err, identity.NotACustomer) {
		t.Errorf("a name alone tells of a birth date: %v", err)
	}
	if got, err := p.Recognise(told, []identity.PersonRecord{recordOf("org_1", otherAddress)}); err != nil || got.Organisation != "org_1" {
		t.Errorf("an address that isn't compared: %v", err)
	}
}

func isRefused(err error, code identity.Code) bool {
	refusals, is := identity.Refusals(err)
	return is && refusals[0].Code == code
}

func TestAKnownPersonIsComparedEachTimeAndHearsAllOfIt(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		record identity.PersonRecord
		known  bool
		code   identity.Code
	}{
		"known, and nothing changed":          {recordOf("org_1"), true, ""},
		"new, and nothing changed":            {recordOf("org_1"), false, ""},
		"known, and moved":                    {recordOf("org_1", otherAddress), true, identity.AttributesDoNotMatch},
		"new, and the record changed between": {recordOf("org_1", otherAddress), false, identity.AttributesDoNotMatch},
		"known, of whom two differ":           {recordOf("org_1", otherAddress, otherName), true, identity.AttributesDoNotMatch},
		"new, of whom two differ":             {recordOf("org_1", otherAddress, otherName), false, identity.NotACustomer},
		"known, and blocked":                  {out(recordOf("org_1")), true, identity.NotACustomer},
		"known, blocked and moved":            {out(recordOf("org_1", otherAddress)), true, identity.NotACustomer},
	} {
		if err := bank.Confirm(told, row.record, row.known); !isRefused(err, row.code) && (err != nil || row.code != "") {
			t.Errorf("%s: %v, want %q", name, err, row.code)
		}
	}
}

func TestAPersonNeverComesInAsABusinessNorTheOtherWayRound(t *testing.T) {
	t.Parallel()
	person := identity.Assertion{Provider: "idin", Environment: "production", Subject: "NL1", Person: &told}
	if err := bank.CheckPerson(person); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(p *identity.Provider, a *identity.Assertion){
		"with a KVK number":         func(_ *identity.Provider, a *identity.Assertion) { a.KVKNumber = "68750110" },
		"without a person":          func(_ *identity.Provider, a *identity.Assertion) { a.Person = nil },
		"of another provider":       func(_ *identity.Provider, a *identity.Assertion) { a.Provider = "eherkenning" },
		"of the test system":        func(_ *identity.Provider, a *identity.Assertion) { a.Environment = "test" },
		"of a provider of business": func(p *identity.Provider, _ *identity.Assertion) { p.Identifies = identity.Businesses },
	} {
		p, a := bank, person
		change(&p, &a)
		if err := p.CheckPerson(a); !isRefused(err, identity.IdentificationFailed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := bank.CheckAssertion(person); !isRefused(err, identity.IdentificationFailed) {
		t.Errorf("a person speaks for a business: %v", err)
	}
}

func TestAPersonsSessionFallsWithTheProvider(t *testing.T) {
	t.Parallel()
	portal := identity.Portal{Providers: []identity.Provider{bank}}
	level := identity.EH3
	for name, row := range map[string]struct {
		portal  identity.Portal
		session identity.Session
		user    identity.User
		want    bool
	}{
		"as it began":                     {portal, identity.Session{Provider: "idin"}, identity.User{Registration: identity.Registered}, true},
		"with a password since":           {portal, identity.Session{Provider: "idin"}, identity.User{Registration: identity.Registered, Provider: ""}, true},
		"of a provider that is gone":      {identity.Portal{}, identity.Session{Provider: "idin"}, identity.User{Registration: identity.Registered}, false},
		"with a level of eHerkenning's":   {portal, identity.Session{Provider: "idin", AssuranceLevel: &level}, identity.User{Registration: identity.Registered}, false},
		"with a KVK number":               {portal, identity.Session{Provider: "idin", KVKNumber: "68750110"}, identity.User{Registration: identity.Registered}, false},
		"of a user who is gone":           {portal, identity.Session{Provider: "idin"}, identity.User{Registration: identity.Removed}, false},
		"of eHerkenning, without a level": {identity.Portal{Providers: []identity.Provider{{Name: "idin", Identifies: identity.Businesses}}}, identity.Session{Provider: "idin"}, identity.User{}, false},
	} {
		if got := row.session.Stands(row.portal, nil, row.user); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestARecordIsFoundByAnyTwoOfItsAttributes(t *testing.T) {
	t.Parallel()
	keys := told.Keys()
	again := differently(func(p *identity.Person) {
		p.Name, p.NamePrefix, p.PostalCode, p.HouseNumber, p.HouseNumberSuffix, p.BirthDate = "VAN DER BERG", "", "8011 aa", "3-a", "", "1984-02-29"
	}).Keys()
	if again != keys {
		t.Errorf("written otherwise it is found by %q, and not by %q", again, keys)
	}
	for name, row := range map[string]struct {
		change func(p *identity.Person)
		same   [3]bool // by name and address, name and birth date, address and birth date
	}{
		"another name":       {otherName, [3]bool{false, false, true}},
		"other initials":     {otherFirst, [3]bool{true, true, true}},
		"another address":    {otherAddress, [3]bool{false, true, false}},
		"another birth date": {otherBirth, [3]bool{true, false, false}},
		"half a birth date":  {halfBirth, [3]bool{true, false, false}},
	} {
		other := differently(row.change).Keys()
		if got := [3]bool{other.NameAddress == keys.NameAddress, other.NameBirth == keys.NameBirth, other.AddressBirth == keys.AddressBirth}; got != row.same {
			t.Errorf("%s: found by %v, want %v", name, got, row.same)
		}
	}
	if none := (identity.Person{}).Keys(); none != (identity.PersonKeys{}) {
		t.Errorf("nobody is found by %q", none)
	}
}

func TestARecordMustSayWhoItIsOf(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(p *identity.Person)
		path   string
	}{
		"all of it":               {func(*identity.Person) {}, ""},
		"no address":              {func(p *identity.Person) { p.PostalCode, p.HouseNumber = "", "" }, ""},
		"no birth date":           {func(p *identity.Person) { p.BirthDate = "" }, ""},
		"a day that isn't known":  {func(p *identity.Person) { p.BirthDate = "1984-02-00" }, ""},
		"no family name":          {func(p *identity.Person) { p.Name = " " }, "input.person.familyName"},
		"no initials":             {func(p *identity.Person) { p.Initials = "" }, "input.person.familyName"},
		"a birth date in words":   {func(p *identity.Person) { p.BirthDate = "29 februari" }, "input.person.birthDate"},
		"a text that is too long": {func(p *identity.Person) { p.Street = strings.Repeat("x", 201) }, "input.person.street"},
		"a control character":     {func(p *identity.Person) { p.City = "Zwo\x00lle" }, "input.person.city"},
	} {
		_, err := differently(row.change).Clean("input", "person")
		var path string
		if refusals, is := identity.Refusals(err); is {
			path = strings.Join(refusals[0].Path, ".")
		}
		if path != row.path {
			t.Errorf("%s: refused at %q, want %q", name, path, row.path)
		}
	}
	if clean, err := differently(func(p *identity.Person) { p.Name = " Berg " }).Clean(); err != nil || clean != told {
		t.Errorf("with spaces around it: %+v (%v)", clean, err)
	}
}

func TestOnlyWhoWorksAcrossThePortalSaysWhoAPrivateCustomerIs(t *testing.T) {
	t.Parallel()
	one := identity.Organisation{ID: "org_1", IsPrivate: true}
	self := identity.Actor{Session: &identity.Session{}, User: &identity.User{Role: identity.MainUser}, Organisation: &one}
	admin := identity.Actor{Session: &identity.Session{}, User: &identity.User{Role: identity.PortalAdmin}, Organisation: &identity.Organisation{}}
	partner := identity.Actor{Token: &identity.APIToken{Organisation: identity.WholePortal}}
	own := identity.Actor{Token: &identity.APIToken{Organisation: "org_1"}}
	for name, row := range map[string]struct {
		actor identity.Actor
		of    identity.Organisation
		code  identity.Code
	}{
		"an administrator":           {admin, one, ""},
		"a partner":                  {partner, one, ""},
		"the customer":               {self, one, identity.Forbidden},
		"the customer's own program": {own, one, identity.Forbidden},
		"of a company":               {admin, identity.Organisation{ID: "org_2"}, identity.InvalidInput},
	} {
		if err := row.actor.CheckRecords(row.of); !isRefused(err, row.code) && (err != nil || row.code != "") {
			t.Errorf("%s: %v, want %q", name, err, row.code)
		}
	}
	if !isRefused(partner.CheckIdentifies(one), identity.InvalidInput) {
		t.Error("a private customer becomes a business")
	}
	if !isRefused(one.CheckInvites(), identity.AccountLimitReached) || (identity.Organisation{}).CheckInvites() != nil {
		t.Error("a private customer invites colleagues, or a company doesn't")
	}
}

func TestAPasswordTakesAPrivateCustomersProviderNotAway(t *testing.T) {
	t.Parallel()
	first := identity.User{Registration: identity.Invited}.IdentifiedBy("idin")
	if first.Registration != identity.Registered || first.Provider != "idin" || !first.LacksPassword() {
		t.Errorf("at the first coming: %+v", first)
	}
	link := identity.Link{Purpose: identity.ForInvitation, ExpiresAt: time.Now().Add(time.Hour)}
	if !link.Opens(first, time.Now()) {
		t.Error("the desk's link doesn't open")
	}
	after, _ := link.SetUp(identity.Portal{}, first, time.Now())
	if after.LacksPassword() || after.Provider != "" || link.Opens(after, time.Now()) {
		t.Errorf("with a password: %+v", after)
	}
	if again := after.IdentifiedBy("idin"); again.Provider != "" || again.Registration != identity.Registered {
		t.Errorf("who comes through the bank again: %+v", again)
	}
}

func TestAPortalHasPrivateCustomersWhereAProviderKnowsPersons(t *testing.T) {
	t.Parallel()
	businesses, persons := identity.Provider{Identifies: identity.Businesses}, identity.Provider{Identifies: identity.Persons}
	for _, row := range []struct {
		providers []identity.Provider
		want      bool
	}{{nil, false}, {[]identity.Provider{businesses}, false}, {[]identity.Provider{businesses, persons}, true}} {
		if got := (identity.Portal{Providers: row.providers}).HasPrivateCustomers(); got != row.want {
			t.Errorf("%v: %t", row.providers, got)
		}
	}
}
