package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// drawRecoveryCodes gives a user a new set, in the place of an earlier one, with the factor that stands for it. What it
// answers is shown once.
func (a *App) drawRecoveryCodes(ctx context.Context, s *store.Scope, user identity.User) ([]string, error) {
	codes, err := secret.NewRecoveryCodes(a.random)
	if err != nil {
		return nil, err
	}
	shown, hashes := make([]string, len(codes)), make([][]byte, len(codes))
	for i, code := range codes {
		shown[i], hashes[i] = code.Reveal(), code.Hash(a.keys, string(user.ID))
	}
	if err := s.RemoveFactorsOfKind(ctx, user.ID, identity.RecoveryCode); err != nil {
		return nil, err
	}
	set := identity.Factor{
		ID: a.newID(identity.KindFactor, s.Now), User: user.ID, Kind: identity.RecoveryCode,
		Name: string(identity.RecoveryCode), EnrolledAt: s.Now,
	}
	if err := s.AddFactor(ctx, user, set, []byte{}, 0); err != nil {
		return nil, err
	}
	return shown, s.AddRecoveryCodes(ctx, user, hashes, a.keys.IDs()[0])
}

// recoveryCodeUsed tells the owner, and takes the set away with its last code: there is nothing left of it to offer.
func (a *App) recoveryCodeUsed(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	a.tell(s, actor, organisation, user, identity.RecoveryCodeUsedMessage)
	if err := a.recordFrom(ctx, s, actor, user, identity.RecoveryCodeUsed, user.ID, nil); err != nil {
		return err
	}
	left, err := s.RecoveryCodesRemaining(ctx, user.ID)
	if err != nil || left > 0 {
		return err
	}
	return s.RemoveFactorsOfKind(ctx, user.ID, identity.RecoveryCode)
}

// GenerateRecoveryCodes voids the actor's recovery codes and gives new ones.
func (a *App) GenerateRecoveryCodes(ctx context.Context, actor identity.Actor) ([]string, error) {
	var codes []string
	err := a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		user, err := s.LockUser(ctx, actor.User.ID)
		if err != nil {
			return err
		}
		if user.Status() != identity.StatusActive {
			return identity.Refuse(identity.Forbidden)
		}
		if !actor.Portal.Factors.RecoveryCodes || !user.IsEnrolled() {
			return identity.Refuse(identity.FactorNotOffered)
		}
		if err := actor.Session.MayChangeFactors(user); err != nil {
			return err
		}
		a.tell(s, actor, *actor.Organisation, user, identity.RecoveryCodesReplacedMessage)
		if err := a.recordFrom(ctx, s, actor, user, identity.RecoveryCodesReplaced, user.ID, nil); err != nil {
			return err
		}
		codes, err = a.drawRecoveryCodes(ctx, s, user)
		return err
	})
	return codes, err
}

// RecoveryCodesRemaining counts the viewer's unused recovery codes; nil where the portal gives none.
func (a *App) RecoveryCodesRemaining(ctx context.Context, portal identity.Portal, viewer identity.Viewer) (*int, error) {
	if !portal.Factors.RecoveryCodes {
		return nil, nil
	}
	var count int
	err := a.db.Read(ctx, viewer.User.Tenant(), func(s *store.Scope) (err error) {
		count, err = s.RecoveryCodesRemaining(ctx, viewer.User.ID)
		return err
	})
	return &count, err
}
