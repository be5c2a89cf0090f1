package identity

import "testing"

func TestANumberIsShownMasked(t *testing.T) {
	t.Parallel()
	for number, want := range map[PhoneNumber]string{
		"+31612345678": "+31 6 •••• ••78", "+32470123456": "+32 4 •••• ••56", "+4915123456789": "+49 1 •••• •••• 89",
		"+12015550123": "+1 2 •••• •••2 3", "+352621123456": "+352 6 •••• ••56", "+3161": "+31 •••", "": "+ •••", "+31": "+31 •••",
	} {
		if got := number.Mask(); got != want {
			t.Errorf("%s is shown as %q, want %q", number, got, want)
		}
	}
}

func TestWhereTextsGo(t *testing.T) {
	t.Parallel()
	policy := SMSPolicy{Countries: []Country{"NL", "BE"}}
	for _, row := range []struct {
		sentence string
		policy   SMSPolicy
		line     PhoneLine
		want     Code
	}{
		{"a mobile number of a country that is allowed", policy, PhoneLine{"+31612345678", "NL", true}, ""},
		{"and of the other", policy, PhoneLine{"+32470123456", "BE", true}, ""},
		{"not of another country", policy, PhoneLine{"+33612345678", "FR", true}, InvalidInput},
		{"not of no country", policy, PhoneLine{"+80012345678", "", true}, InvalidInput},
		{"not a landline, nor one that costs extra", policy, PhoneLine{"+31725414151", "NL", false}, InvalidInput},
		{"nowhere, where nobody decided", SMSPolicy{}, PhoneLine{"+31612345678", "NL", true}, InvalidInput},
		{"not even to no country", SMSPolicy{}, PhoneLine{"+80012345678", "", true}, InvalidInput},
	} {
		refused(t, row.policy.Admit(row.line, "input"), row.want)
	}
}

func TestHowManyTextsGo(t *testing.T) {
	t.Parallel()
	policy := SMSPolicy{Budgets: Budgets{PerNumber: 2, PerOrganisation: 3, PerPortal: 5}}
	for _, row := range []struct {
		sentence string
		policy   SMSPolicy
		spent    Budgets
		want     Budget
	}{
		{"the first of the day", policy, Budgets{}, ""},
		{"the last of everything", policy, Budgets{1, 2, 4}, ""},
		{"not a third to one number", policy, Budgets{2, 2, 2}, NumberBudget},
		{"not a fourth of an organisation", policy, Budgets{0, 3, 3}, OrganisationBudget},
		{"not a sixth of the portal", policy, Budgets{0, 0, 5}, PortalBudget},
		{"the narrowest is told first", policy, Budgets{2, 3, 5}, NumberBudget},
		{"a budget that was lowered holds at once", policy, Budgets{9, 0, 0}, NumberBudget},
		{"none, where nobody decided", SMSPolicy{}, Budgets{}, NumberBudget},
	} {
		if got := row.policy.Spend(row.spent); got != row.want {
			t.Errorf("%s: %q, want %q", row.sentence, got, row.want)
		}
	}
}

func TestAReportsAddressIsThePortalsOwn(t *testing.T) {
	t.Parallel()
	portal := Portal{Hosts: []string{"portal.example", "other.example"}}
	if got := portal.TextStatusURL("org_1", "msg_1"); got != "https://portal.example/twilio/status/org_1/msg_1" {
		t.Error(got)
	}
}
