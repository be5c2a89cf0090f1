package identity

import (
	"slices"
	"time"
)

// SupportActionState is where a support action stands.
type SupportActionState string

// The states. An action that nobody has asked for yet has none.
const (
	AwaitingApproval SupportActionState = "AWAITING_APPROVAL" // a second person is to decide
	Scheduled        SupportActionState = "SCHEDULED"         // the user was told, and it takes effect at a known instant
	Done             SupportActionState = "DONE"
	Cancelled        SupportActionState = "CANCELLED"
)

// SupportCancellation is why an action was not done.
type SupportCancellation string

// The reasons.
const (
	CancelledByStaff SupportCancellation = "BY_STAFF"
	CancelledByUser  SupportCancellation = "BY_USER"
	NotApproved      SupportCancellation = "NOT_APPROVED" // no second person approved it in time
	Outdated         SupportCancellation = "OUTDATED"     // what it rested on has changed since
)

// SupportAction is what staff does to an account or an organisation, with the reason and the ticket it was asked in.
type SupportAction struct {
	ID           ID
	Portal       string
	Organisation ID
	Kind         SupportActionKind
	// Target is the user or the organisation that it is done to.
	Target ID
	// Concerned is the user who is told and can stop it: the target, or the organisation's main user at the request.
	Concerned ID
	// AccountMaximum is what a change of the account limit makes of it; nil: no limit.
	AccountMaximum *int
	Reason         string
	Ticket         string
	RequestedBy    ID
	RequestedAt    time.Time
	State          SupportActionState
	// ExpiresAt is until when a second person can approve it; nil where none was needed.
	ExpiresAt *time.Time
	// ApprovedBy is the second person; "" for none.
	ApprovedBy ID
	// EffectiveAt is when it takes, or took, effect; nil as long as nobody can know.
	EffectiveAt *time.Time
	// Cancellation is why it was not done, CancelledBy whose doing that was; "" for nobody's.
	Cancellation SupportCancellation
	CancelledBy  ID
	// EndedAt is when it was done or cancelled.
	EndedAt *time.Time
}

// SupportRole is who somebody is to a support action.
type SupportRole string

// The roles.
const (
	AsRequester SupportRole = "REQUESTER" // staff who asked for it
	AsColleague SupportRole = "COLLEAGUE" // other staff of the portal
	AsConcerned SupportRole = "CONCERNED" // whom it is done to, staff or not
	AsClock     SupportRole = "CLOCK"     // nobody: time has come
	AsStranger  SupportRole = "STRANGER"  // everybody else: to them there is no such action
)

// SupportParty is somebody, as who they are to a support action.
type SupportParty struct {
	As SupportRole
	ID ID
}

// TheClock is the party where time has come.
var TheClock = SupportParty{As: AsClock}

// PartyOf tells who an actor is to the action. Whoever asked for it is never the second person, and nor is somebody to
// whom it is done. Whoever acts for some establishments is concerned by what is done to their own account alone.
func (a SupportAction) PartyOf(actor Actor) SupportParty {
	as := AsStranger
	switch {
	case actor.Session == nil:
		return SupportParty{As: as}
	case actor.User.ID == a.RequestedBy && actor.IsStaff():
		as = AsRequester
	case actor.User.ID == a.Concerned && !actor.Session.Scope().Holds(), actor.User.ID == a.Target:
		as = AsConcerned
	case actor.IsStaff():
		as = AsColleague
	}
	return SupportParty{as, actor.User.ID}
}

// CancelledFor is why it was not done; nil where it wasn't cancelled.
func (a SupportAction) CancelledFor() *SupportCancellation {
	if a.Cancellation == "" {
		return nil
	}
	return &a.Cancellation
}

// IsPending tells whether the action can still come to something.
func (a SupportAction) IsPending() bool { return a.State == AwaitingApproval || a.State == Scheduled }

// SupportEvent is what befalls a support action.
type SupportEvent string

// The events.
const (
	Request SupportEvent = "REQUEST"
	Approve SupportEvent = "APPROVE"
	Cancel  SupportEvent = "CANCEL"
	FallDue SupportEvent = "FALL_DUE" // its instant has come: to take effect, or to be given up for want of approval
	Lapse   SupportEvent = "LAPSE"    // what it rests on has changed
)

// Next is the action after an event. It is the one place that decides what becomes of a support action; what it leaves
// Done the caller does, in the same transaction. An approval is used once: what is approved doesn't await it any more.
func (a SupportAction) Next(event SupportEvent, by SupportParty, p SupportPolicy, now time.Time) (SupportAction, error) {
	wrong := Refuse(WrongStatus, "input", "id")
	switch {
	case by.As == AsStranger:
		return a, Refuse(NotFound, "input", "id")
	case event == Request && a.State == "" && by.As == AsRequester:
		return a.requested(by.ID, p, now), nil
	case event == Approve && a.State == AwaitingApproval && by.As != AsClock:
		if !now.Before(*a.ExpiresAt) {
			return a, wrong
		}
		return a.approved(by, p, now)
	case event == Cancel && a.IsPending() && by.As != AsClock:
		why := CancelledByStaff
		if by.As == AsConcerned {
			why = CancelledByUser
		}
		return a.cancelled(why, by.ID, now), nil
	case event == FallDue && by.As == AsClock && a.IsDue(now):
		return a.fallen(p, now), nil
	case event == Lapse && by.As == AsClock && a.IsPending():
		return a.cancelled(Outdated, "", now), nil
	}
	return a, wrong
}

// IsDue tells whether the action's instant has come.
func (a SupportAction) IsDue(now time.Time) bool {
	return a.State == Scheduled && !now.Before(*a.EffectiveAt) || a.State == AwaitingApproval && !now.Before(*a.ExpiresAt)
}

func (a SupportAction) requested(by ID, p SupportPolicy, now time.Time) SupportAction {
	a.RequestedBy, a.RequestedAt = by, now
	if !slices.Contains(p.FourEyes, a.Kind) {
		return a.announced(p, now)
	}
	expires := now.Add(p.ApprovalWithin)
	a.State, a.ExpiresAt = AwaitingApproval, &expires
	return a
}

func (a SupportAction) approved(by SupportParty, p SupportPolicy, now time.Time) (SupportAction, error) {
	if by.As != AsColleague {
		return a, Refuse(SecondPersonRequired, "input", "id")
	}
	a.ApprovedBy = by.ID
	return a.announced(p, now), nil
}

// announced gives the user concerned their notice, or has the action done where the portal gives none.
func (a SupportAction) announced(p SupportPolicy, now time.Time) SupportAction {
	effective := now.Add(p.noticeOf(a.Kind))
	a.EffectiveAt, a.State = &effective, Scheduled
	if !now.Before(effective) {
		a.State, a.EndedAt = Done, &now
	}
	return a
}

// fallen is the action at its instant. A portal that has come to want a second person meanwhile gets its way.
func (a SupportAction) fallen(p SupportPolicy, now time.Time) SupportAction {
	switch {
	case a.State == AwaitingApproval:
		return a.cancelled(NotApproved, "", now)
	case a.ApprovedBy == "" && slices.Contains(p.FourEyes, a.Kind):
		return a.cancelled(Outdated, "", now)
	}
	a.State, a.EndedAt = Done, &now
	return a
}

func (a SupportAction) cancelled(why SupportCancellation, by ID, now time.Time) SupportAction {
	a.State, a.Cancellation, a.CancelledBy, a.EndedAt = Cancelled, why, by, &now
	return a
}

// Check decides whether the action could be done now, to the organisation or to the user in it.
func (a SupportAction) Check(o Organisation, target User) error {
	switch a.Kind {
	case ResetFactors:
		if target.Registration != Registered || len(target.Factors) == 0 {
			return Refuse(WrongStatus, "input", "id")
		}
	case TransferOfMainUser:
		return target.CheckTransfer(o, "input", "id")
	case DeactivateTwoFactor:
		return CheckDeactivation(o)
	case ChangeAccountLimit:
		return CheckAccountMaximum(a.AccountMaximum, "input", "accountLimit")
	case EraseAccount:
		return target.CheckErasure(o)
	case RemoveCustomer:
		return o.CheckRemoval()
	case EraseCustomer:
		return o.CheckErasure()
	}
	return nil
}

// Stands tells whether what an action was asked for on still holds when it is approved, and when it falls due: it could
// be done, whoever asked or approved still may, the user who was told is still the one concerned, and nobody has enrolled
// since what would be reset.
func (a SupportAction) Stands(o Organisation, target User, by ...User) bool {
	ofUser := a.Kind == ResetFactors || a.Kind == EraseAccount
	if a.Check(o, target) != nil || !ofUser && o.MainUserID != a.Concerned {
		return false
	}
	for _, factor := range target.Factors {
		if a.Kind == ResetFactors && factor.EnrolledAt.After(a.RequestedAt) {
			return false
		}
	}
	for _, staff := range by {
		if staff.Status() != StatusActive || !staff.Role.IsStaff() || target.Role.IsStaff() && staff.Role != PortalAdmin {
			return false
		}
	}
	return !a.Kind.isAdministrative() || len(by) > 0 && by[0].Role == PortalAdmin
}
