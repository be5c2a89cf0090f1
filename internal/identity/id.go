package identity

import (
	"strings"
	"time"
)

// ID is an opaque identifier with its kind in front: "usr_01jd3m…". It is the same text in the database, the API, logs
// and the audit log. The part after the kind is a ULID (48 bits of milliseconds, 80 random bits) in lower-case
// Crockford base32, so ids of one kind sort by their making. An id is a name, never a secret and never a permission.
type ID string

// Kind is what an ID begins with.
type Kind string

// The kinds of ids.
const (
	KindOrganisation  Kind = "org"
	KindUser          Kind = "usr"
	KindFactor        Kind = "fac"
	KindInvitation    Kind = "inv"
	KindSession       Kind = "ses"
	KindSignIn        Kind = "sig"
	KindLink          Kind = "lnk"
	KindAPIToken      Kind = "tok"
	KindEvent         Kind = "evt"
	KindMessage       Kind = "msg"
	KindSupportAction Kind = "act"
	KindBusiness      Kind = "biz"
	KindContactChange Kind = "chg"
	KindJourney       Kind = "jny"
	KindRegistrant    Kind = "reg"
	KindWebhook       Kind = "whk"
	KindImport        Kind = "imp"
	KindAuditKey      Kind = "key"
)

const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// ulidLength is the number of base32 digits in 128 bits.
const ulidLength = 26

// NewID makes an id from an instant and ten random bytes.
func NewID(kind Kind, at time.Time, random [10]byte) ID {
	ms := uint64(at.UnixMilli())
	var raw [16]byte
	for i := range 6 {
		raw[i] = byte(ms >> (40 - 8*i))
	}
	copy(raw[6:], random[:])
	digits := make([]byte, 0, len(kind)+1+ulidLength)
	digits = append(append(digits, kind...), '_')
	// 26 digits hold 130 bits: the two leading ones are zero.
	for i := range ulidLength {
		value := 0
		for bit := 5*i - 2; bit < 5*i+3; bit++ {
			value <<= 1
			if bit >= 0 && raw[bit/8]&(0x80>>(bit%8)) != 0 {
				value |= 1
			}
		}
		digits = append(digits, crockford[value])
	}
	return ID(digits)
}

// Kind tells what the id names, or "" where it is not well-formed.
func (id ID) Kind() Kind {
	kind, digits, found := strings.Cut(string(id), "_")
	if !found || len(digits) != ulidLength || strings.Trim(digits, crockford) != "" {
		return ""
	}
	switch k := Kind(kind); k {
	case KindOrganisation, KindUser, KindFactor, KindInvitation, KindSession, KindSignIn, KindLink,
		KindAPIToken, KindEvent, KindMessage, KindSupportAction, KindContactChange, KindBusiness, KindRegistrant, KindJourney,
		KindWebhook, KindImport, KindAuditKey:
		return k
	}
	return ""
}
