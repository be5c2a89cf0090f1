package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatASessionOfSomeEstablishmentsSeesOfABusiness(t *testing.T) {
	t.Parallel()
	numbers := func(all ...EstablishmentNumber) []EstablishmentNumber { return append([]EstablishmentNumber{}, all...) }
	for _, row := range []struct {
		promise                 string
		scope, mayAct, listed   []EstablishmentNumber
		wantMayAct, wantsListed []EstablishmentNumber
	}{
		{"without a limit: all", nil, numbers("1", "2"), numbers("1", "2", "3"), numbers("1", "2"), numbers("1", "2", "3")},
		{"its own", numbers("2"), numbers("1", "2"), numbers("1", "2", "3"), numbers("2"), numbers("2")},
		{"all of its own", numbers("1", "2"), numbers("1", "2"), numbers("1", "2", "3"), numbers("1", "2"), numbers("1", "2")},
		{"its own of those that the register lists, where those may act", numbers("3"), nil, numbers("1", "2", "3"), numbers("3"), numbers("3")},
		{"its own, though the register doesn't list it", numbers("2"), numbers("1", "2"), nil, numbers("2"), nil},
	} {
		scope := Session{User: "usr_1", KVKNumber: "68750110", EstablishmentScope: row.scope}.Scope()
		got := scope.Narrow(BusinessIdentity{EstablishmentNumbers: row.mayAct, RegisteredEstablishments: row.listed})
		want := BusinessIdentity{EstablishmentNumbers: row.wantMayAct, RegisteredEstablishments: row.wantsListed}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.promise, diff)
		}
	}
}

func TestASessionOfSomeEstablishmentsManagesNothingWhateverItsUsersRole(t *testing.T) {
	t.Parallel()
	for _, role := range []UserRole{MainUser, SuperSubUser, SubUser} {
		actor := as(role)
		whole, limited := *actor.Session, *actor.Session
		limited.EstablishmentScope = []EstablishmentNumber{"000037178598"}
		user, organisation := whole.Restrict(*actor.User, *actor.Organisation)
		if user.Role != role || organisation.Tenant().Scope.Holds() {
			t.Errorf("%s for the whole business is a %s, held: %v", role, user.Role, organisation.Scope)
		}
		user, organisation = limited.Restrict(*actor.User, *actor.Organisation)
		actor.Session, actor.User, actor.Organisation = &limited, &user, &organisation
		if user.Role != SubUser || actor.Tenant() != organisation.Tenant() || !actor.Tenant().Scope.Holds() {
			t.Errorf("%s for an establishment is a %s in %+v", role, user.Role, actor.Tenant())
		}
		for what, action := range map[string]SupportAction{"the organisation": {Concerned: user.ID, Target: "org_1"}, "a colleague": {Concerned: user.ID, Target: "usr_9"}} {
			if party := action.PartyOf(actor).As; party != AsStranger {
				t.Errorf("%s for an establishment is %s to what is done to %s", role, party, what)
			}
		}
		if party := (SupportAction{Concerned: user.ID, Target: user.ID}).PartyOf(actor).As; party != AsConcerned {
			t.Errorf("%s for an establishment is %s to what is done to themselves", role, party)
		}
	}
}
