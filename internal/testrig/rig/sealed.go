package rig

import (
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// LeaveMessages leaves so many messages in an organisation of their own, each with a token sealed under the keyring. Nobody
// delivers them.
func LeaveMessages(t testing.TB, db testrig.Database, portal identity.Portal, keyring string, count int) {
	t.Helper()
	keys, err := secret.ParseKeyring(keyring)
	if err != nil {
		t.Fatal(err)
	}
	silent, main := db.Open(t), identity.ID("usr_left")
	tenant := identity.Tenant{Portal: portal.Slug, Organisation: "org_left"}
	err = silent.Within(t.Context(), tenant, func(s *store.Scope) error {
		organisation := identity.Organisation{ID: tenant.Organisation, Portal: portal.Slug, MainUserID: main, CreatedAt: s.Now}
		user := identity.User{
			ID: main, Portal: portal.Slug, OrganisationID: tenant.Organisation, Role: identity.SubUser,
			Registration: identity.Registered, CreatedAt: s.Now,
		}
		for number := range count {
			message := identity.PasswordChangedMessage.To(portal, organisation, user)
			message.ID = identity.NewID(identity.KindMessage, s.Now, [10]byte{byte(number >> 8), byte(number)})
			s.Tell(message, keys.Seal([]byte("a token"), []byte(message.ID)))
		}
		return errors.Join(s.AddOrganisation(t.Context(), organisation), s.AddUser(t.Context(), user))
	})
	if err != nil {
		t.Fatal(err)
	}
}
