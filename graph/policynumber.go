package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) PolicyNumbers(ctx context.Context, organisation *identity.Organisation) ([]string, error) {
	numbers, err := of(ctx, *organisation, "policy numbers", r.app.PolicyNumbers)
	texts := make([]string, len(numbers))
	for i, number := range numbers {
		texts[i] = string(number)
	}
	return texts, err
}
