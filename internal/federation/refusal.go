package federation

import (
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A Reason says for the log why nobody was identified. Each is a fixed word and means one thing.
type Reason string

// Reasons that every protocol knows.
const (
	Cancelled           Reason = "cancelled"            // by the person, at the provider
	ProviderRefused     Reason = "provider-refused"     // the provider says no, and gives another reason or none
	ProviderUnreachable Reason = "provider-unreachable" // no answer: refused, broken off, or too late
	ProviderFault       Reason = "provider-fault"       // an answer that is no message of the protocol
	AnswerTooLarge      Reason = "answer-too-large"
	SignatureInvalid    Reason = "signature"
	AlgorithmWeak       Reason = "algorithm"
	IssuerWrong         Reason = "issuer"
	AudienceWrong       Reason = "audience"
	TooEarly            Reason = "too-early" // not yet valid, or made in the future
	TooLate             Reason = "too-late"  // no longer valid, or made too long ago
	RequestUnknown      Reason = "request"   // an answer to another request than the one of this browser, or to none
	LevelTooLow         Reason = "level"     // below what is asked for, unknown, missing or contradicted
	SubjectMissing      Reason = "subject"   // no pseudonym of the acting person, or none that is one
	KVKNumberMissing    Reason = "kvk-number"
	EstablishmentBad    Reason = "establishment"
	IntermediaryBad     Reason = "intermediary"
	ServiceWrong        Reason = "service" // a mandate for another service than ours
)

// told says what the person hears where it is more than that it failed.
var told = map[Reason]identity.Code{
	Cancelled:        identity.IdentificationCancelled,
	LevelTooLow:      identity.AssuranceTooLow,
	KVKNumberMissing: identity.KVKNumberMissing,
	EstablishmentBad: identity.EstablishmentUnknown,
}

// refuse makes the refusal of a reason.
func refuse(reason Reason) error {
	code, more := told[reason]
	if !more {
		code = identity.IdentificationFailed
	}
	return &identity.Unidentified{Code: code, Reason: string(reason)}
}

// ReasonOf tells why nobody was identified; "" where the error is no such refusal.
func ReasonOf(err error) Reason {
	if refusal, ok := errors.AsType[*identity.Unidentified](err); ok {
		return Reason(refusal.Reason)
	}
	return ""
}
