package identity_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// coming is one way of coming with a mandate: each field is one of the few things that it can be.
type coming struct {
	level         identity.AssuranceLevel
	business      identity.RegisterStatus // "": nobody's
	establishment identity.EstablishmentNumber
	person        string
	policy        identity.UnknownPerson
	invitedTo     identity.ID
}

const mayAct, mayNot = "000037178598", "000037178601"

// promised is what is promised of it, in words of its own: who is wrong about level, business or establishment hears that, in
// this order, whoever they are.
func (c coming) promised() (identity.AdmissionWay, identity.Code) {
	switch {
	case c.level != identity.EH3 && c.level != identity.EH4:
		return "", identity.AssuranceTooLow
	case c.business != identity.Verified && c.business != identity.Unverified:
		return "", identity.NotACustomer
	case c.establishment == mayNot:
		return "", identity.EstablishmentUnknown
	case c.person == "blocked", c.person == "elsewhere", c.person == "removed" && c.invitedTo == "":
		return "", identity.NotACustomer
	case c.invitedTo == "org_2":
		return "", identity.InvitationOfAnother
	case c.person == "known", c.person == "waiting":
		return identity.AsKnown, ""
	case c.invitedTo == "org_1":
		return identity.AsInvited, ""
	}
	return map[identity.UnknownPerson]identity.AdmissionWay{identity.ByApproval: identity.PendingApproval, identity.ByMandate: identity.WithNewAccount}[c.policy],
		map[identity.UnknownPerson]identity.Code{identity.ByInvitation: identity.InvitationRequired, "": identity.InvitationRequired}[c.policy]
}

func (c coming) decided() (identity.Admission, *identity.User, error) {
	provider := identity.Provider{
		Name: "eherkenning", Identifies: identity.Businesses, UnknownPerson: c.policy, Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4},
	}
	assertion := identity.Assertion{Provider: "eherkenning", Level: c.level, KVKNumber: "68750110"}
	if c.establishment != "" {
		assertion.Establishments = []identity.EstablishmentNumber{c.establishment}
	}
	var customer *identity.Customer
	if c.business != "" {
		customer = &identity.Customer{Organisation: identity.Organisation{ID: "org_1"}, Business: identity.BusinessIdentity{
			Organisation: "org_1", KVKNumber: "68750110", RegisterStatus: c.business, EstablishmentNumbers: []identity.EstablishmentNumber{mayAct},
		}}
	}
	now := time.Now()
	user := map[string]*identity.User{
		"known":     {OrganisationID: "org_1", Provider: "eherkenning", Registration: identity.Registered},
		"waiting":   {OrganisationID: "org_1", Provider: "eherkenning", Registration: identity.Invited},
		"blocked":   {OrganisationID: "org_1", Provider: "eherkenning", Registration: identity.Registered, BlockedAt: &now},
		"removed":   {OrganisationID: "org_1", Provider: "eherkenning", Registration: identity.Removed},
		"elsewhere": {OrganisationID: "org_2", Provider: "eherkenning", Registration: identity.Registered},
	}[c.person]
	admission, err := provider.Admit(assertion, customer, user, c.invitedTo)
	return admission, user, err
}

func TestEveryWayOfComingWithAMandateEndsAsPromised(t *testing.T) {
	t.Parallel()
	ends := map[string]int{}
	for _, c := range comings() {
		way, code := c.promised()
		admission, user, err := c.decided()
		var got identity.Code
		if refusals, ok := identity.Refusals(err); ok {
			got = refusals[0].Code
		}
		if admission.Way != way || got != code {
			t.Errorf("%+v: %q, %q; promised %q, %q", c, admission.Way, got, way, code)
		}
		if err == nil && (c.establishment == "") != (len(admission.Establishments) == 0) {
			t.Errorf("%+v: limited to %v", c, admission.Establishments)
		}
		if waits := user != nil && admission.Way == identity.AsKnown && user.CheckProvided() != nil; waits != (way == identity.AsKnown && c.person == "waiting") {
			t.Errorf("%+v: waits: %v", c, waits)
		}
		ends[fmt.Sprint(way, code)]++
	}
	if len(ends) != 9 {
		t.Errorf("not every end is reached: %v", ends)
	}
}

// comings are all of them.
func comings() (all []coming) {
	for _, level := range append([]identity.AssuranceLevel{""}, identity.AssuranceLevels...) {
		for _, business := range append([]identity.RegisterStatus{""}, identity.RegisterStatuses...) {
			for _, establishment := range []identity.EstablishmentNumber{"", mayAct, mayNot} {
				for _, person := range []string{"unknown", "known", "waiting", "blocked", "removed", "elsewhere"} {
					for _, policy := range []identity.UnknownPerson{"", identity.ByInvitation, identity.ByApproval, identity.ByMandate} {
						for _, invitedTo := range []identity.ID{"", "org_1", "org_2"} {
							all = append(all, coming{level, business, establishment, person, policy, invitedTo})
						}
					}
				}
			}
		}
	}
	return all
}
