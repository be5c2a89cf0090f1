package federation

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// whole is what the untouched vector says.
func whole() identity.Assertion {
	return identity.Assertion{
		Provider: "eherkenning", Environment: "test", Issuer: brokerEntity, ID: "_assertion", Subject: acting, Level: identity.EH3,
		KVKNumber: "68750110", Establishments: []identity.EstablishmentNumber{"000037178598"}, ServiceID: ourService, ServiceUUID: ourUUID,
		AuthenticatedAt: noon.Add(-10 * time.Second), ExpiresAt: time.Date(2025, time.June, 11, 12, 2, 58, 0, time.UTC),
	}
}

// A row is a message that must be refused, and why.
type row struct {
	sentence string
	why      Reason
	vector   vector
	// lax marks what the library on its own would accept: there the gate is all there is.
	lax bool
	// change changes what the message is held against.
	change func(*ServiceProvider, *expectation)
}

// refused makes each row's message and sees it refused, for its reason and no other.
func refused(t *testing.T, rows []row) {
	for _, row := range rows {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			p, want := receiver(), expected
			if row.change != nil {
				row.change(p, &want)
			}
			message := row.vector.make(t)
			got, err := p.accept(message, want)
			if ReasonOf(err) != row.why {
				t.Errorf("refused for %q (%v), want %q", ReasonOf(err), err, row.why)
			}
			if diff := cmp.Diff(identity.Assertion{}, got); diff != "" {
				t.Errorf("what is refused says nothing: %s", diff)
			}
			if _, err := p.libraryReading(message, p.broker.keys, want); (err == nil) != row.lax {
				t.Errorf("the library alone: %v", err)
			}
		})
	}
}

// responseIssuer is the end of the Response's start, with its Issuer.
const responseIssuer = `Destination="` + ourConsumer + `">` + "\n<saml:Issuer>" + brokerEntity + "</saml:Issuer>\n"

func edit(pairs ...string) vector { return vector{edits: pairs} }

func forge(old, replacement string) vector {
	return vector{forge: func(message string) string { return strings.Replace(message, old, replacement, 1) }}
}

// repeated is a vector in which an element is there twice.
func repeated(element string) vector { return edit(element, element+element) }

func without(text string) vector { return edit(text, "") }

func TestWhatABrokerSaysIsReadToTheLetter(t *testing.T) {
	t.Parallel()
	const establishment = `<saml:AttributeValue>000037178598</saml:AttributeValue>`
	const limit = `<saml:Attribute Name="urn:etoegang:1.9:ServiceRestriction:Vestigingsnr">` + establishment + `</saml:Attribute>`
	chain := identity.KVKNumber("12345678")
	for _, row := range []struct {
		sentence string
		vector   vector
		change   func(*identity.Assertion)
	}{
		{"the whole", vector{}, func(*identity.Assertion) {}},
		{"EH4", edit(levelPrefix+"loa3", levelPrefix+"loa4"), func(a *identity.Assertion) { a.Level = identity.EH4 }},
		{"leading zeros count", edit(`KvKnr" "68750110"`, `KvKnr" "00000001"`), func(a *identity.Assertion) { a.KVKNumber = "00000001" }},
		{"no limit is the whole business", edit(limit, ""), func(a *identity.Assertion) { a.Establishments = nil }},
		{"several establishments", edit(establishment, establishment+`<saml:AttributeValue>000037178601</saml:AttributeValue>`), func(a *identity.Assertion) {
			a.Establishments = append(a.Establishments, "000037178601")
		}},
		{
			"a chain, in the open", edit(limit, limit+`<saml:Attribute Name="`+attributeIntermediary+`"><saml:AttributeValue>12345678</saml:AttributeValue></saml:Attribute>`),
			func(a *identity.Assertion) { a.Intermediary = &chain },
		},
		{
			"a chain, sealed", edit(limit, limit+`<saml:Attribute Name="`+attributeIntermediary+`"><saml:AttributeValue>{{sealed "`+kvkQualifier+`" "12345678"}}</saml:AttributeValue></saml:Attribute>`),
			func(a *identity.Assertion) { a.Intermediary = &chain },
		},
		{"a pseudonym of the version before", edit("1.13:EntityConcernedID:Pseudo", "1.9:EntityConcernedID:Pseudo"), func(*identity.Assertion) {}},
		{
			"the number repeated in the open", edit(limit, limit+`<saml:Attribute Name="`+attributesThatRepeat[1]+`"><saml:AttributeValue>68750110</saml:AttributeValue></saml:Attribute>`),
			func(*identity.Assertion) {},
		},
		{
			"a signature of the key that comes next",
			vector{keys: map[string]string{"_outer": "broker-next", "_response": "broker-next", "_assertion": "broker-next"}},
			func(*identity.Assertion) {},
		},
		{"keys that change between two signatures", vector{keys: map[string]string{"_outer": "broker-next"}}, func(*identity.Assertion) {}},
		{"sealed under the key that was replaced", edit(`{{sealed "`+kvkQualifier+`" "68750110"}}`, `{{sealedUnder "sealing-old"}}`), func(*identity.Assertion) {}},
		{"AES-128", edit(`{{sealed "`+kvkQualifier+`" "68750110"}}`, `{{sealedBy "http://www.w3.org/2001/04/xmlenc#aes128-cbc" ""}}`), func(*identity.Assertion) {}},
		{"AES-256 in Galois counter mode", edit(`{{sealed "`+kvkQualifier+`" "68750110"}}`, `{{sealedBy "http://www.w3.org/2009/xmlenc11#aes256-gcm" ""}}`), func(*identity.Assertion) {}},
		{"signed thrice", edit(responseIssuer, responseIssuer+`{{signature "_response"}}`), func(*identity.Assertion) {}},
		{"only Response and Assertion signed", edit(responseIssuer, responseIssuer+`{{signature "_response"}}`, `{{signature "_outer"}}`, ""), func(*identity.Assertion) {}},
		{"no Advice", edit(`{{signature "_advice"}}`, ""), func(*identity.Assertion) {}},
		{"two restrictions, ours in both", edit(`</saml:AudienceRestriction>`, `</saml:AudienceRestriction><saml:AudienceRestriction>`+
			`<saml:Audience>urn:other</saml:Audience><saml:Audience>`+ourEntity+`</saml:Audience></saml:AudienceRestriction>`), func(*identity.Assertion) {}},
		{"a list of prefixes, as some signers have it", edit(`{{signature "_outer"}}`, strings.ReplaceAll(signatureTemplate("_outer"), `<ds:Transform Algorithm="`+exclusive+`"/>`,
			`<ds:Transform Algorithm="`+exclusive+`"><ec:InclusiveNamespaces xmlns:ec="`+exclusive+`" PrefixList="saml samlp xs"/></ds:Transform>`)), func(*identity.Assertion) {}},
		{"white space around what is sealed", edit("<saml:AttributeValue>{{sealed", "<saml:AttributeValue>\n  {{sealed", "}}</saml:AttributeValue>", "}}\n</saml:AttributeValue>"), func(*identity.Assertion) {}},
		{"an end that is past by our clock alone", edit(`NotOnOrAfter="2025-06-11T12:01:58Z"`, `NotOnOrAfter="2025-06-11T11:59:01Z"`), func(a *identity.Assertion) { a.ExpiresAt = noon.Add(time.Second) }},
		{"a message that took three minutes", edit("11:59:58Z", "11:57:00Z", "11:59:59Z", "11:57:00Z"), func(*identity.Assertion) {}},
		{"a clock a minute ahead", edit(`NotBefore="2025-06-11T11:59:53Z"`, `NotBefore="2025-06-11T12:00:59Z"`), func(*identity.Assertion) {}},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			want := whole()
			row.change(&want)
			got, err := receiver().accept(row.vector.make(t), expected)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// The gate has no memory: the caller's replay store has. What it must remember is the issuer with the id, and until when.
func TestAnAssertionCanBeForgottenOnceNobodyWouldBelieveItAnyMore(t *testing.T) {
	t.Parallel()
	message, p := vector{}.make(t), receiver()
	first, err := p.accept(message, expected)
	if err != nil {
		t.Fatal(err)
	}
	again := expected
	again.now = first.ExpiresAt.Add(-time.Second)
	if second, err := p.accept(message, again); err != nil || second.ID != first.ID || second.Issuer != first.Issuer || !second.ExpiresAt.Equal(first.ExpiresAt) {
		t.Errorf("%v\n%+v\n%+v", err, first, second)
	}
	again.now = first.ExpiresAt
	if _, err := p.accept(message, again); ReasonOf(err) != TooLate {
		t.Errorf("believed after it was forgotten: %v", err)
	}
}

func TestOneProviderServesFiftyAtOnce(t *testing.T) {
	t.Parallel()
	message, p := vector{}.make(t), receiver()
	for range 50 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if got, err := p.accept(message, expected); err != nil || got.KVKNumber != "68750110" {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
}

func TestWhatIsWrongWithTheEnvelopeIsRefused(t *testing.T) {
	t.Parallel()
	const success = `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + "\n"
	status := func(outer, inner string) vector {
		codes := `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:` + outer + `">`
		if inner != "" {
			codes += `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:` + inner + `"/>`
		}
		return edit(success+"<saml:Assertion", codes+"</samlp:StatusCode></samlp:Status>\n<saml:Assertion")
	}
	const outer, response = `IssueInstant="2025-06-11T11:59:59Z"`, `IssueInstant="2025-06-11T11:59:58Z" InResponseTo="_request"`
	issuer := "<saml:Issuer>" + brokerEntity + "</saml:Issuer>\n"
	of := strings.TrimSuffix(responseIssuer, issuer)
	const stranger = "<saml:Issuer>urn:etoegang:HM:00000003244440010000:entities:9002</saml:Issuer>\n"
	refused(t, []row{
		{"cancelled by the person", Cancelled, status("Responder", "AuthnFailed"), false, nil},
		{"a request that the broker doesn't support", RequestUnsupported, status("Requester", "RequestUnsupported"), false, nil},
		{"an unknown principal", ProviderRefused, status("Responder", "UnknownPrincipal"), false, nil},
		{"a failure that says no more", ProviderRefused, status("Requester", ""), false, nil},
		{"success only at the inner level", ProviderRefused, status("Responder", "Success"), false, nil},
		{"a status that is no success, and an assertion all the same", ProviderRefused, status("success", ""), false, nil},
		{"no status at all", ProviderRefused, without("<samlp:Status>" + success), false, nil},
		{"the artifact itself refused", ProviderRefused, edit(`{{signature "_outer"}}`+"\n"+`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>`,
			`{{signature "_outer"}}`+"\n"+`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>`), false, nil},
		{"the broker's outer issuer is another", IssuerWrong, edit(issuer+`{{signature "_outer"}}`, stranger+`{{signature "_outer"}}`), false, nil},
		{"no outer issuer", IssuerWrong, edit(issuer+`{{signature "_outer"}}`, `{{signature "_outer"}}`), true, nil},
		{"the Response's issuer is another", IssuerWrong, edit(responseIssuer, of+stranger), false, nil},
		{"no issuer of the Response", IssuerWrong, edit(responseIssuer, of), true, nil},
		{"two issuers", IssuerWrong, edit(responseIssuer, responseIssuer+stranger), false, nil},
		{"an issuer of another format", IssuerWrong, edit("<saml:Issuer>"+brokerEntity, `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">`+brokerEntity), true, nil},
		{"the answer to another question", RequestUnknown, edit("_"+strings.Repeat("0", 40), "_other"), false, nil},
		{"the answer to another request", RequestUnknown, edit(`Z" InResponseTo="_request"`, `Z" InResponseTo="_other"`), false, nil},
		{"the answer to no request", RequestUnknown, edit(`Z" InResponseTo="_request"`, `Z"`), false, nil},
		{"a Response for another address", Destination, edit(`Destination="`+ourConsumer, `Destination="https://other.test/return`), false, nil},
		{"a Response for a longer address", Destination, edit(`Destination="`+ourConsumer, `Destination="`+ourConsumer+`/`), false, nil},
		{"an ArtifactResponse of long ago", TooLate, edit(outer, `IssueInstant="2025-06-11T11:56:59Z"`), true, nil},
		{"an ArtifactResponse of the future", TooEarly, edit(outer, `IssueInstant="2025-06-11T12:01:01Z"`), true, nil},
		{"a Response of long ago", TooLate, edit(response, `IssueInstant="2025-06-11T11:56:59Z" InResponseTo="_request"`), true, nil},
		{"a Response of the future", TooEarly, edit(response, `IssueInstant="2025-06-11T12:01:01Z" InResponseTo="_request"`), true, nil},
		{"a time with an offset", MessageShape, edit(outer, `IssueInstant="2025-06-11T13:59:59+02:00"`), true, nil},
		{"success, and no assertion", MessageShape, edit("\n<saml:Assertion ID=\"_assertion\"", "\n<saml:Statement ID=\"_assertion\"", "</saml:Assertion>\n</samlp:Response>", "</saml:Statement>\n</samlp:Response>",
			`{{signature "_assertion"}}`, ""), false, nil},
		{"another version of the protocol", MessageShape, edit(`ID="_response" Version="2.0"`, `ID="_response" Version="1.1"`), true, nil},
		{"extensions", MessageShape, edit("<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\n<saml:Assertion",
			"<samlp:Extensions><x xmlns=\"urn:x\"/></samlp:Extensions><samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\n<saml:Assertion"), true, nil},
		{"metadata that has run out of keys", BrokerCertificate, vector{}, false, func(p *ServiceProvider, want *expectation) {
			p.broker.keys = pick(map[string]KeyPair{"old": certified("old", testKeys()["broker"].Key, noon.AddDate(-2, 0, 0), noon.AddDate(-1, 0, 0), 0)}, "old")
		}},
	})
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	t.Parallel()
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	in := func(before string) vector {
		return vector{forge: func(message string) string { return before + message }}
	}
	refused(t, []row{
		{"entities that grow", XMLRefused, in(bomb), true, nil},
		{"a document type", XMLRefused, in(`<!DOCTYPE Envelope>`), true, nil},
		{"an entity from a file", XMLRefused, in(`<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>`), true, nil},
		{"a comment in a name", XMLRefused, forge("8f0b7a", "8f0<!-- -->b7a"), true, nil},
		{"a comment in the issuer", XMLRefused, forge("entities:9001", "entities:90<!-- -->01"), true, nil},
		{"a processing instruction", XMLRefused, forge("<soapenv:Body>", "<?xml-stylesheet href='x'?><soapenv:Body>"), true, nil},
		{"another encoding", XMLRefused, in(`<?xml version="1.0" encoding="ISO-8859-1"?>`), true, nil},
		{"bytes that are no UTF-8", XMLRefused, forge("8f0b7a", "8f\xff7a"), false, nil},
		{"a second document", XMLRefused, vector{forge: func(message string) string { return message + "<x/>" }}, true, nil},
		{"an attribute twice", XMLRefused, forge(`InResponseTo="_request"`, `InResponseTo="_other" InResponseTo="_request"`), true, nil},
		{"elements too deep", XMLRefused, forge("<soapenv:Body>", strings.Repeat("<a>", 40)+strings.Repeat("</a>", 40)+"<soapenv:Body>"), true, nil},
		{"elements too many", XMLRefused, forge("<soapenv:Body>", strings.Repeat("<a/>", 1000)+"<soapenv:Body>"), true, nil},
		{"too large", AnswerTooLarge, vector{forge: func(message string) string { return message + strings.Repeat(" ", largestMessage) }}, true, nil},
		{"half a message", XMLRefused, vector{forge: func(message string) string { return message[:len(message)/2] }}, false, nil},
		{"nothing", XMLRefused, vector{forge: func(string) string { return "" }}, false, nil},
		{"a page", XMLRefused, vector{forge: func(string) string { return "<html><body>Sorry<br></body></html>" }}, false, nil},
		{"a page that is XML", ProviderFault, vector{forge: func(string) string { return "<html><body>Sorry</body></html>" }}, false, nil},
		{"a SOAP fault", ProviderFault, vector{forge: func(string) string {
			return `<s:Envelope xmlns:s="` + nsSOAP + `"><s:Body><s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body></s:Envelope>`
		}}, false, nil},
		{"a fault beside an answer", ProviderFault, forge("<soapenv:Body>", "<soapenv:Body><soapenv:Fault/>"), true, nil},
		{"something else beside an answer", ProviderFault, forge("<soapenv:Body>", "<soapenv:Body><x/>"), true, nil},
		{"a Response without its envelope", ProviderFault, vector{forge: func(message string) string {
			return message[strings.Index(message, "<samlp:ArtifactResponse"):strings.Index(message, "</soapenv:Body>")]
		}}, false, nil},
		{"an envelope of another version of SOAP", ProviderFault, vector{forge: func(message string) string {
			return strings.ReplaceAll(message, nsSOAP, "http://www.w3.org/2003/05/soap-envelope")
		}}, false, nil},
		{"an artifact that was spent", ArtifactSpent, vector{edits: []string{"<samlp:Response", "<samlp:Nothing", "</samlp:Response", "</samlp:Nothing"}}, false, nil},
	})
}
