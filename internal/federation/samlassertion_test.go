package federation

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const (
	confirmation = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="_request" ` +
		`Recipient="https://tvm.test/federation/eherkenning/return" NotOnOrAfter="2025-06-11T12:01:58Z"/></saml:SubjectConfirmation>`
	conditions   = `<saml:Conditions NotBefore="2025-06-11T11:59:53Z" NotOnOrAfter="2025-06-11T12:01:58Z">`
	audience     = `<saml:Audience>urn:etoegang:DV:00000003687501100000:entities:9100</saml:Audience>`
	restriction  = `<saml:AudienceRestriction>` + audience + `</saml:AudienceRestriction>`
	authnContext = `<saml:AuthnContext><saml:AuthnContextClassRef>urn:etoegang:core:assurance-class:loa3</saml:AuthnContextClassRef></saml:AuthnContext>`
	statement    = `<saml:AuthnStatement AuthnInstant="2025-06-11T11:59:50Z">` + authnContext + `</saml:AuthnStatement>`
	madeAt       = `ID="_assertion" Version="2.0" IssueInstant="2025-06-11T11:59:58Z"`
)

func TestAnAssertionForOthersOrOtherTimesIsRefused(t *testing.T) {
	t.Parallel()
	other := `<saml:Audience>urn:etoegang:DV:00000003687501100000:entities:9101</saml:Audience>`
	wrap := func(inner string) string { return `<saml:AudienceRestriction>` + inner + `</saml:AudienceRestriction>` }
	issuer := "<saml:Issuer>" + brokerEntity + "</saml:Issuer>\n" + `{{signature "_assertion"}}`
	refused(t, []row{
		{"another issuer", IssuerWrong, edit(issuer, `<saml:Issuer>urn:other</saml:Issuer>{{signature "_assertion"}}`), false, nil},
		{"no issuer", IssuerWrong, edit(issuer, `{{signature "_assertion"}}`), false, nil},
		{"made long ago", TooLate, edit(madeAt, `ID="_assertion" Version="2.0" IssueInstant="2025-06-11T11:56:59Z"`), true, nil},
		{"made in the future", TooEarly, edit(madeAt, `ID="_assertion" Version="2.0" IssueInstant="2025-06-11T12:01:01Z"`), true, nil},
		{"another version", MessageShape, edit(madeAt, `ID="_assertion" Version="2.1" IssueInstant="2025-06-11T11:59:58Z"`), true, nil},

		{"another audience", AudienceWrong, edit(audience, other), false, nil},
		{"an audience that begins like ours", AudienceWrong, edit(audience, strings.Replace(audience, "</", "1</", 1)), false, nil},
		{"no audience restriction", AudienceWrong, without(restriction), true, nil},
		{"an empty one", AudienceWrong, edit(restriction, wrap("")), false, nil},
		{"two, ours in the first alone", AudienceWrong, edit(restriction, restriction+wrap(other)), true, nil},
		{"two, ours in the second alone", AudienceWrong, edit(restriction, wrap(other)+restriction), true, nil},

		{"no conditions", ConditionsMissing, without(conditions + restriction + `</saml:Conditions>`), false, nil},
		{"conditions twice", ConditionsMissing, repeated(conditions + restriction + `</saml:Conditions>`), true, nil},
		{"a condition that nobody knows", ConditionsMissing, edit(restriction, restriction+`<saml:Condition/>`), true, nil},
		{"conditions without an end", ConditionsMissing, edit(conditions, `<saml:Conditions NotBefore="2025-06-11T11:59:53Z">`), false, nil},
		{"conditions that end at no time", ConditionsMissing, edit(conditions, `<saml:Conditions NotOnOrAfter="tomorrow">`), false, nil},
		{"conditions that have ended", TooLate, edit(conditions, `<saml:Conditions NotOnOrAfter="2025-06-11T11:59:00Z">`), true, nil},
		{"conditions that begin later", TooEarly, edit(conditions, `<saml:Conditions NotBefore="2025-06-11T12:01:01Z" NotOnOrAfter="2025-06-11T12:05:00Z">`), true, nil},

		{"no subject", ConfirmationWrong, edit("<saml:Subject>\n<saml:NameID Format", "<saml:Nobody>\n<saml:NameID Format", confirmation+"\n</saml:Subject>", confirmation+"\n</saml:Nobody>"), false, nil},
		{"no confirmation", ConfirmationWrong, without(confirmation), true, nil},
		{"two confirmations", ConfirmationWrong, repeated(confirmation), true, nil},
		{"a confirmation that isn't bearer", ConfirmationWrong, edit("cm:bearer", "cm:sender-vouches"), true, nil},
		{"a confirmation without its data", ConfirmationWrong, edit(confirmation, `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>`), false, nil},
		{"a confirmation of another request", RequestUnknown, edit(`Data InResponseTo="_request"`, `Data InResponseTo="_other"`), false, nil},
		{"a confirmation of no request", RequestUnknown, edit(`Data InResponseTo="_request"`, `Data`), false, nil},
		{"a confirmation of another request than the Response's", RequestUnknown, edit(`Z" InResponseTo="_request" Dest`, `Z" InResponseTo="_other" Dest`), false, nil},
		{"a confirmation for another address", Destination, edit(`Recipient="`+ourConsumer, `Recipient="https://other.test/return`), false, nil},
		{"a confirmation for no address", Destination, edit(`Recipient="`+ourConsumer+`"`, ""), false, nil},
		{"a confirmation without an end", ConfirmationWrong, edit(confirmation, strings.Replace(confirmation, ` NotOnOrAfter="2025-06-11T12:01:58Z"`, "", 1)), false, nil},
		{"a confirmation that has ended", TooLate, edit(confirmation, strings.Replace(confirmation, "12:01:58Z", "11:59:00Z", 1)), true, nil},
		{"a confirmation that begins later", TooEarly, edit(confirmation, strings.Replace(confirmation, "NotOnOrAfter", `NotBefore="2025-06-11T12:01:01Z" NotOnOrAfter`, 1)), true, nil},

		{"who proved themselves before we asked", TooLate, edit(statement, strings.Replace(statement, "11:59:50", "11:57:59", 1)), true, nil},
		{"who will prove themselves", TooEarly, edit(statement, strings.Replace(statement, "11:59:50", "12:01:01", 1)), true, nil},
		{"who proved themselves at no time", MessageShape, edit(statement, strings.Replace(statement, ` AuthnInstant="2025-06-11T11:59:50Z"`, "", 1)), true, nil},
	})
}

func TestALevelThatIsNotAcceptedByNameIsTooLow(t *testing.T) {
	t.Parallel()
	level := func(urn string) vector { return edit(levelPrefix+"loa3", urn) }
	refused(t, []row{
		{"EH1", LevelTooLow, level(levelPrefix + "loa1"), true, nil},
		{"EH2", LevelTooLow, level(levelPrefix + "loa2"), true, nil},
		{"EH2+", LevelTooLow, level(levelPrefix + "loa2plus"), true, nil},
		{"one above all", LevelTooLow, level(levelPrefix + "loa5"), true, nil},
		{"one that goes on after EH3", LevelTooLow, level(levelPrefix + "loa3plus"), true, nil},
		{"one of DigiD", LevelTooLow, level("urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard"), true, nil},
		{"one of eIDAS", LevelTooLow, level("http://eidas.europa.eu/LoA/high"), true, nil},
		{"one of iDIN", LevelTooLow, level("nl:bvn:bankid:1.0:loa3"), true, nil},
		{"none", LevelTooLow, without(`<saml:AuthnContextClassRef>` + levelPrefix + `loa3</saml:AuthnContextClassRef>`), true, nil},
		{"an empty one", LevelTooLow, level(""), true, nil},
		{"no statement", LevelTooLow, without(statement), true, nil},
		{"two statements with two levels", LevelTooLow, edit(statement, statement+strings.Replace(statement, "loa3", "loa4", 1)), true, nil},
		{"two levels in a statement", LevelTooLow, edit(authnContext, authnContext+strings.Replace(authnContext, "loa3", "loa4", 1)), true, nil},
		{"two names in a context", LevelTooLow, edit(levelPrefix+"loa3", levelPrefix+"loa3</saml:AuthnContextClassRef><saml:AuthnContextClassRef>"+levelPrefix+"loa2"), true, nil},
		{"EH2, with EH4 in the Advice", LevelTooLow, level(levelPrefix + "loa2"), true, nil},
		{"EH3, where EH4 is asked for", LevelTooLow, vector{}, true, func(p *ServiceProvider, _ *expectation) {
			p.row.Levels = []identity.AssuranceLevel{identity.EH4}
		}},
	})
}

func TestAMandateForAnotherBusinessOrServiceIsRefused(t *testing.T) {
	t.Parallel()
	legal := `<saml:AttributeValue>{{sealed "` + kvkQualifier + `" "68750110"}}</saml:AttributeValue>`
	business := `<saml:Attribute Name="` + attributeLegalSubject + `">` + legal + `</saml:Attribute>`
	named := func(qualifier, name string) vector {
		return edit(`{{sealed "`+kvkQualifier+`" "68750110"}}`, `{{sealed "`+qualifier+`" "`+name+`"}}`)
	}
	also := func(name, value string) vector {
		return edit(business, business+`<saml:Attribute Name="`+name+`"><saml:AttributeValue>`+value+`</saml:AttributeValue></saml:Attribute>`)
	}
	person := `<saml:AttributeValue>{{sealed "` + qualifierPseudo + `" "` + acting + `"}}</saml:AttributeValue>`
	who := func(replacement string) vector { return edit(person, replacement) }
	const establishment = `<saml:AttributeValue>000037178598</saml:AttributeValue>`
	limit := func(replacement string) vector { return edit(establishment, replacement) }
	refused(t, []row{
		{"no business", KVKNumberMissing, without(business), true, nil},
		{"no business, but an intermediary", KVKNumberMissing, edit(business, strings.Replace(business, attributeLegalSubject, attributeIntermediary, 1)), true, nil},
		{"no business, but a number in the open", KVKNumberMissing, edit(business, `<saml:Attribute Name="`+attributesThatRepeat[0]+`"><saml:AttributeValue>68750110</saml:AttributeValue></saml:Attribute>`), true, nil},
		{"a business without a value", KVKNumberMissing, without(legal), true, nil},
		{"a business by its RSIN", KVKNumberMissing, named("urn:etoegang:1.9:EntityConcernedID:RSIN", "001855013"), true, nil},
		{"eight digits that are an RSIN", KVKNumberMissing, named("urn:etoegang:1.9:EntityConcernedID:RSIN", "68750110"), true, nil},
		{"a citizen by their BSN", KVKNumberMissing, named("urn:etoegang:1.12:EntityConcernedID:BSN", "68750110"), true, nil},
		{"a business from abroad", KVKNumberMissing, named("urn:etoegang:1.11:EntityConcernedID:eIDASLegalIdentifier", "68750110"), true, nil},
		{"a name of no kind", KVKNumberMissing, named("", "68750110"), true, nil},
		{"seven digits", KVKNumberMissing, named(kvkQualifier, "6875011"), true, nil},
		{"nine digits", KVKNumberMissing, named(kvkQualifier, "687501100"), true, nil},
		{"digits of another script", KVKNumberMissing, named(kvkQualifier, "٦٨٧٥٠١١٠"), true, nil},
		{"white space around the digits", KVKNumberMissing, named(kvkQualifier, " 68750110"), true, nil},
		{"no digits", KVKNumberMissing, named(kvkQualifier, ""), true, nil},
		{"two businesses", AttributesDoubled, edit(legal, legal+strings.Replace(legal, "68750110", "12345678", 1)), true, nil},
		{"the business named twice", AttributesDoubled, repeated(business), true, nil},
		{"another number in the open", KVKNumberMissing, also(attributesThatRepeat[1], "12345678"), true, nil},
		{"another number in the open, the old way", KVKNumberMissing, also(attributesThatRepeat[0], "12345678"), true, nil},
		{"an intermediary that is no number", IntermediaryBad, also(attributeIntermediary, "1234567"), true, nil},
		{"an intermediary by its RSIN", IntermediaryBad, also(attributeIntermediary, `{{sealed "urn:etoegang:1.9:EntityConcernedID:RSIN" "12345678"}}`), true, nil},

		{"another service", ServiceWrong, edit(ourService, strings.Replace(ourService, "9052", "9053", 1)), true, nil},
		{"another service's UUID", ServiceWrong, edit(ourUUID, "00000000-9d6d-4ff4-a3a4-1f9d1d3a2f10"), true, nil},
		{"no service", ServiceWrong, edit(attributeServiceID, "urn:x"), true, nil},
		{"no UUID", ServiceWrong, edit(attributeServiceUUID, "urn:x"), true, nil},

		{"nobody acting", SubjectMissing, edit(attributeActingSubject, "urn:x"), true, nil},
		{"somebody acting without a value", SubjectMissing, who(""), true, nil},
		{"an empty pseudonym", SubjectMissing, who(`<saml:AttributeValue>{{sealed "` + qualifierPseudo + `" ""}}</saml:AttributeValue>`), true, nil},
		{"a pseudonym with white space", SubjectMissing, who(`<saml:AttributeValue>{{sealed "` + qualifierPseudo + `" "a b"}}</saml:AttributeValue>`), true, nil},
		{"somebody acting by their BSN", SubjectMissing, who(`<saml:AttributeValue>{{sealed "urn:etoegang:1.12:EntityConcernedID:BSN" "123456782"}}</saml:AttributeValue>`), true, nil},
		{"two acting", AttributesDoubled, who(person + person), true, nil},

		{"an establishment of eleven digits", EstablishmentBad, limit(`<saml:AttributeValue>00003717859</saml:AttributeValue>`), true, nil},
		{"an establishment and white space", EstablishmentBad, limit(`<saml:AttributeValue>000037178598 </saml:AttributeValue>`), true, nil},
		{"an establishment by its name", EstablishmentBad, limit(`<saml:AttributeValue>Hoorn</saml:AttributeValue>`), true, nil},
		{"an establishment that is empty", EstablishmentBad, limit(`<saml:AttributeValue/>`), true, nil},
		{"a limit without a value", EstablishmentBad, limit(""), true, nil},
		{"one establishment, and one that is none", EstablishmentBad, limit(establishment + `<saml:AttributeValue>000037178598;000037178601</saml:AttributeValue>`), true, nil},
		{"the limit twice", AttributesDoubled, repeated(`<saml:Attribute Name="` + attributeEstablishment + `">` + establishment + `</saml:Attribute>`), true, nil},
	})
}

func TestANameThatIsNotSealedForUsIsRefused(t *testing.T) {
	t.Parallel()
	base := `{{sealed "` + kvkQualifier + `" "68750110"}}`
	sealed := func(replacement string) vector { return edit(base, replacement) }
	const cbc, gcm = "http://www.w3.org/2001/04/xmlenc#aes256-cbc", "http://www.w3.org/2009/xmlenc11#aes256-gcm"
	xml := func(plain string) vector { return sealed("{{sealedXML `" + plain + "`}}") }
	ns := ` xmlns:saml="` + nsAssertion + `" NameQualifier="` + kvkQualifier + `"`
	refused(t, []row{
		{"in the open", EncryptionMissing, sealed("68750110"), true, nil},
		{"a name in the open", EncryptionMissing, sealed(nameID(kvkQualifier, "68750110")), true, nil},
		{"sealed, and one in the open", EncryptionMissing, sealed(base + nameID(kvkQualifier, "12345678")), true, nil},
		{"sealed twice", EncryptionMissing, sealed(base + base), true, nil},
		{"for another recipient", EncryptionForeign, sealed(`{{sealedFor "urn:etoegang:DV:00000003687501100000:entities:9101"}}`), true, nil},
		{"under a key that isn't ours", EncryptionBroken, sealed(`{{sealedUnder "stranger"}}`), true, nil},
		{"with triple DES", AlgorithmWeak, sealed(`{{sealedBy "http://www.w3.org/2001/04/xmlenc#tripledes-cbc" ""}}`), true, nil},
		{"with RSA of PKCS 1, version 1.5", AlgorithmWeak, sealed(`{{sealedBy "" "http://www.w3.org/2001/04/xmlenc#rsa-1_5"}}`), true, nil},
		{"no name", EncryptionBroken, xml(`<x/>`), true, nil},
		{"a name of another namespace", EncryptionBroken, xml(`<NameID xmlns="urn:x" NameQualifier="` + kvkQualifier + `">68750110</NameID>`), true, nil},
		{"a comment in the name", EncryptionBroken, xml(`<saml:NameID` + ns + `>6875<!-- -->0110</saml:NameID>`), true, nil},
		{"an element in the name", EncryptionBroken, xml(`<saml:NameID` + ns + `>6875<b/>0110</saml:NameID>`), true, nil},
		{"a document type before the name", EncryptionBroken, xml(`<!DOCTYPE NameID><saml:NameID` + ns + `>68750110</saml:NameID>`), true, nil},
		{"a broken seal", EncryptionBroken, spoil(gcm), true, nil},
		{"a seal that is cut short", EncryptionBroken, cut(cbc, "AAAA"), true, nil},
		{"a seal of half a block", EncryptionBroken, cut(cbc, strings.Repeat("A", 56)), true, nil},
		{"a seal with padding that is none", EncryptionBroken, cut(cbc, strings.Repeat("A", 64)), true, nil},
	})
}
