package app

import (
	"context"
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Dossier is all that is known of a user, on its way out to them.
type Dossier struct {
	User     identity.User
	At       time.Time
	Sections []identity.DossierSection
	app      *App
	tenant   identity.Tenant
}

// Dossier hands out all that is known of a user, to themselves or to whoever may have it for them, and records that. Never a
// secret: it says that there is a password or an app, and not which. A user whom the actor may not see is NOT_FOUND.
func (a *App) Dossier(ctx context.Context, actor identity.Actor, id identity.ID) (*Dossier, error) {
	if err := actor.DossierAccess(id).Admit(actor); err != nil {
		return nil, err
	}
	d := &Dossier{app: a, tenant: actor.Tenant()}
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		user, err := s.User(ctx, id)
		if err != nil {
			return err
		}
		if !actor.Sees(user) {
			return identity.Refuse(identity.NotFound)
		}
		organisation, err := s.Organisation(ctx, user.OrganisationID)
		if err != nil {
			return err
		}
		d.User, d.At = user, s.Now
		if d.Sections, err = a.compile(ctx, s, organisation, user); err != nil {
			return err
		}
		a.record(s, actor, organisation, identity.UserDataExported, user.ID, nil)
		return nil
	})
	return d, err
}

func (a *App) compile(ctx context.Context, s *store.Scope, organisation identity.Organisation, user identity.User) ([]identity.DossierSection, error) {
	sealed, err := s.Dossier(ctx, user, organisation.IsPrivate && organisation.MainUserID == user.ID)
	if err != nil {
		return nil, err
	}
	sections := make([]identity.DossierSection, len(sealed))
	for i, section := range sealed {
		for j, row := range section.Rows {
			if err := a.unseal(section.Name, row, section.Sealed[j]); err != nil {
				return nil, fmt.Errorf("open what a dossier tells: %w", err)
			}
		}
		sections[i] = section.DossierSection
	}
	return sections, nil
}

// unseal opens what is sealed and personal: numbers and addresses, and a private customer's record. What is secret stays sealed.
func (a *App) unseal(section string, row map[string]any, sealed map[string][]byte) error {
	open := func(member, column, boundTo string) error {
		text, err := a.keys.Open(sealed[column], []byte(boundTo))
		row[member] = string(text)
		return err
	}
	id, _ := row["id"].(string)
	switch {
	case section == "personRecord":
		organisation, _ := row["organisationId"].(string)
		person, err := a.openPerson(identity.ID(organisation), sealed["sealed"])
		row["person"] = person
		return err
	case (section == "factors" || section == "enrolments") && row["kind"] == string(identity.SMS):
		return open("phoneNumber", "sealed_secret", id)
	case section == "contactChanges":
		if err := open("before", "sealed_old", id+oldContact); err != nil {
			return err
		}
		return open("after", "sealed_new", id+newContact)
	}
	return nil
}

// EachEvent hands over the audit events that the user did, or that were done to them, in their own organisation; the earliest first,
// batch by batch, each in a transaction of its own.
func (d *Dossier) EachEvent(ctx context.Context, each func(identity.AuditEvent) error) error {
	for last := int64(0); ; {
		var events []identity.AuditEvent
		err := d.app.db.Read(ctx, d.tenant, func(s *store.Scope) error {
			sealed, err := s.AuditEventsConcerning(ctx, d.User, last, exportBatch)
			if err == nil {
				events, err = d.app.opened(sealed)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, event := range events {
			if err := each(event.Concerning(d.User.ID)); err != nil {
				return err
			}
		}
		if len(events) < exportBatch {
			return nil
		}
		last = events[len(events)-1].Sequence
	}
}
