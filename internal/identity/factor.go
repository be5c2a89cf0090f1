package identity

import "time"

// FactorKind is a kind of second proof.
type FactorKind string

// The kinds, strongest first.
const (
	// WebAuthn is a security key or a passkey.
	WebAuthn FactorKind = "WEBAUTHN"
	TOTP     FactorKind = "TOTP"
	// SMS is a restricted authenticator of NIST SP 800-63B-4 section 3.2.9: a number can be taken over without its owner's
	// phone.
	SMS   FactorKind = "SMS"
	Email FactorKind = "EMAIL"
	// RecoveryCode is a set of codes to be used once each when nothing else is at hand. It stands beside a factor, never
	// alone.
	RecoveryCode FactorKind = "RECOVERY_CODE"
)

// FactorKinds lists all of them, strongest first.
var FactorKinds = []FactorKind{WebAuthn, TOTP, SMS, Email, RecoveryCode}

// Strength is what proving such a factor, after a first credential, makes of a session. A security key signs for one
// origin alone, so what a page elsewhere gets from it is worth nothing here: that is resistance to phishing (NIST SP
// 800-63B-4, section 3.2.5), whether or not the key asked for a PIN besides.
func (k FactorKind) Strength() SessionStrength {
	if k == WebAuthn {
		return PhishingResistant
	}
	return TwoFactor
}

// IsPlural tells whether a user can have several factors of the kind. Of the others a new one takes the old one's place.
func (k FactorKind) IsPlural() bool { return k == WebAuthn }

// IsSent tells whether a code has to be sent before such a factor can be proved.
func (k FactorKind) IsSent() bool { return k == Email || k == SMS }

// Factor is an enrolled second proof. Its secret stays in the store.
type Factor struct {
	ID   ID
	User ID
	Kind FactorKind
	// Name is the label its owner gave it.
	Name string
	// Hint is where a code goes, masked; "" for factors that need no sending.
	Hint       string
	EnrolledAt time.Time
	LastUsedAt *time.Time
	// RefusedAt is set when a text to the factor's number was refused for good; one that is taken clears it.
	RefusedAt *time.Time
	// DisabledAt is set when too many wrong codes were given (LockoutPolicy.LiftedBy says what lifts that), or a security key
	// was copied, which nothing lifts.
	DisabledAt *time.Time
	// Failures counts wrong codes in a row.
	Failures Failures
}

// option is how the factor is offered at sign-in.
func (f Factor) option(r RecoveryPolicy, u User, now time.Time) FactorOption {
	option := FactorOption{ID: f.ID, Kind: f.Kind}
	if r.AdmitKind(f.Kind, u, now) != nil {
		option.AvailableFrom = r.admitsFrom(f.Kind, u)
	}
	option.DestinationHint = f.Destination()
	return option
}

// Destination is where codes for the factor go, masked; nil where none are sent.
func (f Factor) Destination() *string {
	if f.Hint == "" {
		return nil
	}
	return &f.Hint
}

// FactorOption is one way to give the second proof.
type FactorOption struct {
	ID   ID
	Kind FactorKind
	// DestinationHint is where a code goes, masked; nil for factors that need no sending.
	DestinationHint *string
	// AvailableFrom is when it can be used again; nil: now.
	AvailableFrom *time.Time
}

// EnrolmentLifetime is how long a begun enrolment can be confirmed.
const EnrolmentLifetime = 15 * time.Minute

// Enrol decides whether a user may begin to enrol a factor of that kind.
//
// Somebody without a factor may, where the portal offers the kind. Somebody who has one may only where the portal lets
// users change it themselves; elsewhere the way is re-registration or the support desk. Security keys have a limit.
func (f FactorPolicy) Enrol(kind FactorKind, u User) error {
	switch {
	case !f.Offers(kind), u.Provider != "": // the level is their proof
		return Refuse(FactorNotOffered)
	case u.IsEnrolled() && f.Change != ChangedByUser:
		return Refuse(FactorChangeNotAllowed)
	case kind.IsPlural() && u.count(kind) >= MostKeys:
		return Refuse(FactorLimitReached)
	}
	return nil
}

func (u User) count(kind FactorKind) int {
	count := 0
	for _, factor := range u.Factors {
		if factor.Kind == kind {
			count++
		}
	}
	return count
}

// Remove decides whether a user may take one of their factors away. The last one stays where one is required, now or from
// a date on that has come.
func (f FactorPolicy) Remove(p Portal, o Organisation, u User, removed Factor, now time.Time) error {
	if f.Change != ChangedByUser {
		return Refuse(FactorChangeNotAllowed)
	}
	u.EnrolmentOwed = ""
	if required, _ := p.TwoFactor.Owed(o, u, now); required && u.IsLast(removed) {
		return Refuse(LastFactorRequired)
	}
	return nil
}

// IsLast tells whether nothing but recovery codes would be left without that factor. They never stand alone: they go with
// the last one.
func (u User) IsLast(removed Factor) bool {
	for _, factor := range u.Factors {
		if factor.ID != removed.ID && factor.Kind != RecoveryCode {
			return false
		}
	}
	return removed.Kind != RecoveryCode
}

// AdmitKind decides whether a factor of that kind can be enrolled or proved by the user now. A code by mail can't for a
// day after the password was reset through the same mailbox, unless the portal allows it: the mailbox alone would be the
// password and the second proof.
func (r RecoveryPolicy) AdmitKind(kind FactorKind, u User, now time.Time) error {
	if from := r.admitsFrom(kind, u); from != nil && now.Before(*from) {
		return &Error{Code: FactorNotOffered, RetryAfter: from.Sub(now)}
	}
	return nil
}

// admitsFrom is the instant from which a factor of that kind is admitted; nil: it always was.
func (r RecoveryPolicy) admitsFrom(kind FactorKind, u User) *time.Time {
	if kind != Email || r.EmailCodeAfterReset == Allowed || u.PasswordResetAt == nil {
		return nil
	}
	from := u.PasswordResetAt.Add(MailboxRest)
	return &from
}

// MailboxRest is how long a mailbox through which the password was reset gives no second proof.
const MailboxRest = 24 * time.Hour
