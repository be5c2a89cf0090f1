package config

import (
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The words that a portal file chooses from, safest first where one is safer.
var (
	languages = []choice[identity.Language]{
		{"nl", identity.Dutch},
		{"en", identity.English},
	}
	identifiers = []choice[identity.IdentifierKind]{
		{"email", identity.ByEmail},
		{"username", identity.ByUsername},
		{"organisationCode+username", identity.ByOrganisationCodeAndUsername},
	}
	factorKinds = []choice[identity.FactorKind]{
		{"webauthn", identity.WebAuthn},
		{"totp", identity.TOTP},
		{"sms", identity.SMS},
		{"email", identity.Email},
	}
	factorChanges = []choice[identity.FactorChange]{
		{"user", identity.ChangedByUser},
		{"reRegistration", identity.ChangedByReRegistration},
		{"support", identity.ChangedBySupport},
	}
	starters = []choice[identity.TwoFactorStarter]{
		{"portal", identity.StartedByPortal},
		{"organisation", identity.StartedByOrganisation},
	}
	blocklists = []choice[identity.Blocklist]{
		{"common", identity.BlockCommon},
		{"expected", identity.BlockExpected},
	}
	permissions = []choice[identity.Permission]{
		{"refused", identity.Refused},
		{"allowed", identity.Allowed},
	}
	lifters = []choice[identity.Lifter]{
		{"support", identity.LiftedBySupport},
		{"time", identity.LiftedByTime},
	}
	announcedKinds = []choice[identity.SupportActionKind]{
		{"resetUserFactors", identity.ResetFactors},
		{"transferMainUser", identity.TransferOfMainUser},
		{"accountLimit", identity.ChangeAccountLimit},
		{"deactivateOrganisationTwoFactor", identity.DeactivateTwoFactor},
	}
	guardedKinds = append(slices.Clone(announcedKinds), []choice[identity.SupportActionKind]{
		{"eraseUser", identity.EraseAccount},
		{"removeOrganisation", identity.RemoveCustomer},
		{"eraseOrganisation", identity.EraseCustomer},
	}...)
	registrationWays = []choice[identity.RegistrationWay]{
		{"invitation", identity.OnlyInvited},
		{"policyNumber", identity.ByPolicyNumber},
	}
	recoveryWays = []choice[identity.RecoveryWay]{
		{"support", identity.BySupport},
		{"selfService", identity.SelfService},
	}
)
