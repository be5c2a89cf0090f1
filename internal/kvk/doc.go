// Package kvk asks the Dutch trade register (Kamer van Koophandel) whether a business exists, what it is called and which
// establishments it has. It is the one place that knows the register's API: its addresses, its answers and its many ways
// of saying no. An answer is an identity.RegisterEntry, and that there is no such business is one too; everything else is a
// Failure, which tells whether asking again later makes sense.
//
//	register.go      what is asked, with which key, for how long
//	basisprofiel.go  today's API: Basisprofiel, of developers.kvk.nl
//	failure.go       its errors, by their IPD codes
//
// The register announced successors of this API (Organisatie, Vestigingen) without an end date for today's. One of them is
// a file beside basisprofiel.go, and a line in Look.
package kvk
