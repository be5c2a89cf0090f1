// Package config turns what an operator wrote into values that the program can trust: settings from the environment into
// a Config, portal files into []identity.Portal.
//
// It is strict and it is complete: what it doesn't know it refuses, and it tells every fault at once, each as a *Fault
// with its place, what is wrong and what is allowed:
//
//	portals/tvm.yaml:14: twoFactor.startedBy is "user"; allowed: portal, organisation
//
// One file per concept:
//
//	settings.go   the settings, one field each, and how they are read
//	url.go listen.go network.go log.go   what a setting can be
//	portals.go    the folder of portal files, and what they must not share
//	portal.go     a portal file: every key, one line each, with its reader and its default
//	choice.go     the words that a portal file chooses from
//	agreement.go  what must agree between keys
//	key.go reader.go scalar.go address.go moment.go   the small language in which portal.go is written
//	document.go   YAML, without its surprises
//	demo.go       portals whose dates are moved, so that every journey can be tried today
//
// To add a setting: a field in settings.go, a paragraph in .env.example. To add a key to portal files: a line in portal.go.
package config
