package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) Organisation(ctx context.Context, id *identity.ID) (*identity.Organisation, error) {
	return r.app.Organisation(ctx, actorOf(ctx), id)
}

func (r query) Organisations(ctx context.Context, first int, after *string, filter *identity.OrganisationFilter, orderBy *identity.OrganisationOrder) (*page.OrganisationConnection, error) {
	actor, narrowed, order := actorOf(ctx), orZero(filter), identity.OrganisationOrder{Field: identity.ByOrganisationName, Direction: identity.Ascending}
	if orderBy != nil {
		order = *orderBy
	}
	asked, err := page.OrganisationList(order).Of(r.app, first, after, actor.Portal.Slug, narrowed, order)
	if err != nil {
		return nil, err
	}
	found, err := r.app.Organisations(ctx, actor, narrowed, order, asked.Page)
	standTogether(ctx, found.Items)
	return page.Organisations(asked, order, found, func(ctx context.Context) (int, error) {
		return r.app.CountOrganisations(ctx, actor, narrowed)
	}), err
}

func (r organisation) MainUser(ctx context.Context, organisation *identity.Organisation) (*identity.User, error) {
	mainUser, err := of(ctx, *organisation, "main user", func(ctx context.Context, all []identity.Organisation) (map[identity.ID]identity.User, error) {
		return r.app.MainUsers(ctx, actorOf(ctx), all)
	})
	return &mainUser, err
}

func (r organisation) AccountLimit(ctx context.Context, organisation *identity.Organisation) (*identity.AccountLimit, error) {
	limit, err := of(ctx, *organisation, "account limit", r.app.AccountLimits)
	return &limit, err
}

func (r organisation) TwoFactor(ctx context.Context, organisation *identity.Organisation) (*generated.OrganisationTwoFactor, error) {
	progress, err := of(ctx, *organisation, "progress", r.app.Progress)
	return &generated.OrganisationTwoFactor{
		IsActive: organisation.TwoFactorActivatedAt != nil, ActivatedAt: organisation.TwoFactorActivatedAt,
		RequiredFrom: actorOf(ctx).Portal.TwoFactor.RequiredOf(*organisation),
		Enrolled:     progress.Enrolled, NotEnrolled: progress.NotEnrolled, NotReached: progress.NotReached,
	}, err
}

func (r mutation) CreateOrganisation(ctx context.Context, input generated.CreateOrganisationInput) (*generated.OrganisationPayload, error) {
	wanted := app.NewOrganisation{
		Name: input.Name, Code: input.Code, AccountLimit: input.AccountLimit, IdempotencyKey: input.IdempotencyKey,
		Businesses: input.BusinessIdentities, PolicyNumbers: input.PolicyNumbers, Person: input.Person,
	}
	if main := input.MainUser; main != nil {
		wanted.MainUser = &app.Invitee{Email: main.Email, DisplayName: main.DisplayName, Username: main.Username}
	}
	created, err := r.app.CreateOrganisation(ctx, actorOf(ctx), wanted)
	return organisationPayload(ctx, created, err)
}

func (r mutation) UpdateOrganisation(ctx context.Context, input generated.UpdateOrganisationInput) (*generated.OrganisationPayload, error) {
	limit, changeLimit := input.AccountLimit.ValueOK()
	updated, err := r.app.UpdateOrganisation(ctx, actorOf(ctx), app.OrganisationChange{
		ID: input.ID, Name: input.Name, ChangeLimit: changeLimit, AccountLimit: limit, Businesses: input.BusinessIdentities,
		PolicyNumbers: input.PolicyNumbers, Person: input.Person,
	})
	return organisationPayload(ctx, updated, err)
}

func (r mutation) RemoveOrganisation(ctx context.Context, input generated.RemoveOrganisationInput) (*generated.RemoveOrganisationPayload, error) {
	removed, action, err := r.app.RemoveOrganisation(ctx, actorOf(ctx), input.ID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.RemoveOrganisationPayload{UserErrors: toMend}, err
	}
	return &generated.RemoveOrganisationPayload{Organisation: &removed, Action: action, UserErrors: toMend}, nil
}

func (r mutation) EraseOrganisation(ctx context.Context, input generated.EraseOrganisationInput) (*generated.EraseOrganisationPayload, error) {
	action, err := r.app.EraseOrganisation(ctx, actorOf(ctx), input.ID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.EraseOrganisationPayload{UserErrors: toMend}, err
	}
	return &generated.EraseOrganisationPayload{ErasedID: doneTo(input.ID, action), Action: action, UserErrors: toMend}, nil
}

// doneTo is the id where it was done; nil where that is still to be decided.
func doneTo(id identity.ID, action *identity.SupportAction) *identity.ID {
	if action != nil && action.State != identity.Done {
		return nil
	}
	return &id
}

func organisationPayload(ctx context.Context, changed identity.Organisation, err error) (*generated.OrganisationPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.OrganisationPayload{UserErrors: toMend}, err
	}
	return &generated.OrganisationPayload{Organisation: &changed, UserErrors: toMend}, nil
}

// orZero reads an optional input: left out, it narrows nothing.
func orZero[T any](input *T) T {
	var zero T
	if input == nil {
		return zero
	}
	return *input
}
