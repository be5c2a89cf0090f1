package rig

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
)

// Signed is what a key signs at a proof.
type Signed struct {
	// Client is what the browser says: type, challenge, origin.
	Client map[string]any
	// Data is what the key says: 32 bytes that stand for the domain, a byte of flags, and the counter.
	Data []byte
}

// Forge answers options of a proof as Get does, but the key signs what bend made of it: no key would, and an attacker's may.
func (k *Key) Forge(options string, bend func(*Signed)) map[string]any {
	k.rig.T.Helper()
	answer := k.Get(options)
	response := maps.Clone(answer["response"].(map[string]any))
	signed := Signed{Data: k.decode(response["authenticatorData"])}
	k.rig.must(json.Unmarshal(k.decode(response["clientDataJSON"]), &signed.Client))
	bend(&signed)
	client, err := json.Marshal(signed.Client)
	k.rig.must(err)
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, signed.Data...), clientHash[:]...))
	signature, err := k.Credential.Key.Sign(digest[:])
	k.rig.must(err)
	for name, bytes := range map[string][]byte{"authenticatorData": signed.Data, "clientDataJSON": client, "signature": signature} {
		response[name] = base64.RawURLEncoding.EncodeToString(bytes)
	}
	answer["response"] = response
	return answer
}

func (k *Key) decode(text any) []byte {
	k.rig.T.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text.(string))
	k.rig.must(err)
	return raw
}
