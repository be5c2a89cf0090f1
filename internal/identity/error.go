package identity

import (
	"errors"
	"strings"
	"time"
)

// Code names a refusal. One list for the whole product; a code once published keeps its meaning.
type Code string

// Refusals that a caller can mend; they reach the client as userErrors.
const (
	InvalidCredentials      Code = "INVALID_CREDENTIALS" // the same for unknown, blocked, unfinished and wrong
	InvalidCode             Code = "INVALID_CODE"        // wrong, used before, or of another time step
	SignInExpired           Code = "SIGN_IN_EXPIRED"
	TooManyAttempts         Code = "TOO_MANY_ATTEMPTS"
	TokenInvalid            Code = "TOKEN_INVALID" // a mailed link that is unknown, used, revoked or expired
	PasswordTooWeak         Code = "PASSWORD_TOO_WEAK"
	FactorNotOffered        Code = "FACTOR_NOT_OFFERED"
	FactorChangeNotAllowed  Code = "FACTOR_CHANGE_NOT_ALLOWED"
	LastFactorRequired      Code = "LAST_FACTOR_REQUIRED"
	FactorNameTaken         Code = "FACTOR_NAME_TAKEN"
	FactorLimitReached      Code = "FACTOR_LIMIT_REACHED"
	PostponementNotAllowed  Code = "POSTPONEMENT_NOT_ALLOWED"
	ResendTooSoon           Code = "RESEND_TOO_SOON"
	DeliveryUnavailable     Code = "DELIVERY_UNAVAILABLE"
	PreviewOutdated         Code = "PREVIEW_OUTDATED"
	AlreadyActive           Code = "ALREADY_ACTIVE"
	NotActive               Code = "NOT_ACTIVE"
	ActivationNotOffered    Code = "ACTIVATION_NOT_OFFERED"
	ActivationWouldLockOut  Code = "ACTIVATION_WOULD_LOCK_OUT"
	AccountLimitReached     Code = "ACCOUNT_LIMIT_REACHED"
	RegistrationNotOffered  Code = "REGISTRATION_NOT_OFFERED"
	EmailTaken              Code = "EMAIL_TAKEN"
	UsernameTaken           Code = "USERNAME_TAKEN"
	OrganisationCodeTaken   Code = "ORGANISATION_CODE_TAKEN"
	KVKNumberTaken          Code = "KVK_NUMBER_TAKEN"
	PolicyNumberTaken       Code = "POLICY_NUMBER_TAKEN"
	RoleNotGrantable        Code = "ROLE_NOT_GRANTABLE"
	MainUserRequired        Code = "MAIN_USER_REQUIRED"
	IdempotencyKeyReused    Code = "IDEMPOTENCY_KEY_REUSED"
	WebhookLimitReached     Code = "WEBHOOK_LIMIT_REACHED"
	InvitationNotPending    Code = "INVITATION_NOT_PENDING"
	NotACustomer            Code = "NOT_A_CUSTOMER"           // identified, and no customer of the portal
	AssuranceTooLow         Code = "ASSURANCE_TOO_LOW"        // eHerkenning's level is below what the portal asks for
	KVKNumberMissing        Code = "KVK_NUMBER_MISSING"       // the provider named no business by a KVK number
	EstablishmentUnknown    Code = "ESTABLISHMENT_UNKNOWN"    // the mandate is for an establishment that isn't the customer's
	IntermediaryNotAllowed  Code = "INTERMEDIARY_NOT_ALLOWED" // a chain mandate, and the portal takes none
	ApprovalAwaited         Code = "AWAITING_APPROVAL"        // identified for a customer, whose main user must say yes first
	InvitationRequired      Code = "INVITATION_REQUIRED"      // identified for a customer, and never invited
	InvitationOfAnother     Code = "INVITATION_OF_ANOTHER"    // identified for another business than the invitation is of
	AttributesDoNotMatch    Code = "ATTRIBUTES_DO_NOT_MATCH"  // a known customer, of whom the provider tells something else
	PersonAmbiguous         Code = "PERSON_AMBIGUOUS"         // more than one private customer is like that
	IdentificationCancelled Code = "IDENTIFICATION_CANCELLED" // by the person, at the provider
	IdentificationFailed    Code = "IDENTIFICATION_FAILED"    // the provider refused, couldn't be reached or wasn't believed
	InvalidInput            Code = "INVALID_INPUT"
	NotFound                Code = "NOT_FOUND"
	WrongStatus             Code = "WRONG_STATUS"           // the account is not in a state in which that can be done
	SecondPersonRequired    Code = "SECOND_PERSON_REQUIRED" // staff can't do that alone, or not at once
)

// Denials: refusals of the request as a whole; they reach the client as top-level errors.
const (
	Unauthenticated          Code = "UNAUTHENTICATED"
	Forbidden                Code = "FORBIDDEN"
	NetworkNotAllowed        Code = "NETWORK_NOT_ALLOWED"
	ReauthenticationRequired Code = "REAUTHENTICATION_REQUIRED"
	RateLimited              Code = "RATE_LIMITED"
	BadUserInput             Code = "BAD_USER_INPUT"
	InvalidCursor            Code = "INVALID_CURSOR" // not of this list, filter and order, or of a key that is gone
)

// IsDenial tells whether the code refuses the request as a whole rather than something in its input.
func (c Code) IsDenial() bool {
	switch c {
	case Unauthenticated, Forbidden, NetworkNotAllowed, ReauthenticationRequired, RateLimited, BadUserInput, InvalidCursor:
		return true
	}
	return false
}

// Error is a refusal: something that the caller, and only the caller, can mend. It never carries input back.
type Error struct {
	Code Code
	// Path says where in the input the fault is, from the argument's name on: ["input", "email"].
	Path []string
	// RetryAfter is how long to wait before trying again makes sense; zero where waiting doesn't help.
	RetryAfter time.Duration
	// Rule names the broken rule where a code has several (a password rule's id).
	Rule string
	// Minimum is the number in the rule's text, where it has one.
	Minimum int
	// Strength and ProofWithin say what ReauthenticationRequired asks for.
	Strength    SessionStrength
	ProofWithin time.Duration
	// Factor is the kind of factor that the proof must be by, or a stronger one; "" where any will do.
	Factor FactorKind
	// Comparisons tell of AttributesDoNotMatch what agrees, and never what it is.
	Comparisons []Comparison
}

// Refuse makes a refusal that points at a field of the input.
func Refuse(code Code, path ...string) *Error {
	return &Error{Code: code, Path: path}
}

// Error is for logs; people read the text that belongs to the code in their own language.
func (e *Error) Error() string {
	text := "refused: " + string(e.Code)
	if e.Rule != "" {
		text += " (" + e.Rule + ")"
	}
	if len(e.Path) > 0 {
		text += " at " + strings.Join(e.Path, ".")
	}
	return text
}

// Is makes errors.Is compare refusals by code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Refusals takes apart what a decision refused: one error or several joined, wrapped or not. It answers nil, false when
// any part is a fault, so that a fault can never hide among refusals.
func Refusals(err error) ([]*Error, bool) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Error
		for _, part := range joined.Unwrap() {
			refusals, ok := Refusals(part)
			if !ok {
				return nil, false
			}
			all = append(all, refusals...)
		}
		return all, len(all) > 0
	}
	// One step at a time: errors.As would be content with the first refusal that it finds among what is joined below.
	if inner := errors.Unwrap(err); inner != nil {
		return Refusals(inner)
	}
	if refusal, ok := errors.AsType[*Error](err); ok {
		return []*Error{refusal}, true
	}
	return nil, false
}
