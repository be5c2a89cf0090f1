package store_test

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

func importID(h household) identity.ID { return id(identity.KindImport, h.number) }

func init() {
	for name, climb := range map[string]climb{
		"Try": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.Try(ctx, func() error { return s.AddInvitation(ctx, invitationOf(h.user, 9)) }))
		}},
		"BeginImport": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.BeginImport(ctx, importOf(h.organisation, h.number))))
		}},
		"LockImport": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.LockImport(ctx, importID(h))))
		}},
		"Import": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.Import(ctx, importID(h))))
		}},
		"ImportProgress": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.ImportProgress(ctx, importID(h))))
		}},
		"SentRows": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			found, err := s.SentRows(ctx, importOf(h.organisation, h.number), []int{h.number})
			return len(found), err
		}},
		"AddImportRows": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.AddImportRows(ctx, importOf(h.organisation, h.number), sealedRowOf(9)))
		}},
		"WaitingRows": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.WaitingRows(ctx, importOf(h.organisation, h.number), 0, 10))
		}},
		"SettleImportRow": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.SettleImportRow(ctx, importOf(h.organisation, h.number), identity.ImportRow{Number: h.number, State: identity.RowDone}))
		}},
		"ImportRows": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return sawItems(s.ImportRows(ctx, importOf(h.organisation, h.number), nil, everything))
		}},
		"CountImportRows": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.CountImportRows(ctx, importOf(h.organisation, h.number), nil))
		}},
	} {
		climbs[name] = climb
	}
}

var errPart = errors.New("a part failed")
