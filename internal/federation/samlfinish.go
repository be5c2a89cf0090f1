package federation

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Return is what the browser brings back from the broker, by GET or POST: SAMLart and RelayState, as they are.
type Return struct {
	Artifact   string
	RelayState string
}

// longestRelayState is the protocol's own bound, in bytes (SAML bindings 3.6.3).
const longestRelayState = 80

// Finish exchanges the artifact for the broker's message, and believes it only where everything in it is as it must be.
//
// The caller has used pending up before it calls, whatever the outcome, and enters Issuer and ID of the assertion into the
// replay store before it lets anybody in. Random is a source of random bytes, of which it takes 20. The error is an
// *identity.Unidentified for all that can come from outside.
func (p *ServiceProvider) Finish(ctx context.Context, now time.Time, random io.Reader, pending Pending, back Return) (identity.Assertion, error) {
	if p.broker.outdated(now) {
		return identity.Assertion{}, refuse(BrokerOutdated)
	}
	if len(back.RelayState) > longestRelayState || pending.RelayState == "" || pending.RequestID == "" ||
		subtle.ConstantTimeCompare([]byte(back.RelayState), []byte(pending.RelayState)) != 1 {
		return identity.Assertion{}, refuse(RelayStateWrong)
	}
	a, err := readArtifact(back.Artifact)
	if err != nil {
		return identity.Assertion{}, err
	}
	if !a.madeBy(p.broker.entityID) {
		return identity.Assertion{}, refuse(ArtifactSource)
	}
	location, known := p.broker.resolution[a.endpoint]
	if !known {
		return identity.Assertion{}, refuse(ArtifactEndpoint)
	}
	id, err := newID(random)
	if err != nil {
		return identity.Assertion{}, fmt.Errorf("resolve artifact: %w", err)
	}
	body, err := p.resolve(ctx, id, a, location, now)
	if err != nil {
		return identity.Assertion{}, err
	}
	return p.accept(body, expectation{resolveID: id, requestID: pending.RequestID, at: pending.At, now: now})
}

// An expectation is what a message is held against.
type expectation struct {
	resolveID string // of our ArtifactResolve
	requestID string // of our AuthnRequest
	at        time.Time
	now       time.Time
}
