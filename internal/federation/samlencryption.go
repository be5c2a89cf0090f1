package federation

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha1" // what eHerkenning prescribes inside RSA-OAEP, where no collision matters
	"encoding/base64"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// What eHerkenning encrypts with. RSA with PKCS #1 v1.5 padding and triple DES aren't here.
const (
	rsaOAEP   = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
	sha1URI   = "http://www.w3.org/2000/09/xmldsig#sha1"
	aesPrefix = "http://www.w3.org/2001/04/xmlenc#aes"
	gcmPrefix = "http://www.w3.org/2009/xmlenc11#aes"
)

// contentKeys is the length of the key, in bytes, of each algorithm for content.
var contentKeys = map[string]int{
	aesPrefix + "128-cbc": 16, aesPrefix + "192-cbc": 24, aesPrefix + "256-cbc": 32,
	gcmPrefix + "128-gcm": 16, gcmPrefix + "192-gcm": 24, gcmPrefix + "256-gcm": 32,
}

// readName decrypts the only value of an attribute that holds an identifying name, and asks for one of the qualifiers, which
// say what kind of name it is. Where that kind isn't there at all, the reason is missing.
func (p *ServiceProvider) readName(values []*etree.Element, missing Reason, qualifiers ...string) (string, error) {
	if len(values) == 0 {
		return "", refuse(missing)
	}
	if len(values) > 1 {
		return "", refuse(AttributesDoubled)
	}
	sealed := only(values[0], nsAssertion, "EncryptedID")
	if sealed == nil || len(values[0].ChildElements()) != 1 {
		return "", refuse(EncryptionMissing)
	}
	plain, err := p.decrypt(sealed)
	if err != nil {
		return "", err
	}
	root, err := parse(plain)
	if err != nil {
		return "", refuse(EncryptionBroken)
	}
	// It takes the place of what it was in, and so its prefixes mean what they mean there.
	values[0].AddChild(root)
	name, whole := text(root)
	if !is(root, nsAssertion, "NameID") || !whole {
		return "", refuse(EncryptionBroken)
	}
	if !slices.Contains(qualifiers, attribute(root, "NameQualifier")) {
		return "", refuse(missing)
	}
	return name, nil
}

// decrypt opens an EncryptedID. The keys that it may be under are next to its data, or in the data's KeyInfo; the one for us
// says so by its Recipient. Only what was signed gets here, so a wrong padding tells nobody anything.
func (p *ServiceProvider) decrypt(sealed *etree.Element) ([]byte, error) {
	data := only(sealed, nsEncrypted, "EncryptedData")
	length, known := contentKeys[method(data)]
	if data == nil || !known {
		return nil, refuse(AlgorithmWeak)
	}
	key, err := p.contentKey(sealed, data, length)
	if err != nil {
		return nil, err
	}
	content, ok := cipherText(data)
	if !ok {
		return nil, refuse(EncryptionBroken)
	}
	plain, ok := decipher(key, content, strings.HasPrefix(method(data), gcmPrefix))
	if !ok {
		return nil, refuse(EncryptionBroken)
	}
	return plain, nil
}

// contentKey finds the key that is for us and opens it with ours: the one that it names, or each in turn where it names none.
func (p *ServiceProvider) contentKey(sealed, data *etree.Element, length int) ([]byte, error) {
	keys := append(children(sealed, nsEncrypted, "EncryptedKey"),
		children(only(data, nsSignature, "KeyInfo"), nsEncrypted, "EncryptedKey")...)
	keys = slices.DeleteFunc(keys, func(key *etree.Element) bool { return attribute(key, "Recipient") != p.row.EntityID })
	if len(keys) == 0 {
		return nil, refuse(EncryptionForeign)
	}
	for _, key := range keys {
		if !oaep(key) {
			return nil, refuse(AlgorithmWeak)
		}
		content, ok := cipherText(key)
		if !ok {
			return nil, refuse(EncryptionBroken)
		}
		for _, pair := range p.named(key) {
			opened, err := rsa.DecryptOAEP(sha1.New(), nil, pair.Key, content, nil)
			if err == nil && len(opened) == length {
				return opened, nil
			}
		}
	}
	return nil, refuse(EncryptionBroken)
}

// named are our key pairs that the encrypted key may be under.
func (p *ServiceProvider) named(key *etree.Element) []KeyPair {
	name, there := text(only(only(key, nsSignature, "KeyInfo"), nsSignature, "KeyName"))
	if !there {
		return p.row.Decryption
	}
	for _, pair := range p.row.Decryption {
		if keyName(pair.Certificate) == name {
			return []KeyPair{pair}
		}
	}
	return p.row.Decryption // brokers call keys what they like
}

// oaep tells whether the key is under RSA-OAEP with SHA-1, as eHerkenning has it, by default or by name.
func oaep(key *etree.Element) bool {
	encryption := only(key, nsEncrypted, "EncryptionMethod")
	digests := children(encryption, nsSignature, "DigestMethod")
	return algorithm(encryption) == rsaOAEP && len(children(encryption, nsEncrypted, "OAEPparams")) == 0 &&
		(len(digests) == 0 || len(digests) == 1 && algorithm(digests[0]) == sha1URI)
}

// method is the algorithm that the data or key is encrypted with.
func method(element *etree.Element) string {
	return algorithm(only(element, nsEncrypted, "EncryptionMethod"))
}

// cipherText is what is in CipherData/CipherValue; a reference to somewhere else isn't followed.
func cipherText(element *etree.Element) ([]byte, bool) {
	value, plain := text(only(only(element, nsEncrypted, "CipherData"), nsEncrypted, "CipherValue"))
	if !plain {
		return nil, false
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	return raw, err == nil
}

// decipher opens AES-GCM, or AES-CBC with the padding of XML Encryption: its last byte is its length.
func decipher(key, content []byte, authenticated bool) ([]byte, bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, false
	}
	if authenticated {
		sealer, err := cipher.NewGCM(block)
		if err != nil || len(content) < sealer.NonceSize() {
			return nil, false
		}
		plain, err := sealer.Open(nil, content[:sealer.NonceSize()], content[sealer.NonceSize():], nil)
		return plain, err == nil
	}
	if len(content) < 2*aes.BlockSize || len(content)%aes.BlockSize != 0 {
		return nil, false
	}
	plain := make([]byte, len(content)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, content[:aes.BlockSize]).CryptBlocks(plain, content[aes.BlockSize:])
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > aes.BlockSize {
		return nil, false
	}
	return plain[:len(plain)-padding], true
}
