package secret

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Bounds of a stored hash. Hashes are also imported from other systems; these
// keep a hostile one from costing more than a quarter of a gigabyte.
const (
	maxMemory      = 256 * 1024 // KiB
	maxTime        = 16
	maxParallelism = 16
	minSalt        = 8 // RFC 9106 §3.1
	minKey         = 16
	maxSaltOrKey   = 64
	maxPHC         = 256 // characters
)

// errPHC never tells what the string was: it is a password hash.
var errPHC = errors.New("not an argon2id hash within bounds")

var phcBase64 = base64.RawStdEncoding.Strict()

// cost is what one hash takes: memory in KiB, passes, lanes.
type cost struct {
	memory      uint32
	time        uint32
	parallelism uint8
}

// phc is a hash as it is stored, in the PHC string format
// (https://github.com/P-H-C/phc-string-format):
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$key
type phc struct {
	cost
	salt, key []byte
}

func (p phc) encode() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.time, p.parallelism,
		phcBase64.EncodeToString(p.salt), phcBase64.EncodeToString(p.key))
}

// parsePHC accepts exactly what encode writes, within the bounds above.
func parsePHC(s string) (phc, error) {
	fields := strings.Split(s, "$")
	if len(s) > maxPHC || len(fields) != 6 {
		return phc{}, errPHC
	}
	c, err := parseCost(fields[3])
	if err != nil {
		return phc{}, err
	}
	salt, saltErr := phcBase64.DecodeString(fields[4])
	key, keyErr := phcBase64.DecodeString(fields[5])
	p := phc{cost: c, salt: salt, key: key}
	sized := len(salt) >= minSalt && len(salt) <= maxSaltOrKey && len(key) >= minKey && len(key) <= maxSaltOrKey
	// One comparison refuses other variants and versions, leading zeros, signs
	// and the line breaks that the base64 decoder lets pass.
	if saltErr != nil || keyErr != nil || !sized || p.encode() != s {
		return phc{}, errPHC
	}
	return p, nil
}

// parseCost reads "m=19456,t=2,p=1".
func parseCost(s string) (cost, error) {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return cost{}, errPHC
	}
	var values [3]uint64
	for i, limit := range [...]uint64{maxMemory, maxTime, maxParallelism} {
		_, digits, _ := strings.Cut(parts[i], "=")
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || n < 1 || n > limit {
			return cost{}, errPHC
		}
		values[i] = n
	}
	c := cost{memory: uint32(values[0]), time: uint32(values[1]), parallelism: uint8(values[2])}
	if c.memory < 8*uint32(c.parallelism) { // RFC 9106 §3.1
		return cost{}, errPHC
	}
	return c, nil
}
