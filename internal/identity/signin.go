package identity

import (
	"slices"
	"time"
)

// SignIn is one attempt to sign in, from the first credential on. It is kept by a secret in its own cookie and dies with
// its time, with success, or when the user's password or factors change under it.
type SignIn struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	// By is the first credential that was given.
	By FirstCredential
	// CredentialVersion is the user's at the beginning; another one now makes the attempt void.
	CredentialVersion int
	// FactorProven is the kind of factor that was proved in this attempt; "" for none yet.
	FactorProven FactorKind
	// Postponed: enrolment was put off in this attempt.
	Postponed bool
	BeganAt   time.Time
	ExpiresAt time.Time
	// Assertion is what the provider said, where the first credential was its word. Such an attempt is over at once, and
	// never kept.
	Assertion *Assertion
	// Worth is what that word is worth.
	Worth SessionStrength
}

// FirstCredential is how a sign-in began.
type FirstCredential string

// First credentials.
const (
	WithPassword FirstCredential = "PASSWORD"
	// WithLink: a mailed link was used to choose a password, and enrolment is owed. Such an attempt can do nothing but
	// enrol; it never leads to a session without a factor that was proved in it.
	WithLink FirstCredential = "LINK"
	// WithProvider: an identification provider said who it is.
	WithProvider FirstCredential = "PROVIDER"
	// WithRegistration: the same for somebody whose account is to replace another. It never leads to a session: the account
	// isn't active yet.
	WithRegistration FirstCredential = "REGISTRATION"
)

// SignInLifetime is how long an attempt may take: time enough to install an authenticator app.
const SignInLifetime = 30 * time.Minute

// Step is what a sign-in asks for next.
type Step interface{ isStep() }

// FactorRequired asks for proof of a factor.
type FactorRequired struct {
	// Factors are the options, strongest first.
	Factors []FactorOption
	// CodeSent tells of a code that was sent; nil where nothing needs sending.
	CodeSent *CodeDispatch
	// AttemptsRemaining counts wrong codes that are still forgiven.
	AttemptsRemaining int
	ExpiresAt         time.Time
}

// CodeDispatch tells when a code was sent and when it can be sent again.
type CodeDispatch struct {
	FactorID         ID
	SentAt           time.Time
	ExpiresAt        time.Time
	ResendAllowedAt  time.Time
	ResendsRemaining int
}

// EnrolmentRequired asks for a first factor.
type EnrolmentRequired struct {
	Reason EnrolmentReason
	Kinds  []FactorKind
	// PostponableUntil is nil when it can't be put off, or no longer.
	PostponableUntil *time.Time
	ExpiresAt        time.Time
}

// EnrolmentReason is why somebody must enrol.
type EnrolmentReason string

// The reasons.
const (
	ByPortalPolicy           EnrolmentReason = "PORTAL_POLICY"
	ByOrganisationActivation EnrolmentReason = "ORGANISATION_ACTIVATION"
	ByFactorReset            EnrolmentReason = "FACTOR_RESET"
	ByFirstSignIn            EnrolmentReason = "FIRST_SIGN_IN"
)

// RegistrationRequired says that the mailed link is the way in.
type RegistrationRequired struct {
	EmailHint string
	// ResendAllowedAt is from when a new link can be asked for.
	ResendAllowedAt time.Time
}

// Complete is the last step. The caller opens the session and fills it in.
type Complete struct {
	Viewer  Viewer
	Session Session
	// EnrolBefore reminds of the date from which a factor is required.
	EnrolBefore *time.Time
}

// ReplacementPending says that all is done, and from when the account can be used. The caller fills it in.
type ReplacementPending struct {
	// EffectiveAt is when it takes the place of the account that there is, if that one's owner doesn't stop it.
	EffectiveAt time.Time
}

func (FactorRequired) isStep()       {}
func (ReplacementPending) isStep()   {}
func (EnrolmentRequired) isStep()    {}
func (RegistrationRequired) isStep() {}
func (Complete) isStep()             {}

// Valid tells whether the attempt can go on: in time, with the same credentials as at its beginning, by a user who isn't
// blocked or removed.
func (s SignIn) Valid(u User, now time.Time) bool {
	status := u.Status()
	return now.Before(s.ExpiresAt) && s.CredentialVersion == u.CredentialVersion &&
		status != StatusBlocked && status != StatusRemoved && status != StatusAwaitingApproval && (status == StatusInvited) == (s.By == WithRegistration)
}

// Next decides what the attempt asks for next. It is the one place where identifiers, policy, dates and factors come
// together; the table in its test has a row per sentence of the journey.
func (s SignIn) Next(p Portal, o Organisation, u User, now time.Time) Step {
	switch {
	case s.Assertion != nil:
		return Complete{} // the level is the proof: the portal's factors belong to passwords
	case u.Registration == ReRegistering:
		return RegistrationRequired{EmailHint: u.Email.Mask()}
	case s.By == WithRegistration && u.IsEnrolled():
		return ReplacementPending{}
	case u.IsEnrolled() && s.FactorProven == "":
		return FactorRequired{
			Factors: options(p.Recovery, u, now), AttemptsRemaining: p.Lockout.attemptsRemaining(u.Factors, now), ExpiresAt: s.ExpiresAt,
		}
	case u.IsEnrolled():
		return Complete{}
	}
	owed, reason := p.TwoFactor.Owed(o, u, now)
	switch {
	case !owed && s.By == WithRegistration:
		return ReplacementPending{}
	case !owed:
		return Complete{EnrolBefore: p.TwoFactor.reminder(o)}
	case s.postponable(p.TwoFactor, reason, now) && (s.Postponed || s.postponedBefore(u)):
		return Complete{EnrolBefore: p.TwoFactor.PostponableUntil}
	}
	step := EnrolmentRequired{Reason: reason, Kinds: p.enrollable(u, now), ExpiresAt: s.ExpiresAt}
	if s.postponable(p.TwoFactor, reason, now) {
		step.PostponableUntil = p.TwoFactor.PostponableUntil
	}
	return step
}

// enrollable are the kinds of factors that the user can choose from now.
func (p Portal) enrollable(u User, now time.Time) []FactorKind {
	return slices.DeleteFunc(slices.Clone(p.Factors.Kinds), func(kind FactorKind) bool {
		return p.Recovery.AdmitKind(kind, u, now) != nil
	})
}

func options(r RecoveryPolicy, u User, now time.Time) []FactorOption {
	all := make([]FactorOption, 0, len(u.Factors))
	for _, factor := range u.Factors {
		all = append(all, factor.option(r, u, now))
	}
	slices.SortStableFunc(all, func(a, b FactorOption) int {
		return slices.Index(FactorKinds, a.Kind) - slices.Index(FactorKinds, b.Kind)
	})
	return all
}

// Owed decides whether a user without a factor must enrol before anything else, and why.
func (t TwoFactorPolicy) Owed(o Organisation, u User, now time.Time) (bool, EnrolmentReason) {
	switch {
	case u.EnrolmentOwed != "":
		return true, u.EnrolmentOwed
	case o.TwoFactorActivatedAt != nil:
		return true, ByOrganisationActivation
	case t.RequiredFrom != nil && !now.Before(*t.RequiredFrom):
		return true, ByPortalPolicy
	case t.StartedBy == StartedByPortal && t.isFromTheFirst() && u.LastSignInAt == nil:
		return true, ByFirstSignIn
	case t.StartedBy == StartedByPortal:
		return true, ByPortalPolicy
	}
	return false, ""
}

// isFromTheFirst tells whether the portal knows no other moment than a user's first sign-in: no date, and no putting off.
func (t TwoFactorPolicy) isFromTheFirst() bool {
	return t.RequiredFrom == nil && t.PostponableUntil == nil
}

// postponedBefore tells whether the user put enrolment off before this attempt began. Doing so in another browser meanwhile
// leaves this one the choice that it was shown.
func (s SignIn) postponedBefore(u User) bool {
	return u.PostponedAt != nil && u.PostponedAt.Before(s.BeganAt)
}

// postponable tells whether enrolment can be put off now. What an organisation activated, or staff reset, can't; nor can
// anything in an attempt that began with a mailed link, for it would lead to a session on a mailbox alone.
func (s SignIn) postponable(t TwoFactorPolicy, reason EnrolmentReason, now time.Time) bool {
	return s.By == WithPassword && reason == ByPortalPolicy && t.PostponableUntil != nil && now.Before(*t.PostponableUntil)
}

// reminder is the date that people without a factor are reminded of.
func (t TwoFactorPolicy) reminder(o Organisation) *time.Time {
	if !t.Remind {
		return nil
	}
	return t.RequiredOf(o)
}

// RequiredOf is the earliest instant from which everyone in the organisation must have a factor; nil: no date.
func (t TwoFactorPolicy) RequiredOf(o Organisation) *time.Time {
	earliest := t.RequiredFrom
	if at := o.TwoFactorActivatedAt; at != nil && (earliest == nil || at.Before(*earliest)) {
		earliest = at
	}
	return earliest
}

// Postpone decides whether enrolment can be put off in this attempt.
func (s SignIn) Postpone(p Portal, o Organisation, u User, now time.Time) error {
	step, enrolling := s.Next(p, o, u, now).(EnrolmentRequired)
	if !enrolling || step.PostponableUntil == nil {
		return Refuse(PostponementNotAllowed)
	}
	return nil
}

// Enrolling tells whether the attempt stands before enrolment: the only moment at which an attempt may enrol a factor.
func (s SignIn) Enrolling(p Portal, o Organisation, u User, now time.Time) bool {
	_, enrolling := s.Next(p, o, u, now).(EnrolmentRequired)
	return enrolling
}

// MayOpen decides whether the attempt, complete as it is, may open a session: one that began with a mailed link only with
// a factor that was proved in it, so that a mailbox alone never signs anybody in.
func (s SignIn) MayOpen() error {
	if s.By == WithRegistration || s.By == WithLink && s.FactorProven == "" {
		return Refuse(SignInExpired)
	}
	return nil
}

// Strength is that of the session to which the attempt leads.
func (s SignIn) Strength() SessionStrength {
	switch {
	case s.FactorProven != "":
		return s.FactorProven.Strength()
	case s.Assertion != nil:
		return s.Worth
	}
	return SingleFactor
}

// Session says of the session to which the attempt leads how it began.
func (s SignIn) Session() Session {
	session := Session{Strength: s.Strength(), Provider: PasswordProvider, ProvenBy: s.FactorProven}
	if s.Assertion != nil {
		session.Provider, session.KVKNumber = s.Assertion.Provider, s.Assertion.KVKNumber
		if level := s.Assertion.Level; level != "" {
			session.AssuranceLevel = &level
		}
		session.EstablishmentScope, session.Intermediary = s.Assertion.Establishments, s.Assertion.Intermediary
	}
	return session
}
