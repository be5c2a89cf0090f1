package federation

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// claimSet is what an answer claims, by name, as it was written.
type claimSet map[string]json.RawMessage

// at finds a claim; " > " in the name leads into the claims of a claim.
func (c claimSet) at(name string) (json.RawMessage, bool) {
	outer, inner, nested := strings.Cut(name, " > ")
	value, there := c[outer]
	if !there || !nested {
		return value, there
	}
	var within claimSet
	if json.Unmarshal(value, &within) != nil {
		return nil, false
	}
	return within.at(inner)
}

// text reads a claim that is a text, and nothing that could be read as one: a number has lost its leading zeros.
func (c claimSet) text(name string) (text string, ok bool) {
	value, there := c.at(name)
	if !there || name == "" {
		return "", false
	}
	var read *string
	if json.Unmarshal(value, &read) != nil || read == nil {
		return "", false
	}
	return *read, true
}

// texts reads a claim that is a text or a list of them.
func (c claimSet) texts(name string) ([]string, bool) {
	if one, is := c.text(name); is {
		return []string{one}, true
	}
	value, there := c.at(name)
	var list []*string
	if !there || json.Unmarshal(value, &list) != nil || slices.Contains(list, nil) {
		return nil, false
	}
	all := make([]string, len(list))
	for i, one := range list {
		all[i] = *one
	}
	return all, len(all) > 0
}

// instant reads a claim that is seconds since 1970.
func (c claimSet) instant(name string) (time.Time, bool) {
	var seconds *int64
	if value, there := c[name]; !there || json.Unmarshal(value, &seconds) != nil || seconds == nil {
		return time.Time{}, false
	}
	return time.Unix(*seconds, 0).UTC(), true
}

// readLevel reads the level by exact comparison. There is no level that stands in for one that isn't said.
func (o OIDC) readLevel(claims claimSet) (identity.AssuranceLevel, error) {
	said, ok := claims.text(o.OIDC.LevelClaim)
	if !ok {
		return "", refuse(LevelTooLow)
	}
	for _, known := range o.OIDC.Levels {
		if known.Value == said && (o.Identifies == identity.Persons || slices.Contains(o.Provider.Levels, known.Level)) {
			return known.Level, nil
		}
	}
	return "", refuse(LevelTooLow)
}

// tooLow refuses a signed token for its level, and says for which business it was: its people can be told.
func (o OIDC) tooLow(claims claimSet) error {
	var told identity.Assertion
	if o.readClaims(claims, &told) != nil {
		return refuse(LevelTooLow)
	}
	return &identity.Unidentified{Code: identity.AssuranceTooLow, Reason: string(LevelTooLow), KVKNumber: told.KVKNumber}
}

// readClaims reads who it is. Each fact is taken from its own claim and from no other.
func (o OIDC) readClaims(claims claimSet, assertion *identity.Assertion) error {
	subject, ok := claims.text(o.OIDC.Claims.Subject)
	if !ok || !isSubject(subject) {
		return refuse(SubjectMissing)
	}
	assertion.Subject = subject
	if service := o.OIDC.Claims.Service; service != "" {
		said, ok := claims.text(service)
		if !ok || said != o.OIDC.Claims.ServiceValue {
			return refuse(ServiceWrong)
		}
		assertion.ServiceID = said
	}
	if o.Identifies == identity.Persons {
		assertion.Person = readPerson(claims, o.OIDC.Claims)
		return nil
	}
	return readMandate(claims, o.OIDC.Claims, assertion)
}

// mostEstablishments bounds what one mandate can be limited to.
const mostEstablishments = 50

// readMandate reads for which business somebody acts. A limit or an intermediary that can't be read is no reason to forget
// it: what is there and can't be read is refused.
func readMandate(claims claimSet, names identity.ClaimNames, assertion *identity.Assertion) (err error) {
	if names.KVKQualifier != "" {
		if kind, ok := claims.text(names.KVKQualifier); !ok || kind != names.KVKQualifierValue {
			return refuse(KVKNumberMissing)
		}
	}
	number, _ := claims.text(names.KVKNumber)
	if assertion.KVKNumber, err = identity.ParseKVKNumber(number); err != nil {
		return refuse(KVKNumberMissing)
	}
	if _, limited := claims.at(names.Establishment); limited && names.Establishment != "" {
		all, ok := claims.texts(names.Establishment)
		if !ok || len(all) > mostEstablishments {
			return refuse(EstablishmentBad)
		}
		for _, one := range all {
			establishment, err := identity.ParseEstablishmentNumber(one)
			if err != nil {
				return refuse(EstablishmentBad)
			}
			assertion.Establishments = append(assertion.Establishments, establishment)
		}
	}
	if _, chained := claims.at(names.Intermediary); chained && names.Intermediary != "" {
		text, _ := claims.text(names.Intermediary)
		intermediary, err := identity.ParseKVKNumber(text)
		if err != nil {
			return refuse(IntermediaryBad)
		}
		assertion.Intermediary = &intermediary
	}
	return nil
}

// readPerson reads what is told of a private person; what isn't told, or isn't text, stays empty and matches nothing.
func readPerson(claims claimSet, names identity.ClaimNames) *identity.Person {
	read := func(name string) string {
		text, _ := claims.text(name)
		return text
	}
	return &identity.Person{
		Initials: read(names.Initials), GivenNames: read(names.GivenNames), NamePrefix: read(names.NamePrefix), Name: read(names.Name),
		BirthDate: read(names.BirthDate), Street: read(names.Street), HouseNumber: read(names.HouseNumber),
		HouseNumberSuffix: read(names.HouseNumberSuffix), PostalCode: read(names.PostalCode), City: read(names.City), Country: read(names.Country),
	}
}

// isSubject tells whether the text can be a pseudonym: printable ASCII without white space, at most 1,026 bytes, the
// longest that iDIN has.
func isSubject(text string) bool {
	return text != "" && len(text) <= 1026 && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// algorithmOf is the algorithm that a token says it is signed by; "" where it is no token.
func algorithmOf(raw string) string {
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		Algorithm string `json:"alg"`
	}
	if err != nil || json.Unmarshal(text, &header) != nil {
		return ""
	}
	return header.Algorithm
}
