package federation

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
	roundtrip "github.com/mattermost/xml-roundtrip-validator"
)

// The namespaces of the messages.
const (
	nsSOAP      = "http://schemas.xmlsoap.org/soap/envelope/"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
	nsEncrypted = "http://www.w3.org/2001/04/xmlenc#"
)

const (
	largestMessage = 256 << 10 // bytes
	deepest        = 32        // elements in elements
	mostElements   = 900       // the signature library gives up at a thousand
	mostAttributes = 32        // of one element
)

// parse reads a message, or refuses it: larger than 256 KiB, not UTF-8, deeper or richer than any message of the protocol,
// with a document type, processing instructions or comments, or such that two readers could see different things in it.
func parse(message []byte) (*etree.Element, error) {
	if len(message) > largestMessage {
		return nil, refuse(AnswerTooLarge)
	}
	if !utf8.Valid(message) || scan(message) != nil || roundtrip.Validate(bytes.NewReader(message)) != nil {
		return nil, refuse(XMLRefused)
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(message); err != nil || document.Root() == nil {
		return nil, refuse(XMLRefused)
	}
	return document.Root(), nil
}

var errNoMessage = errors.New("no message of the protocol")

// scan looks at every token before anything is built from them.
func scan(message []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(message))
	depth, elements := 0, 0
	for {
		start := decoder.InputOffset()
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 0 && elements > 0 {
				return errNoMessage // a second root
			}
			depth, elements = depth+1, elements+1
			if depth > deepest || elements > mostElements || !distinct(token.Attr) {
				return errNoMessage
			}
		case xml.EndElement:
			depth--
		case xml.ProcInst:
			if start != 0 || token.Target != "xml" {
				return errNoMessage
			}
		case xml.Comment, xml.Directive:
			return errNoMessage
		}
	}
}

// distinct tells whether the attributes are few and each has a name of its own, which the decoder doesn't ask.
func distinct(attributes []xml.Attr) bool {
	names := map[xml.Name]bool{}
	for _, a := range attributes {
		names[a.Name] = true
	}
	return len(names) == len(attributes) && len(names) <= mostAttributes
}

// is tells whether the element is the one of that name in that namespace.
func is(element *etree.Element, namespace, tag string) bool {
	return element != nil && element.Tag == tag && element.NamespaceURI() == namespace
}

// children are the element's own children of that name, and none further down.
func children(element *etree.Element, namespace, tag string) (found []*etree.Element) {
	if element == nil {
		return nil
	}
	for _, child := range element.ChildElements() {
		if is(child, namespace, tag) {
			found = append(found, child)
		}
	}
	return found
}

// only is the element's one child of that name; nil where there is none, or where there are several.
func only(element *etree.Element, namespace, tag string) *etree.Element {
	if found := children(element, namespace, tag); len(found) == 1 {
		return found[0]
	}
	return nil
}

// attribute is the value of an attribute without a prefix; "" where it is absent.
func attribute(element *etree.Element, name string) string {
	value, _ := lookup(element, name)
	return value
}

// lookup is the value of an attribute without a prefix, and whether it is there.
func lookup(element *etree.Element, name string) (string, bool) {
	if element == nil {
		return "", false
	}
	for _, a := range element.Attr {
		if a.Space == "" && a.Key == name {
			return a.Value, true
		}
	}
	return "", false
}

// text is all the character data of an element that has nothing else in it, to the letter.
func text(element *etree.Element) (string, bool) {
	if element == nil {
		return "", false
	}
	var whole strings.Builder
	for _, token := range element.Child {
		data, ok := token.(*etree.CharData)
		if !ok {
			return "", false
		}
		whole.WriteString(data.Data)
	}
	return whole.String(), true
}

// each visits the element and all that is below it.
func each(element *etree.Element, visit func(*etree.Element) error) error {
	if err := visit(element); err != nil {
		return err
	}
	for _, child := range element.ChildElements() {
		if err := each(child, visit); err != nil {
			return err
		}
	}
	return nil
}
