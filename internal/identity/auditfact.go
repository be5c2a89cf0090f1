package identity

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// AuditFacts are what an audit event tells of one user that isn't an id: from where they came, and what was changed of them.
// They can be forgotten: the log keeps them sealed under a key of that user and month, and a hash of them. What is nil isn't
// told. Never a secret, and a number only masked.
type AuditFacts struct {
	// Salt is 256 random bits in hexadecimal. It keeps the hash of facts that were forgotten from being guessed.
	Salt string `json:"salt"`
	// User is whom the facts are of.
	User ID `json:"userId"`
	// ClientAddress and UserAgent are of the program that did it, or tried.
	ClientAddress *string `json:"clientAddress,omitempty"`
	UserAgent     *string `json:"userAgent,omitempty"`
	// What was there before is nil where there was nothing: for somebody new.
	EmailBefore       *EmailAddress `json:"emailBefore,omitempty"`
	EmailAfter        *EmailAddress `json:"emailAfter,omitempty"`
	PhoneBefore       *string       `json:"phoneBefore,omitempty"`
	PhoneAfter        *string       `json:"phoneAfter,omitempty"`
	DisplayNameBefore *string       `json:"displayNameBefore,omitempty"`
	DisplayNameAfter  *string       `json:"displayNameAfter,omitempty"`
	UsernameBefore    *string       `json:"usernameBefore,omitempty"`
	UsernameAfter     *string       `json:"usernameAfter,omitempty"`
}

// Facts are where the program is and what it says that it is.
func (c Client) Facts() AuditFacts {
	return AuditFacts{ClientAddress: told(c.IPAddress), UserAgent: told(c.UserAgent)}
}

// WithEmail adds a change of address; "" is none.
func (f AuditFacts) WithEmail(before, after EmailAddress) AuditFacts {
	f.EmailBefore, f.EmailAfter = told(before), told(after)
	return f
}

// WithContact adds a change of where a user is reached: an address, or a number, masked; "" is none.
func (f AuditFacts) WithContact(kind ContactKind, before, after string) AuditFacts {
	if kind == EmailContact {
		return f.WithEmail(EmailAddress(before), EmailAddress(after))
	}
	f.PhoneBefore, f.PhoneAfter = masked(before), masked(after)
	return f
}

func masked(number string) *string {
	if number == "" {
		return nil
	}
	return told(PhoneNumber(number).Mask())
}

// WithNames adds what differs between a user's names: display name and user name. The zero User has none.
func (f AuditFacts) WithNames(before, after User) AuditFacts {
	if before.DisplayName != after.DisplayName {
		f.DisplayNameBefore, f.DisplayNameAfter = told(before.DisplayName), told(after.DisplayName)
	}
	if was, is := before.username(), after.username(); was != is {
		f.UsernameBefore, f.UsernameAfter = told(was), told(is)
	}
	return f
}

// Introduced are the facts of a user who is new: the address and the names.
func Introduced(u User) AuditFacts { return AuditFacts{}.WithEmail("", u.Email).WithNames(User{}, u) }

func (u User) username() string {
	if u.Username == nil {
		return ""
	}
	return *u.Username
}

// told is nil for nothing. What isn't UTF-8 would be written in two ways.
func told[S ~string](text S) *S {
	if text == "" {
		return nil
	}
	text = S(strings.ToValidUTF8(string(text), "\uFFFD"))
	return &text
}

// IsEmpty tells whether there is nothing to tell.
func (f AuditFacts) IsEmpty() bool {
	return f == AuditFacts{Salt: f.Salt, User: f.User}
}

// Text is the facts as they are sealed and hashed: a JSON object without spaces, its members in the order above.
func (f AuditFacts) Text() []byte {
	text, _ := json.Marshal(f) // strings always encode
	return text
}

// Hash is SHA-256 of the text.
func (f AuditFacts) Hash() []byte {
	sum := sha256.Sum256(f.Text())
	return sum[:]
}

// ReadAuditFacts reads what Text wrote.
func ReadAuditFacts(text []byte) (facts AuditFacts, err error) {
	err = json.Unmarshal(text, &facts)
	return facts, err
}

// FactsBoundTo is what an event's facts are sealed to: moved to another event, they don't open.
func (e AuditEvent) FactsBoundTo() []byte {
	return fmt.Appendf(nil, "audit facts of %s %s %s", e.Portal, e.Organisation, e.ID)
}

// AuditMonth names the calendar month of an instant in UTC, as 2006-01: these sort by time.
func AuditMonth(at time.Time) string { return at.UTC().Format("2006-01") }
