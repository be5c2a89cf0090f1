package store_test

import (
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// One of each thing that belongs to a user, unsaved. Things of one kind in one organisation differ in their numbers.

func linkOf(u identity.User, number int) identity.Link {
	return identity.Link{
		ID: id(identity.KindLink, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
		Purpose: identity.ForPasswordReset, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
}

// stopLinkOf is a link that stops the support action of that number.
func stopLinkOf(u identity.User, number int) identity.Link {
	link := linkOf(u, number+1000)
	link.Purpose, link.Action = identity.ForStopping, id(identity.KindSupportAction, number)
	return link
}

func factorOf(u identity.User, number int) identity.Factor {
	return identity.Factor{
		ID: id(identity.KindFactor, number), User: u.ID, Kind: identity.TOTP, Name: "Telefoon", EnrolledAt: noon,
	}
}

func signInOf(u identity.User, number int) identity.SignIn {
	return identity.SignIn{
		ID: id(identity.KindSignIn, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
		By: identity.WithPassword, CredentialVersion: 1, BeganAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
}

func enrolmentOf(u identity.User, number int) store.Enrolment {
	return store.Enrolment{
		ID: id(identity.KindFactor, number), User: u.ID, Kind: identity.TOTP, SealedSecret: []byte("sealed"),
		ExpiresAt: noon.Add(time.Hour),
	}
}

// assertionOf is what a provider says of somebody.
func assertionOf(number int) identity.Assertion {
	return identity.Assertion{
		Provider: "eherkenning", Environment: "test", Issuer: "https://broker.test", ID: fmt.Sprintf("answer %d", number),
		Subject: fmt.Sprintf("person %d", number), KVKNumber: "68750110", ExpiresAt: noon.Add(time.Minute),
	}
}

// journeyOf is a browser's, whose hash has that number.
func journeyOf(portal string, number int) store.SealedJourney {
	return store.SealedJourney{BrowserHash: hash(number), Sealed: []byte("sealed"), Journey: identity.Journey{
		ID: id(identity.KindJourney, number), Portal: portal, Provider: "eherkenning", ExpiresAt: noon.Add(identity.JourneyLifetime),
	}}
}

// dispatchOf is a code that was sent at noon for a factor.
func dispatchOf(factor int) identity.CodeDispatch {
	return identity.CodeDispatch{
		FactorID: id(identity.KindFactor, factor), SentAt: noon, ExpiresAt: noon.Add(time.Hour), ResendAllowedAt: noon.Add(time.Minute),
		ResendsRemaining: 4,
	}
}

// contactChangeOf is one that waits for its code.
func contactChangeOf(u identity.User, number int) store.ContactChange {
	return store.ContactChange{
		SealedOld: []byte("sealed"), SealedNew: []byte("sealed"), ContactChange: identity.ContactChange{
			ID: id(identity.KindContactChange, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
			Kind: identity.EmailContact, State: identity.ContactAwaitsCode, RequestedAt: noon, ExpiresAt: noon.Add(time.Hour),
		},
	}
}

func sessionOf(u identity.User, number int) identity.Session {
	return identity.Session{
		ID: id(identity.KindSession, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
		Strength: identity.TwoFactor, Provider: identity.PasswordProvider, ProvenAt: noon, CreatedAt: noon, LastSeenAt: noon,
	}
}

func invitationOf(u identity.User, number int) identity.Invitation {
	return identity.Invitation{
		ID: id(identity.KindInvitation, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
		Email: u.Email, Role: u.Role, SignIn: identity.InvitedToPassword, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
}

func apiTokenOf(u identity.User, number int) identity.APIToken {
	return identity.APIToken{
		ID: id(identity.KindAPIToken, number), Portal: u.Portal, Organisation: u.OrganisationID, Name: "Koppeling",
		Scopes: []identity.APIScope{identity.UsersRead}, CreatedAt: noon, CreatedBy: u.ID,
	}
}

func importOf(o identity.Organisation, number int) identity.Import {
	return identity.Import{
		ID: id(identity.KindImport, number), Portal: o.Portal, Organisation: o.ID, Key: "a key", Kind: identity.ImportOfUsers,
		CreatedBy: id(identity.KindAPIToken, number), CreatedAt: noon,
	}
}

// sealedRowOf is a row of an import, of that number.
func sealedRowOf(number int) store.SealedRow {
	return store.SealedRow{Number: number, MAC: hash(number), Sealed: []byte("sealed")}
}

func supportActionOf(u identity.User, number int) identity.SupportAction {
	return identity.SupportAction{
		ID: id(identity.KindSupportAction, number), Portal: u.Portal, Organisation: u.OrganisationID,
		Kind: identity.DeactivateTwoFactor, Target: u.OrganisationID, Concerned: u.ID, Reason: "a reason", Ticket: "T-1",
		RequestedBy: "usr_agent", RequestedAt: noon, State: identity.Scheduled, EffectiveAt: pointer(noon),
	}
}

func businessOf(o identity.Organisation, number int) identity.BusinessIdentity {
	return identity.BusinessIdentity{
		ID: id(identity.KindBusiness, number), Portal: o.Portal, Organisation: o.ID,
		KVKNumber:            identity.KVKNumber(fmt.Sprintf("%08d", number)),
		EstablishmentNumbers: []identity.EstablishmentNumber{"000037178598"}, LegalName: o.Name, RegisterStatus: identity.Unverified,
		CheckDueAt: noon.Add(time.Hour), CreatedAt: noon,
	}
}

// policyNumbersOf is what the organisation of that number has.
func policyNumbersOf(number int) []identity.PolicyNumber {
	return []identity.PolicyNumber{identity.PolicyNumber(fmt.Sprintf("POLIS%04d", number))}
}

// registrantOf is somebody who is to replace the main user at noon.
func registrantOf(u identity.User, number int) identity.Registrant {
	return identity.Registrant{
		ID: id(identity.KindRegistrant, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
		Replaces: u.ID, CreatedAt: noon, DueAt: noon,
	}
}

func messageOf(u identity.User, number int) identity.Message {
	return identity.Message{
		ID: id(identity.KindMessage, number), Portal: u.Portal, Organisation: u.OrganisationID, User: u.ID,
		Kind: identity.PasswordResetMessage, Language: "nl", To: u.Email, Name: u.DisplayName,
	}
}

// phoneID and textID are of the phone of somebody's, and of a text to it.
func phoneID(number int) identity.ID { return id(identity.KindFactor, 100+number) }
func textID(number int) identity.ID  { return id(identity.KindMessage, 100+number) }

func textOf(number int) store.Text {
	return store.Text{Factor: phoneID(number), SealedNumber: []byte("sealed number"), NumberKey: hash(number)}
}

// plenty is a policy of texts that nothing here comes near.
var plenty = identity.SMSPolicy{Budgets: identity.Budgets{PerNumber: 1000, PerOrganisation: 1000, PerPortal: 1000}}

func eventOf(o identity.Organisation, number int) identity.AuditEvent {
	return identity.AuditEvent{
		ID: id(identity.KindEvent, number), Portal: o.Portal, Organisation: o.ID, Action: identity.UserUpdated,
		Actor: o.MainUserID, Target: o.MainUserID, Details: map[string]string{"number": fmt.Sprint(number)},
	}
}

var sealedWebhook = store.WebhookSecrets{Sealed: []byte("sealed"), Previous: []byte("sealed before")}

func webhookOf(o identity.Organisation, number int) identity.WebhookEndpoint {
	return identity.WebhookEndpoint{
		ID: id(identity.KindWebhook, number), Portal: o.Portal, Organisation: o.ID, URL: "https://partner.test/", CreatedAt: noon,
		CreatedBy: o.MainUserID, Owner: o.MainUserID,
	}
}

func auditKeyOf(number int) store.AuditKey {
	return store.AuditKey{ID: id(identity.KindAuditKey, number), Sealed: []byte("sealed")}
}

// queuedOf is an event that is to be sent to a webhook endpoint.
func queuedOf(o identity.Organisation, number int) store.QueuedEvent {
	event := eventOf(o, number)
	event.Sequence = 1
	return store.QueuedEvent{AuditEvent: event}
}

func requestOf(u identity.User) store.Request {
	return store.Request{
		Tenant: identity.Tenant{Portal: u.Portal, Organisation: u.OrganisationID}, Actor: u.ID, Key: "a key",
		Operation: "inviteUser", InputDigest: hash(1),
	}
}

// answers is work that leaves that answer.
func answers(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func identifiersOf(u identity.User) []identity.Identifier {
	return []identity.Identifier{{Kind: identity.ByEmail, Value: u.Email.Fold()}}
}
