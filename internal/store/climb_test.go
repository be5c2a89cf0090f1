package store_test

import (
	"context"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// A climb tries to get at another tenant's things with one method of a scope.
type climb struct {
	end ending
	// try answers what was seen or changed: zero or empty is nothing.
	try func(ctx context.Context, s *store.Scope, theirs household) (any, error)
}

// An ending is how a climb must end.
type ending int

const (
	answersNothing ending = iota
	notFound
	fault
)

func only(err error) (any, error)            { return nil, err }
func saw[T any](v T, err error) (any, error) { return v, err }
func sawItems[T any](part identity.Slice[T], err error) (any, error) {
	return part.Items, err
}

var everything = identity.Page{First: 100}

var climbs = map[string]climb{
	"Organisation": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.Organisation(ctx, h.organisation.ID)))
	}},
	"LockOrganisation": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.LockOrganisation(ctx, h.organisation.ID)))
	}},
	"Operator": {notFound, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
		return only(second(s.Operator(ctx)))
	}},
	"Organisations": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		part, err := s.Organisations(ctx, identity.OrganisationFilter{}, identity.OrganisationOrder{}, everything)
		return slices.ContainsFunc(part.Items, func(o identity.Organisation) bool { return o.ID == h.organisation.ID }), err
	}},
	"CountOrganisations": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
		n, err := s.CountOrganisations(ctx, identity.OrganisationFilter{})
		return n - 1, err // one's own
	}},
	"SaveOrganisation": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		h.organisation.Name = "Taken over"
		return only(s.SaveOrganisation(ctx, h.organisation))
	}},
	"AddOrganisation": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		h.organisation.ID = id(identity.KindOrganisation, 9)
		return only(s.AddOrganisation(ctx, h.organisation))
	}},
	"AccountsInUse": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.AccountsInUse(ctx, h.organisation.ID))
	}},
	"Progress": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.Progress(ctx, h.organisation.ID))
	}},
	"ActivationCandidates": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.ActivationCandidates(ctx, h.organisation.ID))
	}},
	"ReRegisterAll": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.ReRegisterAll(ctx, h.organisation.ID, ""))
	}},
	"UndoReRegistration": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.UndoReRegistration(ctx, h.organisation.ID))
	}},

	"BusinessIdentity": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.BusinessIdentity(ctx, id(identity.KindBusiness, h.number))))
	}},
	"BusinessIdentities": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.BusinessIdentities(ctx, h.organisation.ID))
	}},
	"AddBusinessIdentity": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddBusinessIdentity(ctx, businessOf(h.organisation, 9)))
	}},
	"SaveEstablishments": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		taken := businessOf(h.organisation, h.number)
		taken.EstablishmentNumbers = nil
		return only(s.SaveEstablishments(ctx, taken))
	}},
	"SaveRegisterAnswer": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		taken := businessOf(h.organisation, h.number)
		taken.RegisterStatus = identity.Deregistered
		return only(s.SaveRegisterAnswer(ctx, taken))
	}},
	"RemoveBusinessIdentity": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.RemoveBusinessIdentity(ctx, id(identity.KindBusiness, h.number)))
	}},

	"FederatedUser": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		user, err := s.FederatedUser(ctx, assertionOf(h.number))
		return user != nil, err
	}},
	"NoteRefusal": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.NoteRefusal(ctx, h.organisation, "eherkenning", identity.NotACustomer, h.user.ID)))
	}},
	"AddFederatedIdentity": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddFederatedIdentity(ctx, h.user, assertionOf(9)))
	}},

	"User": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.User(ctx, h.user.ID)))
	}},
	"LockUser": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.LockUser(ctx, h.user.ID)))
	}},
	"Users": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return sawItems(s.Users(ctx, h.organisation.ID, identity.UserFilter{}, identity.UserOrder{}, everything))
	}},
	"CountUsers": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.CountUsers(ctx, h.organisation.ID, identity.UserFilter{}))
	}},
	"SaveUser": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		h.user.DisplayName = "Taken over"
		return only(s.SaveUser(ctx, h.user))
	}},
	"AddUser": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddUser(ctx, userOf(h.organisation, 9)))
	}},
	"LockAccount": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		_, hash, err := s.LockAccount(ctx, h.user.ID)
		return saw(hash, err)
	}},
	"SignedIn": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		h.user.LastSignInAt = &s.Now
		return only(s.SignedIn(ctx, h.user))
	}},
	"SetPasswordHash": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.SetPasswordHash(ctx, h.user.ID, "mine"))
	}},
	"ClaimIdentifiers": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.ClaimIdentifiers(ctx, h.user, identifiersOf(h.main)))
	}},
	"ReleaseIdentifiers": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.ReleaseIdentifiers(ctx, h.user.ID))
	}},

	"Invitation": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.Invitation(ctx, id(identity.KindInvitation, h.number))))
	}},
	"InvitationOf": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.InvitationOf(ctx, h.user.ID)))
	}},
	"InvitationOwner": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.InvitationOwner(ctx, id(identity.KindInvitation, h.number)))
	}},
	"Invitations": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return sawItems(s.Invitations(ctx, h.organisation.ID, nil, everything))
	}},
	"CountInvitations": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.CountInvitations(ctx, h.organisation.ID, nil))
	}},
	"SaveInvitation": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		taken := invitationOf(h.user, h.number)
		taken.Email = "mine@example.nl"
		return only(s.SaveInvitation(ctx, taken))
	}},
	"AddInvitation": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddInvitation(ctx, invitationOf(h.main, 9)))
	}},

	"Link": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(second(s.Link(ctx, id(identity.KindLink, h.number))))
	}},
	"LastLinkAt": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.LastLinkAt(ctx, h.user.ID))
	}},
	"UseLink": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.UseLink(ctx, id(identity.KindLink, h.number)))
	}},
	"RevokeLinks": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.RevokeLinks(ctx, h.user.ID))
	}},
	"RevokeLinksOfPurpose": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.RevokeLinksOfPurpose(ctx, h.organisation.ID, identity.ForPasswordReset))
	}},
	"RevokeLink": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.RevokeLink(ctx, id(identity.KindLink, h.number)))
	}},
	"AddLinks": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddLinks(ctx, store.HashedLink{Link: linkOf(h.user, 9), TokenHash: hash(9)}))
	}},
}
