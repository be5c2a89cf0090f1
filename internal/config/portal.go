package config

import (
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// portalKeys is a portal file: each key on a line of its own, with where it goes, what it allows, and, where the file can
// do without it, the default, which is the safest that people can live with. portals/default.yaml explains each key.
//
// Keys are read in this order, so that one can lean on those above it.
func portalKeys(p *identity.Portal) []key {
	return []key{
		required("slug", &p.Slug, slug),
		required("name", &p.Name, words(64)),
		required("hosts", &p.Hosts, listOf(host)),
		optional("languages", &p.Languages, listOf(oneOf(languages)), []identity.Language{identity.Dutch, identity.English}),
		optional("timeZone", &p.Location, zone, amsterdam()),
		section("spa",
			required("origin", &p.SPA.Origin, origin),
			optional("passwordPath", &p.SPA.PasswordPath, pagePath, "/password"),
			optional("signInPath", &p.SPA.SignInPath, pagePath, "/sign-in"),
			optional("stopPath", &p.SPA.StopPath, pagePath, "/stop"),
			optional("undoPath", &p.SPA.UndoPath, pagePath, "/undo"),
		),
		section("mail",
			required("fromAddress", &p.Mail.FromAddress, mailbox),
			derived("fromName", &p.Mail.FromName, words(64), func() string { return p.Name }),
			optional("colour", &p.Mail.Colour, colour, "#1f4e79"),
			derived("support", &p.Mail.Support, words(200), func() string { return string(p.Mail.FromAddress) }),
		),
		section("signIn",
			optional("identifiers", &p.SignIn.Identifiers, listOf(oneOf(identifiers)), []identity.IdentifierKind{identity.ByEmail}),
		),
		section("factors", factorKeys(p)...),
		section("twoFactor",
			optional("startedBy", &p.TwoFactor.StartedBy, oneOf(starters), identity.StartedByPortal),
			derived("irreversible", &p.TwoFactor.Irreversible, yesOrNo, func() bool { return byOrganisation(p) }),
			optional("requiredFrom", &p.TwoFactor.RequiredFrom, pointer(instant(&p.Location)), nil),
			optional("postponableUntil", &p.TwoFactor.PostponableUntil, pointer(instant(&p.Location)), nil),
			optional("remind", &p.TwoFactor.Remind, yesOrNo, false),
		),
		section("passwords", passwordKeys(p)...),
		section("sessions",
			optional("absolute", &p.Sessions.Absolute, lasting(2*identity.SeenGranularity, 12*hour), 12*hour),
			derived("idle", &p.Sessions.Idle, lasting(2*identity.SeenGranularity, 30*minute), func() time.Duration {
				return min(30*minute, p.Sessions.Absolute)
			}),
		),
		section("lockout", lockoutKeys(&p.Lockout)...),
		section("recovery",
			optional("factors", &p.Recovery.Factors, oneOf(recoveryWays), identity.BySupport),
			optional("emailCodeAfterReset", &p.Recovery.EmailCodeAfterReset, oneOf(permissions), identity.Refused),
		),
		section("links", linkKeys(&p.Links)...),
		section("sms", smsKeys(&p.SMS)...),
		section("accounts",
			optional("limitPerOrganisation", &p.Accounts.LimitPerOrganisation, pointer(number(1, 1_000_000)), nil),
		),
		section("api",
			optional("requestsPerMinute", &p.API.RequestsPerMinute, number(1, 100_000), 600),
		),
		section("registration", registrationKeys(&p.Registration)...),
		section("support", supportKeys(&p.Support)...),
		section("retention", retentionKeys(&p.Retention)...),
		providers(&p.Providers),
	}
}

func passwordKeys(p *identity.Portal) []key {
	return []key{
		derived("minimumLength", &p.Passwords.MinimumLength, number(8, 64), func() int { return shortestSafe(p) }),
		optional("requireUpper", &p.Passwords.RequireUpper, yesOrNo, false),
		optional("requireLower", &p.Passwords.RequireLower, yesOrNo, false),
		optional("requireDigit", &p.Passwords.RequireDigit, yesOrNo, false),
		optional("requireSpecial", &p.Passwords.RequireSpecial, yesOrNo, false),
		optional("blocklist", &p.Passwords.Blocklist, oneOf(blocklists), identity.BlockExpected),
	}
}

func linkKeys(p *identity.LinkPolicy) []key {
	return []key{
		optional("invitation", &p.Invitation, lasting(5*minute, 30*day), 7*day),
		optional("registration", &p.Registration, lasting(5*minute, day), day),
		optional("reRegistration", &p.ReRegistration, lasting(5*minute, day), day),
		optional("passwordReset", &p.PasswordReset, lasting(5*minute, hour), hour),
		optional("resendPause", &p.ResendPause, lasting(10*time.Second, hour), minute),
	}
}

func lockoutKeys(p *identity.LockoutPolicy) []key {
	return []key{
		optional("freeAttempts", &p.FreeAttempts, number(0, 5), 3),
		optional("firstDelay", &p.FirstDelay, lasting(time.Second, minute), time.Second),
		optional("longestDelay", &p.LongestDelay, lasting(time.Second, hour), 15*minute),
		optional("passwordLimit", &p.PasswordLimit, number(5, 100), 20),
		optional("passwordLockedFor", &p.PasswordLockedFor, lasting(minute, day), hour),
		optional("codeLimit", &p.CodeLimit, number(3, 20), 10),
		optional("liftedBy", &p.LiftedBy, oneOf(lifters), identity.LiftedBySupport),
		optional("codeLockedFor", &p.CodeLockedFor, lasting(hour, 30*day), day),
	}
}

func smsKeys(p *identity.SMSPolicy) []key {
	return []key{
		optional("countries", &p.Countries, listOf(country), []identity.Country{"NL", "BE", "DE"}),
		section("budgets",
			optional("perNumber", &p.Budgets.PerNumber, number(1, 1000), 20),
			optional("perOrganisation", &p.Budgets.PerOrganisation, number(1, 1_000_000), 300),
			optional("perPortal", &p.Budgets.PerPortal, number(1, 10_000_000), 3000),
		),
	}
}

func registrationKeys(p *identity.RegistrationPolicy) []key {
	return []key{
		optional("by", &p.By, oneOf(registrationWays), identity.OnlyInvited),
		optional("replacesForgottenAccount", &p.ReplacesForgottenAccount, yesOrNo, false),
		optional("notice", &p.Notice, lasting(hour, 30*day), day),
	}
}

func supportKeys(p *identity.SupportPolicy) []key {
	return []key{
		optional("fourEyes", &p.FourEyes, listOf(oneOf(guardedKinds)), nil),
		derived("notice", &p.Notice, listOf(oneOf(announcedKinds)), func() []identity.SupportActionKind { return p.Announceable() }),
		optional("noticePeriod", &p.NoticePeriod, lasting(0, 30*day), day),
		optional("approvalWithin", &p.ApprovalWithin, lasting(hour, 30*day), 3*day),
	}
}

func retentionKeys(p *identity.RetentionPolicy) []key {
	const longest = 3650 * day
	otherwise := identity.DefaultRetention
	return []key{
		optional("removedUsers", &p.RemovedUsers, lasting(day, longest), otherwise.RemovedUsers),
		optional("removedOrganisations", &p.RemovedOrganisations, lasting(day, longest), otherwise.RemovedOrganisations),
		optional("invitations", &p.Invitations, lasting(day, longest), otherwise.Invitations),
		optional("auditFacts", &p.AuditFacts, lasting(30*day, longest), otherwise.AuditFacts),
		optional("links", &p.Links, lasting(day, 365*day), otherwise.Links),
		optional("sessions", &p.Sessions, lasting(day, 30*day), otherwise.Sessions),
		optional("messages", &p.Messages, lasting(day, 365*day), otherwise.Messages),
		optional("imports", &p.Imports, lasting(7*day, 365*day), otherwise.Imports),
		optional("webhookDeliveries", &p.WebhookDeliveries, lasting(30*day, 365*day), otherwise.WebhookDeliveries),
		optional("idempotencyKeys", &p.IdempotencyKeys, lasting(day, 7*day), otherwise.IdempotencyKeys),
	}
}

func factorKeys(p *identity.Portal) []key {
	return []key{
		optional("kinds", &p.Factors.Kinds, listOf(oneOf(factorKinds)), []identity.FactorKind{identity.TOTP}),
		optional("change", &p.Factors.Change, oneOf(factorChanges), identity.ChangedByUser),
		optional("recoveryCodes", &p.Factors.RecoveryCodes, yesOrNo, false),
		derived("webauthnDomain", &p.Factors.WebAuthnDomain, domain, func() string { return hostOf(p.SPA.Origin) }),
		optional("totpSkew", &p.Factors.TOTPSkew, number(0, 2), 1),
	}
}

func byOrganisation(p *identity.Portal) bool {
	return p.TwoFactor.StartedBy == identity.StartedByOrganisation
}

// shortestSafe is NIST SP 800-63B-4's least length of a password: 15 characters where it can stand alone, 8 where a
// factor always stands beside it.
func shortestSafe(p *identity.Portal) int {
	if p.TwoFactor.StartedBy == identity.StartedByPortal && p.TwoFactor.PostponableUntil == nil {
		return 8
	}
	return 15
}
