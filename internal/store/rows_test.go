package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAnOrganisationIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.Organisation]{
		fit: func(v *identity.Organisation, _ identity.Organisation) {
			of, main := organisationOf("p", 2)
			v.ID, v.Portal, v.MainUserID = of.ID, of.Portal, main.ID
		},
		save: func(ctx context.Context, s *store.Scope, v identity.Organisation) error {
			return errors.Join(s.AddOrganisation(ctx, v), s.AddUser(ctx, userOf(v, 0)))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.Organisation) (identity.Organisation, error) {
			return s.Organisation(ctx, v.ID)
		},
		change: func(ctx context.Context, s *store.Scope, v identity.Organisation) error {
			return s.SaveOrganisation(ctx, v)
		},
		apart: []string{"Scope"},
		fixed: []string{"IsOperator", "IsPrivate", "CreatedAt"},
	}.run(t)
}

func TestAUserIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.User]{
		fit: func(v *identity.User, o identity.Organisation) {
			v.ID, v.Portal, v.OrganisationID = id(identity.KindUser, 7), o.Portal, o.ID
			v.Role, v.Registration = identity.SubUser, identity.Invited
			if v.CredentialVersion > 100 { // the second time
				v.Role, v.Registration = identity.SuperSubUser, identity.ReRegistering
			}
		},
		apart: []string{"TwoFactor", "Factors", "FactorKinds"},
		save:  func(ctx context.Context, s *store.Scope, v identity.User) error { return s.AddUser(ctx, v) },
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.User) (identity.User, error) {
			return s.LockUser(ctx, v.ID)
		},
		change: func(ctx context.Context, s *store.Scope, v identity.User) error { return s.SaveUser(ctx, v) },
		fixed:  []string{"CreatedAt"},
	}.run(t)
}

func TestAFactorIsLoadedAsItWasSaved(t *testing.T) {
	trip[store.FactorSecret]{
		fit: func(v *store.FactorSecret, o identity.Organisation) {
			v.User, v.Kind = o.MainUserID, identity.TOTP
			// These have statements of their own, by the transaction's clock.
			v.LastUsedAt, v.DisabledAt = pointer(noon), pointer(noon)
		},
		save: func(ctx context.Context, s *store.Scope, v store.FactorSecret) error {
			u, err := s.User(ctx, v.User)
			if err == nil {
				secret := v.SealedSecret
				if secret == nil {
					secret = []byte{}
				}
				err = s.AddFactor(ctx, u, v.Factor, secret, 1)
			}
			if v.LastUsedAt != nil {
				_, failed := s.AcceptStep(ctx, v.ID, 2)
				err = errors.Join(err, failed)
			}
			return errors.Join(err, s.CountFactorFailure(ctx, v.ID, v.Failures, v.DisabledAt != nil))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v store.FactorSecret) (store.FactorSecret, error) {
			u, err := s.User(ctx, v.User)
			if len(u.FactorKinds) != 1 || u.FactorKinds[0] != identity.TOTP {
				return store.FactorSecret{}, errors.Join(err, errors.New("the user doesn't show the factor's kind"))
			}
			return s.LockFactor(ctx, v.User, v.ID)
		},
	}.run(t)
}

func TestAnEnrolmentIsLoadedAsItWasSaved(t *testing.T) {
	trip[store.Enrolment]{
		fit: func(v *store.Enrolment, o identity.Organisation) { v.User = o.MainUserID },
		save: func(ctx context.Context, s *store.Scope, v store.Enrolment) error {
			u, err := s.User(ctx, v.User)
			if v.SealedSecret == nil {
				v.SealedSecret = []byte{}
			}
			return errors.Join(err, s.BeginEnrolment(ctx, u, v))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v store.Enrolment) (store.Enrolment, error) {
			return s.LockEnrolment(ctx, v.User, v.ID)
		},
	}.run(t)
}

func TestASentCodeIsToldAsItWasSaved(t *testing.T) {
	_, main := organisationOf("p", 1)
	trip[identity.CodeDispatch]{
		fit: func(*identity.CodeDispatch, identity.Organisation) {},
		save: func(ctx context.Context, s *store.Scope, v identity.CodeDispatch) error {
			u, err := s.User(ctx, main.ID)
			return errors.Join(err, s.SendCode(ctx, u, "sig_1", v, hash(1)))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.CodeDispatch) (identity.CodeDispatch, error) {
			sent, err := s.CodeSent(ctx, "sig_1")
			return *sent, err
		},
	}.run(t)
}

func TestAChangeOfContactIsLoadedAsItWasSaved(t *testing.T) {
	trip[store.ContactChange]{
		fit: func(v *store.ContactChange, o identity.Organisation) {
			v.Portal, v.Organisation, v.User, v.State = o.Portal, o.ID, o.MainUserID, identity.ContactAwaitsCode
		},
		save: func(ctx context.Context, s *store.Scope, v store.ContactChange) error {
			if v.SealedOld == nil {
				v.SealedOld, v.SealedNew = []byte{}, []byte{}
			}
			return s.BeginContactChange(ctx, v)
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v store.ContactChange) (store.ContactChange, error) {
			waiting, err := s.WaitingContactChange(ctx, v.User)
			locked, failed := s.LockContactChange(ctx, v.User, v.ID)
			if waiting == nil || waiting.ID != locked.ID {
				failed = errors.New("it isn't the one that waits")
			}
			return locked, errors.Join(err, failed)
		},
	}.run(t)
}

func TestAnInvitationIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.Invitation]{
		fit: func(v *identity.Invitation, o identity.Organisation) {
			v.ID, v.Portal, v.Organisation, v.User = id(identity.KindInvitation, 1), o.Portal, o.ID, o.MainUserID
		},
		apart: []string{"Status"},
		save:  func(ctx context.Context, s *store.Scope, v identity.Invitation) error { return s.AddInvitation(ctx, v) },
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.Invitation) (identity.Invitation, error) {
			return s.Invitation(ctx, v.ID)
		},
		change: func(ctx context.Context, s *store.Scope, v identity.Invitation) error {
			return s.SaveInvitation(ctx, v)
		},
		fixed: []string{"CreatedAt", "SignIn"},
	}.run(t)
}

func TestALinkIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.Link]{
		fit: func(v *identity.Link, o identity.Organisation) {
			v.Portal, v.Organisation, v.User = o.Portal, o.ID, o.MainUserID
		},
		save: func(ctx context.Context, s *store.Scope, v identity.Link) error {
			return s.AddLinks(ctx, store.HashedLink{Link: v, TokenHash: hash(1)})
		},
		load: func(ctx context.Context, db testrig.Database, s *store.Scope, v identity.Link) (identity.Link, error) {
			link, err := s.Link(ctx, v.ID)
			found, ok, failed := db.LinkByToken(ctx, v.Portal, hash(1))
			if !ok || found.ID != link.ID {
				return link, errors.Join(err, failed, errors.New("the token doesn't lead to the link"))
			}
			return found, errors.Join(err, failed)
		},
	}.run(t)
}

func TestASignInIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.SignIn]{
		fit: func(v *identity.SignIn, o identity.Organisation) {
			v.Portal, v.Organisation, v.User = o.Portal, o.ID, o.MainUserID
		},
		apart: []string{"Assertion", "Worth"}, // such an attempt is never kept
		save: func(ctx context.Context, s *store.Scope, v identity.SignIn) error {
			return s.AddSignIn(ctx, v, hash(1))
		},
		load: func(ctx context.Context, db testrig.Database, _ *store.Scope, v identity.SignIn) (identity.SignIn, error) {
			signIn, now, ok, err := db.SignInByToken(ctx, v.Portal, hash(1))
			if !ok || now != noon {
				return signIn, errors.Join(err, errors.New("the token doesn't lead to the sign-in"))
			}
			return signIn, err
		},
	}.run(t)
}

func TestASessionIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.Session]{
		fit: func(v *identity.Session, o identity.Organisation) {
			v.Portal, v.Organisation, v.User = o.Portal, o.ID, o.MainUserID
			v.EstablishmentScope = []identity.EstablishmentNumber{"000037178598", "000037178601"}
		},
		apart: []string{"IdleExpiresAt", "AbsoluteExpiresAt", "IsCurrent"},
		save: func(ctx context.Context, s *store.Scope, v identity.Session) error {
			return s.AddSession(ctx, v, hash(1))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.Session) (identity.Session, error) {
			all, err := s.Sessions(ctx, v.User)
			if len(all) != 1 {
				return identity.Session{}, errors.Join(err, errors.New("it isn't in the list of sessions"))
			}
			return all[0], err
		},
	}.run(t)
}

func TestAnAuditEventIsLoadedAsItWasRecorded(t *testing.T) {
	trip[identity.AuditEvent]{
		fit: func(v *identity.AuditEvent, o identity.Organisation) {
			v.Portal, v.Organisation, v.At = o.Portal, o.ID, noon
			*v = v.Link(1, identity.ChainStart())
		},
		apart: []string{"PreviousHash", "Hash", "Facts", "FactsErased"}, // TestTamperingWithTheAuditLogShows
		save: func(_ context.Context, s *store.Scope, v identity.AuditEvent) error {
			s.Record(v)
			return nil
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.AuditEvent) (identity.AuditEvent, error) {
			part, err := s.AuditEvents(ctx, v.Organisation, identity.AuditFilter{}, identity.Page{First: 1})
			if _, broken := s.VerifyAudit(ctx, v.Organisation); broken != nil || len(part.Items) != 1 {
				return identity.AuditEvent{}, errors.Join(err, broken, errors.New("it isn't in the audit log"))
			}
			return part.Items[0].AuditEvent, err
		},
	}.run(t)
}

func TestAMessageIsLoadedAsItWasTold(t *testing.T) {
	trip[store.QueuedMessage]{
		fit: func(v *store.QueuedMessage, o identity.Organisation) {
			v.Portal, v.Organisation, v.User, v.CreatedAt = o.Portal, o.ID, o.MainUserID, noon
		},
		save: func(_ context.Context, s *store.Scope, v store.QueuedMessage) error {
			s.TellText(v.Message, v.SealedToken, v.Text)
			return nil
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v store.QueuedMessage) (store.QueuedMessage, error) {
			all, err := s.QueuedMessages(ctx, []identity.ID{"msg_other", v.ID})
			if len(all) != 1 {
				return store.QueuedMessage{}, errors.Join(err, errors.New("it isn't queued"))
			}
			return all[0], err
		},
	}.run(t)
}

func TestASupportActionIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.SupportAction]{
		fit: func(v *identity.SupportAction, o identity.Organisation) { v.Portal, v.Organisation = o.Portal, o.ID },
		save: func(ctx context.Context, s *store.Scope, v identity.SupportAction) error {
			return s.AddSupportAction(ctx, v)
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.SupportAction) (identity.SupportAction, error) {
			return s.SupportAction(ctx, v.ID)
		},
	}.run(t)
}

func TestAnAPITokenIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.APIToken]{
		fit: func(v *identity.APIToken, o identity.Organisation) {
			v.Portal, v.Organisation, v.Scopes, v.Organisations = o.Portal, o.ID, identity.APIScopes, nil
		},
		save: func(ctx context.Context, s *store.Scope, v identity.APIToken) error {
			return s.AddAPIToken(ctx, v, hash(1))
		},
		load: func(ctx context.Context, db testrig.Database, s *store.Scope, v identity.APIToken) (identity.APIToken, error) {
			token, err := s.APIToken(ctx, v.ID)
			partner, ok, failed := db.PartnerByToken(ctx, v.Portal, hash(1))
			if !ok || partner.Now != noon || partner.Token.ID != token.ID {
				return token, errors.Join(err, failed, errors.New("the token doesn't lead to its row"))
			}
			return partner.Token, errors.Join(err, failed)
		},
	}.run(t)
}
