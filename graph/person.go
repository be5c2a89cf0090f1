package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) Person(ctx context.Context, organisation *identity.Organisation) (*identity.Person, error) {
	return of(ctx, *organisation, "person", r.app.Persons)
}

func (personComparison) CorrectAt(_ context.Context, compared *identity.Comparison) (*identity.Side, error) {
	if compared.Correct == identity.NoSide {
		return nil, nil
	}
	return &compared.Correct, nil
}

// Message tells what to do: by what was compared, how, and where it is to be corrected.
func (personComparison) Message(ctx context.Context, compared *identity.Comparison) (string, error) {
	actor := actorOf(ctx)
	id := "person." + string(compared.Agreement)
	if compared.Agreement == identity.Incomplete {
		id += "." + string(compared.Correct)
	}
	return say(actor.Client.Language, id, map[string]any{
		"Attribute": string(compared.Attribute), "Portal": actor.Portal.Name, "Support": actor.Portal.Mail.Support,
	}), nil
}
