package identity

import (
	"slices"
	"time"
)

// Assertion is what an identification provider says about the person at the browser, after everything about its form,
// signature, times and addressee was checked. Nothing in it decides who may come in: that is matched against customers.
type Assertion struct {
	// Provider is the name of the portal's provider row ("eherkenning"); Environment tells its test system from its
	// production, so that a person of the one is never a person of the other.
	Provider    string
	Environment string
	// Issuer and ID name the assertion itself. The pair is used once: it goes into the replay store until ExpiresAt.
	Issuer string
	ID     string
	// Subject is the acting person's pseudonym: theirs in this environment, for this service, with the business that sent
	// them. It is compared, never shown, and never a name.
	Subject string
	Level   AssuranceLevel
	// KVKNumber is the business that is represented; "" where the provider knows private persons.
	KVKNumber KVKNumber
	// Establishments limits what may be done to these; none: the whole business.
	Establishments []EstablishmentNumber
	// Intermediary is the business that acts for the represented one in a chain mandate; nil: there is none.
	Intermediary *KVKNumber
	// Person is what a provider of private persons tells of one; nil from one of businesses.
	Person *Person
	// ServiceID and ServiceUUID name the service that the mandate is for.
	ServiceID   string
	ServiceUUID string
	// AuthenticatedAt is when the person proved who they are, ExpiresAt until when the assertion may be used; UTC.
	AuthenticatedAt time.Time
	ExpiresAt       time.Time
}

// AssuranceLevel is how strongly eHerkenning identified the person.
type AssuranceLevel string

// The levels, weakest first. EH1 ended in 2021 and isn't one.
const (
	EH2     AssuranceLevel = "EH2"
	EH2Plus AssuranceLevel = "EH2_PLUS"
	EH3     AssuranceLevel = "EH3"
	EH4     AssuranceLevel = "EH4"
)

// AssuranceLevels lists them, weakest first.
var AssuranceLevels = []AssuranceLevel{EH2, EH2Plus, EH3, EH4}

// assuranceURNs is the whole of what names a level in eHerkenning's messages (Afsprakenstelsel Elektronische
// Toegangsdiensten 1.13). A level is looked up here and never worked out from its spelling.
var assuranceURNs = map[string]AssuranceLevel{
	"urn:etoegang:core:assurance-class:loa2":     EH2,
	"urn:etoegang:core:assurance-class:loa2plus": EH2Plus,
	"urn:etoegang:core:assurance-class:loa3":     EH3,
	"urn:etoegang:core:assurance-class:loa4":     EH4,
}

// ParseAssuranceURN reads a level from eHerkenning's own name for it. Whatever isn't exactly one of those names, another
// scheme's included, is ASSURANCE_TOO_LOW: what isn't understood assures nothing.
func ParseAssuranceURN(urn string) (AssuranceLevel, error) {
	level, known := assuranceURNs[urn]
	if !known {
		return "", Refuse(AssuranceTooLow)
	}
	return level, nil
}

// ParseAssuranceLevel reads a level from our own name for it, as portal files and the API have it.
func ParseAssuranceLevel(text string, path ...string) (AssuranceLevel, error) {
	if !slices.Contains(AssuranceLevels, AssuranceLevel(text)) {
		return "", Refuse(InvalidInput, path...)
	}
	return AssuranceLevel(text), nil
}

// AtLeast tells whether the level is the minimum or above. What is no level is below all of them, and as a minimum above.
func (l AssuranceLevel) AtLeast(minimum AssuranceLevel) bool {
	mine, asked := slices.Index(AssuranceLevels, l), slices.Index(AssuranceLevels, minimum)
	return asked >= 0 && mine >= asked
}

// KVKNumber names a business in the trade register of the Kamer van Koophandel: eight digits. It is text, for leading
// zeros count, and has no check digit.
type KVKNumber string

// EstablishmentNumber names an establishment (vestiging) of a business in the same register: twelve digits.
type EstablishmentNumber string

// ParseKVKNumber accepts exactly eight ASCII digits and nothing around them.
func ParseKVKNumber(text string, path ...string) (KVKNumber, error) {
	if !digits(text, 8) {
		return "", Refuse(InvalidInput, path...)
	}
	return KVKNumber(text), nil
}

// ParseEstablishmentNumber accepts exactly twelve ASCII digits and nothing around them.
func ParseEstablishmentNumber(text string, path ...string) (EstablishmentNumber, error) {
	if !digits(text, 12) {
		return "", Refuse(InvalidInput, path...)
	}
	return EstablishmentNumber(text), nil
}

// digits tells whether the text is that many ASCII digits.
func digits(text string, count int) bool {
	if len(text) != count {
		return false
	}
	for _, b := range []byte(text) {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

// Unidentified says that an outside provider identified nobody: with Code, what the person hears, and with Reason, what
// the log gets.
type Unidentified struct {
	Code Code
	// Reason is one of a fixed list of words ("artifact-source"), never a value of what arrived: it can be logged.
	Reason string
	// KVKNumber is the business that the person was identified for, where that was signed and the rest wouldn't do; "" else.
	KVKNumber KVKNumber
}

// Error is for logs.
func (u *Unidentified) Error() string { return "not identified: " + u.Reason }

// Unwrap gives the refusal that the person hears, which says less.
func (u *Unidentified) Unwrap() error { return Refuse(u.Code) }
