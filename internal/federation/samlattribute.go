package federation

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// eHerkenning's names (Afsprakenstelsel 1.13, attribute catalogue).
const (
	attributeLegalSubject  = "urn:etoegang:core:LegalSubjectID"
	attributeActingSubject = "urn:etoegang:core:ActingSubjectID"
	attributeServiceID     = "urn:etoegang:core:ServiceID"
	attributeServiceUUID   = "urn:etoegang:core:ServiceUUID"
	attributeEstablishment = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"
	attributeIntermediary  = "urn:etoegang:1.9:IntermediateEntityID:KvKnr"

	qualifierKVK       = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
	qualifierPseudo    = "urn:etoegang:1.13:EntityConcernedID:Pseudo"
	qualifierOldPseudo = "urn:etoegang:1.9:EntityConcernedID:Pseudo"
)

// attributesThatRepeat say the KVK number in the open, in older messages or for information. They are never believed, but
// they may not contradict.
var attributesThatRepeat = []string{"urn:etoegang:1.9:EntityConcernedID:KvKnr", "urn:etoegang:1.11:attribute-represented:KvKnr"}

// attributes are the values of each attribute, by its name.
type attributes map[string][]*etree.Element

// readAttributes adds what the attributes say. A KVK number comes from LegalSubjectID and from nowhere else: no other
// attribute stands in for it.
func (p *ServiceProvider) readAttributes(element *etree.Element, assertion *identity.Assertion) error {
	all, err := collect(element)
	if err != nil {
		return err
	}
	if err := p.readService(all, assertion); err != nil {
		return err
	}
	if err := p.readBusiness(all, assertion); err != nil {
		return err
	}
	if err := readEstablishments(all, assertion); err != nil {
		return err
	}
	if err := p.readIntermediary(all, assertion); err != nil {
		return err
	}
	subject, err := p.readName(all[attributeActingSubject], SubjectMissing, qualifierPseudo, qualifierOldPseudo)
	if err != nil {
		return err
	}
	if !pseudonymous(subject) {
		return refuse(SubjectMissing)
	}
	assertion.Subject = subject
	return nil
}

func collect(assertion *etree.Element) (attributes, error) {
	all := attributes{}
	for _, statement := range children(assertion, nsAssertion, "AttributeStatement") {
		for _, one := range children(statement, nsAssertion, "Attribute") {
			name := attribute(one, "Name")
			if _, twice := all[name]; twice {
				return nil, refuse(AttributesDoubled)
			}
			all[name] = children(one, nsAssertion, "AttributeValue")
		}
	}
	return all, nil
}

// one is the only value of an attribute, as text.
func (a attributes) one(name string) (string, bool) {
	if len(a[name]) != 1 {
		return "", false
	}
	return text(a[name][0])
}

// readService asks that the mandate is for our service.
func (p *ServiceProvider) readService(all attributes, assertion *identity.Assertion) error {
	id, plain := all.one(attributeServiceID)
	if !plain || id != p.row.ServiceID {
		return refuse(ServiceWrong)
	}
	uuid, plain := all.one(attributeServiceUUID)
	if p.row.ServiceUUID != "" && (!plain || !strings.EqualFold(uuid, p.row.ServiceUUID)) {
		return refuse(ServiceWrong)
	}
	assertion.ServiceID, assertion.ServiceUUID = id, uuid
	return nil
}

// readBusiness asks for one represented business, named by its KVK number.
func (p *ServiceProvider) readBusiness(all attributes, assertion *identity.Assertion) error {
	name, err := p.readName(all[attributeLegalSubject], KVKNumberMissing, qualifierKVK)
	if err != nil {
		return err
	}
	number, err := identity.ParseKVKNumber(name)
	if err != nil {
		return refuse(KVKNumberMissing)
	}
	for _, repeated := range attributesThatRepeat {
		if _, there := all[repeated]; !there {
			continue
		}
		if said, plain := all.one(repeated); !plain || said != name {
			return refuse(KVKNumberMissing)
		}
	}
	assertion.KVKNumber = number
	return nil
}

// readEstablishments reads what the mandate is limited to. A limit that can't be read is no reason to forget it.
func readEstablishments(all attributes, assertion *identity.Assertion) error {
	values, limited := all[attributeEstablishment]
	if limited && len(values) == 0 {
		return refuse(EstablishmentBad)
	}
	for _, value := range values {
		content, _ := text(value)
		number, err := identity.ParseEstablishmentNumber(content)
		if err != nil {
			return refuse(EstablishmentBad)
		}
		assertion.Establishments = append(assertion.Establishments, number)
	}
	return nil
}

// readIntermediary reads who acts for the business in a chain mandate. Brokers give it sealed or in the open.
func (p *ServiceProvider) readIntermediary(all attributes, assertion *identity.Assertion) error {
	values, chained := all[attributeIntermediary]
	if !chained {
		return nil
	}
	name, plain := all.one(attributeIntermediary)
	if !plain {
		var err error
		if name, err = p.readName(values, IntermediaryBad, qualifierKVK); err != nil {
			return err
		}
	}
	number, err := identity.ParseKVKNumber(name)
	if err != nil {
		return refuse(IntermediaryBad)
	}
	assertion.Intermediary = &number
	return nil
}

// pseudonymous tells whether the text can be a pseudonym: something, in printable ASCII, without white space.
func pseudonymous(subject string) bool {
	return subject != "" && len(subject) <= 256 && strings.IndexFunc(subject, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
