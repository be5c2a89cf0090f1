package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/webauthn"
)

// Ceremony is what a page hands to navigator.credentials, so that a security key answers it.
type Ceremony struct {
	// EnrolmentID names the enrolment that the answer confirms; "" where the answer proves a key.
	EnrolmentID identity.ID
	// Options are in the browser's own JSON form.
	Options   json.RawMessage
	ExpiresAt time.Time
}

// holderOf is the user, to a security key. The handle is the user's id, which says nothing about the person.
func holderOf(user identity.User) webauthn.Holder {
	return webauthn.Holder{Handle: []byte(user.ID), Name: accountName(user), DisplayName: user.DisplayName}
}

// BeginWebAuthnEnrolment draws a challenge for a security key that is to be enrolled under a name of its own. An enrolment
// begun before and not confirmed is void.
func (a *App) BeginWebAuthnEnrolment(ctx context.Context, actor identity.Actor, name string) (Ceremony, error) {
	var ceremony Ceremony
	name, err := identity.CleanName(name, "input", "name")
	if err != nil {
		return ceremony, err
	}
	err = a.enrolling(ctx, actor, func(s *store.Scope, who enrollee) error {
		if err := mayEnrol(actor.Portal, identity.WebAuthn, who.user, s.Now); err != nil {
			return err
		}
		if err := who.user.NameKey("", name); err != nil {
			return err
		}
		held, err := s.PublicKeyCredentials(ctx, who.user.ID)
		if err != nil {
			return err
		}
		challenge, expires, err := a.challenge(ctx, s, who.user, who.user.ID)
		if err != nil {
			return err
		}
		ceremony = Ceremony{EnrolmentID: a.newID(identity.KindFactor, s.Now), ExpiresAt: expires}
		ceremony.Options, err = webauthn.CreationOptions(
			actor.Portal.RelyingParty(), holderOf(who.user), held, challenge.Reveal(), identity.ChallengeLifetime)
		if err != nil {
			return err
		}
		return s.BeginEnrolment(ctx, who.user, store.Enrolment{
			ID: ceremony.EnrolmentID, User: who.user.ID, Kind: identity.WebAuthn, Name: name, SealedSecret: []byte{}, ExpiresAt: expires,
		})
	})
	return ceremony, err
}

// challenge draws one for an owner: a sign-in, a session, or the enrolments of a user. The one before is void.
func (a *App) challenge(ctx context.Context, s *store.Scope, user identity.User, owner identity.ID) (secret.Token, time.Time, error) {
	expires := s.Now.Add(identity.ChallengeLifetime)
	challenge, err := secret.NewToken(a.random)
	if err != nil {
		return challenge, expires, err
	}
	return challenge, expires, s.Challenge(ctx, user, owner, challenge.Hash(), expires)
}

// useChallenge uses up the owner's challenge that a key claims to have answered; false where there is no such one.
func useChallenge(ctx context.Context, s *store.Scope, owner identity.ID, claimed string) (bool, error) {
	challenge, err := secret.ParseToken(claimed)
	if err != nil {
		return false, nil
	}
	return s.UseChallenge(ctx, owner, challenge.Hash())
}

// matchKey checks what a key answered to its enrolment. Right or wrong, the challenge is used up.
func matchKey(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, given json.RawMessage) (*identity.PublicKeyCredential, error) {
	creation, err := webauthn.ReadCreation(given)
	if err != nil {
		return nil, nil
	}
	if used, err := useChallenge(ctx, s, user.ID, creation.Challenge()); err != nil || !used {
		return nil, err
	}
	credential, err := creation.Verify(portal.RelyingParty(), holderOf(user))
	if err != nil {
		return nil, nil
	}
	return &credential, nil
}

// BeginSignInWebAuthn draws a challenge for the keys of the browser's sign-in, or of the session that wants to prove itself
// again. A new one voids the one before; wrong answers stay counted.
func (a *App) BeginSignInWebAuthn(ctx context.Context, actor identity.Actor) (Ceremony, error) {
	var ceremony Ceremony
	if actor.Session != nil {
		err := a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
			user, err := s.LockUser(ctx, actor.User.ID)
			if err != nil {
				return err
			}
			if user.Status() != identity.StatusActive {
				return identity.Refuse(identity.Forbidden)
			}
			ceremony, err = a.beginProof(ctx, s, actor.Portal, user, actor.Session.ID)
			return err
		})
		return ceremony, err
	}
	err := a.within(ctx, actor, func(s *store.Scope, attempt identity.SignIn, organisation identity.Organisation, user identity.User) error {
		if _, needed := attempt.Next(actor.Portal, organisation, user, s.Now).(identity.FactorRequired); !needed {
			return identity.Refuse(identity.SignInExpired)
		}
		var err error
		ceremony, err = a.beginProof(ctx, s, actor.Portal, user, attempt.ID)
		return err
	})
	return ceremony, err
}

// beginProof asks for any one of the user's keys that work.
func (a *App) beginProof(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, owner identity.ID) (Ceremony, error) {
	keys := user.Keys()
	if len(keys) == 0 {
		return Ceremony{}, identity.Refuse(identity.FactorNotOffered)
	}
	held, err := s.PublicKeyCredentials(ctx, user.ID)
	if err != nil {
		return Ceremony{}, err
	}
	held = slices.DeleteFunc(held, func(credential identity.PublicKeyCredential) bool {
		return !slices.ContainsFunc(keys, func(key identity.Factor) bool { return key.ID == credential.Factor })
	})
	challenge, expires, err := a.challenge(ctx, s, user, owner)
	if err != nil {
		return Ceremony{}, err
	}
	options, err := webauthn.RequestOptions(portal.RelyingParty(), held, challenge.Reveal(), identity.ChallengeLifetime)
	return Ceremony{Options: options, ExpiresAt: expires}, err
}

// proveKey checks what one of the user's keys answered to the owner's challenge, which is used up, right or wrong. What is
// wrong is counted for the key that it names, and for each of them where it names none. A key whose counter went back is
// disabled there and then: there may be a copy, and nothing tells which of the two this is.
func (a *App) proveKey(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, owner identity.ID, given Proof) (identity.Factor, error) {
	assertion, unread := webauthn.ReadAssertion(given.Credential)
	named, held, err := answering(ctx, s, user, assertion, unread == nil)
	if err != nil {
		return identity.Factor{}, err
	}
	for _, key := range named {
		if err := admitProof(actor.Portal, user, key, s.Now); err != nil {
			return key, err
		}
	}
	used := false
	if unread == nil {
		if used, err = useChallenge(ctx, s, owner, assertion.Challenge()); err != nil {
			return identity.Factor{}, err
		}
	}
	if !used || held == nil {
		return a.countWrong(ctx, s, actor, organisation, user, named...)
	}
	after, copied, err := assertion.Verify(actor.Portal.RelyingParty(), holderOf(user), *held)
	switch {
	case err != nil:
		return a.countWrong(ctx, s, actor, organisation, user, named...)
	case copied:
		return named[0], a.disableCopied(ctx, s, actor, organisation, user, named[0])
	}
	return a.acceptKey(ctx, s, named[0], after)
}

// answering finds the key that an answer names, with its credential; or all of the user's that work, and none, where it names
// none of them.
func answering(ctx context.Context, s *store.Scope, user identity.User, assertion webauthn.Assertion, read bool) ([]identity.Factor, *identity.PublicKeyCredential, error) {
	if !read {
		return user.Keys(), nil, nil
	}
	held, err := s.PublicKeyCredentials(ctx, user.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, credential := range held {
		for _, factor := range user.Factors {
			if credential.Factor == factor.ID && slices.Equal(credential.ID, assertion.CredentialID()) {
				return []identity.Factor{factor}, &credential, nil
			}
		}
	}
	return user.Keys(), nil, nil
}

func (a *App) acceptKey(ctx context.Context, s *store.Scope, key identity.Factor, after identity.PublicKeyCredential) (identity.Factor, error) {
	accepted, err := s.AcceptAssertion(ctx, after)
	if err == nil && accepted {
		accepted, err = s.ProveFactor(ctx, key.ID)
	}
	if err == nil && !accepted {
		err = identity.Refuse(identity.InvalidCode, "input", "proof")
	}
	return key, err
}

func (a *App) disableCopied(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, key identity.Factor) error {
	a.tellOf(s, actor, organisation, user, identity.KeyCopiedMessage, key)
	if err := a.recordFrom(ctx, s, actor, user, identity.FactorDisabled, key.ID, map[string]string{"reason": "SIGN_COUNT"}); err != nil {
		return err
	}
	if err := s.DisableFactor(ctx, key.ID); err != nil {
		return err
	}
	return store.Keep(identity.Refuse(identity.InvalidCode, "input", "proof"))
}
