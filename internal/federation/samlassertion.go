package federation

import (
	"errors"
	"slices"
	"time"

	"github.com/beevik/etree"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

// read makes an assertion of the verified element. Its Advice, where brokers put what others told them, isn't looked at.
func (p *ServiceProvider) read(element *etree.Element, want expectation) (identity.Assertion, error) {
	if attribute(element, "Version") != "2.0" || attribute(element, "ID") == "" {
		return identity.Assertion{}, refuse(MessageShape)
	}
	if err := p.checkIssuer(element); err != nil {
		return identity.Assertion{}, err
	}
	if err := checkIssued(element, want.now); err != nil {
		return identity.Assertion{}, err
	}
	confirmed, err := p.checkConfirmation(element, want)
	if err != nil {
		return identity.Assertion{}, err
	}
	valid, err := p.checkConditions(element, want.now)
	if err != nil {
		return identity.Assertion{}, err
	}
	level, at, err := p.checkStatement(element, want)
	if err != nil {
		return identity.Assertion{}, p.naming(element, err)
	}
	assertion := identity.Assertion{
		Provider:        p.row.Provider,
		Environment:     p.row.Environment,
		Issuer:          p.broker.entityID,
		ID:              attribute(element, "ID"),
		Level:           level,
		AuthenticatedAt: at,
		// Until then another copy of it would be believed, if it weren't for the replay store.
		ExpiresAt: earlier(confirmed, valid).Add(skew),
	}
	if err := p.readAttributes(element, &assertion); err != nil {
		return identity.Assertion{}, err
	}
	return assertion, nil
}

// checkConfirmation asks for one subject, confirmed once, by bearer, for us, as the answer to our request; and returns the
// end of the confirmation (SAML profiles 4.1.4.3).
func (p *ServiceProvider) checkConfirmation(assertion *etree.Element, want expectation) (time.Time, error) {
	confirmation := only(only(assertion, nsAssertion, "Subject"), nsAssertion, "SubjectConfirmation")
	data := only(confirmation, nsAssertion, "SubjectConfirmationData")
	if data == nil || attribute(confirmation, "Method") != bearer {
		return time.Time{}, refuse(ConfirmationWrong)
	}
	if attribute(data, "InResponseTo") != want.requestID {
		return time.Time{}, refuse(RequestUnknown)
	}
	if attribute(data, "Recipient") != p.row.AssertionConsumerService {
		return time.Time{}, refuse(Destination)
	}
	return checkWindow(data, want.now, ConfirmationWrong)
}

// checkConditions asks for conditions that we understand, and to be in the audience of each that names one (SAML core 2.5.1);
// and returns their end.
func (p *ServiceProvider) checkConditions(assertion *etree.Element, now time.Time) (time.Time, error) {
	conditions := only(assertion, nsAssertion, "Conditions")
	if conditions == nil {
		return time.Time{}, refuse(ConditionsMissing)
	}
	restricted := false
	for _, condition := range conditions.ChildElements() {
		switch {
		case is(condition, nsAssertion, "AudienceRestriction"):
			restricted = true
			if !p.inAudience(condition) {
				return time.Time{}, refuse(AudienceWrong)
			}
		case is(condition, nsAssertion, "OneTimeUse"), is(condition, nsAssertion, "ProxyRestriction"):
		default:
			return time.Time{}, refuse(ConditionsMissing)
		}
	}
	if !restricted {
		return time.Time{}, refuse(AudienceWrong)
	}
	return checkWindow(conditions, now, ConditionsMissing)
}

func (p *ServiceProvider) inAudience(restriction *etree.Element) bool {
	return slices.ContainsFunc(children(restriction, nsAssertion, "Audience"), func(audience *etree.Element) bool {
		name, plain := text(audience)
		return plain && name == p.row.EntityID
	})
}

// checkWindow holds the instant against NotBefore, where it is there, and NotOnOrAfter, which must be, and returns the latter.
func checkWindow(element *etree.Element, now time.Time, otherwise Reason) (time.Time, error) {
	end, ok := instant(attribute(element, "NotOnOrAfter"))
	if !ok {
		return time.Time{}, refuse(otherwise)
	}
	if from, there := lookup(element, "NotBefore"); there {
		begin, ok := instant(from)
		if !ok {
			return time.Time{}, refuse(otherwise)
		}
		if now.Add(skew).Before(begin) {
			return time.Time{}, refuse(TooEarly)
		}
	}
	if !now.Before(end.Add(skew)) {
		return time.Time{}, refuse(TooLate)
	}
	return end, nil
}

// checkStatement asks for one authentication, at a level that is accepted, made for this request.
func (p *ServiceProvider) checkStatement(assertion *etree.Element, want expectation) (identity.AssuranceLevel, time.Time, error) {
	statement := only(assertion, nsAssertion, "AuthnStatement")
	urn, plain := text(only(only(statement, nsAssertion, "AuthnContext"), nsAssertion, "AuthnContextClassRef"))
	level, err := identity.ParseAssuranceURN(urn)
	if !plain || err != nil || !slices.Contains(p.row.Levels, level) {
		return "", time.Time{}, refuse(LevelTooLow)
	}
	at, ok := instant(attribute(statement, "AuthnInstant"))
	switch {
	case !ok:
		return "", time.Time{}, refuse(MessageShape)
	case at.After(want.now.Add(skew)):
		return "", time.Time{}, refuse(TooEarly)
	case at.Before(want.at.Add(-skew)):
		// We asked for ForceAuthn: whoever is still signed in at the broker proves themselves anew.
		return "", time.Time{}, refuse(TooLate)
	}
	return level, at, nil
}

// naming adds to the refusal of a level which business the mandate for our service is of, so that its own audit log can tell
// of it; nobody is let in by that. Where that can't be read either, the refusal stays as it is.
func (p *ServiceProvider) naming(element *etree.Element, refusal error) error {
	unidentified, is := errors.AsType[*identity.Unidentified](refusal)
	if !is || Reason(unidentified.Reason) != LevelTooLow {
		return refusal
	}
	var mandate identity.Assertion
	all, err := collect(element)
	if err != nil || p.readService(all, &mandate) != nil || p.readBusiness(all, &mandate) != nil {
		return refusal
	}
	unidentified.KVKNumber = mandate.KVKNumber
	return unidentified
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
