package identity_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestHowSomebodyWithAMandateComesIn(t *testing.T) {
	t.Parallel()
	const shop, other = "000037178598", "000037178601"
	type world struct {
		p         identity.Provider
		a         identity.Assertion
		customer  *identity.Customer
		known     *identity.User
		invitedTo identity.ID
	}
	fresh := func() *world {
		return &world{
			identity.Provider{
				Name: "eherkenning", Environment: "production", Identifies: identity.Businesses,
				Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4}, Intermediaries: identity.Refused, UnknownPerson: identity.ByInvitation,
			},
			identity.Assertion{Provider: "eherkenning", Environment: "production", Subject: "ab@cd", Level: identity.EH3, KVKNumber: "68750110"},
			&identity.Customer{
				Organisation: identity.Organisation{ID: "org_1"},
				Business: identity.BusinessIdentity{
					Organisation: "org_1", KVKNumber: "68750110", RegisterStatus: identity.Verified,
					EstablishmentNumbers: []identity.EstablishmentNumber{shop},
				},
			},
			&identity.User{ID: "usr_1", OrganisationID: "org_1", Registration: identity.Registered}, "",
		}
	}
	intermediary := identity.KVKNumber("69599084")
	blocked := time.Now()
	for name, row := range map[string]struct {
		change func(w *world)
		want   identity.AdmissionWay
		code   identity.Code
	}{
		"a colleague who was here before":           {func(*world) {}, identity.AsKnown, ""},
		"at EH4":                                    {func(w *world) { w.a.Level = identity.EH4 }, identity.AsKnown, ""},
		"at EH2+":                                   {func(w *world) { w.a.Level = identity.EH2Plus }, "", identity.AssuranceTooLow},
		"at EH2":                                    {func(w *world) { w.a.Level = identity.EH2 }, "", identity.AssuranceTooLow},
		"at no level":                               {func(w *world) { w.a.Level = "" }, "", identity.AssuranceTooLow},
		"at EH4 where EH3 alone is taken":           {func(w *world) { w.a.Level, w.p.Levels = identity.EH4, []identity.AssuranceLevel{identity.EH3} }, "", identity.AssuranceTooLow},
		"without a KVK number":                      {func(w *world) { w.a.KVKNumber = "" }, "", identity.KVKNumberMissing},
		"low, and without a KVK number":             {func(w *world) { w.a.KVKNumber, w.a.Level = "", identity.EH2 }, "", identity.AssuranceTooLow},
		"for nobody's number":                       {func(w *world) { w.customer = nil }, "", identity.NotACustomer},
		"for another's number":                      {func(w *world) { w.customer.Business.KVKNumber = "69599084" }, "", identity.NotACustomer},
		"for a number of another organisation":      {func(w *world) { w.customer.Business.Organisation = "org_2" }, "", identity.NotACustomer},
		"for the portal's own organisation":         {func(w *world) { w.customer.Organisation.IsOperator = true }, "", identity.NotACustomer},
		"for a business that ended":                 {func(w *world) { w.customer.Business.RegisterStatus = identity.Deregistered }, "", identity.NotACustomer},
		"for a number that the register lacks":      {func(w *world) { w.customer.Business.RegisterStatus = identity.NotRegistered }, "", identity.NotACustomer},
		"for a number that nobody verified":         {func(w *world) { w.customer.Business.RegisterStatus = identity.Unverified }, identity.AsKnown, ""},
		"for an establishment":                      {func(w *world) { w.a.Establishments = []identity.EstablishmentNumber{shop} }, identity.AsKnown, ""},
		"for another establishment":                 {func(w *world) { w.a.Establishments = []identity.EstablishmentNumber{other} }, "", identity.EstablishmentUnknown},
		"for one that may act and one that may not": {func(w *world) { w.a.Establishments = []identity.EstablishmentNumber{shop, other} }, "", identity.EstablishmentUnknown},
		"for any that is registered": {func(w *world) {
			w.customer.Business.EstablishmentNumbers, w.customer.Business.RegisteredEstablishments = nil, []identity.EstablishmentNumber{other}
			w.a.Establishments = []identity.EstablishmentNumber{other}
		}, identity.AsKnown, ""},
		"through an intermediary":               {func(w *world) { w.a.Intermediary = &intermediary }, "", identity.IntermediaryNotAllowed},
		"through an intermediary that is taken": {func(w *world) { w.a.Intermediary, w.p.Intermediaries = &intermediary, identity.Allowed }, identity.AsKnown, ""},
		"through one where nothing is said":     {func(w *world) { w.a.Intermediary, w.p.Intermediaries = &intermediary, "" }, "", identity.IntermediaryNotAllowed},
		"as an intermediary who is a customer too": {func(w *world) {
			w.a.Intermediary, w.p.Intermediaries, w.customer.Business.KVKNumber = &intermediary, identity.Allowed, intermediary
		}, "", identity.NotACustomer},
		"blocked":                                       {func(w *world) { w.known.BlockedAt = &blocked }, "", identity.NotACustomer},
		"removed":                                       {func(w *world) { w.known.Registration = identity.Removed }, "", identity.NotACustomer},
		"known in another organisation":                 {func(w *world) { w.known.OrganisationID = "org_2" }, "", identity.NotACustomer},
		"never here, and nobody was invited":            {func(w *world) { w.known = nil }, "", identity.InvitationRequired},
		"never here, and nothing is said":               {func(w *world) { w.known, w.p.UnknownPerson = nil, "" }, "", identity.InvitationRequired},
		"never here, and the main user approves":        {func(w *world) { w.known, w.p.UnknownPerson = nil, identity.ByApproval }, identity.PendingApproval, ""},
		"never here, and the mandate will do":           {func(w *world) { w.known, w.p.UnknownPerson = nil, identity.ByMandate }, identity.WithNewAccount, ""},
		"never here, for nobody's number":               {func(w *world) { w.known, w.customer, w.p.UnknownPerson = nil, nil, identity.ByMandate }, "", identity.NotACustomer},
		"invited, and never here":                       {func(w *world) { w.known, w.invitedTo = nil, "org_1" }, identity.AsInvited, ""},
		"invited where the mandate would do":            {func(w *world) { w.known, w.invitedTo, w.p.UnknownPerson = nil, "org_1", identity.ByMandate }, identity.AsInvited, ""},
		"invited where the main user approves":          {func(w *world) { w.known, w.invitedTo, w.p.UnknownPerson = nil, "org_1", identity.ByApproval }, identity.AsInvited, ""},
		"invited, and here before":                      {func(w *world) { w.invitedTo = "org_1" }, identity.AsKnown, ""},
		"invited, and removed before":                   {func(w *world) { w.known.Registration, w.invitedTo = identity.Removed, "org_1" }, identity.AsInvited, ""},
		"invited, and blocked":                          {func(w *world) { w.known.BlockedAt, w.invitedTo = &blocked, "org_1" }, "", identity.NotACustomer},
		"invited by another organisation":               {func(w *world) { w.known, w.invitedTo = nil, "org_2" }, "", identity.InvitationOfAnother},
		"here before, and invited by another":           {func(w *world) { w.invitedTo = "org_2" }, "", identity.InvitationOfAnother},
		"invited by another, where a mandate is enough": {func(w *world) { w.known, w.invitedTo, w.p.UnknownPerson = nil, "org_2", identity.ByMandate }, "", identity.InvitationOfAnother},
		"invited, at EH2":                               {func(w *world) { w.known, w.invitedTo, w.a.Level = nil, "org_1", identity.EH2 }, "", identity.AssuranceTooLow},
		"from another provider":                         {func(w *world) { w.a.Provider = "idin" }, "", identity.IdentificationFailed},
		"from the provider's test system":               {func(w *world) { w.a.Environment = "test" }, "", identity.IdentificationFailed},
		"from a provider of private persons":            {func(w *world) { w.p.Identifies = identity.Persons }, "", identity.IdentificationFailed},
	} {
		w := fresh()
		row.change(w)
		got, err := w.p.Admit(w.a, w.customer, w.known, w.invitedTo)
		var code identity.Code
		if refusals, ok := identity.Refusals(err); ok {
			code = refusals[0].Code
		}
		if got.Way != row.want || code != row.code {
			t.Errorf("%s: %q, %q (%v); want %q, %q", name, got.Way, code, err, row.want, row.code)
		}
		if err == nil && (!slices.Equal(got.Establishments, w.a.Establishments) || got.Intermediary != w.a.Intermediary || got.Level != w.a.Level) {
			t.Errorf("%s: the session loses what limits it: %+v", name, got)
		}
		if err != nil && !reflect.DeepEqual(got, identity.Admission{}) {
			t.Errorf("%s: refused, and admitted as %+v", name, got)
		}
	}
}

func TestNothingThatAProviderTellsCanBeTakenForAnAddressOfAnAccount(t *testing.T) {
	t.Parallel()
	for _, told := range []reflect.Type{reflect.TypeFor[identity.Assertion](), reflect.TypeFor[identity.Person](), reflect.TypeFor[identity.ClaimNames]()} {
		for i := range told.NumField() {
			field := told.Field(i)
			if field.Type == reflect.TypeFor[identity.EmailAddress]() || slices.Contains([]string{"Email", "Phone", "Username"}, field.Name) {
				t.Errorf("%s.%s: accounts are never found by what a provider says of mailboxes", told, field.Name)
			}
		}
	}
}
