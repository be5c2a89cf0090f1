// Package demo is what makes a server something to play with: people in its portals, an inbox that catches their mails,
// and the page that the links in those mails lead to. Nothing of it is part of a server in production.
//
//	people.yaml  who lives in the demo, portal by portal; people.go reads it
//	seed.go      makes them: each is invited, follows the mailed link and chooses a password, as people do
//	inbox.go     an SMTP server on this machine that keeps what it gets
//	provider.go  stand-ins for the portals' identification providers, by package broker
//	page.go      the pages under /dev
package demo
