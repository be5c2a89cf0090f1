// Package webhook tells partners' programs what happened: an audit event becomes a request that is signed by the Standard
// Webhooks scheme (1.0.0, https://www.standardwebhooks.com), and goes to an address that a partner named, so to one that
// isn't to be trusted. What is sent when, and what becomes of it, others decide.
//
//	payload.go  an event → the body
//	sender.go   a signed request → what the receiver said
//	dialler.go  a name → a connection to a public address, and to no other
//	failure.go  an error → why there was no answer
package webhook
