package identity

import (
	"slices"
	"time"
)

// SupportActionKind is what staff does.
type SupportActionKind string

// The kinds. The first four a portal can put under four eyes, or under notice; the next three under four eyes; the others are
// done at once.
const (
	ResetFactors        SupportActionKind = "RESET_USER_FACTORS"
	TransferOfMainUser  SupportActionKind = "TRANSFER_MAIN_USER"
	ChangeAccountLimit  SupportActionKind = "CHANGE_ACCOUNT_LIMIT"
	DeactivateTwoFactor SupportActionKind = "DEACTIVATE_ORGANISATION_TWO_FACTOR"
	EraseAccount        SupportActionKind = "ERASE_USER"
	RemoveCustomer      SupportActionKind = "REMOVE_ORGANISATION"
	EraseCustomer       SupportActionKind = "ERASE_ORGANISATION"
	SendAccountLink     SupportActionKind = "SEND_ACCOUNT_LINK"
	BlockAccount        SupportActionKind = "BLOCK_USER"
	UnblockAccount      SupportActionKind = "UNBLOCK_USER"
	RemoveAccount       SupportActionKind = "REMOVE_USER"
)

// AnnouncedKinds are those that a portal can put under notice. The others of GuardedKinds are not: who is to be erased has no
// account any more in which to be told.
var AnnouncedKinds = []SupportActionKind{ResetFactors, TransferOfMainUser, ChangeAccountLimit, DeactivateTwoFactor}

// GuardedKinds are those that a portal can put under four eyes.
var GuardedKinds = append(slices.Clone(AnnouncedKinds), EraseAccount, RemoveCustomer, EraseCustomer)

// Erases tells whether such an action is done to what was removed, and to nothing else.
func (k SupportActionKind) Erases() bool { return k == EraseAccount || k == EraseCustomer }

// IsOver tells whether such a thing was done before to the organisation, or to the user in it, and so needn't be done again.
func (k SupportActionKind) IsOver(o Organisation, target User) bool {
	switch k {
	case EraseAccount:
		return target.IsErased()
	case RemoveCustomer:
		return o.RemovedAt != nil
	case EraseCustomer:
		return o.IsErased()
	}
	return false
}

// isAdministrative tells whether only portal administrators may ask for such an action; any staff approves it.
func (k SupportActionKind) isAdministrative() bool {
	return k == ChangeAccountLimit || k == RemoveCustomer || k.Erases()
}

// SupportPolicy says what staff can't do alone, or not at once.
type SupportPolicy struct {
	// FourEyes are the kinds that a second person of staff must approve.
	FourEyes []SupportActionKind
	// Notice are the kinds that take effect NoticePeriod after the user concerned was told.
	Notice       []SupportActionKind
	NoticePeriod time.Duration
	// ApprovalWithin is how long a request waits for its second person.
	ApprovalWithin time.Duration
}

// Announceable are the kinds under four eyes that can be under notice too.
func (p SupportPolicy) Announceable() (kinds []SupportActionKind) {
	for _, kind := range p.FourEyes {
		if slices.Contains(AnnouncedKinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// AtOnce tells whether staff does such a thing alone and at once.
func (p SupportPolicy) AtOnce(kind SupportActionKind) bool {
	return !slices.Contains(p.FourEyes, kind) && p.noticeOf(kind) == 0
}

// CheckAtOnce refuses what staff would do alone and at once where the portal wants it asked for.
func (p SupportPolicy) CheckAtOnce(kind SupportActionKind, path ...string) error {
	if p.AtOnce(kind) {
		return nil
	}
	return Refuse(SecondPersonRequired, path...)
}

func (p SupportPolicy) noticeOf(kind SupportActionKind) time.Duration {
	if slices.Contains(p.Notice, kind) {
		return p.NoticePeriod
	}
	return 0
}
