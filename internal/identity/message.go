package identity

import (
	"slices"
	"time"
)

// MessageKind is what must be told.
type MessageKind string

// The kinds of messages. Each that is mailed has a template of the same name.
const (
	InvitationMessage            MessageKind = "INVITATION"              // carries a link
	BusinessInvitationMessage    MessageKind = "BUSINESS_INVITATION"     // carries a link to a provider
	ReRegistrationMessage        MessageKind = "RE_REGISTRATION"         // carries a link
	PasswordResetMessage         MessageKind = "PASSWORD_RESET"          // carries a link
	PasswordChangedMessage       MessageKind = "PASSWORD_CHANGED"        // a notice to the account's owner
	FactorEnrolledMessage        MessageKind = "FACTOR_ENROLLED"         // the confirmation that 2FA is active
	FactorsUnlinkedMessage       MessageKind = "FACTORS_UNLINKED"        // the old factors stopped working
	FactorDisabledMessage        MessageKind = "FACTOR_DISABLED"         // too many wrong codes
	KeyCopiedMessage             MessageKind = "KEY_COPIED"              // a security key's counter went back
	PasswordLockedMessage        MessageKind = "PASSWORD_LOCKED"         // too many wrong passwords
	MainUserAppointedMessage     MessageKind = "MAIN_USER_APPOINTED"     // to the new main user
	MainUserReplacedMessage      MessageKind = "MAIN_USER_REPLACED"      // to the old main user
	TwoFactorUndoneMessage       MessageKind = "TWO_FACTOR_UNDONE"       // to the main user: staff undid the activation
	CodeMessage                  MessageKind = "CODE"                    // carries a code
	TextCodeMessage              MessageKind = "TEXT_CODE"               // carries a code, to a phone
	TextPhoneChangedMessage      MessageKind = "TEXT_PHONE_CHANGED"      // to the old number: codes go to another one
	UsernameMessage              MessageKind = "USERNAME"                // carries the user name that was asked for
	FactorRemovedMessage         MessageKind = "FACTOR_REMOVED"          // one factor was taken away
	RecoveryCodeUsedMessage      MessageKind = "RECOVERY_CODE_USED"      // a recovery code was used
	RecoveryCodesReplacedMessage MessageKind = "RECOVERY_CODES_REPLACED" // there is a new set; the old one is void
	FactorsResetMessage          MessageKind = "FACTORS_RESET"           // the support desk unlinked the factors
	ContactCodeMessage           MessageKind = "CONTACT_CODE"            // carries a code, to an address that is to be used
	EmailChangedMessage          MessageKind = "EMAIL_CHANGED"           // to the old address; carries a link that undoes it
	PhoneChangedMessage          MessageKind = "PHONE_CHANGED"           // to the user's address; carries a link that undoes it
	EmailAdoptedMessage          MessageKind = "EMAIL_ADOPTED"           // to the new address: it is in use from now on
	ContactRestoredMessage       MessageKind = "CONTACT_RESTORED"        // to both: the change was undone
	AccountLimitChangedMessage   MessageKind = "ACCOUNT_LIMIT_CHANGED"   // to the main user: staff changed the limit
	LockoutLiftedMessage         MessageKind = "LOCKOUT_LIFTED"          // the support desk lifted a lock-out
	RegistrationMessage          MessageKind = "REGISTRATION"            // carries a link, to whoever registers
	RegistrationCompletedMessage MessageKind = "REGISTRATION_COMPLETED"  // to whoever registered: the account is active
	ReplacementAnnouncedMessage  MessageKind = "REPLACEMENT_ANNOUNCED"   // to an account's owner; carries a link that keeps it
	ReplacementStoppedMessage    MessageKind = "REPLACEMENT_STOPPED"     // to both: the account that there is stays
	AccountReplacedMessage       MessageKind = "ACCOUNT_REPLACED"        // to its owner: the account is gone
	// Those that give notice of a support action carry a link that stops it.
	FactorResetAnnouncedMessage      MessageKind = "FACTOR_RESET_ANNOUNCED"
	TransferAnnouncedMessage         MessageKind = "TRANSFER_ANNOUNCED"
	AccountLimitAnnouncedMessage     MessageKind = "ACCOUNT_LIMIT_ANNOUNCED"
	TwoFactorUndoingAnnouncedMessage MessageKind = "TWO_FACTOR_UNDOING_ANNOUNCED"
	ApprovalAskedMessage             MessageKind = "APPROVAL_ASKED"           // to the main user: somebody waits to be let in
	SupportActionCancelledMessage    MessageKind = "SUPPORT_ACTION_CANCELLED" // what was announced won't be done
	WebhookDisabledMessage           MessageKind = "WEBHOOK_DISABLED"         // to an endpoint's owner
)

// MessageKinds lists all of them.
var MessageKinds = []MessageKind{
	InvitationMessage, BusinessInvitationMessage, ReRegistrationMessage, PasswordResetMessage, PasswordChangedMessage, FactorEnrolledMessage,
	FactorsUnlinkedMessage, FactorDisabledMessage, KeyCopiedMessage, PasswordLockedMessage, MainUserAppointedMessage,
	MainUserReplacedMessage, TwoFactorUndoneMessage, CodeMessage, TextCodeMessage, TextPhoneChangedMessage, UsernameMessage,
	FactorRemovedMessage, RecoveryCodeUsedMessage, RecoveryCodesReplacedMessage, FactorsResetMessage,
	ContactCodeMessage, EmailChangedMessage, PhoneChangedMessage, EmailAdoptedMessage, ContactRestoredMessage,
	AccountLimitChangedMessage, LockoutLiftedMessage,
	RegistrationMessage, RegistrationCompletedMessage, ReplacementAnnouncedMessage, ReplacementStoppedMessage, AccountReplacedMessage,
	FactorResetAnnouncedMessage, TransferAnnouncedMessage, AccountLimitAnnouncedMessage, TwoFactorUndoingAnnouncedMessage,
	ApprovalAskedMessage, SupportActionCancelledMessage, WebhookDisabledMessage,
}

// Announcement is the message that gives notice of an action of that kind.
func (k SupportActionKind) Announcement() MessageKind {
	switch k {
	case TransferOfMainUser:
		return TransferAnnouncedMessage
	case ChangeAccountLimit:
		return AccountLimitAnnouncedMessage
	case DeactivateTwoFactor:
		return TwoFactorUndoingAnnouncedMessage
	}
	return FactorResetAnnouncedMessage
}

// Announces tells whether the message gives notice of a support action, and so carries a link that stops it.
func (k MessageKind) Announces() bool {
	for _, kind := range AnnouncedKinds {
		if kind.Announcement() == k {
			return true
		}
	}
	return false
}

// TextKinds lists those that go to a phone.
var TextKinds = []MessageKind{TextCodeMessage, TextPhoneChangedMessage}

// IsText tells whether such a message goes to a phone rather than to a mailbox.
func (k MessageKind) IsText() bool { return slices.Contains(TextKinds, k) }

// MailKinds lists those that go to a mailbox.
var MailKinds = slices.DeleteFunc(slices.Clone(MessageKinds), MessageKind.IsText)

// Message is something that must be told to a person. It is saved in the transaction that decided it; the outbox delivers
// it to the address that was the user's then.
type Message struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	Kind         MessageKind
	Language     Language
	// To is "" for a text: its number is sealed in the store.
	To EmailAddress
	// Name is how the person is addressed, OrganisationName where they belong.
	Name             string
	OrganisationName string
	// FactorName is the label of the factor that the message is about; "" where it is about none, or all.
	FactorName string
	// WebhookHost is the host of the webhook endpoint that the message is about; "" where it is about none.
	WebhookHost string
	// ExpiresAt is when the link or the code in it stops working, or the link that was mailed beside a text; nil for messages
	// without one.
	ExpiresAt *time.Time
	CreatedAt time.Time
}

// NumberSeal is what a text's number is sealed to; its code is sealed to the message's id.
func (m Message) NumberSeal() []byte { return []byte("number of " + m.ID) }

// To starts a message to a user, in their language; a mail to their address as it is now.
func (k MessageKind) To(p Portal, o Organisation, u User) Message {
	message := Message{
		Portal: o.Portal, Organisation: o.ID, User: u.ID, Kind: k, Language: p.Speak(u.Language),
		Name: u.DisplayName, OrganisationName: o.Name,
	}
	if !k.IsText() {
		message.To = u.Email
	}
	return message
}

// At sends the message to another mailbox than the user's own.
func (m Message) At(email EmailAddress) Message {
	m.To = email
	return m
}

// MessageFor is the message that carries a link of that purpose.
func MessageFor(purpose LinkPurpose) MessageKind {
	switch purpose {
	case ForInvitation:
		return InvitationMessage
	case ForBusinessInvitation:
		return BusinessInvitationMessage
	case ForRegistration:
		return RegistrationMessage
	case ForReRegistration:
		return ReRegistrationMessage
	}
	return PasswordResetMessage
}
