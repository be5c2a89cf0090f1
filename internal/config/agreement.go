package config

import (
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// agreement is what must hold between keys that are each right by themselves. It is told of the first of its keys, and
// not at all when one of them is faulty anyway.
type agreement struct {
	keys   []string
	broken func(p identity.Portal) bool
	text   string
}

// agreements refuse a policy that contradicts itself, or that says something which would have no effect.
var agreements = []agreement{
	{
		[]string{"twoFactor.postponableUntil", "twoFactor.startedBy"},
		func(p identity.Portal) bool { return p.TwoFactor.PostponableUntil != nil && byOrganisation(&p) },
		"needs twoFactor.startedBy: portal; what an organisation activates can't be put off",
	}, {
		[]string{"twoFactor.irreversible", "twoFactor.startedBy"},
		func(p identity.Portal) bool { return p.TwoFactor.Irreversible && !byOrganisation(&p) },
		"needs twoFactor.startedBy: organisation; there is no activation to undo",
	}, {
		[]string{"twoFactor.remind", "twoFactor.requiredFrom"},
		func(p identity.Portal) bool { return p.TwoFactor.Remind && p.TwoFactor.RequiredFrom == nil },
		"needs twoFactor.requiredFrom, the date to remind of",
	}, {
		[]string{"factors.change", "recovery.factors"},
		func(p identity.Portal) bool {
			return p.Factors.Change == identity.ChangedByReRegistration && p.Recovery.Factors != identity.SelfService
		},
		"is reRegistration, which needs recovery.factors: selfService, the mailed link that it goes through",
	}, {
		[]string{"factors.change", "recovery.factors"},
		func(p identity.Portal) bool {
			return p.Factors.Change == identity.ChangedBySupport && p.Recovery.Factors == identity.SelfService
		},
		"is support, which recovery.factors: selfService would go around; allowed with it: user, reRegistration",
	}, {
		[]string{"factors.webauthnDomain", "spa.origin"},
		func(p identity.Portal) bool {
			return p.Factors.Offers(identity.WebAuthn) && !binds(p.Factors.WebAuthnDomain, p.SPA.Origin)
		},
		"is not the host of spa.origin, nor a registrable domain above it, so no browser would use a security key",
	}, {
		[]string{"sessions.idle", "sessions.absolute"},
		func(p identity.Portal) bool { return p.Sessions.Idle > p.Sessions.Absolute },
		"is longer than sessions.absolute; allowed: at most as long",
	}, {
		[]string{"lockout.firstDelay", "lockout.longestDelay"},
		func(p identity.Portal) bool { return p.Lockout.FirstDelay > p.Lockout.LongestDelay },
		"is longer than lockout.longestDelay; allowed: at most as long",
	}, {
		[]string{"lockout.longestDelay", "lockout.passwordLockedFor"},
		func(p identity.Portal) bool { return p.Lockout.LongestDelay > p.Lockout.PasswordLockedFor },
		"is longer than lockout.passwordLockedFor, so that a lock would be a relief; allowed: at most as long",
	}, {
		[]string{"lockout.freeAttempts", "lockout.codeLimit"},
		func(p identity.Portal) bool { return p.Lockout.FreeAttempts >= p.Lockout.CodeLimit },
		"is not below lockout.codeLimit; allowed: fewer",
	}, {
		[]string{"registration.by", "signIn.identifiers"},
		func(p identity.Portal) bool {
			return p.Registration.Check() == nil && !p.SignIn.Names(identity.ByEmail)
		},
		"is policyNumber, which needs email among signIn.identifiers: whoever registers gives nothing else to be named by",
	}, {
		[]string{"registration.replacesForgottenAccount", "registration.by"},
		func(p identity.Portal) bool {
			return p.Registration.ReplacesForgottenAccount && p.Registration.Check() != nil
		},
		"needs registration.by: policyNumber; nobody else makes an account that could replace one",
	}, {
		[]string{"links.resendPause", "links.passwordReset"},
		func(p identity.Portal) bool { return p.Links.ResendPause > p.Links.PasswordReset },
		"is longer than links.passwordReset; allowed: at most as long, so that a new link can follow an expired one",
	}, {
		[]string{"factors.kinds"},
		func(p identity.Portal) bool {
			return p.Factors.Offers(identity.SMS) && !p.Factors.Offers(identity.TOTP) && !p.Factors.Offers(identity.WebAuthn)
		},
		"has sms, which is a restricted authenticator (NIST SP 800-63B-4, section 3.2.9); allowed: beside totp or webauthn",
	}, {
		[]string{"sms.budgets.perNumber", "sms.budgets.perOrganisation"},
		func(p identity.Portal) bool { return p.SMS.Budgets.PerNumber > p.SMS.Budgets.PerOrganisation },
		"is above sms.budgets.perOrganisation, so that one number could use it up; allowed: at most as many",
	}, {
		[]string{"sms.budgets.perOrganisation", "sms.budgets.perPortal"},
		func(p identity.Portal) bool { return p.SMS.Budgets.PerOrganisation > p.SMS.Budgets.PerPortal },
		"is above sms.budgets.perPortal, so that one organisation could use it up; allowed: at most as many",
	},
}

// settle checks the agreements of a portal that has been read.
func (d *document) settle(p identity.Portal) {
	for _, a := range agreements {
		if !slices.ContainsFunc(a.keys, d.isFaulty) && a.broken(p) {
			d.faults.add(Fault{File: d.name, Line: d.firstWritten(a.keys), Setting: a.keys[0], Text: a.text})
		}
	}
}

// firstWritten is the line of the first of the keys that is in the file: a default can't be to blame.
func (d *document) firstWritten(keys []string) int {
	for _, key := range keys {
		if line, written := d.lines[key]; written {
			return line
		}
	}
	return d.line(keys[0])
}
