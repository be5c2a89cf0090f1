package identity

import "slices"

// Customer is the organisation whose KVK number an assertion names, with that business identity.
type Customer struct {
	Organisation Organisation
	Business     BusinessIdentity
}

// Admission is how somebody who was identified comes in, where nothing is against it.
type Admission struct {
	Way AdmissionWay
	// Establishments limits the session to these; none: the whole organisation. It is of this sign-in alone: the next one
	// may bring another mandate.
	Establishments []EstablishmentNumber
	// Intermediary is whose employee the person is, where a chain mandate lets them act; nil: the customer's own.
	Intermediary *KVKNumber
	Level        AssuranceLevel
}

// AdmissionWay is what must be done for a person to come in.
type AdmissionWay string

// The ways.
const (
	AsKnown         AdmissionWay = "KNOWN"          // the person has an account
	WithNewAccount  AdmissionWay = "NEW_ACCOUNT"    // one of the least role is made
	PendingApproval AdmissionWay = "AWAIT_APPROVAL" // one is made, and opens when the main user says so
	AsInvited       AdmissionWay = "INVITED"        // theirs is the one that was made when they were invited
)

// CheckAssertion decides whether an assertion of this provider is good enough to look for a customer with: what it says of
// level, business and intermediary, whoever the customer is. Levels are compared by name, for none implies another.
func (p Provider) CheckAssertion(a Assertion) error {
	switch {
	case a.Provider != p.Name || a.Environment != p.Environment, p.Identifies != Businesses:
		return Refuse(IdentificationFailed) // a private person speaks for no business
	case !slices.Contains(p.Levels, a.Level):
		return Refuse(AssuranceTooLow)
	case a.KVKNumber == "":
		return Refuse(KVKNumberMissing)
	case a.Intermediary != nil && p.Intermediaries != Allowed:
		return Refuse(IntermediaryNotAllowed)
	}
	return nil
}

// Admit decides how an identified person comes in: customer is whose KVK number it is, nil for nobody's; known is the
// account that this provider's pseudonym leads to for this very number, nil for none; invitedTo is the organisation whose
// invitation they brought, "" for none. An account is never found by anything else: an equal address says nothing, and an
// equal KVK number names a company and not a person.
//
// An invitation counts for somebody who has no account, or whose account was removed, whatever becomes of strangers. One of
// another organisation refuses: the person picked the wrong business at the provider. Whoever is blocked hears what a
// stranger hears.
func (p Provider) Admit(a Assertion, customer *Customer, known *User, invitedTo ID) (Admission, error) {
	if err := p.CheckAssertion(a); err != nil {
		return Admission{}, err
	}
	if customer == nil || !customer.accepts(a) {
		return Admission{}, Refuse(NotACustomer)
	}
	for _, establishment := range a.Establishments {
		if !customer.Business.MayAct(establishment) {
			return Admission{}, Refuse(EstablishmentUnknown)
		}
	}
	admission := Admission{AsKnown, a.Establishments, a.Intermediary, a.Level}
	gone := known != nil && known.Registration == Removed
	switch {
	case known != nil && (known.OrganisationID != customer.Organisation.ID || known.BlockedAt != nil || gone && invitedTo == ""):
		return Admission{}, Refuse(NotACustomer)
	case invitedTo != "" && invitedTo != customer.Organisation.ID:
		return Admission{}, Refuse(InvitationOfAnother)
	case known != nil && !gone:
		return admission, nil
	case invitedTo != "":
		admission.Way = AsInvited
		return admission, nil
	}
	switch p.UnknownPerson {
	case ByMandate:
		admission.Way = WithNewAccount
	case ByApproval:
		admission.Way = PendingApproval
	default:
		return Admission{}, Refuse(InvitationRequired)
	}
	return admission, nil
}

// accepts tells whether the business can be spoken for: the number is the customer's, and the register didn't say that
// there is no such business, or not any more. What nobody could ask the register counts for the customer.
func (c Customer) accepts(a Assertion) bool {
	return c.Business.KVKNumber == a.KVKNumber && c.Business.Organisation == c.Organisation.ID && !c.Organisation.IsOperator && !c.Organisation.IsPrivate &&
		(c.Business.RegisterStatus == Verified || c.Business.RegisterStatus == Unverified)
}
