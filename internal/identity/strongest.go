package identity

import "slices"

// Strongest is the kind of the strongest of the user's factors that work, recovery codes last; "" where none does.
func (u User) Strongest() FactorKind {
	for _, kind := range FactorKinds {
		for _, factor := range u.Factors {
			if factor.Kind == kind && factor.DisabledAt == nil {
				return kind
			}
		}
	}
	return ""
}

// AtLeast compares kinds; "" is nothing, and reaches nothing.
func (k FactorKind) AtLeast(needed FactorKind) bool {
	return k != "" && (needed == "" || slices.Index(FactorKinds, k) <= slices.Index(FactorKinds, needed))
}

// Or is the stronger of two kinds.
func (k FactorKind) Or(other FactorKind) FactorKind {
	if other.AtLeast(k) {
		return other
	}
	return k
}

// MayChangeFactors decides whether a session is proved strongly enough for a change of the user's factors: by a factor of the
// strongest kind that they have, so that nobody who got hold of a code adds a factor of their own to an account with a
// security key, or takes the key away. A factor that is disabled proves nothing and is not asked for. A recovery code stands in
// for whatever was lost: with the password it is what NIST SP 800-63B-4 section 4.2 recovers an account by.
func (s Session) MayChangeFactors(u User) error {
	if s.ProvenBy == RecoveryCode {
		return nil
	}
	return s.provenByStrongest(u)
}

// MayChangeContact decides whether a session is proved strongly enough for another address or number. A recovery code isn't:
// it replaces what was lost, and the new factor proves the rest.
func (s Session) MayChangeContact(u User) error { return s.provenByStrongest(u) }

func (s Session) provenByStrongest(u User) error {
	needed := u.Strongest()
	if len(u.Factors) == 0 || s.ProvenBy.AtLeast(needed) {
		return nil
	}
	return &Error{Code: ReauthenticationRequired, Strength: needed.Strength(), Factor: needed}
}
