package identity

import (
	"regexp"
	"slices"
	"time"
)

// JourneyLifetime is how long somebody may be away at an identification provider, and for how long they can hear how it
// ended.
const JourneyLifetime = 10 * time.Minute

// RefusalPause is how often at most one and the same refusal of a provider's word is written into an organisation's audit log:
// the same provider, reason and account, or no account.
const RefusalPause = time.Hour

// FederationPath is below which providers find us, behind the portal's prefix: the provider's name follows, and then what is
// asked for there.
const (
	FederationPath = "/federation/"
	// CallbackName is where browsers come back from a provider that speaks OpenID Connect, ConsumerName from one of SAML.
	CallbackName = "/callback"
	ConsumerName = "/acs"
	// MetadataName is where a SAML broker reads who we are.
	MetadataName = "/metadata"
)

// ReturnPath is where the provider sends browsers back to, behind the portal's prefix.
func (p Provider) ReturnPath() string {
	if p.SAML != nil {
		return FederationPath + p.Name + ConsumerName
	}
	return FederationPath + p.Name + CallbackName
}

// Journey is one browser's way to an identification provider and back. It is used up by the first return.
type Journey struct {
	ID        ID
	Portal    string
	Provider  string
	ExpiresAt time.Time
}

// Unadmitted is the last step of a sign-in through a provider that led to nothing.
type Unadmitted struct {
	Code Code
	// Comparisons are empty but where the record of a known customer says something else.
	Comparisons []Comparison
}

func (Unadmitted) isStep() {}

// returnPath is a path of an application, with a query at most: never "//" or a backslash, by which browsers leave the
// origin, and nothing that is encoded.
var returnPath = regexp.MustCompile(`^/([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/?)?(\?[A-Za-z0-9._~=&-]*)?$`)

const longestReturnPath = 256

// CheckReturnPath refuses what isn't plainly a path of the portal's own application.
func CheckReturnPath(text string, path ...string) error {
	if len(text) > longestReturnPath || !returnPath.MatchString(text) {
		return Refuse(InvalidInput, path...)
	}
	return nil
}

// Provider finds one of the portal's providers by name.
func (p Portal) Provider(name string) (Provider, bool) {
	i := slices.IndexFunc(p.Providers, func(one Provider) bool { return one.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return p.Providers[i], true
}

// ProviderAt finds the provider that sends browsers back to that path.
func (p Portal) ProviderAt(path string) (Provider, bool) {
	i := slices.IndexFunc(p.Providers, func(one Provider) bool { return one.ReturnPath() == path })
	if i < 0 {
		return Provider{}, false
	}
	return p.Providers[i], true
}

// Strength is what a session is worth that began with that level. EH3 and EH4 are eIDAS' substantial and high: two factors
// (Regulation (EU) 2015/1502); below them nothing more than one is sure.
func (l AssuranceLevel) Strength() SessionStrength {
	if l.AtLeast(EH3) {
		return TwoFactor
	}
	return SingleFactor
}

// Worth is the strength of a session that begins with that assertion.
func (p Provider) Worth(a Assertion) SessionStrength {
	if p.Identifies == Persons {
		return p.Strength
	}
	return a.Level.Strength()
}

// CheckProvided decides whether a user whom a provider identified may sign in.
func (u User) CheckProvided() error {
	switch u.Status() {
	case StatusActive:
		return nil
	case StatusAwaitingApproval:
		return Refuse(ApprovalAwaited)
	}
	return Refuse(NotACustomer)
}

// CheckWorth refuses a provider's word that is worth one factor where the portal, or the user's organisation, asks for two.
func (t TwoFactorPolicy) CheckWorth(worth SessionStrength, o Organisation, u User, now time.Time) error {
	if owed, _ := t.Owed(o, u, now); owed && !worth.AtLeast(TwoFactor) {
		return Refuse(AssuranceTooLow)
	}
	return nil
}

// ByProvider makes a user of somebody whom a provider identified for a business. Providers of businesses tell no names; what
// stands behind the business's tells colleagues apart until somebody gives them their own.
func ByProvider(a Assertion, admission Admission, business BusinessIdentity, id ID, now time.Time) User {
	name := []rune(business.LegalName)
	user := User{
		ID: id, Portal: business.Portal, OrganisationID: business.Organisation, Provider: a.Provider, Role: SubUser,
		DisplayName: string(name[:min(len(name), 60)]) + " " + string(id[len(id)-4:]), Registration: Registered,
		CreatedAt: now, CredentialVersion: 1,
	}
	if admission.Way == PendingApproval {
		user.Registration = Invited // by themselves
	}
	return user
}

// Redeemed is an invited user once a provider has identified them: from then on they come in through it.
func (u User) Redeemed(a Assertion) User {
	u.Provider, u.Registration = a.Provider, Registered
	u.CredentialVersion++
	return u
}

// CheckApproval refuses to approve somebody who doesn't wait for it.
func (u User) CheckApproval() error {
	if u.Status() != StatusAwaitingApproval {
		return Refuse(WrongStatus, "input", "id")
	}
	return nil
}

// Stands decides whether the session of a user may still be used: one that rests on a provider's word falls with the
// provider, the level, the customer's number, or the establishments that may act; one of a private person with the provider,
// and what ends it when the record changes. Customer is whose the session's number is
// now; nil: nobody's.
func (s Session) Stands(p Portal, customer *Customer, u User) bool {
	if s.Provider == PasswordProvider {
		return s.AssuranceLevel == nil
	}
	provider, known := p.Provider(s.Provider)
	if !known || (s.AssuranceLevel == nil) != (provider.Identifies == Persons) {
		return false
	}
	if provider.Identifies == Persons {
		return s.KVKNumber == "" && customer == nil && !u.IsOut()
	}
	_, err := provider.Admit(Assertion{
		Provider: provider.Name, Environment: provider.Environment, Level: *s.AssuranceLevel, KVKNumber: s.KVKNumber,
		Establishments: s.EstablishmentScope, Intermediary: s.Intermediary,
	}, customer, &u, "")
	return err == nil
}
