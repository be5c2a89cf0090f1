package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var told = identity.Person{
	Initials: "JA", NamePrefix: "van der", Name: "Berg", BirthDate: "19840229", Street: "Kade", HouseNumber: "3",
	HouseNumberSuffix: "A", PostalCode: "8011AA", City: "Zwolle", Country: "NL",
}

// differently is a record of the person above that is written otherwise.
func differently(change func(p *identity.Person)) identity.Person {
	p := told
	change(&p)
	return p
}

func TestHowTwoRecordsOfAPersonCompare(t *testing.T) {
	t.Parallel()
	type p = identity.Person
	same := func(*p) {}
	for name, row := range map[string]struct {
		told, record func(p *p)
		attribute    identity.PersonAttribute
		want         identity.Agreement
		correct      identity.Side
	}{
		"the same name":                   {same, same, identity.PersonName, identity.Agrees, ""},
		"in capitals":                     {same, func(p *p) { p.Name = "BERG" }, identity.PersonName, identity.Agrees, ""},
		"with the prefix in the name":     {same, func(p *p) { p.NamePrefix, p.Name = "", "van der Berg" }, identity.PersonName, identity.Agrees, ""},
		"with the prefix abbreviated":     {same, func(p *p) { p.NamePrefix = "v.d." }, identity.PersonName, identity.Agrees, ""},
		"with another prefix":             {same, func(p *p) { p.NamePrefix = "van den" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"without its prefix":              {same, func(p *p) { p.NamePrefix = "" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"with marks":                      {func(p *p) { p.Name = "Çağlar-Müller" }, func(p *p) { p.Name = "CAGLAR MULLER" }, identity.PersonName, identity.Agrees, ""},
		"with marks that stand apart":     {func(p *p) { p.Name = "Mu\u0308ller" }, func(p *p) { p.Name = "Müller" }, identity.PersonName, identity.Agrees, ""},
		"with an apostrophe":              {func(p *p) { p.NamePrefix, p.Name = "in 't", "Veld" }, func(p *p) { p.NamePrefix, p.Name = "in ’t", "Veld" }, identity.PersonName, identity.Agrees, ""},
		"of which the prefix is the name": {func(p *p) { p.NamePrefix, p.Name = "", "Voor" }, func(p *p) { p.NamePrefix, p.Name = "", "voor" }, identity.PersonName, identity.Agrees, ""},
		"another name":                    {same, func(p *p) { p.Name = "Bergen" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"a name behind a hyphen":          {same, func(p *p) { p.Name = "Berg-Jansen" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"given names for initials":        {same, func(p *p) { p.Initials, p.GivenNames = "", "Jan Albert" }, identity.PersonName, identity.Agrees, ""},
		"initials with dots":              {same, func(p *p) { p.Initials = "J.A." }, identity.PersonName, identity.Agrees, ""},
		"one initial of two":              {same, func(p *p) { p.Initials = "J" }, identity.PersonName, identity.Agrees, ""},
		"another second initial":          {same, func(p *p) { p.Initials = "JB" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"the second initial alone":        {same, func(p *p) { p.Initials = "A" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"an initial with a mark":          {func(p *p) { p.Initials = "É" }, func(p *p) { p.Initials, p.GivenNames = "", "Eric" }, identity.PersonName, identity.Agrees, ""},
		"no initials at the bank":         {func(p *p) { p.Initials = "" }, same, identity.PersonName, identity.Incomplete, identity.AtProvider},
		"no name in the record":           {same, func(p *p) { p.Name = " " }, identity.PersonName, identity.Incomplete, identity.AtPortal},
		"no name anywhere":                {func(p *p) { p.Name = "" }, func(p *p) { p.Name = "" }, identity.PersonName, identity.Incomplete, identity.EitherSide},
		"two names in other letters":      {func(p *p) { p.Name = "Мюллер" }, func(p *p) { p.Name = "Иванов" }, identity.PersonName, identity.Differs, identity.EitherSide},
		"a name in other letters":         {func(p *p) { p.Name = "Мюллер" }, same, identity.PersonName, identity.Differs, identity.EitherSide},

		"the same day":           {same, same, identity.PersonBirthDate, identity.Agrees, ""},
		"written with hyphens":   {same, func(p *p) { p.BirthDate = "1984-02-29" }, identity.PersonBirthDate, identity.Agrees, ""},
		"another day":            {same, func(p *p) { p.BirthDate = "19840228" }, identity.PersonBirthDate, identity.Differs, identity.EitherSide},
		"a day that isn't known": {func(p *p) { p.BirthDate = "19840200" }, same, identity.PersonBirthDate, identity.Incomplete, identity.AtProvider},
		"unknown on both sides":  {func(p *p) { p.BirthDate = "19840000" }, func(p *p) { p.BirthDate = "19840000" }, identity.PersonBirthDate, identity.Incomplete, identity.EitherSide},
		"a day that isn't one":   {same, func(p *p) { p.BirthDate = "19830229" }, identity.PersonBirthDate, identity.Incomplete, identity.AtPortal},
		"no day":                 {same, func(p *p) { p.BirthDate = "" }, identity.PersonBirthDate, identity.Incomplete, identity.AtPortal},

		"the same address":              {same, same, identity.PersonAddress, identity.Agrees, ""},
		"the suffix behind the number":  {same, func(p *p) { p.HouseNumber, p.HouseNumberSuffix = "3-a", "" }, identity.PersonAddress, identity.Agrees, ""},
		"with a space between":          {same, func(p *p) { p.HouseNumber, p.HouseNumberSuffix = "3 a", "" }, identity.PersonAddress, identity.Agrees, ""},
		"a code with a space":           {same, func(p *p) { p.PostalCode = "8011 aa" }, identity.PersonAddress, identity.Agrees, ""},
		"a number with a zero in front": {same, func(p *p) { p.HouseNumber = "03" }, identity.PersonAddress, identity.Agrees, ""},
		"another street's spelling":     {same, func(p *p) { p.Street, p.City = "De Kade", "ZWOLLE" }, identity.PersonAddress, identity.Agrees, ""},
		"without a country":             {same, func(p *p) { p.Country = "" }, identity.PersonAddress, identity.Agrees, ""},
		"without its suffix":            {same, func(p *p) { p.HouseNumberSuffix = "" }, identity.PersonAddress, identity.Differs, identity.EitherSide},
		"another suffix":                {same, func(p *p) { p.HouseNumberSuffix = "bis" }, identity.PersonAddress, identity.Differs, identity.EitherSide},
		"another number":                {same, func(p *p) { p.HouseNumber = "13" }, identity.PersonAddress, identity.Differs, identity.EitherSide},
		"another code":                  {func(p *p) { p.PostalCode = "8012AA" }, same, identity.PersonAddress, identity.Differs, identity.EitherSide},
		"abroad":                        {func(p *p) { p.Country = "BE" }, same, identity.PersonAddress, identity.Incomplete, identity.AtProvider},
		"no code":                       {func(p *p) { p.PostalCode = "" }, same, identity.PersonAddress, identity.Incomplete, identity.AtProvider},
		"no number":                     {same, func(p *p) { p.HouseNumber = "" }, identity.PersonAddress, identity.Incomplete, identity.AtPortal},
		"a code of another country":     {same, func(p *p) { p.PostalCode = "10115" }, identity.PersonAddress, identity.Incomplete, identity.AtPortal},

		"an attribute that there isn't": {same, same, "SHOE_SIZE", identity.Incomplete, identity.EitherSide},
	} {
		got := differently(row.told).Compare(differently(row.record), row.attribute)
		if len(got) != 1 || got[0] != (identity.Comparison{Attribute: row.attribute, Agreement: row.want, Correct: row.correct}) {
			t.Errorf("%s: %+v, want %s, to be corrected at %q", name, got, row.want, row.correct)
		}
		back := differently(row.record).Compare(differently(row.told), row.attribute)
		if back[0].Agreement != row.want {
			t.Errorf("%s: the other way around it %s", name, back[0].Agreement)
		}
	}
}

func TestAPersonIsTheOneInTheRecordWhenAllThatWasComparedAgrees(t *testing.T) {
	t.Parallel()
	all := identity.PersonAttributes
	if got := told.Compare(told, all...); !identity.Matches(got) || len(got) != len(all) {
		t.Errorf("the same person: %+v", got)
	}
	moved := differently(func(p *identity.Person) { p.HouseNumber = "4" })
	if got := told.Compare(moved, all...); identity.Matches(got) || got[0].Agreement != identity.Agrees || got[1].Agreement != identity.Differs {
		t.Errorf("who moved: %+v", got)
	}
	if identity.Matches(told.Compare(told)) || identity.Matches(nil) {
		t.Error("nothing was compared, and it matches")
	}
	father := differently(func(p *identity.Person) { p.BirthDate = "19540229" })
	if identity.Matches(told.Compare(father, all...)) {
		t.Error("a father is his son")
	}
}

// FuzzCompare: whoever tells enough agrees with themselves, a comparison is the same both ways, and nothing panics.
func FuzzCompare(f *testing.F) {
	f.Add("JA", "Jan", "van der", "Berg", "19840229", "3", "A", "8011AA")
	f.Add("", "Þór Ĳsbrand", "v.d.", "Øß-Ł", "19840000", "03-", "bis", "8011 aa")
	f.Fuzz(func(t *testing.T, initials, given, prefix, name, birth, number, suffix, code string) {
		p := identity.Person{Initials: initials, GivenNames: given, NamePrefix: prefix, Name: name, BirthDate: birth, HouseNumber: number, HouseNumberSuffix: suffix, PostalCode: code}
		for _, comparison := range p.Compare(p, identity.PersonAttributes...) {
			if comparison.Agreement == identity.Differs {
				t.Errorf("%+v differs from itself: %+v", p, comparison)
			}
		}
		there, back := p.Compare(told, identity.PersonAttributes...), told.Compare(p, identity.PersonAttributes...)
		for i := range there {
			if there[i].Agreement != back[i].Agreement {
				t.Errorf("%+v: %+v one way, %+v the other", p, there[i], back[i])
			}
		}
		if identity.Matches(there) && !slices.Contains([]string{"19840229"}, strings.ReplaceAll(birth, "-", "")) {
			t.Errorf("%+v is somebody of another day", p)
		}
	})
}
