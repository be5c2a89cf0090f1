package app

import (
	"context"
	"errors"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// failuresOf names the count of wrong passwords for a typed name. It is a MAC, for people type their passwords into the
// wrong field.
func (a *App) failuresOf(portal identity.Portal, identifier identity.Identifier) []byte {
	return a.keys.MAC("password failures", []byte(portal.Slug), []byte(identifier.Kind), []byte(identifier.Value))
}

// proof is a password that was right, with the hash that it was right for.
type proof struct {
	hash string
	// rehash is the password under today's parameters, where the stored hash is of older ones; "" where not.
	rehash string
}

// provePassword counts the attempt, checks the password, and tells the owner at the attempt that locks the name.
func (a *App) provePassword(ctx context.Context, actor identity.Actor, identifier identity.Identifier, subject []byte, password string) (store.Account, proof, error) {
	lockout := actor.Portal.Lockout
	account, counted, err := a.db.TryPassword(ctx, actor.Portal.Slug, identifier, subject, lockout.AdmitPassword, lockout.AfterPassword)
	if err != nil {
		return account, proof{}, err
	}
	if len(password) > identity.MaximumPasswordBytes {
		password = "" // which no hash is of; hashing it takes the usual time
	}
	verdict, err := a.hasher.Verify(ctx, password, account.PasswordHash)
	if err != nil {
		return account, proof{}, busy(err)
	}
	if !verdict.Match {
		refusal := identity.Refuse(identity.InvalidCredentials)
		if account.User != "" && lockout.Locks(counted) {
			return account, proof{}, errors.Join(a.tellLocked(ctx, actor, account), refusal)
		}
		return account, proof{}, refusal
	}
	proven := proof{hash: account.PasswordHash}
	if verdict.NeedsRehash {
		proven.rehash, err = a.hasher.Hash(ctx, password)
	}
	return account, proven, busy(err)
}

// busy says that more passwords wait to be checked than can be; a second later it looks different.
func busy(err error) error {
	if errors.Is(err, secret.ErrBusy) {
		return &identity.Error{Code: identity.RateLimited, RetryAfter: time.Second}
	}
	return err
}

func (a *App) tellLocked(ctx context.Context, actor identity.Actor, account store.Account) error {
	tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: account.Organisation}
	return a.db.Within(ctx, tenant, func(s *store.Scope) error {
		organisation, err := s.Organisation(ctx, account.Organisation)
		if err != nil {
			return err
		}
		user, err := s.LockUser(ctx, account.User)
		if err != nil {
			return err
		}
		a.tell(s, actor, organisation, user, identity.PasswordLockedMessage)
		return a.recordFrom(ctx, s, actor, user, identity.PasswordLocked, user.ID, nil)
	})
}

// lockProven loads the account behind a right password, and refuses where it was blocked, or the password changed, while
// the password was being checked.
func (a *App) lockProven(ctx context.Context, s *store.Scope, account store.Account, proven proof) (identity.User, identity.Organisation, error) {
	organisation, err := s.Organisation(ctx, account.Organisation)
	if err != nil {
		return identity.User{}, organisation, err
	}
	user, hash, err := s.LockAccount(ctx, account.User)
	if err != nil {
		return user, organisation, err
	}
	status := user.Status()
	if hash != proven.hash || status != identity.StatusActive && status != identity.StatusReRegistering {
		return user, organisation, identity.Refuse(identity.InvalidCredentials)
	}
	if proven.rehash != "" {
		err = s.SetPasswordHash(ctx, user.ID, proven.rehash)
	}
	return user, organisation, err
}
