package identity

import "time"

// Audience is who may use a field.
type Audience string

// The audiences.
const (
	Anyone         Audience = "ANYONE"
	Enrolling      Audience = "ENROLLING"    // a sign-in that stands before enrolment
	Self           Audience = "SELF"         // whoever is signed in
	Manager        Audience = "MANAGER"      // a main user or a super sub-user
	ForMainUser    Audience = "MAIN_USER"    // the main user
	ForSupport     Audience = "SUPPORT"      // the portal's staff
	ForPortalAdmin Audience = "PORTAL_ADMIN" // the portal's administrators
	Partner        Audience = "PARTNER"      // an API token with the scope that the field names
)

// Access is what a field of the schema says of who may use it.
type Access struct {
	To []Audience
	// Strength is the weakest session that will do.
	Strength SessionStrength
	// ProofWithin asks for proof that is younger than this; zero: any.
	ProofWithin time.Duration
	// Scope is what an API token needs; "": API tokens are refused.
	Scope APIScope
}

// Admit decides whether an actor may use a field. Everything else, such as whose object it is, the use case decides.
func (access Access) Admit(actor Actor) error {
	audience, found := access.audienceOf(actor)
	switch {
	case !found && actor.IsAnonymous():
		return Refuse(Unauthenticated)
	case !found:
		return Refuse(Forbidden)
	case audience == Anyone, audience == Enrolling, audience == Partner:
		return nil
	case !actor.Session.Strength.AtLeast(access.Strength):
		return &Error{Code: ReauthenticationRequired, Strength: access.Strength, ProofWithin: access.ProofWithin}
	case access.ProofWithin > 0 && actor.At.Sub(actor.Session.ProvenAt) >= access.ProofWithin:
		return &Error{Code: ReauthenticationRequired, Strength: access.Strength, ProofWithin: access.ProofWithin}
	}
	return nil
}

func (access Access) audienceOf(actor Actor) (Audience, bool) {
	for _, audience := range access.To {
		if actor.is(audience) && (audience != Partner || access.Scope != "" && actor.Token.Has(access.Scope)) {
			return audience, true
		}
	}
	return "", false
}

func (a Actor) is(audience Audience) bool {
	switch audience {
	case Anyone:
		return true
	case Enrolling:
		return a.SignIn != nil && a.Session == nil && a.Token == nil
	case Self:
		return a.Session != nil
	case Manager:
		return a.hasRole(MainUser, SuperSubUser)
	case ForMainUser:
		return a.hasRole(MainUser)
	case ForSupport:
		return a.hasRole(Support, PortalAdmin)
	case ForPortalAdmin:
		return a.hasRole(PortalAdmin)
	case Partner:
		return a.Token != nil
	}
	return false
}

func (a Actor) hasRole(roles ...UserRole) bool {
	if a.Session == nil {
		return false
	}
	for _, role := range roles {
		if a.User.Role == role {
			return true
		}
	}
	return false
}
