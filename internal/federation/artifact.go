package federation

import (
	"crypto/sha1" // an artifact names its maker by SHA-1 (SAML bindings 3.6.4.2); nothing rests on it
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
)

// artifactType is the only one there is in SAML 2.0.
const artifactType = 0x0004

// An artifact stands for a message that waits at its maker: two bytes of type, two of the endpoint's index, twenty of the
// maker's SHA-1, twenty of the message's own.
type artifact struct {
	text     string
	endpoint int
	source   []byte
}

// readArtifact takes one apart (SAML bindings 3.6.4).
func readArtifact(text string) (artifact, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != 44 || len(text) != base64.StdEncoding.EncodedLen(44) || binary.BigEndian.Uint16(raw) != artifactType {
		return artifact{}, refuse(ArtifactMalformed)
	}
	return artifact{text, int(binary.BigEndian.Uint16(raw[2:])), raw[4:24]}, nil
}

// madeBy tells whether the entity made the artifact.
func (a artifact) madeBy(entityID string) bool {
	sum := sha1.Sum([]byte(entityID))
	return subtle.ConstantTimeCompare(sum[:], a.source) == 1
}
