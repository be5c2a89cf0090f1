package federation

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// made is an artifact of an entity's, with an endpoint's index.
func made(entity string, endpoint byte) string {
	source := sha1.Sum([]byte(entity))
	raw := append([]byte{0, 4, 0, endpoint}, source[:]...)
	return base64.StdEncoding.EncodeToString(append(raw, []byte("a message of the maker")[:20]...))
}

func TestAnArtifactIsReadToItsLastByteOrNotAtAll(t *testing.T) {
	t.Parallel()
	good := made(brokerEntity, 7)
	read, err := readArtifact(good)
	if err != nil || read.text != good || read.endpoint != 7 || !read.madeBy(brokerEntity) || read.madeBy(ourEntity) || read.madeBy("") {
		t.Errorf("%+v %v", read, err)
	}
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	for sentence, text := range map[string]string{
		"nothing":                 "",
		"no base64":               strings.Repeat("!", 60),
		"a byte less":             base64.StdEncoding.EncodeToString(raw[:43]),
		"a byte more":             base64.StdEncoding.EncodeToString(append(raw[:44:44], 0)),
		"the type of SAML 1.1":    base64.StdEncoding.EncodeToString(append([]byte{0, 1}, raw[2:]...)),
		"a line break":            good[:30] + "\n" + good[30:],
		"white space around":      " " + good,
		"base64 for addresses":    base64.URLEncoding.EncodeToString(append([]byte{0, 4, 0xff, 0xff, 0xff, 0xfb}, raw[6:]...)),
		"no padding":              strings.TrimRight(good, "="),
		"bits after the last one": good[:58] + "R=",
		"hexadecimal":             hex.EncodeToString(raw),
		"very much":               strings.Repeat("A", 1<<20),
	} {
		if read, err := readArtifact(text); ReasonOf(err) != ArtifactMalformed {
			t.Errorf("%s: %+v %v", sentence, read, err)
		}
	}
}
