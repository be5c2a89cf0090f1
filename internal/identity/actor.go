package identity

import "time"

// Actor is who asks: nobody yet, a signed-in user, a browser in the middle of a sign-in, or a partner's API token. It is
// made once per request and handed to every use case.
type Actor struct {
	Portal Portal
	// At is the instant of the request, by the database's clock.
	At time.Time
	// Session, User and Organisation are set together, for somebody who is signed in.
	Session      *Session
	User         *User
	Organisation *Organisation
	// SignIn is the attempt that the browser is in the middle of.
	SignIn *SignIn
	// Refused is how the browser's way through a provider ended, where it led to nothing; nil else.
	Refused *Unadmitted
	// Token is the partner's, and Quota what is left of the requests that it may make.
	Token  *APIToken
	Quota  *Quota
	Client Client
}

// Client is what is known of the asking program.
type Client struct {
	IPAddress string
	UserAgent string
	Language  Language
	RequestID string
	// Unattended: a page asks by itself, and no person. It keeps no session from ending.
	Unattended bool
}

// IsAnonymous tells whether the actor has no credential that could open anything.
func (a Actor) IsAnonymous() bool { return a.Session == nil && a.Token == nil }

// IsStaff tells whether the actor is signed in as the portal's staff.
func (a Actor) IsStaff() bool { return a.hasRole(Support, PortalAdmin) }

// Tenant is how far the actor's work reaches: their own organisation, or of it what their mandate covers, for staff and
// portal-wide tokens the portal, or the organisations that a token was made for.
// An anonymous actor's reaches nothing.
func (a Actor) Tenant() Tenant {
	switch {
	case a.Token != nil:
		return Tenant{Portal: a.Portal.Slug, Organisation: a.Token.Tenant().Organisation}
	case a.IsStaff():
		return AcrossPortal(a.Portal.Slug)
	case a.Session != nil:
		return Tenant{Portal: a.Portal.Slug, Organisation: a.Organisation.ID, Scope: a.Organisation.Scope}
	}
	return Tenant{Portal: a.Portal.Slug}
}

// Home is where what belongs to the actor alone is kept: in a user's organisation, or where an API token has its place.
func (a Actor) Home() Tenant {
	switch {
	case a.Token != nil:
		return Tenant{Portal: a.Portal.Slug, Organisation: a.Token.Organisation}
	case a.Session != nil:
		return a.Organisation.Tenant()
	}
	return Tenant{Portal: a.Portal.Slug}
}

// Knows tells the actor what has become of an organisation, where it is their own: what is answered next shows it so.
func (a Actor) Knows(o Organisation) {
	if a.Organisation != nil && a.Organisation.ID == o.ID {
		*a.Organisation = o
	}
}

// ID names the actor in the audit log.
func (a Actor) ID() ID {
	switch {
	case a.Token != nil:
		return a.Token.ID
	case a.User != nil:
		return a.User.ID
	case a.SignIn != nil:
		return a.SignIn.User
	}
	return ""
}

// Manages decides whether the actor may invite, change, block or remove somebody with that role.
//
// A main user manages every sub-user, a super sub-user the ordinary ones, staff and partners everybody in customer
// organisations. Staff accounts are managed by portal administrators alone.
func (a Actor) Manages(role UserRole) bool {
	if role.IsStaff() {
		return a.hasRole(PortalAdmin)
	}
	switch {
	case a.Token != nil, a.IsStaff():
		return true
	case a.hasRole(MainUser):
		return role == SubUser || role == SuperSubUser
	case a.hasRole(SuperSubUser):
		return role == SubUser
	}
	return false
}

// CheckGrant decides whether the actor may give somebody that role in the organisation. Nobody becomes main user by
// being given a role: that is a transfer.
func (a Actor) CheckGrant(o Organisation, role UserRole) error {
	if role == MainUser || role.IsStaff() != o.IsOperator || !a.Manages(role) {
		return Refuse(RoleNotGrantable, "input", "role")
	}
	return nil
}

// CheckManage decides whether the actor may change, block or remove the user. Main users answer to staff, to partners and
// to themselves alone; that they can be neither blocked nor removed is said of whoever tries.
func (a Actor) CheckManage(u User) error {
	if u.Role == MainUser && (a.Token != nil || a.IsStaff() || a.hasRole(MainUser) && a.User.ID == u.ID) {
		return nil
	}
	if !a.Manages(u.Role) {
		return Refuse(Forbidden)
	}
	return nil
}

// CheckDisposes decides whether the actor may do such a thing to a whole organisation. A program that works for that one alone
// doesn't end it: who is a customer, the portal says.
func (a Actor) CheckDisposes(kind SupportActionKind, o Organisation) error {
	switch {
	case a.Token == nil:
		return nil
	case o.IsOperator:
		return Refuse(NotFound, "input", "id")
	case a.Token.Organisation == o.ID && (kind == RemoveCustomer || kind == EraseCustomer):
		return Refuse(Forbidden)
	}
	return nil
}

// Sees decides whether the actor may see a user of the tenant that their work reaches: an ordinary sub-user sees
// themselves alone, a partner no staff.
func (a Actor) Sees(u User) bool {
	switch {
	case a.Token != nil:
		return !u.Role.IsStaff()
	case a.Session == nil:
		return false
	}
	return u.ID == a.User.ID || a.IsStaff() || a.is(Manager)
}

// SeesInvitations decides whether the actor may see invitations of the tenant that their work reaches.
func (a Actor) SeesInvitations() bool {
	return a.is(Manager) || a.IsStaff() || a.Token != nil && a.Token.Has(UsersRead)
}

// SeesAPITokens decides whether the actor may see API tokens of the tenant that their work reaches.
func (a Actor) SeesAPITokens() bool { return a.is(ForMainUser) || a.is(ForPortalAdmin) }

// Viewer is how a signed-in user sees themselves.
type Viewer struct {
	User    User
	Session Session
	Factors []Factor
	// Permissions tells a page which doors to draw.
	Permissions ViewerPermissions
}

// ViewerPermissions is what the viewer may do, so that a page needn't guess; the decision itself is always the server's.
type ViewerPermissions struct {
	InviteUsers, ManageUsers, ActivateTwoFactor, TransferMainUser, ReadAuditLog, UseSupportDesk bool
}

// Viewer is the actor's view of themselves; nil without a session.
func (a Actor) Viewer() *Viewer {
	if a.Session == nil {
		return nil
	}
	manager, main, staff := a.is(Manager), a.is(ForMainUser), a.IsStaff()
	return &Viewer{
		User: *a.User, Session: *a.Session, Factors: a.User.Factors,
		Permissions: ViewerPermissions{
			InviteUsers: manager && !a.Organisation.IsPrivate || staff, ManageUsers: manager || staff,
			ActivateTwoFactor: main && a.Portal.TwoFactor.StartedBy == StartedByOrganisation && a.Organisation.TwoFactorActivatedAt == nil,
			TransferMainUser:  main || staff, ReadAuditLog: main || staff, UseSupportDesk: staff,
		},
	}
}
