package identity

import (
	"strings"
	"time"
	"unicode/utf8"
)

// SupportActionKind is what staff did.
type SupportActionKind string

// The kinds.
const (
	DeactivateTwoFactor SupportActionKind = "DEACTIVATE_ORGANISATION_TWO_FACTOR"
	ResetFactors        SupportActionKind = "RESET_USER_FACTORS"
	SendAccountLink     SupportActionKind = "SEND_ACCOUNT_LINK"
)

// SupportActionState is where a support action stands.
type SupportActionState string

// The states.
const (
	SupportActionDone SupportActionState = "DONE"
)

// SupportAction is what staff does to an account or an organisation, with the reason and the ticket it was asked in.
type SupportAction struct {
	ID           ID
	Portal       string
	Organisation ID
	Kind         SupportActionKind
	Target       ID
	Reason       string
	Ticket       string
	RequestedBy  ID
	RequestedAt  time.Time
	State        SupportActionState
	// EffectiveAt is when it takes, or took, effect.
	EffectiveAt *time.Time
}

// Longest reason and ticket, in characters.
const (
	MaximumReasonLength = 1000
	MaximumTicketLength = 100
)

// CheckGrounds refuses a support action without a reason or a ticket. A reason may have several lines.
func CheckGrounds(reason, ticket string) error {
	lines := strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(reason)
	if strings.TrimSpace(reason) == "" || utf8.RuneCountInString(reason) > MaximumReasonLength || !printable(lines) {
		return Refuse(InvalidInput, "input", "reason")
	}
	if clean := strings.TrimSpace(ticket); clean == "" || utf8.RuneCountInString(ticket) > MaximumTicketLength || !printable(ticket) {
		return Refuse(InvalidInput, "input", "ticket")
	}
	return nil
}
