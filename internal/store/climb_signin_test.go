package store_test

import (
	"cmp"
	"context"
	"errors"
	"maps"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

func init() { maps.Copy(climbs, signInClimbs) }

// signInClimbs are those at what users sign in with, and at what is recorded and told of them.
var signInClimbs = map[string]climb{
	"AddSignIn": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddSignIn(ctx, signInOf(h.user, 9), hash(9)))
	}},
	"EndSignIn": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.EndSignIn(ctx, id(identity.KindSignIn, h.number)))
	}},
	"EndSignInsOf": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.EndSignInsOf(ctx, h.user.ID, ""))
	}},
	"Sessions": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.Sessions(ctx, h.user.ID))
	}},
	"AddSession": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddSession(ctx, sessionOf(h.user, 9), hash(9)))
	}},
	"RenewSession": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.RenewSession(ctx, sessionOf(h.user, h.number), hash(9)))
	}},
	"EndSession": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.EndSession(ctx, h.user.ID, id(identity.KindSession, h.number)))
	}},
	"EndSessionsOf": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.EndSessionsOf(ctx, h.user.ID, ""))
	}},
	"Factors": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.Factors(ctx, h.user.ID))
	}},
	"LockFactor": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.LockFactor(ctx, h.user.ID, id(identity.KindFactor, h.number))))
	}},
	"AcceptStep": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.AcceptStep(ctx, id(identity.KindFactor, h.number), 9))
	}},
	"CountFactorFailure": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		failures := identity.Failures{Count: 9, LastAt: noon}
		return only(s.CountFactorFailure(ctx, id(identity.KindFactor, h.number), failures, true))
	}},
	"AddFactor": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddFactor(ctx, h.user, factorOf(h.user, 9), []byte("mine"), 1))
	}},
	"RemoveFactors": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.RemoveFactors(ctx, h.user.ID))
	}},
	"ProveFactor": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.ProveFactor(ctx, id(identity.KindFactor, h.number)))
	}},
	"RemoveFactor": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.RemoveFactor(ctx, h.user.ID, factorOf(h.user, h.number)))
	}},
	"RemoveFactorsOfKind": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(errors.Join(
			s.RemoveFactorsOfKind(ctx, h.user.ID, identity.TOTP), s.RemoveFactorsOfKind(ctx, h.user.ID, identity.RecoveryCode)))
	}},
	"RenameFactor": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.RenameFactor(ctx, h.user.ID, id(identity.KindFactor, h.number), "mine"))
	}},
	"SendCode": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.SendCode(ctx, h.user, id(identity.KindSignIn, h.number), dispatchOf(h.number), hash(9)))
	}},
	"VoidCodes": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.VoidCodes(ctx, h.user.ID))
	}},
	"CodeSent": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.CodeSent(ctx, id(identity.KindSignIn, h.number)))
	}},
	"UseCode": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.UseCode(ctx, id(identity.KindSignIn, h.number), id(identity.KindFactor, h.number), [][]byte{hash(h.number)}))
	}},
	"AddRecoveryCodes": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddRecoveryCodes(ctx, h.user, [][]byte{hash(9)}, "k1"))
	}},
	"UseRecoveryCode": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.UseRecoveryCode(ctx, h.user.ID, [][]byte{hash(h.number)}))
	}},
	"RecoveryCodesRemaining": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.RecoveryCodesRemaining(ctx, h.user.ID))
	}},
	"Recent": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.Recent(ctx, h.user.ID, identity.PasswordResetMessage))
	}},
	"EnrolmentFailures": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.EnrolmentFailures(ctx, h.user.ID, identity.TOTP))
	}},
	"BeginEnrolment": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.BeginEnrolment(ctx, h.user, enrolmentOf(h.user, 9)))
	}},
	"LockEnrolment": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.LockEnrolment(ctx, h.user.ID, id(identity.KindFactor, h.number))))
	}},
	"EndEnrolment": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.EndEnrolment(ctx, id(identity.KindFactor, h.number)))
	}},
	"CountEnrolmentFailure": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.CountEnrolmentFailure(ctx, id(identity.KindFactor, h.number)))
	}},
	"APIToken": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.APIToken(ctx, id(identity.KindAPIToken, h.number))))
	}},
	"APITokens": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return sawItems(s.APITokens(ctx, h.organisation.ID, identity.APITokenFilter{}, everything))
	}},
	"CountAPITokens": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.CountAPITokens(ctx, h.organisation.ID, identity.APITokenFilter{}))
	}},
	"RotateAPIToken": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.RotateAPIToken(ctx, id(identity.KindAPIToken, h.number), id(identity.KindAPIToken, 9), noon))
	}},
	"RevokeAPIToken": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.RevokeAPIToken(ctx, id(identity.KindAPIToken, h.number)))
	}},
	"LockAPIToken": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.LockAPIToken(ctx, id(identity.KindAPIToken, h.number))))
	}},
	"SaveAPIToken": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.SaveAPIToken(ctx, apiTokenOf(h.user, h.number), apiTokenOf(h.user, h.number)))
	}},
	"HoldPlace": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.HoldPlace(ctx, apiTokenOf(h.user, h.number)))
	}},
	"AddAPIToken": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddAPIToken(ctx, apiTokenOf(h.user, 9), hash(9)))
	}},
	"Once": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.Once(ctx, requestOf(h.user), answers("mine")))
	}},
	"Record": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		s.Record(eventOf(h.organisation, 9))
		return nil, nil
	}},
	"AuditEvents": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return sawItems(s.AuditEvents(ctx, h.organisation.ID, identity.AuditFilter{}, everything))
	}},
	"CountAuditEvents": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.CountAuditEvents(ctx, h.organisation.ID, identity.AuditFilter{}))
	}},
	"AuditKey": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		key, err := s.AuditKey(ctx, h.user)
		return key != nil, err
	}},
	"AddAuditKey": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.AddAuditKey(ctx, h.user, auditKeyOf(h.number)))
	}},
	"ForgetAuditFacts": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
		forgotten, enough := 0, errors.New("one's own are to stay")
		err := s.Try(ctx, func() (err error) {
			forgotten, err = s.ForgetAuditFacts(ctx, noon.AddDate(0, 1, 0))
			return cmp.Or(err, enough)
		})
		if !errors.Is(err, enough) {
			return nil, err
		}
		return forgotten - 1, nil
	}},
	"EraseUser": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.EraseUser(ctx, h.user.ID))
	}},
	"AuditHeadsOf": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return sawOf(s.AuditHeadsOf(ctx, []identity.ID{h.organisation.ID}))
	}},
	"AuditEventsBehind": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.AuditEventsBehind(ctx, h.organisation.ID, identity.AuditFilter{}, 0, 100))
	}},
	"VerifyAudit": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.VerifyAudit(ctx, h.organisation.ID))
	}},
	"Tell": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		s.Tell(messageOf(h.user, 9), nil)
		return nil, nil
	}},
	"TellText": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		s.TellText(messageOf(h.user, 9), nil, textOf(9))
		return nil, nil
	}},
	"LockText": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.LockText(ctx, textID(h.number))))
	}},
	"TryText": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.TryText(ctx, textID(h.number), &s.Now))
	}},
	"SettleText": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.SettleText(ctx, textID(h.number), store.MessageRefused, "Twilio 21211", "SM9"))
	}},
	"ReportText": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		_, ended, err := s.ReportText(ctx, textID(h.number), identity.TextReport{ProviderID: "SM9", Status: identity.TextDelivered})
		return ended, err
	}},
	"MarkNumber": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		text := store.QueuedMessage{Message: messageOf(h.user, h.number), Text: store.Text{Factor: phoneID(h.number)}}
		return only(s.MarkNumber(ctx, text, true, func([]byte) bool { return true }))
	}},
	"ReplaceNumber": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.ReplaceNumber(ctx, h.user.ID, phoneID(h.number), []byte("mine"), "mine"))
	}},
	"SpendText": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.SpendText(ctx, h.organisation.Tenant(), hash(9), plenty)))
	}},
	"QueuedMessages": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.QueuedMessages(ctx, []identity.ID{id(identity.KindMessage, h.number)}))
	}},
	"SettleMessage": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.SettleMessage(ctx, messageOf(h.user, h.number), store.MessageRefused, "no such user"))
	}},
}
