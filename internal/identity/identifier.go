package identity

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// EmailAddress is a mailbox as its owner writes it. Two addresses that differ only in case are the same mailbox here.
type EmailAddress string

// ParseEmailAddress accepts what RFC 5321 mailboxes look like in practice: one "@", a local part of at most 64 bytes, a
// domain with a dot, 254 bytes in all, no white space, quotes, angle brackets or control characters, so that an address
// can't smuggle a header or a second recipient into a mail.
func ParseEmailAddress(text string, path ...string) (EmailAddress, error) {
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || len(local) > 64 || len(text) > 254 || !utf8.ValidString(text) ||
		strings.ContainsAny(text, " \t\r\n\"<>()[]:;,\\\x00") || !printable(text) || !plausibleDomain(domain) ||
		strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", Refuse(InvalidInput, path...)
	}
	return EmailAddress(text), nil
}

func plausibleDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 || strings.Trim(labels[len(labels)-1], "0123456789") == "" { // an address of numbers is no mailbox's
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsAny(label, "@/_!#$%&'*+=?^`{|}~") {
			return false
		}
	}
	return true
}

// Fold is the form in which addresses are compared.
func (e EmailAddress) Fold() string { return Fold(string(e)) }

// Mask shows enough of an address for its owner to know it, and not enough for others: "j•••@example.nl".
func (e EmailAddress) Mask() string {
	local, domain, found := strings.Cut(string(e), "@")
	if !found {
		return ""
	}
	_, size := utf8.DecodeRuneInString(local)
	return local[:size] + "•••@" + domain
}

// Fold makes names equal that differ only in case, in surrounding space, or in how a letter with an accent is written: as
// one character or as two (Unicode normalisation form C).
func Fold(name string) string {
	upper := strings.ToUpper(norm.NFC.String(strings.TrimSpace(name)))
	return norm.NFC.String(strings.ToLower(upper))
}

// CleanUsername trims a user name and refuses one that is empty, over 64 characters, has white space inside, or has an
// "@", which is for addresses.
func CleanUsername(name string, path ...string) (string, error) {
	clean, err := CleanName(name, path...)
	if err != nil || utf8.RuneCountInString(clean) > 64 || strings.ContainsAny(clean, "@ \u00a0") {
		return "", Refuse(InvalidInput, path...)
	}
	return clean, nil
}

// CleanOrganisationCode trims a code and refuses one that is no code.
func CleanOrganisationCode(code string, path ...string) (string, error) {
	return CleanUsername(code, path...)
}

// UsernameParts are what a user types to be known by their user name: the organisation's code too, where the portal asks for
// both; "" where it doesn't.
func (s SignInPolicy) UsernameParts(o Organisation, u User) (code, username string) {
	if s.Names(ByOrganisationCodeAndUsername) && o.Code != nil {
		code = *o.Code
	}
	if u.Username != nil {
		username = *u.Username
	}
	return code, username
}

// Identifier is what a person typed to name an account, or what an account can be named by.
type Identifier struct {
	Kind  IdentifierKind
	Value string
}

// IdentifiersOf lists what a registered user can be named by at this portal. They are unique in the portal. Whoever signs in
// through a provider can't be named at all.
func (s SignInPolicy) IdentifiersOf(o Organisation, u User) []Identifier {
	var all []Identifier
	if u.Provider != "" {
		return nil
	}
	for _, kind := range s.Identifiers {
		switch {
		case kind == ByEmail && u.Email != "":
			all = append(all, Identifier{kind, u.Email.Fold()})
		case kind == ByUsername && u.Username != nil:
			all = append(all, Identifier{kind, Fold(*u.Username)})
		case kind == ByOrganisationCodeAndUsername && u.Username != nil && o.Code != nil:
			all = append(all, codeAndUsername(*o.Code, *u.Username))
		}
	}
	return all
}

func codeAndUsername(code, username string) Identifier {
	return Identifier{ByOrganisationCodeAndUsername, Fold(code) + "\n" + Fold(username)}
}

// SignInName is what a person typed on the sign-in page.
type SignInName struct {
	OrganisationCode, Username, Email string
}

// Read makes an identifier of what was typed: exactly what the portal asks for, nothing more, nothing less. White space
// alone is nothing.
func (s SignInPolicy) Read(typed SignInName) (Identifier, error) {
	email, username, code := Fold(typed.Email), Fold(typed.Username), Fold(typed.OrganisationCode)
	var identifier Identifier
	switch {
	case email != "" && username == "" && code == "":
		identifier = Identifier{ByEmail, email}
	case username != "" && code == "" && email == "":
		identifier = Identifier{ByUsername, username}
	case username != "" && code != "" && email == "":
		identifier = codeAndUsername(code, username)
	}
	if !s.Names(identifier.Kind) || len(identifier.Value) > 512 || !printable(email+username+code) {
		return Identifier{}, Refuse(InvalidInput, "input")
	}
	return identifier, nil
}
