package federation

import "time"

// Request is one that was made and not answered, in either protocol. The caller keeps it on its own side, bound to the one
// browser that was sent away with it, and hands it to Finish at most once. All but At is random: it says nothing, and can't
// be made up.
type Request struct {
	// State comes back with the browser; SAML calls it RelayState.
	State string
	// Nonce is what the signed answer names: OpenID Connect's nonce, or the id of SAML's AuthnRequest.
	Nonce string
	// Verifier is what fetching the answer is bound to: OpenID Connect's PKCE verifier, or the id of SAML's ArtifactResolve.
	Verifier string
	// At is when the request was made; whoever proved themselves earlier did so for another purpose.
	At time.Time
}

// The parameters in which a State comes back with the browser.
const (
	oidcState = "state"
	samlState = "RelayState"
)

// StateName is the parameter in which the request's State comes back.
func (*RelyingParty) StateName() string { return oidcState }

// StateName is the parameter in which the request's State comes back.
func (*ServiceProvider) StateName() string { return samlState }
