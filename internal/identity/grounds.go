package identity

import (
	"strings"
	"unicode/utf8"
)

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
