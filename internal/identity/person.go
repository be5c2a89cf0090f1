package identity

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Person is what a provider tells of a private person, or a portal's record of one. Texts are as they came; what isn't
// told is "".
type Person struct {
	// Initials as banks have them ("JA"), or with dots; GivenNames in full. One of them will do.
	Initials, GivenNames string
	// Name is the legal family name. The prefix ("van der") stands apart or in front of it.
	NamePrefix, Name string
	// BirthDate is YYYYMMDD or YYYY-MM-DD; a month or a day that isn't known is 00.
	BirthDate string
	// HouseNumberSuffix stands apart or behind the number.
	Street, HouseNumber, HouseNumberSuffix, PostalCode, City string
	// Country is ISO 3166's two letters; "": the Netherlands.
	Country string
}

// PersonAttribute is something that two records of a person are compared by.
type PersonAttribute string

// The attributes.
const (
	PersonName      PersonAttribute = "NAME"
	PersonAddress   PersonAttribute = "ADDRESS"
	PersonBirthDate PersonAttribute = "BIRTH_DATE"
)

// PersonAttributes lists all of them.
var PersonAttributes = []PersonAttribute{PersonName, PersonAddress, PersonBirthDate}

// Agreement is how two records of one attribute compare.
type Agreement string

// How they compare.
const (
	Agrees     Agreement = "AGREES"
	Differs    Agreement = "DIFFERS"
	Incomplete Agreement = "INCOMPLETE" // at least one of the records doesn't tell enough
)

// Side is where a record is to be corrected.
type Side string

// The sides.
const (
	NoSide          = Side("")
	AtProvider Side = "PROVIDER" // the bank
	AtPortal   Side = "PORTAL"   // through the adviser
	EitherSide Side = "EITHER"   // the person knows which of the two is wrong
)

// Comparison is what came of one attribute.
type Comparison struct {
	Attribute PersonAttribute
	Agreement Agreement
	Correct   Side
}

// Compare holds what a provider tells of a person against the portal's record, attribute by attribute, in the order asked.
func (told Person) Compare(record Person, attributes ...PersonAttribute) []Comparison {
	all := make([]Comparison, len(attributes))
	for i, attribute := range attributes {
		all[i] = Comparison{attribute, Differs, EitherSide}
		theirs, toldEnough := told.key(attribute)
		ours, recordEnough := record.key(attribute)
		switch {
		case !toldEnough && !recordEnough:
			all[i].Agreement = Incomplete
		case !toldEnough:
			all[i].Agreement, all[i].Correct = Incomplete, AtProvider
		case !recordEnough:
			all[i].Agreement, all[i].Correct = Incomplete, AtPortal
		case theirs.agrees(ours):
			all[i].Agreement, all[i].Correct = Agrees, NoSide
		}
	}
	return all
}

// Matches tells whether a person is the one in the record: all that was compared agrees, and something was.
func Matches(comparisons []Comparison) bool {
	return len(comparisons) > 0 && !slices.ContainsFunc(comparisons, func(c Comparison) bool { return c.Agreement != Agrees })
}

// attributeKey is an attribute in the form in which it is compared.
type attributeKey struct {
	// exact must be equal; one of the openings must begin the other, and so must the prefixes fit.
	exact, opening, prefix string
}

func (k attributeKey) agrees(other attributeKey) bool {
	short, long := k.opening, other.opening
	if len(short) > len(long) {
		short, long = long, short
	}
	return k.exact == other.exact && strings.HasPrefix(long, short) && prefixesAgree(k.prefix, other.prefix)
}

// key answers false where the record doesn't tell enough to compare.
func (told Person) key(attribute PersonAttribute) (attributeKey, bool) {
	switch attribute {
	case PersonName:
		return told.nameKey()
	case PersonAddress:
		return told.addressKey()
	case PersonBirthDate:
		return told.birthKey()
	}
	return attributeKey{}, false
}

// birthKey takes days of the calendar alone: one with a part that isn't known could be anybody's.
func (told Person) birthKey() (attributeKey, bool) {
	day := strings.ReplaceAll(told.BirthDate, "-", "")
	_, err := time.Parse("20060102", day)
	return attributeKey{exact: day}, digits(day, 8) && err == nil
}

// addressKey takes Dutch addresses, which postal code and house number name; streets and towns are spelt in many ways.
func (told Person) addressKey() (attributeKey, bool) {
	code := strings.ToUpper(letters(told.PostalCode))
	number := letters(foldLatin(told.HouseNumber + " " + told.HouseNumberSuffix))
	count := len(number) - len(strings.TrimLeft(number, "0123456789"))
	suffix := number[count:]
	number = strings.TrimLeft(number[:count], "0")
	country := strings.ToUpper(strings.TrimSpace(told.Country))
	dutch := len(code) == 6 && digits(code[:4], 4) && code[0] != '0' && isCapital(code[4]) && isCapital(code[5])
	return attributeKey{exact: code + " " + number + " " + suffix}, dutch && number != "" && (country == "" || country == "NL")
}

func isCapital(b byte) bool { return b >= 'A' && b <= 'Z' }

// letters keeps letters and digits.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// nameKey is the family name, its prefix, and the initials as an opening: a bank may know one of them and the portal all.
func (told Person) nameKey() (attributeKey, bool) {
	words := nameWords(told.NamePrefix + " " + told.Name)
	first := 0
	for first < len(words)-1 && slices.Contains(prefixWords, words[first]) {
		first++
	}
	key := attributeKey{exact: strings.Join(words[first:], ""), prefix: strings.Join(words[:first], " "), opening: told.initials()}
	return key, len(nameWords(told.Name)) > 0 && key.opening != ""
}

// initials come from themselves, or else from the given names.
func (told Person) initials() string {
	initials := foldLatin(told.Initials)
	if strings.TrimSpace(initials) == "" || strings.ContainsAny(initials, ". ") {
		var firsts strings.Builder
		text := initials
		if letters(text) == "" {
			text = foldLatin(told.GivenNames)
		}
		for _, word := range nameWords(text) {
			first, _ := utf8.DecodeRuneInString(word)
			firsts.WriteRune(first)
		}
		return firsts.String()
	}
	return letters(initials)
}
