package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// What the operator does on the command line, where there is no actor: whoever can run the binary with the database's
// password and the keys is trusted.

// InviteStaff invites a person to a portal's own operating organisation, and makes that organisation where it is their
// first. Staff sign in like everybody else, with the factors that the portal asks for.
func (a *App) InviteStaff(ctx context.Context, portal identity.Portal, email identity.EmailAddress, displayName string, role identity.UserRole) (identity.Invitation, error) {
	if !role.IsStaff() {
		return identity.Invitation{}, identity.Refuse(identity.RoleNotGrantable, "role")
	}
	invitee := Invitee{Email: email, DisplayName: displayName, Role: role}
	if !portal.SignIn.Names(identity.ByEmail) {
		username, _, _ := strings.Cut(string(email), "@")
		invitee.Username = &username
	}
	if err := invitee.clean(portal); err != nil {
		return identity.Invitation{}, err
	}
	actor := identity.Actor{Portal: portal}
	var invitation identity.Invitation
	err := a.db.Within(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) error {
		operator, err := s.Operator(ctx)
		if errors.Is(err, identity.Refuse(identity.NotFound)) {
			operator = identity.Organisation{
				ID: a.newID(identity.KindOrganisation, s.Now), Portal: portal.Slug, Name: portal.Name, IsOperator: true,
				MainUserID: a.newID(identity.KindUser, s.Now), CreatedAt: s.Now,
			}
			if portal.SignIn.Names(identity.ByOrganisationCodeAndUsername) {
				operator.Code = &portal.Slug
			}
			if err := a.found(ctx, s, actor, operator, NewOrganisation{MainUser: &invitee}); err != nil {
				return err
			}
			invitation, err = s.InvitationOf(ctx, operator.MainUserID)
			return err
		}
		if err != nil {
			return err
		}
		invitation, err = a.invite(ctx, s, actor, operator, a.newID(identity.KindUser, s.Now), a.newID(identity.KindInvitation, s.Now), invitee)
		return err
	})
	return invitation, err
}

// IssueAPIToken makes a token for a whole portal, or for the organisations that it names. It ends after a lifetime, or never.
// What it answers is shown once.
func (a *App) IssueAPIToken(ctx context.Context, portal identity.Portal, wanted NewAPIToken, lifetime *time.Duration) (IssuedAPIToken, error) {
	token, err := wanted.clean()
	if err != nil {
		return IssuedAPIToken{}, err
	}
	var issued IssuedAPIToken
	err = a.db.Within(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) error {
		token.Portal, token.Organisation = portal.Slug, identity.WholePortal
		if err := letIn(ctx, s, &token, wanted.Organisations); err != nil {
			return at(err, "organisationIds")
		}
		if lifetime != nil {
			end := s.Now.Add(*lifetime)
			token.ExpiresAt = &end
		}
		if err := identity.CheckAPIToken(token.Scopes, token.ExpiresAt, identity.PortalAdmin, s.Now); err != nil {
			return err
		}
		if issued, err = a.issue(ctx, s, token); err != nil || issued.Token.OrganisationIDs() == nil {
			return err
		}
		a.recordToken(s, identity.Actor{Portal: portal}, identity.Organisation{}, issued.Token, identity.APITokenCreated, nil)
		return nil
	})
	return issued, err
}
