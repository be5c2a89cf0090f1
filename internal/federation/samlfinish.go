package federation

import (
	"context"
	"crypto/subtle"
	"net/url"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longestRelayState is the protocol's own bound, in bytes (SAML bindings 3.6.3).
const longestRelayState = 80

// Finish reads what the browser brought back, by GET or POST, exchanges the artifact in it for the broker's message, and
// believes that only where everything in it is as it must be.
//
// The caller has used the request up before it calls, whatever the outcome, and enters Issuer and ID of the assertion into
// the replay store before it lets anybody in. Every error that can come from outside is an *identity.Unidentified.
func (p *ServiceProvider) Finish(ctx context.Context, pending Request, returned url.Values, now time.Time) (identity.Assertion, error) {
	if p.broker.outdated(now) {
		return identity.Assertion{}, refuse(BrokerOutdated)
	}
	a, err := readReturn(pending, returned)
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
	body, err := p.resolve(ctx, pending.Verifier, a, location, now)
	if err != nil {
		return identity.Assertion{}, err
	}
	return p.accept(body, expectation{resolveID: pending.Verifier, requestID: pending.Nonce, at: pending.At, now: now})
}

// readReturn reads the artifact that the browser brought. Each parameter counts when it is there exactly once.
func readReturn(pending Request, returned url.Values) (artifact, error) {
	relay, artifacts := returned[samlState], returned["SAMLart"]
	if pending.State == "" || pending.Nonce == "" || pending.Verifier == "" || len(relay) != 1 || len(relay[0]) > longestRelayState ||
		subtle.ConstantTimeCompare([]byte(relay[0]), []byte(pending.State)) != 1 {
		return artifact{}, refuse(RelayStateWrong)
	}
	if len(artifacts) != 1 {
		return artifact{}, refuse(ArtifactMalformed)
	}
	return readArtifact(artifacts[0])
}

// An expectation is what a message is held against.
type expectation struct {
	resolveID string // of our ArtifactResolve
	requestID string // of our AuthnRequest
	at        time.Time
	now       time.Time
}
