package federation

import (
	"strings"
	"testing"

	"github.com/beevik/etree"
)

func TestASignatureThatIsNotTheBrokersIsRefused(t *testing.T) {
	t.Parallel()
	const (
		rsaSHA1   = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
		rsaSHA512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
		sha512URI = "http://www.w3.org/2001/04/xmlenc#sha512"
		inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
		comments  = exclusive + "WithComments"
	)
	by := func(id, key string) vector { return vector{keys: map[string]string{id: key}} }
	weak := func(id, canonical, method, digest, transform string) vector {
		return edit(`{{signature "`+id+`"}}`, `{{weak "`+id+`" "`+canonical+`" "`+method+`" "`+digest+`" "`+transform+`"}}`)
	}
	own := func(certificate string) func(string) string { // the stranger's certificate, in the message
		return func(message string) string {
			return strings.ReplaceAll(message, "<ds:KeyName>stranger</ds:KeyName>",
				"<ds:X509Data><ds:X509Certificate>"+certificate+"</ds:X509Certificate></ds:X509Data>")
		}
	}
	stranger := map[string]string{"_outer": "stranger", "_assertion": "stranger"}
	embedded := own(certificateText(testKeys()["stranger"].Certificate))
	refused(t, []row{
		{"nothing signed", Unsigned, edit(`{{signature "_outer"}}`, "", `{{signature "_assertion"}}`, ""), false, nil},
		{"only the assertion signed", Unsigned, edit(`{{signature "_outer"}}`, ""), true, nil},
		{"only the envelope signed", Unsigned, edit(`{{signature "_assertion"}}`, ""), true, nil},
		{"a stranger's key for all", SignatureInvalid, vector{keys: stranger}, false, nil},
		{"a stranger's key for the envelope", SignatureInvalid, by("_outer", "stranger"), false, nil},
		{"a stranger's key for the assertion", SignatureInvalid, by("_assertion", "stranger"), true, nil},
		{"a key that comes with its certificate", SignatureInvalid, vector{keys: stranger, forge: embedded}, false, nil},
		{"a stranger's key under the broker's certificate", SignatureInvalid, vector{keys: stranger, forge: own(certificateText(testKeys()["broker"].Certificate))}, false, nil},
		{"the key of the Advice", SignatureInvalid, by("_assertion", "advice"), true, nil},
		{"a key whose certificate has run out", SignatureInvalid, vector{}, false, func(p *ServiceProvider, _ *expectation) {
			old := certified("old", testKeys()["broker"].Key, noon.AddDate(-2, 0, 0), noon.AddDate(-1, 0, 0), 0)
			p.broker.keys = append(pick(testKeys(), "broker-next"), old.Certificate)
		}},
		{"a key whose certificate isn't valid yet", SignatureInvalid, vector{}, false, func(p *ServiceProvider, _ *expectation) {
			later := certified("later", testKeys()["broker"].Key, noon.AddDate(1, 0, 0), noon.AddDate(2, 0, 0), 0)
			p.broker.keys = append(pick(testKeys(), "broker-next"), later.Certificate)
		}},
		{"RSA-SHA1", AlgorithmWeak, weak("_outer", exclusive, rsaSHA1, sha256URI, exclusive), false, nil},
		{"RSA-SHA1 within", AlgorithmWeak, weak("_assertion", exclusive, rsaSHA1, sha256URI, exclusive), true, nil},
		{"a digest by SHA-1", AlgorithmWeak, weak("_outer", exclusive, rsaSHA256, sha1URI, exclusive), false, nil},
		{"a digest by SHA-1 within", AlgorithmWeak, weak("_assertion", exclusive, rsaSHA256, sha1URI, exclusive), true, nil},
		{"an algorithm that isn't agreed", AlgorithmWeak, weak("_outer", exclusive, rsaSHA512, sha512URI, exclusive), false, nil},
		{"canonical with comments", AlgorithmWeak, weak("_outer", comments, rsaSHA256, sha256URI, exclusive), false, nil},
		{"transformed with comments", AlgorithmWeak, weak("_outer", exclusive, rsaSHA256, sha256URI, comments), false, nil},
		{"inclusive canonical XML", AlgorithmWeak, weak("_outer", inclusive, rsaSHA256, sha256URI, inclusive), false, nil},
		{"one transform more", AlgorithmWeak, edit(`{{signature "_outer"}}`, strings.Replace(signatureTemplate("_outer"), "</ds:Transforms>", `<ds:Transform Algorithm="`+exclusive+`"/></ds:Transforms>`, 1)), false, nil},
		{"HMAC, keyed with the broker's certificate", AlgorithmWeak, forge(rsaSHA256, "http://www.w3.org/2000/09/xmldsig#hmac-sha256"), false, nil},
		{"a reference to the whole document", DuplicateID, forge(`URI="#_outer"`, `URI=""`), false, nil},
		{"a reference to another element", SignatureInvalid, forge(`URI="#_outer"`, `URI="#_elsewhere"`), false, nil},
		{"a value changed", SignatureInvalid, forge("000037178598", "000037178601"), false, nil},
		{"a status changed", SignatureInvalid, forge("status:Success", "status:Responder"), false, nil},
		{"a signature value changed", SignatureInvalid, vector{forge: func(message string) string {
			at := strings.Index(message, "<ds:SignatureValue>") + len("<ds:SignatureValue>")
			return message[:at] + "AAAA" + message[at+4:]
		}}, false, nil},
		{"two signatures of one element", SignatureInvalid, vector{twist: func(root *etree.Element) {
			outer := root.FindElement("//samlp:ArtifactResponse")
			second := outer.SelectElement("Signature").Copy()
			second.FindElement(".//Reference").CreateAttr("URI", "#_second")
			outer.AddChild(second)
		}}, false, nil},
		{"an object in the signature", SignatureInvalid, vector{twist: func(root *etree.Element) {
			root.FindElement("//samlp:ArtifactResponse/ds:Signature").CreateElement("ds:Object")
		}}, false, nil},
		{"an id twice", DuplicateID, vector{twist: func(root *etree.Element) {
			root.FindElement("//samlp:Response").CreateAttr("ID", "_assertion")
		}}, false, nil},
		{"an id in another spelling", DuplicateID, vector{twist: func(root *etree.Element) {
			root.CreateAttr("Id", "_assertion")
		}}, true, nil},
		{"an id behind a prefix", DuplicateID, vector{twist: func(root *etree.Element) {
			root.CreateAttr("xml:id", "_other")
		}}, true, nil},
		{"an assertion beside the signed one", MessageShape, edit("</samlp:Response>", "<saml:Assertion ID=\"_evil\"/></samlp:Response>"), true, nil},
		{"a sealed assertion beside the signed one", MessageShape, edit("</samlp:Response>", "<saml:EncryptedAssertion/></samlp:Response>"), true, nil},
		{"two Responses", MessageShape, edit("</samlp:Response>", `</samlp:Response><samlp:Response ID="_second"/>`), false, nil},
	})
}

// The eight ways to wrap a signed element that SAML Raider knows. The first two are about the signed message, the others
// about the signed assertion in it.
func TestASignatureIsNotWrappedAroundAnotherMessage(t *testing.T) {
	t.Parallel()
	wrap := func(move func(evil, original, signature *etree.Element)) vector {
		return vector{twist: func(root *etree.Element) {
			original := root.FindElement("//samlp:ArtifactResponse")
			wrapped(original, move)
		}}
	}
	refused(t, []row{
		{"1: the original in the signature's object", DuplicateID, wrap(originalInSignature), false, nil},
		{"2: the original beside the signature", DuplicateID, wrap(func(evil, original, signature *etree.Element) {
			evil.InsertChildAt(0, original)
			evil.AddChild(signature)
		}), false, nil},
		{"1, with an id of its own", SignatureInvalid, wrap(renamed(originalInSignature)), false, nil},
		{"2, with an id of its own", SignatureInvalid, wrap(renamed(func(evil, original, signature *etree.Element) {
			evil.InsertChildAt(0, original)
			evil.AddChild(signature)
		})), false, nil},
	})
}

// The assertion's own signature has to hold against these even if nothing around it were signed.
func TestAnAssertionsSignatureIsNotWrappedAroundAnother(t *testing.T) {
	t.Parallel()
	message := edit(`{{signature "_outer"}}`, "").make(t)
	for sentence, move := range map[string]func(response, evil, original, signature *etree.Element){
		"3: the evil one before the original": func(response, evil, original, _ *etree.Element) {
			response.InsertChildAt(0, evil)
		},
		"4: the original within the evil one": func(response, evil, original, _ *etree.Element) {
			response.RemoveChild(original)
			evil.AddChild(original)
			response.AddChild(evil)
		},
		"5: the signature in the evil one, the original last": func(response, evil, original, signature *etree.Element) {
			evil.AddChild(signature)
			response.InsertChildAt(0, evil)
		},
		"6: the original within the signature within the evil one": func(response, evil, original, signature *etree.Element) {
			response.RemoveChild(original)
			signature.AddChild(original)
			evil.AddChild(signature)
			response.AddChild(evil)
		},
		"7: the original in extensions": func(response, evil, original, _ *etree.Element) {
			response.RemoveChild(original)
			response.CreateElement("samlp:Extensions").AddChild(original)
			response.AddChild(evil)
		},
		"8: the original in an object of the signature": func(response, evil, original, signature *etree.Element) {
			response.RemoveChild(original)
			signature.CreateElement("ds:Object").AddChild(original)
			evil.AddChild(signature)
			response.AddChild(evil)
		},
	} {
		for _, id := range []string{"_evil", "_assertion", ""} {
			t.Run(sentence+" as "+id, func(t *testing.T) {
				t.Parallel()
				document := etree.NewDocument()
				if err := document.ReadFromBytes(message); err != nil {
					t.Fatal(err)
				}
				response := document.FindElement("//samlp:Response")
				original := response.SelectElement("Assertion")
				evil := original.Copy()
				evil.FindElement("./AuthnStatement//AuthnContextClassRef").SetText(levelPrefix + "loa4")
				evil.CreateAttr("ID", id)
				evil.RemoveChild(evil.SelectElement("Signature"))
				signature := original.SelectElement("Signature")
				move(response, evil, original, signature)
				for _, reading := range []*etree.Element{document.Root(), reread(t, document)} {
					response := reading.FindElement("//samlp:Response")
					if got, err := openAssertion(response, receiver().broker.keys, noon); err == nil {
						t.Errorf("read %s", attribute(got, "ID"))
					}
				}
			})
		}
	}
}

// wrapped puts an evil copy in the place of the element, and its original where the move says.
func wrapped(original *etree.Element, move func(evil, original, signature *etree.Element)) {
	parent := original.Parent()
	evil := original.Copy()
	evil.RemoveChild(evil.SelectElement("Signature"))
	evil.FindElement("./Response/Assertion/AuthnStatement//AuthnContextClassRef").SetText(levelPrefix + "loa4")
	signature := original.SelectElement("Signature")
	original.RemoveChild(signature)
	parent.RemoveChild(original)
	move(evil, original, signature)
	parent.AddChild(evil)
}

func originalInSignature(evil, original, signature *etree.Element) {
	signature.CreateElement("ds:Object").AddChild(original)
	evil.InsertChildAt(2, signature)
}

// renamed gives the evil copy and all in it ids of their own.
func renamed(move func(evil, original, signature *etree.Element)) func(evil, original, signature *etree.Element) {
	return func(evil, original, signature *etree.Element) {
		for _, element := range append(evil.FindElements(".//*"), evil) {
			if element.Tag == "Signature" {
				element.Parent().RemoveChild(element)
			} else if id := element.SelectAttrValue("ID", ""); id != "" {
				element.CreateAttr("ID", id+"_evil")
			}
		}
		move(evil, original, signature)
	}
}

func reread(t *testing.T, document *etree.Document) *etree.Element {
	t.Helper()
	content, err := document.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	again := etree.NewDocument()
	if err := again.ReadFromBytes(content); err != nil {
		t.Fatal(err)
	}
	return again.Root()
}
