package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
)

// Place is a portal with people in it, as somebody who wants to try it must know it.
type Place struct {
	Portal       identity.Portal
	Organisation string
	People       []Resident
	// PartnerToken is an API token for the whole portal.
	PartnerToken string
	Try          []string
}

// Resident is somebody who can sign in.
type Resident struct {
	Name     string
	Role     identity.UserRole
	SignIn   identity.SignInName
	Password string
	// TOTP is the secret of the authenticator app, OtpauthURI the same for apps to open, and QRCode a data: URL of its
	// picture; "" for somebody without.
	TOTP, OtpauthURI, QRCode string
}

// Seed puts people into every portal, through the same doors as everybody: invited by a partner or an operator, let in by
// the link that reached the inbox. Whoever delivers mail must be at work already.
func Seed(ctx context.Context, use *app.App, inbox *Inbox, portals []identity.Portal) ([]Place, error) {
	all, err := readCast()
	if err != nil {
		return nil, err
	}
	places := make([]Place, len(portals))
	for i, portal := range portals {
		s := seeder{App: use, inbox: inbox, portal: portal, home: all.of(portal.Slug), password: all.Password}
		if places[i], err = s.settle(ctx); err != nil {
			return nil, fmt.Errorf("people of portal %s: %w", portal.Slug, err)
		}
	}
	return places, nil
}

// seeder fills one portal.
type seeder struct {
	*app.App
	inbox    *Inbox
	portal   identity.Portal
	home     household
	password string
}

func (s seeder) settle(ctx context.Context) (Place, error) {
	place := Place{Portal: s.portal, Organisation: s.home.Organisation.Name, Try: s.home.Try}
	partner, shown, err := s.partner(ctx)
	if err != nil {
		return place, fmt.Errorf("partner: %w", err)
	}
	place.PartnerToken = shown
	if err := s.invite(ctx, partner); err != nil {
		return place, fmt.Errorf("invite: %w", err)
	}
	for _, one := range append([]person{s.home.MainUser}, s.home.Users...) {
		if _, err := s.follow(ctx, one); err != nil {
			return place, fmt.Errorf("%s: %w", one.Email, err)
		}
		place.People = append(place.People, s.resident(one))
	}
	staff, err := s.enrol(ctx, s.home.Staff)
	if err != nil {
		return place, fmt.Errorf("%s: %w", s.home.Staff.Email, err)
	}
	place.People = append(place.People, staff)
	return place, nil
}

// partner makes an API token for the portal, and answers who acts by it.
func (s seeder) partner(ctx context.Context) (identity.Actor, string, error) {
	issued, err := s.IssueAPIToken(ctx, s.portal, app.NewAPIToken{Name: "Demo partner", Scopes: identity.APIScopes}, nil)
	if err != nil {
		return identity.Actor{}, "", err
	}
	actor, err := s.Identify(ctx, s.portal, app.Credentials{BearerToken: issued.Shown}, identity.Client{})
	return actor, issued.Shown, err
}

// invite founds the organisation and invites everybody. A private customer is mailed nothing: they come in through their bank.
func (s seeder) invite(ctx context.Context, partner identity.Actor) error {
	if s.home.Private != nil {
		customer := app.NewOrganisation{Name: s.home.Private["initials"] + " " + s.home.Private["familyName"], Person: s.home.record()}
		if _, err := s.CreateOrganisation(ctx, partner, customer); err != nil {
			return err
		}
	}
	organisation, err := s.CreateOrganisation(ctx, partner, app.NewOrganisation{
		Name: s.home.Organisation.Name, Code: optional(s.home.Organisation.Code), MainUser: new(s.home.MainUser.invitee()),
		PolicyNumbers: s.home.Organisation.PolicyNumbers, Businesses: s.home.businesses(),
	})
	if err != nil {
		return err
	}
	for _, one := range s.home.Users {
		invitee := one.invitee()
		invitee.Organisation, invitee.Role = &organisation.ID, one.Role
		if _, err := s.InviteUser(ctx, partner, invitee); err != nil {
			return err
		}
	}
	staff := s.home.Staff
	_, err = s.InviteStaff(ctx, s.portal, identity.EmailAddress(staff.Email), staff.Name, staff.Role)
	return err
}

func (h household) businesses() []identity.NamedBusiness {
	var named []identity.NamedBusiness
	for _, one := range h.Organisation.Businesses {
		named = append(named, identity.NamedBusiness{KVKNumber: one.Number, EstablishmentNumbers: one.Establishments})
	}
	return named
}

func (p person) invitee() app.Invitee {
	return app.Invitee{Email: identity.EmailAddress(p.Email), DisplayName: p.Name, Username: optional(p.Username)}
}

// follow goes where the mailed link leads, and chooses the password.
func (s seeder) follow(ctx context.Context, one person) (app.Outcome, error) {
	mail, err := s.inbox.await(ctx, one.Email)
	if err != nil {
		return app.Outcome{}, err
	}
	return s.SetPassword(ctx, s.nobody(), app.NewPassword{Token: mail.Token, Password: s.password})
}

// enrol does the same for staff, and pairs an authenticator app.
func (s seeder) enrol(ctx context.Context, staff person) (Resident, error) {
	resident := s.resident(staff)
	outcome, err := s.follow(ctx, staff)
	if err == nil && outcome.SignIn == nil {
		outcome, err = s.BeginSignIn(ctx, s.nobody(), resident.SignIn, s.password)
	}
	if err != nil {
		return resident, err
	}
	credentials := app.Credentials{SessionToken: reveal(outcome.Session), SignInToken: reveal(outcome.SignIn)}
	actor, err := s.Identify(ctx, s.portal, credentials, identity.Client{})
	if err != nil {
		return resident, err
	}
	enrolment, err := s.BeginTOTPEnrolment(ctx, actor, "")
	if err != nil {
		return resident, err
	}
	resident.TOTP, resident.OtpauthURI, resident.QRCode = enrolment.Secret, enrolment.OtpauthURI, enrolment.QRCode
	code, err := totp.GenerateCode(enrolment.Secret, time.Now())
	if err != nil {
		return resident, errors.New("the authenticator app has no code") // the reason may show the secret
	}
	_, err = s.ConfirmEnrolment(ctx, actor, enrolment.ID, app.Confirmation{Code: code})
	return resident, err
}

func (s seeder) nobody() identity.Actor {
	return identity.Actor{Portal: s.portal, Client: identity.Client{Language: s.portal.Speak()}}
}

// resident says how somebody names themselves in this portal. Staff who were invited by an operator have the front of
// their address for a user name, and the portal's own name for their organisation's code.
func (s seeder) resident(one person) Resident {
	code, username := s.home.Organisation.Code, one.Username
	if one.Role.IsStaff() {
		code = s.portal.Slug
		username, _, _ = strings.Cut(one.Email, "@")
	}
	var name identity.SignInName
	switch s.portal.SignIn.Identifiers[0] {
	case identity.ByEmail:
		name.Email = one.Email
	case identity.ByOrganisationCodeAndUsername:
		name.OrganisationCode, name.Username = code, username
	default:
		name.Username = username
	}
	return Resident{Name: one.Name, Role: one.Role, SignIn: name, Password: s.password}
}

func reveal(token *secret.Token) string {
	if token == nil {
		return ""
	}
	return token.Reveal()
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
