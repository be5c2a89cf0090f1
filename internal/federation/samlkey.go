package federation

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// A KeyPair is a private key with the certificate that the other side knows it by. It never prints its key.
type KeyPair struct {
	Certificate *x509.Certificate
	Key         *rsa.PrivateKey
}

// ReadKeyPair reads a certificate and its RSA key from PEM. The error says nothing of what was read.
func ReadKeyPair(certificate, key []byte) (KeyPair, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return KeyPair{}, errors.New("read key pair: no certificate with its key in PEM")
	}
	private, isRSA := pair.PrivateKey.(*rsa.PrivateKey)
	if !isRSA {
		return KeyPair{}, errors.New("read key pair: the key isn't RSA")
	}
	return KeyPair{pair.Leaf, private}, nil
}

// ReadKeyPairs reads pairs from one PEM file: certificates in their order, and behind or between them the key of each. The
// error says nothing of what was read.
func ReadKeyPairs(file []byte) ([]KeyPair, error) {
	var certificates, keys [][]byte
	for len(bytes.TrimSpace(file)) > 0 {
		block, rest := pem.Decode(file)
		switch {
		case block == nil:
			return nil, errors.New("read key pairs: something that isn't PEM is among them")
		case block.Type == "CERTIFICATE":
			certificates = append(certificates, pem.EncodeToMemory(block))
		default:
			keys = append(keys, pem.EncodeToMemory(block))
		}
		file = rest
	}
	if len(certificates) == 0 || len(certificates) != len(keys) {
		return nil, fmt.Errorf("read key pairs: certificates: %d, keys: %d; each certificate needs its key, and no chain goes along",
			len(certificates), len(keys))
	}
	pairs := make([]KeyPair, len(certificates))
	for i, certificate := range certificates {
		belongs := slices.IndexFunc(keys, func(key []byte) bool {
			_, err := ReadKeyPair(certificate, key)
			return err == nil
		})
		if belongs < 0 {
			return nil, fmt.Errorf("read key pairs: certificate %d has no RSA key there", i+1)
		}
		pairs[i], _ = ReadKeyPair(certificate, keys[belongs])
	}
	return pairs, nil
}

// ReadCertificates reads all certificates of a PEM file, of which there must be one at least, and nothing else.
func ReadCertificates(file []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for len(bytes.TrimSpace(file)) > 0 {
		block, rest := pem.Decode(file)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, errors.New("read certificates: something else is in the file")
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read certificates: %w", err)
		}
		all, file = append(all, certificate), rest
	}
	if len(all) == 0 {
		return nil, errors.New("read certificates: there are none")
	}
	return all, nil
}

// forTLS is the pair as a client shows it to a broker that asks.
func (k KeyPair) forTLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{k.Certificate.Raw}, PrivateKey: k.Key, Leaf: k.Certificate}
}

// leastKeyBits is the shortest RSA key that eHerkenning allows, ours and theirs.
const leastKeyBits = 2048

// String names the pair by its certificate.
func (k KeyPair) String() string { return "key pair " + keyName(k.Certificate) }

// GoString keeps the key out of %#v.
func (k KeyPair) GoString() string { return k.String() }

// keyName is how a key is called in KeyInfo: the hexadecimal SHA-256 of its certificate.
func keyName(certificate *x509.Certificate) string {
	if certificate == nil {
		return ""
	}
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// checkKeys refuses an unusable list of our own keys. A pair whose certificate has run out may stay at the end of it.
func checkKeys(use string, pairs []KeyPair, now time.Time) error {
	if len(pairs) == 0 {
		return fmt.Errorf("there is no %s key", use)
	}
	for _, pair := range pairs {
		if pair.Certificate == nil || pair.Key == nil || !pair.Key.PublicKey.Equal(pair.Certificate.PublicKey) {
			return fmt.Errorf("a %s key doesn't belong to its certificate", use)
		}
		if pair.Key.N.BitLen() < leastKeyBits {
			return fmt.Errorf("a %s key is shorter than %d bits", use, leastKeyBits)
		}
	}
	if !current(pairs[0].Certificate, now) {
		return fmt.Errorf("the certificate of the first %s key isn't valid now", use)
	}
	return nil
}

// current tells whether the certificate is valid at the instant.
func current(certificate *x509.Certificate, now time.Time) bool {
	return !now.Before(certificate.NotBefore) && !now.After(certificate.NotAfter)
}

// sign returns the enveloped signature of the element, as eHerkenning wants it: RSA-SHA256 over exclusive canonical XML,
// and the key by its name alone. The element must have its ID already.
func (k KeyPair) sign(element *etree.Element) (*etree.Element, error) {
	context, err := k.signer()
	if err != nil {
		return nil, err
	}
	signature, err := context.ConstructSignature(element.Copy(), true)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", element.Tag, err)
	}
	info := signature.SelectElement("KeyInfo")
	if info == nil {
		return nil, errors.New("sign: no KeyInfo")
	}
	// The library names the key by its certificate. KeyInfo isn't part of what is signed.
	info.Child = nil
	info.CreateElement("ds:KeyName").SetText(keyName(k.Certificate))
	return signature, nil
}

func (k KeyPair) signer() (*dsig.SigningContext, error) {
	context, err := dsig.NewSigningContext(k.Key, [][]byte{k.Certificate.Raw})
	if err != nil {
		return nil, err
	}
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	return context, context.SetSignatureMethod(dsig.RSASHA256SignatureMethod)
}

// certificateText is the certificate as XML has it.
func certificateText(certificate *x509.Certificate) string {
	return base64.StdEncoding.EncodeToString(certificate.Raw)
}
