package identity

import "time"

// FactorKind is a kind of second proof.
type FactorKind string

// The kinds, strongest first.
const (
	TOTP FactorKind = "TOTP"
)

// Strength is what proving such a factor, after a first credential, makes of a session.
func (k FactorKind) Strength() SessionStrength {
	return TwoFactor
}

// Factor is an enrolled second proof. Its secret stays in the store.
type Factor struct {
	ID   ID
	User ID
	Kind FactorKind
	// Name is the label its owner gave it.
	Name       string
	EnrolledAt time.Time
	LastUsedAt *time.Time
	// DisabledAt is set when too many wrong codes were given; only recovery replaces it.
	DisabledAt *time.Time
	// Failures counts wrong codes in a row.
	Failures Failures
}

// Option is how the factor is offered at sign-in.
func (f Factor) Option() FactorOption {
	return FactorOption{ID: f.ID, Kind: f.Kind}
}

// FactorOption is one way to give the second proof.
type FactorOption struct {
	ID   ID
	Kind FactorKind
	// DestinationHint is where a code goes, masked; nil for factors that need no sending.
	DestinationHint *string
}

// EnrolmentLifetime is how long a begun enrolment can be confirmed.
const EnrolmentLifetime = 15 * time.Minute

// EnrolTOTP decides whether a user may begin to enrol an authenticator app.
//
// Somebody without a factor may, where the portal offers the kind. Somebody who has one may only where the portal lets
// users change it themselves; elsewhere the way is re-registration or the support desk.
func (f FactorPolicy) EnrolTOTP(u User) error {
	switch {
	case !f.Offers(TOTP):
		return Refuse(FactorNotOffered)
	case u.IsEnrolled() && f.Change != ChangedByUser:
		return Refuse(FactorChangeNotAllowed)
	}
	return nil
}
