package secret

// Credential is what the server proves itself with to somebody else's service:
// an account's token. It prints as "[redacted]".
type Credential struct{ hidden[string] }

// NewCredential hides a credential; "" is none.
func NewCredential(text string) Credential {
	if text == "" {
		return Credential{}
	}
	return Credential{hide(text)}
}

// Reveal answers the credential, for the service that it is for; "" for none.
func (c Credential) Reveal() string { return c.reveal() }
