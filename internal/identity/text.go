package identity

import "slices"

// SMSPolicy says whereto texts go, and how many. Each costs the portal money, and whoever owns a number elsewhere may earn
// from it: without bounds, asking for codes is a way to be paid.
type SMSPolicy struct {
	// Countries are those whose numbers are sent texts.
	Countries []Country
	// Budgets bound the texts of a day.
	Budgets Budgets
}

// Budgets are counts of texts in one day, from midnight to midnight UTC: the most that there may be, or those that there
// were.
type Budgets struct {
	// PerNumber counts those to one number, whoever asks for them in the whole portal.
	PerNumber int
	// PerOrganisation counts those to the people of one organisation, PerPortal those of one portal.
	PerOrganisation, PerPortal int
}

// Budget names one of them.
type Budget string

// The budgets.
const (
	NumberBudget       Budget = "number"
	OrganisationBudget Budget = "organisation"
	PortalBudget       Budget = "portal"
)

// AllBudgets lists all of them.
var AllBudgets = []Budget{NumberBudget, OrganisationBudget, PortalBudget}

// Admit decides whether texts can go to a number at all: to a mobile one of a country that the portal allows. The refusal
// is the same for both, and says nothing of who has the number.
func (p SMSPolicy) Admit(line PhoneLine, path ...string) error {
	if !line.TakesTexts || !slices.Contains(p.Countries, line.Country) {
		return Refuse(InvalidInput, path...)
	}
	return nil
}

// Spend decides whether one more text can be sent today; spent is what was before. It answers the budget that is used up,
// the narrowest first, or "".
func (p SMSPolicy) Spend(spent Budgets) Budget {
	switch {
	case spent.PerNumber >= p.Budgets.PerNumber:
		return NumberBudget
	case spent.PerOrganisation >= p.Budgets.PerOrganisation:
		return OrganisationBudget
	case spent.PerPortal >= p.Budgets.PerPortal:
		return PortalBudget
	}
	return ""
}

// TextStatus is what became of a text after the provider took it.
type TextStatus string

// The statuses that are an end.
const (
	TextDelivered   TextStatus = "delivered"
	TextUndelivered TextStatus = "undelivered"
	TextFailed      TextStatus = "failed"
	// TextUnderway stands for all that come before.
	TextUnderway TextStatus = ""
)

// TextReport is what the provider tells of a text that it took.
type TextReport struct {
	// ProviderID is the provider's own id of the text.
	ProviderID string
	Status     TextStatus
	// Fault is the provider's code of what went wrong; 0: nothing.
	Fault int
	// OfNumber: the fault is the number's, not one of the way to it.
	OfNumber bool
}

// TextStatusPath is where the provider tells what became of texts, on a portal's host.
const TextStatusPath = "/twilio/status/"

// TextStatusURL is the address at which the provider tells what became of one text. It is made of the portal's first host,
// never of anything in a request, for the provider's signature is over it.
func (p Portal) TextStatusURL(organisation, message ID) string {
	return "https://" + p.Hosts[0] + TextStatusPath + string(organisation) + "/" + string(message)
}
