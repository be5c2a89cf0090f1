package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// access is the directive @access: it asks identity.Access, with what the schema says.
func access(ctx context.Context, _ any, next graphql.Resolver, to []identity.Audience, strength identity.SessionStrength, proofWithin *int, scope *identity.APIScope) (any, error) {
	if graphql.GetFieldContext(ctx).Object == "Mutation" {
		forgetSiblings(ctx)
	}
	asked := identity.Access{To: to, Strength: strength}
	if proofWithin != nil {
		asked.ProofWithin = time.Duration(*proofWithin) * time.Second
	}
	if scope != nil {
		asked.Scope = *scope
	}
	if err := asked.Admit(actorOf(ctx)); err != nil {
		return nil, err
	}
	return next(ctx)
}
