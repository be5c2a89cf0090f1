// Package federation turns what an outside identification provider says into an identity.Assertion, or refuses it.
//
// Nothing here decides whether a person may come in, nothing is stored, and nothing is done twice: the caller keeps the
// request that Begin made bound to one browser, uses it once, and enters the assertion's issuer and id into its replay
// store before anybody is let in. The clock and the dice are arguments.
//
// A refusal is an *identity.Unidentified. Its reason, one of the list in refusal.go, says for the log precisely what was
// wrong, and holds nothing of what arrived; what the person hears is the refusal behind it, and general.
package federation
