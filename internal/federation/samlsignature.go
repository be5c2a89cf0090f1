package federation

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// What eHerkenning signs with, and nothing else: no SHA-1, no HMAC, no canonical form that counts comments.
const (
	exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	sha256URI = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// checkIDs refuses a message in which an id could mean two things: the same one twice, one that hides behind a prefix or a
// spelling that other readers take for an id too, or a reference to the same element from two signatures or to "the whole".
func checkIDs(root *etree.Element) error {
	seen, referred := map[string]bool{}, map[string]bool{}
	return each(root, func(element *etree.Element) error {
		for _, a := range element.Attr {
			if !strings.EqualFold(a.Key, "id") || a.Space == "xmlns" {
				continue
			}
			if a.Space != "" || a.Value == "" || seen[a.Value] {
				return refuse(DuplicateID)
			}
			seen[a.Value] = true
		}
		if is(element, nsSignature, "Reference") {
			uri := attribute(element, "URI")
			if len(uri) < 2 || uri[0] != '#' || referred[uri] {
				return refuse(DuplicateID)
			}
			referred[uri] = true
		}
		return nil
	})
}

// signed tells whether the element has a signature of its own, as its child.
func signed(element *etree.Element) bool {
	return len(children(element, nsSignature, "Signature")) > 0
}

// verify checks the element's own signature with each of the keys in turn, and returns a new element made of the very bytes
// that are signed: nothing else of the message may be read afterwards. Whatever the message says about keys is ignored.
func verify(element *etree.Element, keys []*x509.Certificate, now time.Time) (*etree.Element, error) {
	if !signed(element) {
		return nil, refuse(Unsigned)
	}
	signature := only(element, nsSignature, "Signature")
	if err := checkSignature(signature, attribute(element, "ID")); err != nil {
		return nil, err
	}
	detached, err := detach(element)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if verified, err := validate(detached, key, now); err == nil {
			// Its own signature is taken out by what is signed; one that is left was never looked at.
			if signed(verified) || attribute(verified, "ID") != attribute(element, "ID") || !is(verified, element.NamespaceURI(), element.Tag) {
				return nil, refuse(SignatureInvalid)
			}
			return verified, nil
		}
	}
	return nil, refuse(SignatureInvalid)
}

// checkSignature pins the form of a signature: one reference, to the element that it is in, and the algorithms above.
func checkSignature(signature *etree.Element, id string) error {
	info := only(signature, nsSignature, "SignedInfo")
	reference := only(info, nsSignature, "Reference")
	transforms := children(only(reference, nsSignature, "Transforms"), nsSignature, "Transform")
	if signature == nil || info == nil || reference == nil || len(children(signature, nsSignature, "Object")) > 0 ||
		len(children(signature, nsSignature, "KeyInfo")) > 1 || id == "" || attribute(reference, "URI") != "#"+id {
		return refuse(SignatureInvalid)
	}
	pinned := algorithm(only(info, nsSignature, "CanonicalizationMethod")) == exclusive &&
		algorithm(only(info, nsSignature, "SignatureMethod")) == rsaSHA256 &&
		algorithm(only(reference, nsSignature, "DigestMethod")) == sha256URI &&
		len(transforms) == 2 && algorithm(transforms[0]) == enveloped && algorithm(transforms[1]) == exclusive
	if !pinned {
		return refuse(AlgorithmWeak)
	}
	return nil
}

// algorithm is the element's Algorithm; "" where there is no such element.
func algorithm(element *etree.Element) string { return attribute(element, "Algorithm") }

// detach copies the element with the namespaces that it inherits, and without its signature's KeyInfo.
func detach(element *etree.Element) (*etree.Element, error) {
	context, err := etreeutils.NSBuildParentContext(element)
	if err != nil {
		return nil, refuse(XMLRefused)
	}
	copied, err := etreeutils.NSDetatch(context, element)
	if err != nil {
		return nil, refuse(XMLRefused)
	}
	signature := only(copied, nsSignature, "Signature")
	for _, info := range children(signature, nsSignature, "KeyInfo") {
		signature.RemoveChild(info)
	}
	return copied, nil
}

// validate has the library check the signature with one key.
func validate(element *etree.Element, key *x509.Certificate, now time.Time) (*etree.Element, error) {
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{key}})
	context.Clock = dsig.NewFakeClockAt(now)
	return context.Validate(element)
}

// usable are the certificates that are valid now. Their keys were found long enough when they were read.
func usable(certificates []*x509.Certificate, now time.Time) []*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(certificates), func(certificate *x509.Certificate) bool {
		return !current(certificate, now)
	})
}
