// Package graph is the edge: GraphQL in, GraphQL out. It decides nothing. A resolver translates names and makes one call
// into package app; transport.go speaks GraphQL over HTTP, limit.go bounds the work, access.go asks who may use a field,
// errors.go is the only way out for an error, cookie.go the only way out for a session.
package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

//go:generate go -C .. run ./graph/generate

// Options is what the edge needs to know of its surroundings.
type Options struct {
	// RequestID names the request in every error.
	RequestID func(context.Context) string
	// Fault is called for every fault; nil: nobody is told but the log. The answer's status is 200 all the same, as GraphQL
	// over HTTP wants it where there is data.
	Fault func(context.Context)
	// Log is where faults are told.
	Log *slog.Logger
	// Operated is told of each operation that was executed: query or mutation, how it ended, and how long it took. nil: nobody
	// is.
	Operated func(kind string, outcome Outcome, took time.Duration)
	// Refused is told of each refusal, by portal, by the field that the operation asks for, and by code. nil: nobody is.
	Refused func(portal, field string, code identity.Code)
	// Traced: requests are traced, and use cases are to be seen in it.
	Traced bool
}

// Handler serves the schema. Every request must carry its actor (WithActor).
func Handler(use *app.App, options Options) http.Handler {
	out := presenter{options}
	schema := generated.NewExecutableSchema(generated.Config{
		Resolvers:  root{use},
		Directives: generated.DirectiveRoot{Access: access},
	})
	around := hooks{RequestID: options.RequestID, Present: out.present, Recover: out.recovered, Operation: operate(watch{options})}
	if options.Traced { // else nothing stands between a field and its answer
		around.Field = traced
	}
	return newTransport(schema, defaultLimits(), around)
}

// operate lets the lists of an operation's answer load together what they show.
func operate(watched watch) func(context.Context, *graphql.OperationContext, func(context.Context) *graphql.Response) *graphql.Response {
	return func(ctx context.Context, operation *graphql.OperationContext, run func(context.Context) *graphql.Response) *graphql.Response {
		return watched.operation(withSiblings(ctx), operation, run)
	}
}

// root hands out the resolvers; each file of this package has those of its concept.
type root struct{ app *app.App }

type (
	query            struct{ app *app.App }
	mutation         struct{ app *app.App }
	organisation     struct{ app *app.App }
	user             struct{ app *app.App }
	viewer           struct{ app *app.App }
	activation       struct{ app *app.App }
	imports          struct{ app *app.App }
	importRow        struct{}
	auditEvent       struct{}
	auditHead        struct{}
	passwordRule     struct{}
	signInRefused    struct{}
	personComparison struct{}

	webhookEndpoint struct{ app *app.App }
	webhookDelivery struct{}
)

func (r root) Query() generated.QueryResolver                       { return query(r) }
func (r root) Mutation() generated.MutationResolver                 { return mutation(r) }
func (r root) Organisation() generated.OrganisationResolver         { return organisation(r) }
func (r root) User() generated.UserResolver                         { return user(r) }
func (r root) Viewer() generated.ViewerResolver                     { return viewer(r) }
func (r root) Import() generated.ImportResolver                     { return imports(r) }
func (r root) ImportRow() generated.ImportRowResolver               { return importRow{} }
func (r root) AuditEvent() generated.AuditEventResolver             { return auditEvent{} }
func (r root) AuditHead() generated.AuditHeadResolver               { return auditHead{} }
func (r root) PasswordRule() generated.PasswordRuleResolver         { return passwordRule{} }
func (r root) SignInRefused() generated.SignInRefusedResolver       { return signInRefused{} }
func (r root) PersonComparison() generated.PersonComparisonResolver { return personComparison{} }
func (r root) TwoFactorActivationPreview() generated.TwoFactorActivationPreviewResolver {
	return activation(r)
}
func (r root) WebhookEndpoint() generated.WebhookEndpointResolver { return webhookEndpoint(r) }
func (r root) WebhookDelivery() generated.WebhookDeliveryResolver { return webhookDelivery{} }
