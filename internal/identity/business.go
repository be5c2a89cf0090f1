package identity

import (
	"slices"
	"strconv"
	"time"
)

// BusinessIdentity is an organisation's KVK number with the establishments that may act, and what the trade register says
// of it. A number belongs to one organisation of a portal: sign-in by eHerkenning finds the customer by it.
type BusinessIdentity struct {
	ID           ID
	Portal       string
	Organisation ID
	KVKNumber    KVKNumber
	// EstablishmentNumbers are those that may act; none: all that the register lists.
	EstablishmentNumbers []EstablishmentNumber
	// LegalName is the business's in the register; before the register answered, the organisation's own.
	LegalName string
	// RegisterStatus is what the register last answered.
	RegisterStatus RegisterStatus
	// VerifiedAt is when the register last said that the business exists; nil while it hasn't, or says something else.
	VerifiedAt *time.Time
	// RegisteredEstablishments are those that the register listed then.
	RegisteredEstablishments []EstablishmentNumber
	// CheckDueAt is from when the register is to be asked again.
	CheckDueAt time.Time
	CreatedAt  time.Time
}

// RegisterStatus is what the trade register said of a KVK number.
type RegisterStatus string

// What it can have said.
const (
	Unverified    RegisterStatus = "UNVERIFIED"   // nothing yet: nobody could ask it
	Verified      RegisterStatus = "VERIFIED"     // the business is registered
	NotRegistered RegisterStatus = "NOT_FOUND"    // there is no such number
	Deregistered  RegisterStatus = "DEREGISTERED" // the business ended
)

// RegisterStatuses lists all of them.
var RegisterStatuses = []RegisterStatus{Unverified, Verified, NotRegistered, Deregistered}

// RegisterEntry is what the trade register answered to a KVK number.
type RegisterEntry struct {
	// Exists is false where the register has no such number; all else is empty then.
	Exists    bool
	LegalName string
	// EndedOn is the day of deregistration as the register writes it, YYYYMMDD with 00 for what isn't known; "": none.
	EndedOn        string
	Establishments []EstablishmentNumber
}

const (
	// recheckAfter is how long an answer of the register serves, and recheckMissingAfter how long one that knew nothing of
	// the number does: a new business appears there within days.
	recheckAfter        = 30 * 24 * time.Hour
	recheckMissingAfter = 24 * time.Hour
	// firstCheckWithin is by when the first check, which begins with the commit, should have ended; one that is lost is due
	// from then on.
	firstCheckWithin = time.Hour
)

// RecheckPause is for how long a check that was begun keeps others from beginning.
const RecheckPause = 24 * time.Hour

// Checked is the identity after the register answered.
func (b BusinessIdentity) Checked(entry RegisterEntry, now time.Time) BusinessIdentity {
	b.VerifiedAt, b.RegisteredEstablishments, b.CheckDueAt = nil, entry.Establishments, now.Add(recheckAfter)
	switch {
	case !entry.Exists:
		b.RegisterStatus, b.CheckDueAt = NotRegistered, now.Add(recheckMissingAfter)
		return b
	case entry.endedBy(now):
		b.RegisterStatus = Deregistered
	default:
		b.RegisterStatus, b.VerifiedAt = Verified, &now
	}
	if entry.LegalName != "" {
		b.LegalName = entry.LegalName
	}
	return b
}

// endedBy compares days as text: a part that isn't known is 00, and counts as past. What can't be read counts as ended.
func (e RegisterEntry) endedBy(now time.Time) bool {
	return e.EndedOn != "" && (!digits(e.EndedOn, 8) || e.EndedOn <= now.Format("20060102"))
}

// MayAct decides whether an establishment may act for the business.
func (b BusinessIdentity) MayAct(establishment EstablishmentNumber) bool {
	if len(b.EstablishmentNumbers) > 0 {
		return slices.Contains(b.EstablishmentNumbers, establishment)
	}
	return slices.Contains(b.RegisteredEstablishments, establishment)
}

// UnknownEstablishmentNumbers are the establishments that may act although the register doesn't list them with this
// number: a slip of whoever named them, or closed. It is empty where the register didn't verify the number.
func (b BusinessIdentity) UnknownEstablishmentNumbers() []EstablishmentNumber {
	unknown := []EstablishmentNumber{}
	for _, establishment := range b.EstablishmentNumbers {
		if b.RegisterStatus == Verified && !slices.Contains(b.RegisteredEstablishments, establishment) {
			unknown = append(unknown, establishment)
		}
	}
	return unknown
}

// NamedBusiness is a business identity as a caller names it.
type NamedBusiness struct {
	KVKNumber            KVKNumber
	EstablishmentNumbers []EstablishmentNumber
}

// What an organisation can have at most.
const (
	MaximumBusinessIdentities = 50
	MaximumEstablishments     = 200 // each
)

// CheckBusinesses refuses numbers that are none, and what is named twice.
func CheckBusinesses(wanted []NamedBusiness, path ...string) error {
	if len(wanted) > MaximumBusinessIdentities {
		return Refuse(InvalidInput, path...)
	}
	seen := map[KVKNumber]bool{}
	for i, business := range wanted {
		at := append(slices.Clone(path), strconv.Itoa(i))
		if _, err := ParseKVKNumber(string(business.KVKNumber)); err != nil || seen[business.KVKNumber] {
			return Refuse(InvalidInput, append(at, "kvkNumber")...)
		}
		seen[business.KVKNumber] = true
		if err := checkEstablishments(business.EstablishmentNumbers, append(at, "establishmentNumbers")...); err != nil {
			return err
		}
	}
	return nil
}

func checkEstablishments(wanted []EstablishmentNumber, path ...string) error {
	if len(wanted) > MaximumEstablishments {
		return Refuse(InvalidInput, path...)
	}
	seen := map[EstablishmentNumber]bool{}
	for i, establishment := range wanted {
		if _, err := ParseEstablishmentNumber(string(establishment)); err != nil || seen[establishment] {
			return Refuse(InvalidInput, append(path, strconv.Itoa(i))...)
		}
		seen[establishment] = true
	}
	return nil
}

// BusinessChanges is how an organisation gets from the business identities that it has to those that it shall have.
type BusinessChanges struct {
	// Removed and Changed are of those that it has; those Changed have their new establishments.
	Removed, Changed []BusinessIdentity
	Added            []NamedBusiness
}

// ChangeBusinesses compares what an organisation has with all that it shall have.
func ChangeBusinesses(has []BusinessIdentity, wanted []NamedBusiness) BusinessChanges {
	var changes BusinessChanges
	left := map[KVKNumber]NamedBusiness{}
	for _, business := range wanted {
		left[business.KVKNumber] = business
	}
	for _, b := range has {
		business, stays := left[b.KVKNumber]
		delete(left, b.KVKNumber)
		switch {
		case !stays:
			changes.Removed = append(changes.Removed, b)
		case !slices.Equal(b.EstablishmentNumbers, business.EstablishmentNumbers):
			b.EstablishmentNumbers = business.EstablishmentNumbers
			changes.Changed = append(changes.Changed, b)
		}
	}
	for _, business := range wanted {
		if _, isNew := left[business.KVKNumber]; isNew {
			changes.Added = append(changes.Added, business)
		}
	}
	return changes
}

// Identify gives an organisation a business identity, which the register is to be asked about.
func (o Organisation) Identify(id ID, business NamedBusiness, now time.Time) BusinessIdentity {
	return BusinessIdentity{
		ID: id, Portal: o.Portal, Organisation: o.ID, KVKNumber: business.KVKNumber,
		EstablishmentNumbers: business.EstablishmentNumbers, LegalName: o.Name, RegisterStatus: Unverified,
		CheckDueAt: now.Add(firstCheckWithin), CreatedAt: now,
	}
}

// CheckIdentifies decides whether the actor may say which businesses an organisation is. Only who works across the portal
// may: whoever holds a KVK number is who comes in with it, and that another organisation has it tells that it is a
// customer. Staff are no business, and a private customer is none.
func (a Actor) CheckIdentifies(o Organisation, path ...string) error {
	if a.Tenant().Organisation != WholePortal {
		return Refuse(Forbidden)
	}
	if o.IsOperator || o.IsPrivate {
		return Refuse(InvalidInput, path...)
	}
	return nil
}
