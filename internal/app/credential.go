package app

import (
	"context"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// credentials are what somebody signs in with who comes from another system.
type credentials struct {
	passwordHash string
	totp         secret.TOTPSecret
}

// importedCredentials checks what a row brings; nil for a row without a password. A secret of an app comes with a password
// alone: without one its owner has yet to register, and pairs an app then.
func importedCredentials(portal identity.Portal, passwordHash *string, totp *TOTPRow, path ...string) (*credentials, error) {
	field := func(names ...string) []string { return append(slices.Clone(path), names...) }
	if passwordHash == nil {
		if totp != nil {
			return nil, identity.Refuse(identity.InvalidInput, field("passwordHash")...)
		}
		return nil, nil
	}
	if secret.CheckImportedHash(*passwordHash) != nil {
		return nil, identity.Refuse(identity.InvalidInput, field("passwordHash")...)
	}
	brought := &credentials{passwordHash: *passwordHash}
	if totp == nil {
		return brought, nil
	}
	switch { // the codes that all apps make, and the only ones that are compared here
	case !portal.Factors.Offers(identity.TOTP):
		return nil, identity.Refuse(identity.FactorNotOffered, field("totp")...)
	case totp.Algorithm != "SHA1":
		return nil, identity.Refuse(identity.InvalidInput, field("totp", "algorithm")...)
	case totp.Digits != 6:
		return nil, identity.Refuse(identity.InvalidInput, field("totp", "digits")...)
	case totp.Period != 30:
		return nil, identity.Refuse(identity.InvalidInput, field("totp", "period")...)
	}
	parsed, err := secret.ParseTOTPSecret(totp.Secret)
	if err != nil {
		return nil, identity.Refuse(identity.InvalidInput, field("totp", "secret")...)
	}
	brought.totp = parsed
	return brought, nil
}

// settleIn saves a user who comes with their credentials and can sign in at once. They are mailed nothing. A hash that isn't of
// today's making is replaced when its password is first right.
func (a *App) settleIn(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, brought credentials) error {
	user.Registration = identity.Registered
	if err := s.AddUser(ctx, user); err != nil {
		return err
	}
	if err := s.SetPasswordHash(ctx, user.ID, brought.passwordHash); err != nil {
		return err
	}
	if err := s.ClaimIdentifiers(ctx, user, actor.Portal.SignIn.IdentifiersOf(organisation, user)); err != nil {
		return err
	}
	event := identity.AuditEvent{
		Action: identity.UserCreated, Details: map[string]string{"role": string(invitedAs(organisation, user)), "through": "IMPORT"},
	}
	if err := a.recordAbout(ctx, s, actor, user, event, identity.Introduced(user)); err != nil {
		return err
	}
	if brought.totp.IsZero() {
		return nil
	}
	factor := identity.Factor{
		ID: a.newID(identity.KindFactor, s.Now), User: user.ID, Kind: identity.TOTP, Name: actor.Portal.Name, EnrolledAt: s.Now,
	}
	enrolled := enrolledEvent(user, factor)
	a.record(s, actor, organisation, enrolled.Action, enrolled.Target, enrolled.Details)
	// A code that was used in the other system a moment ago is used up here too.
	return s.AddFactor(ctx, user, factor, a.keys.Seal(brought.totp.Bytes(), []byte(factor.ID)), secret.TOTPStep(s.Now))
}
