package store

import (
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// slice makes a part of a list of the rows of a query that asked for one more than the page holds.
func slice[R, D any](rows []R, page identity.Page, domain func(*R) D) identity.Slice[D] {
	part := identity.Slice[D]{HasNextPage: len(rows) > page.First}
	if part.HasNextPage {
		rows = rows[:page.First]
	}
	part.Items = make([]D, len(rows))
	for i := range rows {
		part.Items[i] = domain(&rows[i])
	}
	return part
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is the LIKE pattern for a folded key that contains the text.
func containing(text string) string {
	return "%" + likeEscapes.Replace(identity.Fold(text)) + "%"
}
