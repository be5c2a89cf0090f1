package identity

import (
	"slices"
	"strings"
	"testing"
)

func TestASupportActionHasAReasonAndATicket(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence       string
		reason, ticket string
		wrong          string // the field at fault
	}{
		{"a sentence and a number", "Lost phone, checked by calling back", "T-2025-0042", ""},
		{"a reason of several lines", "Lost phone.\r\nChecked:\n\t- by calling back", "T-1", ""},
		{"the longest of both", strings.Repeat("é", 1000), strings.Repeat("é", 100), ""},
		{"no reason", "", "T-1", "reason"},
		{"a reason of space", " \n\t", "T-1", "reason"},
		{"a reason past the longest", strings.Repeat("a", 1001), "T-1", "reason"},
		{"a reason that no database keeps", "lost\x00phone", "T-1", "reason"},
		{"a reason of broken text", "lost\xffphone", "T-1", "reason"},
		{"a reason that shows as another", "lost\u202ephone", "T-1", "reason"},
		{"no ticket", "lost phone", "", "ticket"},
		{"a ticket of space", "lost phone", "  ", "ticket"},
		{"a ticket past the longest", "lost phone", strings.Repeat("a", 101), "ticket"},
		{"a ticket of two lines", "lost phone", "T-1\nT-2", "ticket"},
		{"neither", "", "", "reason"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			err := CheckGrounds(row.reason, row.ticket)
			if row.wrong == "" {
				refused(t, err, "")
				return
			}
			refused(t, err, InvalidInput)
			if !slices.Equal(pathOf(err), []string{"input", row.wrong}) {
				t.Errorf("points at %v", pathOf(err))
			}
		})
	}
}
