package secret

import (
	"crypto/pbkdf2"
	"crypto/sha1" // #nosec G505 -- as the hash inside PBKDF2 it is what other systems wrote
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// Bounds of hashes from other systems, so that a hostile one costs neither more time than a second or so, nor more memory
// than maxMemory. What OWASP's Password Storage Cheat Sheet and the defaults of Django, passlib and PHP ask for is within.
const (
	maxPasses     = 512 * 1024 // KiB of argon2id's memory, times its passes
	minBcrypt     = 4
	maxBcrypt     = 13
	maxIterations = 2_000_000
	maxScryptLog  = 17
	maxScryptWork = 1 << 21 // N·r·p
	maxScryptFast = 1 << 20 // N·r, which is 128 MiB
)

// ErrImportedHash says that a text is no hash of a password that can be imported. It never tells what the text was.
var ErrImportedHash = errors.New("not a password hash of a known form within bounds")

// printable are the characters that hashes are written in.
const printable = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// foreign tells whether a password is the one of a hash from another system.
type foreign func(password []byte) bool

// CheckImportedHash refuses, with ErrImportedHash, what Verify could not read, and a hash that would cost too much. These
// forms are known:
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$key          PHC string (RFC 9106)
//	$2a$10$…, $2b$10$…, $2y$10$…                      bcrypt's modular form: PHP, Rails, Node, Spring
//	$pbkdf2-sha256$i=600000,l=32$salt$key            PHC string; also -sha1 and -sha512
//	$pbkdf2-sha256$29000$salt$key                    passlib; also $pbkdf2$ (SHA-1) and -sha512
//	pbkdf2_sha256$600000$salt$key                    Django; also pbkdf2_sha1
//	$scrypt$ln=16,r=8,p=1$salt$key                   PHC string (RFC 7914), passlib
//	scrypt$16384$salt$8$5$key                        Django: N, salt, r, p
func CheckImportedHash(text string) error {
	if strings.Trim(text, printable) != "" { // a salt of Django's is any text, and not any text can be kept
		return ErrImportedHash
	}
	if p, err := parsePHC(text); err == nil {
		if uint64(p.memory)*uint64(p.time) > maxPasses {
			return ErrImportedHash
		}
		return nil
	}
	if _, known := parseForeign(text); !known {
		return ErrImportedHash
	}
	return nil
}

func parseForeign(text string) (foreign, bool) {
	if len(text) > maxPHC {
		return nil, false
	}
	fields := strings.Split(text, "$")
	switch {
	case fields[0] == "" && len(fields) == 4:
		return parseBcrypt(text, fields[1], fields[2])
	case fields[0] == "" && len(fields) == 5 && fields[1] == "scrypt":
		return parseScrypt(fields[2], fields[3], fields[4])
	case fields[0] == "" && len(fields) == 5:
		return parsePBKDF2(strings.TrimPrefix(fields[1], "pbkdf2"), fields[2], fields[3], fields[4])
	case strings.HasPrefix(fields[0], "pbkdf2_") && len(fields) == 4:
		return parseDjango("-"+strings.TrimPrefix(fields[0], "pbkdf2_"), fields[1], fields[2], fields[3])
	case fields[0] == "scrypt" && len(fields) == 6:
		return parseDjangoScrypt(fields)
	}
	return nil, false
}

func parseBcrypt(text, version, cost string) (foreign, bool) {
	rounds, ok := bounded(cost, minBcrypt, maxBcrypt)
	if !ok || len(text) != 60 || len(cost) != 2 || version != "2a" && version != "2b" && version != "2y" {
		return nil, false
	}
	if found, err := bcrypt.Cost([]byte(text)); err != nil || found != rounds || !isCrypt64(text[7:]) {
		return nil, false
	}
	return func(password []byte) bool {
		// Only the first 72 bytes count, as everywhere that such a hash was made.
		return bcrypt.CompareHashAndPassword([]byte(text), password) == nil
	}, true
}

// isCrypt64 tells whether a text is of bcrypt's own base64.
func isCrypt64(text string) bool {
	return strings.Trim(text, "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// parsePBKDF2 reads PHC's form and passlib's, which differ in how they write the iterations.
func parsePBKDF2(digest, iterations, salt, key string) (foreign, bool) {
	if named, is := strings.CutPrefix(iterations, "i="); is {
		iterations, _, _ = strings.Cut(named, ",") // the key's length, which follows, is the key's
	}
	plain, ok := decode64(salt)
	if !ok {
		return nil, false
	}
	return newPBKDF2(digest, iterations, plain, key)
}

// parseDjango reads Django's form, in which the salt is a text.
func parseDjango(digest, iterations, salt, key string) (foreign, bool) {
	return newPBKDF2(digest, iterations, []byte(salt), key)
}

func newPBKDF2(digest, iterations string, salt []byte, key string) (foreign, bool) {
	rounds, ok := bounded(iterations, 1, maxIterations)
	want, decoded := decode64(key)
	var newHash func() hash.Hash
	switch digest {
	case "", "-sha1":
		newHash = sha1.New
	case "-sha256":
		newHash = sha256.New
	case "-sha512":
		newHash = sha512.New
	default:
		return nil, false
	}
	// A key longer than the digest would cost as many times the work.
	if !ok || !decoded || len(salt) == 0 || len(want) < minKey || len(want) > newHash().Size() {
		return nil, false
	}
	return func(password []byte) bool {
		got, err := pbkdf2.Key(newHash, string(password), salt, rounds, len(want))
		return err == nil && subtle.ConstantTimeCompare(got, want) == 1
	}, true
}

// parseScrypt reads PHC's form, with the binary logarithm of N.
func parseScrypt(parameters, salt, key string) (foreign, bool) {
	parts := strings.Split(parameters, ",")
	if len(parts) != 3 {
		return nil, false
	}
	var values [3]string
	for i, name := range []string{"ln=", "r=", "p="} {
		value, named := strings.CutPrefix(parts[i], name)
		if !named {
			return nil, false
		}
		values[i] = value
	}
	log, ok := bounded(values[0], 1, maxScryptLog)
	plain, decoded := decode64(salt)
	if !ok || !decoded {
		return nil, false
	}
	return newScrypt(1<<log, values[1], values[2], plain, key)
}

func parseDjangoScrypt(fields []string) (foreign, bool) {
	n, ok := bounded(fields[1], 2, 1<<maxScryptLog)
	if !ok || n&(n-1) != 0 {
		return nil, false
	}
	return newScrypt(n, fields[3], fields[4], []byte(fields[2]), fields[5])
}

func newScrypt(n int, blocks, lanes string, salt []byte, key string) (foreign, bool) {
	r, isR := bounded(blocks, 1, maxScryptFast)
	p, isP := bounded(lanes, 1, maxScryptWork)
	want, decoded := decode64(key)
	if !isR || !isP || !decoded || n*r > maxScryptFast || n*r*p > maxScryptWork || len(salt) == 0 || len(want) < minKey || len(want) > maxSaltOrKey {
		return nil, false
	}
	return func(password []byte) bool {
		got, err := scrypt.Key(password, salt, n, r, p, len(want))
		return err == nil && subtle.ConstantTimeCompare(got, want) == 1
	}, true
}

// bounded reads a number as it is written by machines: no sign, no leading zeros but in bcrypt's two digits.
func bounded(text string, low, high int) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil && int(n) >= low && int(n) <= high
}

// decode64 reads base64 with or without padding, and passlib's, which writes a dot for a plus.
func decode64(text string) ([]byte, bool) {
	text = strings.ReplaceAll(strings.TrimRight(text, "="), ".", "+")
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	return decoded, err == nil
}
