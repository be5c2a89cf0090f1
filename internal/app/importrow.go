package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// UserRow is a row of an import of users, as it is sent.
type UserRow struct {
	Number       int
	Organisation *identity.ID
	Email        string
	DisplayName  string
	Username     *string
	Role         identity.UserRole
	PasswordHash *string
	TOTP         *TOTPRow
}

// OrganisationRow is a row of an import of organisations, as it is sent.
type OrganisationRow struct {
	Number        int
	Name          string
	Code          *string
	AccountLimit  *int
	Businesses    []identity.NamedBusiness
	PolicyNumbers []string
	// Person is who it is, where it is a private customer.
	Person   *PrivatePerson `json:",omitempty"`
	MainUser *MainUserRow
}

// MainUserRow is who will answer for an organisation.
type MainUserRow struct {
	Email        string
	DisplayName  string
	Username     *string
	PasswordHash *string
	TOTP         *TOTPRow
}

// TOTPRow is an authenticator app's secret from another system.
type TOTPRow struct {
	Secret    string
	Algorithm string
	Digits    int
	Period    int
}

// sentUser and sentOrganisation are what is kept of a row until its turn.
type (
	sentUser struct {
		UserRow
		Invites bool
	}
	sentOrganisation struct {
		OrganisationRow
		Invites bool
	}
)

// makerOf loads an import with whoever it is made for. What they may no longer do, they are an actor without: it is asked of
// every few rows anew.
func (a *App) makerOf(ctx context.Context, portal identity.Portal, id identity.ID) (begun identity.Import, maker identity.Actor, err error) {
	maker.Portal = portal
	err = a.db.Read(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) error {
		if begun, err = s.Import(ctx, id); err != nil {
			return err
		}
		maker.At = s.Now
		by := begun.CreatedBy
		if by.Kind() == identity.KindAPIToken {
			token, err := s.APIToken(ctx, by)
			maker.Token = &token
			if by = token.CreatedBy; by == "" || err != nil {
				return err
			}
		}
		user, err := s.User(ctx, by)
		if err != nil {
			return err
		}
		maker.User = &user
		if maker.Token != nil {
			return nil
		}
		organisation, err := s.Organisation(ctx, user.OrganisationID)
		maker.Session, maker.Organisation = &identity.Session{}, &organisation
		return err
	})
	return begun, maker, err
}

// importRow does what a row asks for, and notes what became of it.
func (a *App) importRow(ctx context.Context, s *store.Scope, maker identity.Actor, begun identity.Import, row store.SealedRow) error {
	settled := identity.ImportRow{Number: row.Number, State: identity.RowDone}
	err := s.Try(ctx, func() (err error) {
		if !begun.Goes(maker) {
			return identity.Refuse(identity.Forbidden)
		}
		text, err := a.keys.Open(row.Sealed, placeOf(begun.ID, row.Number))
		if err != nil {
			return err
		}
		if begun.Kind == identity.ImportOfOrganisations {
			settled.Target, err = a.importOrganisation(ctx, s, maker, text)
		} else {
			settled.Target, err = a.importUser(ctx, s, maker, text)
		}
		return err
	})
	if err != nil {
		refusals, refused := identity.Refusals(err)
		if !refused {
			return err
		}
		settled.State, settled.Target = identity.RowFailed, ""
		for _, refusal := range refusals {
			settled.Refusals = append(settled.Refusals, refusal.InRow())
		}
	}
	_, err = s.SettleImportRow(ctx, begun, settled)
	return err
}

func (a *App) importUser(ctx context.Context, s *store.Scope, maker identity.Actor, text []byte) (identity.ID, error) {
	var row sentUser
	if err := json.Unmarshal(text, &row); err != nil {
		return "", fmt.Errorf("read a row of an import: %w", err)
	}
	named, err := pick(maker, row.Organisation)
	if err != nil {
		return "", err
	}
	invitee := Invitee{
		Email: identity.EmailAddress(row.Email), DisplayName: row.DisplayName, Username: row.Username, Role: row.Role, quiet: !row.Invites,
	}
	if err := invitee.clean(maker.Portal, "input"); err != nil {
		return "", err
	}
	if invitee.credentials, err = importedCredentials(maker.Portal, row.PasswordHash, row.TOTP, "input"); err != nil {
		return "", err
	}
	_, invitation, err := a.inviteInto(ctx, s, maker, named, invitee)
	return invitation.User, err
}

func (a *App) importOrganisation(ctx context.Context, s *store.Scope, maker identity.Actor, text []byte) (identity.ID, error) {
	var row sentOrganisation
	if err := json.Unmarshal(text, &row); err != nil {
		return "", fmt.Errorf("read a row of an import: %w", err)
	}
	wanted := NewOrganisation{
		Name: row.Name, Code: row.Code, AccountLimit: row.AccountLimit, Businesses: row.Businesses, PolicyNumbers: row.PolicyNumbers,
		Person: row.Person,
	}
	if main := row.MainUser; main != nil {
		brought, err := importedCredentials(maker.Portal, main.PasswordHash, main.TOTP, "input", "mainUser")
		if err != nil {
			return "", err
		}
		wanted.MainUser = &Invitee{
			Email: identity.EmailAddress(main.Email), DisplayName: main.DisplayName, Username: main.Username, quiet: !row.Invites, credentials: brought,
		}
	}
	if err := wanted.clean(maker.Portal); err != nil {
		return "", err
	}
	organisation := a.newOrganisation(s, maker, wanted)
	return organisation.ID, a.found(ctx, s, maker, organisation, wanted)
}
