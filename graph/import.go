package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) Import(ctx context.Context, id identity.ID) (*identity.Import, error) {
	return r.app.Import(ctx, actorOf(ctx), id)
}

func (r imports) Rows(ctx context.Context, of *identity.Import, first int, after *string, state *identity.ImportRowState) (*page.ImportRowConnection, error) {
	asked, err := page.ImportRowList.Of(r.app, first, after, of.ID, state)
	if err != nil {
		return nil, err
	}
	actor := actorOf(ctx)
	found, err := r.app.ImportRows(ctx, actor, *of, state, asked.Page)
	return page.ImportRows(asked, found, func(ctx context.Context) (int, error) {
		return r.app.CountImportRows(ctx, actor, *of, state)
	}), err
}

func (importRow) UserErrors(ctx context.Context, row *identity.ImportRow) ([]generated.UserError, error) {
	return userErrors(ctx, row.Refusals), nil
}

func (r mutation) ImportUsers(ctx context.Context, input generated.ImportUsersInput) (*generated.ImportPayload, error) {
	accepted, err := r.app.ImportUsers(ctx, actorOf(ctx), app.Delivery[app.UserRow]{
		Key: input.Key, Rows: input.Rows, Invites: input.SendInvitations,
	})
	return importPayload(ctx, accepted, err)
}

func (r mutation) ImportOrganisations(ctx context.Context, input generated.ImportOrganisationsInput) (*generated.ImportPayload, error) {
	accepted, err := r.app.ImportOrganisations(ctx, actorOf(ctx), app.Delivery[app.OrganisationRow]{
		Key: input.Key, Rows: input.Rows, Invites: input.SendInvitations,
	})
	return importPayload(ctx, accepted, err)
}

func importPayload(ctx context.Context, accepted identity.Import, err error) (*generated.ImportPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.ImportPayload{UserErrors: toMend}, err
	}
	return &generated.ImportPayload{Import: &accepted, UserErrors: toMend}, nil
}
