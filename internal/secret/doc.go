// Package secret holds all that touches a secret: password hashes, one-time
// codes, tokens, sealed columns. Nothing else in the program hashes, compares
// or encrypts.
//
// One file per kind of secret:
//
//	password.go   argon2id hashes of passwords, a bounded number at once (phc.go: how they are written)
//	blocklist.go  passwords that everybody tries first
//	totp.go       the shared secret of an authenticator app, and its codes (RFC 6238)
//	code.go       six digits by SMS or e-mail
//	recovery.go   codes for the day the phone is lost
//	token.go      256 random bits in a cookie or a link
//	apitoken.go   the same for partners, recognisable by secret scanners
//	seal.go       authenticated encryption and keyed hashes (keyring.go: under keys that rotate)
//
// Three promises hold throughout. Values that are secrets print as
// "[redacted]" whatever verb, logger or encoder meets them; Reveal is the one
// way to the text. Errors never contain the input. Comparisons take the same
// time wherever the difference lies.
//
// Randomness is an argument, so that tests can choose it; instants are
// arguments too. The one exception is the nonce of a sealed value, which no
// caller may choose: repeating it would break the encryption.
package secret
