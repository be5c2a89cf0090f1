package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// Action is what an audit event tells of.
type Action string

// The actions.
const (
	OrganisationCreated    Action = "ORGANISATION_CREATED"
	OrganisationUpdated    Action = "ORGANISATION_UPDATED"
	OrganisationRemoved    Action = "ORGANISATION_REMOVED"
	OrganisationErased     Action = "ORGANISATION_ERASED"
	UserInvited            Action = "USER_INVITED"
	InvitationResent       Action = "INVITATION_RESENT"
	InvitationWasRevoked   Action = "INVITATION_REVOKED"
	InvitationWasAccepted  Action = "INVITATION_ACCEPTED"
	UserCreated            Action = "USER_CREATED"
	UserApproved           Action = "USER_APPROVED"
	UserUpdated            Action = "USER_UPDATED"
	UserBlocked            Action = "USER_BLOCKED"
	UserUnblocked          Action = "USER_UNBLOCKED"
	UserRemoved            Action = "USER_REMOVED"
	UserErased             Action = "USER_ERASED"
	UserDataExported       Action = "USER_DATA_EXPORTED"
	MainUserTransferred    Action = "MAIN_USER_TRANSFERRED"
	SignedIn               Action = "SIGNED_IN"
	SignInWasRefused       Action = "SIGN_IN_REFUSED"
	SignedOut              Action = "SIGNED_OUT"
	SessionRevoked         Action = "SESSION_REVOKED"
	Reauthenticated        Action = "REAUTHENTICATED"
	PasswordLocked         Action = "PASSWORD_LOCKED"
	PasswordResetRequested Action = "PASSWORD_RESET_REQUESTED"
	PasswordSet            Action = "PASSWORD_SET"
	PasswordChanged        Action = "PASSWORD_CHANGED"
	FactorEnrolled         Action = "FACTOR_ENROLLED"
	FactorsUnlinked        Action = "FACTORS_UNLINKED"
	FactorDisabled         Action = "FACTOR_DISABLED"
	FactorRemoved          Action = "FACTOR_REMOVED"
	RecoveryCodeUsed       Action = "RECOVERY_CODE_USED"
	RecoveryCodesReplaced  Action = "RECOVERY_CODES_REPLACED"
	FactorsReset           Action = "FACTORS_RESET"
	TextBudgetExhausted    Action = "TEXT_BUDGET_EXHAUSTED"
	AccountLinkSent        Action = "ACCOUNT_LINK_SENT"
	UsernameRequested      Action = "USERNAME_REQUESTED"
	ContactChangeRequested Action = "CONTACT_CHANGE_REQUESTED"
	ContactWasChanged      Action = "CONTACT_CHANGED"
	ContactChangeUndone    Action = "CONTACT_CHANGE_UNDONE"
	EnrolmentPostponed     Action = "ENROLMENT_POSTPONED"
	TwoFactorActivated     Action = "ORGANISATION_TWO_FACTOR_ACTIVATED"
	TwoFactorDeactivated   Action = "ORGANISATION_TWO_FACTOR_DEACTIVATED"
	SupportActionRequested Action = "SUPPORT_ACTION_REQUESTED"
	SupportActionApproved  Action = "SUPPORT_ACTION_APPROVED"
	SupportActionCancelled Action = "SUPPORT_ACTION_CANCELLED"
	LockoutLifted          Action = "LOCKOUT_LIFTED"
	APITokenCreated        Action = "API_TOKEN_CREATED"
	APITokenRotated        Action = "API_TOKEN_ROTATED"
	APITokenUpdated        Action = "API_TOKEN_UPDATED"
	APITokenRevoked        Action = "API_TOKEN_REVOKED"
	BusinessAdded          Action = "BUSINESS_IDENTITY_ADDED"
	BusinessChanged        Action = "BUSINESS_IDENTITY_CHANGED"
	BusinessRemoved        Action = "BUSINESS_IDENTITY_REMOVED"
	BusinessChecked        Action = "BUSINESS_IDENTITY_CHECKED"
	PolicyNumbersChanged   Action = "POLICY_NUMBERS_CHANGED"
	PersonRecordChanged    Action = "PERSON_RECORD_CHANGED"
	PersonRecognised       Action = "PERSON_RECOGNISED"
	RegistrationRequested  Action = "REGISTRATION_REQUESTED"
	RegistrationEnded      Action = "REGISTRATION_ENDED"
	ReplacementAnnounced   Action = "REPLACEMENT_ANNOUNCED"
	AccountReplaced        Action = "ACCOUNT_REPLACED"
	WebhookCreated         Action = "WEBHOOK_ENDPOINT_CREATED"
	WebhookUpdated         Action = "WEBHOOK_ENDPOINT_UPDATED"
	WebhookSecretRotated   Action = "WEBHOOK_SECRET_ROTATED"
	WebhookDeleted         Action = "WEBHOOK_ENDPOINT_DELETED"
	WebhookWasDisabled     Action = "WEBHOOK_ENDPOINT_DISABLED"
	WebhookRedelivered     Action = "WEBHOOK_REDELIVERY_REQUESTED"
)

// AuditEvent is one thing that happened in an organisation: what, by whom, to what. It holds ids, and what it tells of a
// person besides is sealed, to be forgotten; never secrets. Events are numbered per organisation without gaps and chained by
// their hashes, so that none can be changed, removed or slipped in without breaking the chain.
type AuditEvent struct {
	ID           ID
	Portal       string
	Organisation ID
	// Sequence counts from 1 in each organisation.
	Sequence int64
	At       time.Time
	Action   Action
	// Actor is the user or API token that did it; "" for somebody who wasn't signed in, or the operator's command line, or
	// the service by itself.
	Actor ID
	// Target is what it was done to.
	Target ID
	// Details are further facts, such as a support action's reason and ticket.
	Details map[string]string
	// KeyID names the key under which the facts are sealed; "" for an event without facts. FactsHash is of what was sealed.
	KeyID       ID
	SealedFacts []byte
	FactsHash   []byte
	// Facts are those that were sealed, where they were opened. They are no part of the hash but by FactsHash.
	Facts *AuditFacts
	// FactsErased: the key was destroyed, and the facts with it.
	FactsErased bool
	// PreviousHash is the hash of the event before, 32 zero bytes for the first.
	PreviousHash []byte
	Hash         []byte
}

// Link puts the event behind the one before it.
func (e AuditEvent) Link(sequence int64, previousHash []byte) AuditEvent {
	e.Sequence, e.PreviousHash = sequence, previousHash
	e.Hash = e.digest()
	return e
}

// digest is SHA-256 over the event as a JSON array in a fixed order; instants in UTC with microseconds, as they are
// stored; the details' keys sorted. Events without facts have the form that all had before there were any; the other one
// says that it is the second.
func (e AuditEvent) digest() []byte {
	details := e.Details
	if details == nil {
		details = map[string]string{}
	}
	// Strings and a map of strings always encode.
	form := []any{
		e.PreviousHash, e.Portal, e.Organisation, e.Sequence, e.ID,
		e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), e.Action, e.Actor, e.Target, details,
	}
	if e.KeyID != "" || e.SealedFacts != nil || e.FactsHash != nil {
		form = append(form, 2, e.KeyID, e.SealedFacts, e.FactsHash)
	}
	text, _ := json.Marshal(form)
	sum := sha256.Sum256(text)
	return sum[:]
}

// AuditReaders is who may read an organisation's audit log: its main user, the portal's staff, and partners that may.
var AuditReaders = Access{To: []Audience{ForMainUser, ForSupport, ForPortalAdmin, Partner}, Strength: SingleFactor, Scope: AuditRead}

// AuditHead is the end of an organisation's chain. Whoever noted one can tell later whether the chain still runs through it.
type AuditHead struct {
	// Sequence is the last event's: how many there are.
	Sequence int64
	Hash     []byte
	At       time.Time
}

// ChainStart is what the first event of an organisation follows.
func ChainStart() []byte { return make([]byte, sha256.Size) }

// ChainFault tells where a chain of audit events is broken.
type ChainFault struct {
	Sequence int64
	Why      string
}

// Error says it in one line.
func (f *ChainFault) Error() string { return fmt.Sprintf("audit event %d: %s", f.Sequence, f.Why) }

// VerifyNext checks an event against the one before it (nil for the first of its organisation).
func VerifyNext(before *AuditEvent, e AuditEvent) error {
	sequence, previous := int64(1), ChainStart()
	if before != nil {
		sequence, previous = before.Sequence+1, before.Hash
	}
	switch {
	case e.Sequence != sequence:
		return &ChainFault{sequence, fmt.Sprintf("missing; the next one is %d", e.Sequence)}
	case !bytes.Equal(e.PreviousHash, previous):
		return &ChainFault{e.Sequence, "does not follow the event before it"}
	case before != nil && (e.Portal != before.Portal || e.Organisation != before.Organisation):
		return &ChainFault{e.Sequence, "belongs to another organisation"}
	}
	return e.VerifyAlone()
}

// VerifyAlone checks that an event is the one that was hashed, and its facts those that were sealed, where the one before it
// isn't at hand.
func (e AuditEvent) VerifyAlone() error {
	switch {
	case !bytes.Equal(e.Hash, e.digest()):
		return &ChainFault{e.Sequence, "was changed"}
	case e.Facts != nil && !bytes.Equal(e.Facts.Hash(), e.FactsHash):
		return &ChainFault{e.Sequence, "tells facts that are not those that were recorded"}
	}
	return nil
}
