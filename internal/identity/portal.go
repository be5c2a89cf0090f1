package identity

import "time"

// Portal is one customer portal: who it is and what its policy says. It is data, read from a portal file; no rule asks
// which portal it is, only what its policy says.
type Portal struct {
	// Slug names the portal in paths, cookies and the database: lower-case letters, digits and hyphens, at most 32.
	Slug string
	// Name is what people call it; it stands in mails and in the authenticator app.
	Name string
	// Hosts are the host names (with a port where it isn't the scheme's own) that lead to this portal.
	Hosts []string
	// Languages are those that its people can be addressed in; the first is spoken to whoever states no preference.
	Languages []Language
	// Location is the zone in which dates are shown to people; nil: UTC.
	Location *time.Location

	SPA       SPA
	Mail      MailSender
	SignIn    SignInPolicy
	Passwords PasswordPolicy
	Factors   FactorPolicy
	TwoFactor TwoFactorPolicy
	Sessions  SessionPolicy
	Lockout   LockoutPolicy
	Recovery  RecoveryPolicy
	Links     LinkPolicy
	SMS       SMSPolicy
	Accounts  AccountPolicy
	API       APIPolicy
	// Providers are the outside identification providers that people can sign in through.
	Providers []Provider
	Support   SupportPolicy
	// Registration says how people become users.
	Registration RegistrationPolicy
	// Retention says how long what has served is kept.
	Retention RetentionPolicy
}

// Language is an ISO 639-1 code.
type Language string

// The languages that texts and mails exist in.
const (
	Dutch   Language = "nl"
	English Language = "en"
)

// Speak picks the first of the wanted languages that the portal has, or the portal's own first.
func (p Portal) Speak(wanted ...Language) Language {
	for _, language := range wanted {
		for _, spoken := range p.Languages {
			if language == spoken {
				return language
			}
		}
	}
	return p.Languages[0]
}

// SPA is the portal's single-page application: the only browser origin that may talk to this portal, and where the links
// in mails lead.
type SPA struct {
	// Origin is scheme, host and port, nothing behind: "https://mijn.example.nl".
	Origin string
	// PasswordPath is the page that chooses a password; the link's token follows behind a "#", so that it never reaches
	// a server's log.
	PasswordPath string
	// SignInPath is the page that signs in.
	SignInPath string
	// UndoPath is the page that undoes a change of contact.
	UndoPath string
	// StopPath is the page that stops a support action.
	StopPath string
}

// UndoLink is the address in a mail of the page that undoes a change of contact.
func (s SPA) UndoLink(token string) string {
	return s.Origin + s.UndoPath + "#token=" + token
}

// PasswordLink is the address in a mail: the token travels in the fragment.
func (s SPA) PasswordLink(token string) string {
	return s.Origin + s.PasswordPath + "#token=" + token
}

// StopLink is the address of the page that stops a support action: the token travels in the fragment.
func (s SPA) StopLink(token string) string {
	return s.Origin + s.StopPath + "#token=" + token
}

// BusinessLink is the address of the sign-in page for somebody who was invited to come through a provider: the token travels
// in the fragment.
func (s SPA) BusinessLink(token string) string {
	return s.SignInLink() + "#token=" + token
}

// SignInLink is the address of the sign-in page.
func (s SPA) SignInLink() string {
	return s.Origin + s.SignInPath
}

// MailSender is how the portal's mails look and who they are from.
type MailSender struct {
	// FromAddress and FromName stand in the mail's From.
	FromAddress EmailAddress
	FromName    string
	// Colour is the brand's, as #rrggbb; it colours the mail's button.
	Colour string
	// Support tells people where to turn: a telephone number, an address, a sentence.
	Support string
}

// SignInPolicy says what people name themselves by.
type SignInPolicy struct {
	Identifiers []IdentifierKind
}

// IdentifierKind is a way to name an account at sign-in.
type IdentifierKind string

// The identifiers a portal can ask for.
const (
	ByEmail                       IdentifierKind = "EMAIL"
	ByUsername                    IdentifierKind = "USERNAME"
	ByOrganisationCodeAndUsername IdentifierKind = "ORGANISATION_CODE_AND_USERNAME"
)

// Names tells whether people of this portal name themselves that way.
func (s SignInPolicy) Names(kind IdentifierKind) bool {
	for _, k := range s.Identifiers {
		if k == kind {
			return true
		}
	}
	return false
}

// FactorPolicy says which factors there are and who may change them.
type FactorPolicy struct {
	// Kinds that the portal offers, in the order in which they are offered.
	Kinds []FactorKind
	// Change says who may change an enrolled factor.
	Change FactorChange
	// RecoveryCodes: the first factor comes with a set of them.
	RecoveryCodes bool
	// WebAuthnDomain is the domain that security keys are bound to: the host of the SPA's origin, or a domain above it.
	WebAuthnDomain string
	// TOTPSkew is how many 30-second steps to either side of now are accepted.
	TOTPSkew int
}

// Offers tells whether people of this portal can enrol such a factor.
func (f FactorPolicy) Offers(kind FactorKind) bool {
	for _, k := range f.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// FactorChange is how an enrolled factor can be changed.
type FactorChange string

// Who changes a factor.
const (
	ChangedByUser           FactorChange = "USER"            // from the profile, with fresh proof
	ChangedByReRegistration FactorChange = "RE_REGISTRATION" // through a mailed link: new password, new factor
	ChangedBySupport        FactorChange = "SUPPORT"         // by the support desk alone
)

// TwoFactorPolicy says who starts two-factor authentication and from when it is required.
type TwoFactorPolicy struct {
	StartedBy TwoFactorStarter
	// Irreversible: an activation can't be undone in the portal, only by staff.
	Irreversible bool
	// RequiredFrom is the instant from which everybody must have it; nil: no date.
	RequiredFrom *time.Time
	// PostponableUntil is the instant until which enrolment can be put off; nil: it can't.
	PostponableUntil *time.Time
	// Remind tells people at each sign-in before which date they must enrol.
	Remind bool
}

// TwoFactorStarter is who sets two-factor authentication going.
type TwoFactorStarter string

// Who starts.
const (
	StartedByPortal       TwoFactorStarter = "PORTAL"       // everybody is led into enrolment at sign-in
	StartedByOrganisation TwoFactorStarter = "ORGANISATION" // the main user activates it for the whole organisation
)

// SessionPolicy says how long a session lives.
type SessionPolicy struct {
	// Idle ends a session that wasn't used for so long.
	Idle time.Duration
	// Absolute ends every session so long after it began.
	Absolute time.Duration
}

// RecoveryPolicy says how people come back who lost something.
type RecoveryPolicy struct {
	// Factors: a password reset also unlinks the factors, and leads into enrolment (SelfService), or leaves them alone
	// and only staff unlinks (BySupport).
	Factors RecoveryWay
	// EmailCodeAfterReset: whether a code by mail is a second proof right after a password reset through the same mailbox.
	EmailCodeAfterReset Permission
}

// Permission is whether something that weakens an account is allowed.
type Permission string

// The permissions.
const (
	Refused Permission = "REFUSED"
	Allowed Permission = "ALLOWED"
)

// RecoveryWay is how something lost is replaced.
type RecoveryWay string

// The ways back.
const (
	SelfService RecoveryWay = "SELF_SERVICE"
	BySupport   RecoveryWay = "SUPPORT"
)

// AccountPolicy says how many accounts an organisation gets.
type AccountPolicy struct {
	// LimitPerOrganisation is what a new organisation starts with; nil: no limit.
	LimitPerOrganisation *int
}
