package identity

import "time"

// SessionStrength is how strongly the person behind a session has proved who they are.
type SessionStrength string

// Strengths, weakest first.
const (
	SingleFactor      SessionStrength = "SINGLE_FACTOR"
	TwoFactor         SessionStrength = "TWO_FACTOR"
	PhishingResistant SessionStrength = "PHISHING_RESISTANT"
)

// AtLeast compares strengths.
func (s SessionStrength) AtLeast(needed SessionStrength) bool {
	return s.rank() >= needed.rank()
}

// Or is the stronger of two.
func (s SessionStrength) Or(other SessionStrength) SessionStrength {
	if s.AtLeast(other) {
		return s
	}
	return other
}

func (s SessionStrength) rank() int {
	switch s {
	case SingleFactor:
		return 1
	case TwoFactor:
		return 2
	case PhishingResistant:
		return 3
	}
	return 0
}

// PasswordProvider is a session's provider where the first credential was a password.
const PasswordProvider = "password"

// Session is what a completed sign-in yields. Its token is in the browser's cookie and nowhere else; the database has
// only its hash.
type Session struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	Strength     SessionStrength
	// Provider tells how the first credential was given.
	Provider string
	// AssuranceLevel is eHerkenning's; nil after a password or a private person's provider, and then the three below are empty.
	AssuranceLevel *AssuranceLevel
	// KVKNumber is the business that is acted for.
	KVKNumber KVKNumber
	// EstablishmentScope limits the session to these establishments; empty: the whole business.
	EstablishmentScope []EstablishmentNumber
	// Intermediary is the business that acts for it in a chain mandate; nil: none.
	Intermediary *KVKNumber
	// ProvenBy is the kind of factor that they last proved with it; "" for none.
	ProvenBy FactorKind
	// ProvenAt is when the person last proved who they are: at sign-in, or by reauthenticate.
	ProvenAt   time.Time
	CreatedAt  time.Time
	LastSeenAt time.Time
	// IdleExpiresAt and AbsoluteExpiresAt are the two ends; the earlier one counts.
	IdleExpiresAt     time.Time
	AbsoluteExpiresAt time.Time
	UserAgent         string
	IPAddress         string
	// IsCurrent marks the session that asks.
	IsCurrent bool
}

// SeenGranularity is how precisely use is recorded: LastSeenAt is written at most this often, so a session may end up to
// this much earlier than its idle time after its last use, never later.
const SeenGranularity = time.Minute

// Open starts a session's times.
func (p SessionPolicy) Open(s Session, now time.Time) Session {
	s.CreatedAt, s.ProvenAt, s.LastSeenAt = now, now, now
	return p.Timed(s)
}

// Timed works out both ends from the policy as it is now: a portal that shortens its times shortens running sessions.
func (p SessionPolicy) Timed(s Session) Session {
	s.IdleExpiresAt = s.LastSeenAt.Add(p.Idle)
	s.AbsoluteExpiresAt = s.CreatedAt.Add(p.Absolute)
	return s
}

// Alive tells whether the session can be used.
func (s Session) Alive(now time.Time) bool {
	return now.Before(s.IdleExpiresAt) && now.Before(s.AbsoluteExpiresAt)
}

// SeenDue tells whether use should be recorded now.
func (s Session) SeenDue(now time.Time) bool {
	return now.Sub(s.LastSeenAt) >= SeenGranularity
}
