package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The words of providers, safest first where one is safer.
var (
	identifieds = []choice[identity.Identified]{
		{"businesses", identity.Businesses},
		{"persons", identity.Persons},
	}
	assuranceLevels = []choice[identity.AssuranceLevel]{
		{"EH4", identity.EH4},
		{"EH3", identity.EH3},
		{"EH2+", identity.EH2Plus},
		{"EH2", identity.EH2},
	}
	unknownPersons = []choice[identity.UnknownPerson]{
		{"invite", identity.ByInvitation},
		{"approve", identity.ByApproval},
		{"create", identity.ByMandate},
	}
	providerStrengths = []choice[identity.SessionStrength]{
		{"singleFactor", identity.SingleFactor},
		{"twoFactor", identity.TwoFactor},
	}
	personAttributes = []choice[identity.PersonAttribute]{
		{"name", identity.PersonName},
		{"address", identity.PersonAddress},
		{"birthDate", identity.PersonBirthDate},
	}
)

var (
	providerName = matching(`^[a-z][a-z0-9-]{0,31}$`, "1 to 32 lower-case letters, digits and hyphens, a letter first")
	providerURL  = matching(`^https://[^/?#@\s]+(/[^?#\s]*)?$`, "an https address without user, query and fragment")
	token        = matching(`^[\x21-\x7e]{1,256}$`, "1 to 256 visible ASCII characters without spaces")
	// claimName may lead into a claim: "address > postal_code".
	claimName = matching(`^[\x21-\x7e]{1,128}( > [\x21-\x7e]{1,128}){0,3}$`,
		`a claim's name, or names with " > " between for a claim inside another`)
	fileName = matching(`^[^\x00-\x1f]{1,255}$`, "the name of a file")
)

// providerKeys is one of a portal's providers.
func providerKeys(p *identity.Provider) []key {
	return []key{
		required("name", &p.Name, providerName),
		required("identifies", &p.Identifies, oneOf(identifieds)),
		optional("environment", &p.Environment, providerName, "production"),
		optional("levels", &p.Levels, listOf(oneOf(assuranceLevels)), nil),
		optional("intermediaries", &p.Intermediaries, oneOf(permissions), identity.Refused),
		optional("unknownPerson", &p.UnknownPerson, oneOf(unknownPersons), identity.ByInvitation),
		optional("match", &p.Match, listOf(oneOf(personAttributes)), nil),
		derived("strength", &p.Strength, oneOf(providerStrengths), func() identity.SessionStrength { return leastOf(p.Identifies) }),
		sectionIfThere("oidc", &p.OIDC, oidcKeys),
		sectionIfThere("saml", &p.SAML, samlKeys),
	}
}

// leastOf is what the word of a provider is worth where the file doesn't say it; of businesses the level does.
func leastOf(identified identity.Identified) identity.SessionStrength {
	if identified == identity.Persons {
		return identity.SingleFactor
	}
	return ""
}

func oidcKeys(p *identity.OIDCProvider) []key {
	return []key{
		required("issuer", &p.Issuer, providerURL),
		required("clientId", &p.ClientID, token),
		optional("scopes", &p.Scopes, listOf(token), nil),
		optional("acrValues", &p.ACRValues, listOf(token), nil),
		optional("freshSignIn", &p.FreshSignIn, yesOrNo, true),
		optional("userInfo", &p.UserInfo, yesOrNo, false),
		optional("levelClaim", &p.LevelClaim, claimName, "acr"),
		sections("levels", &p.Levels, func(l *identity.LevelValue) []key {
			return []key{
				required("value", &l.Value, token),
				optional("means", &l.Level, oneOf(assuranceLevels), ""),
			}
		}),
		section("claims", claimKeys(&p.Claims)...),
	}
}

func claimKeys(c *identity.ClaimNames) []key {
	keys := []key{optional("subject", &c.Subject, claimName, "sub")}
	for _, claim := range []struct {
		name string
		into *string
	}{
		{"kvkNumber", &c.KVKNumber},
		{"kvkQualifier", &c.KVKQualifier},
		{"establishment", &c.Establishment},
		{"intermediary", &c.Intermediary},
		{"service", &c.Service},
		{"initials", &c.Initials},
		{"givenNames", &c.GivenNames},
		{"namePrefix", &c.NamePrefix},
		{"familyName", &c.Name},
		{"birthDate", &c.BirthDate},
		{"street", &c.Street},
		{"houseNumber", &c.HouseNumber},
		{"houseNumberSuffix", &c.HouseNumberSuffix},
		{"postalCode", &c.PostalCode},
		{"city", &c.City},
		{"country", &c.Country},
	} {
		keys = append(keys, optional(claim.name, claim.into, claimName, ""))
	}
	return append(keys, optional("kvkQualifierValue", &c.KVKQualifierValue, token, ""), optional("serviceValue", &c.ServiceValue, token, ""))
}

func samlKeys(p *identity.SAMLProvider) []key {
	return []key{
		required("entityId", &p.EntityID, token),
		required("brokerId", &p.BrokerID, token),
		required("metadata", &p.Metadata, fileName),
		required("metadataSigners", &p.MetadataSigners, fileName),
		optional("backChannelRoots", &p.BackChannelRoots, fileName, ""),
		required("serviceIndex", &p.ServiceIndex, number(0, 65535)),
		required("serviceId", &p.ServiceID, token),
		optional("serviceUuid", &p.ServiceUUID, token, ""),
		required("serviceName", &p.ServiceName, words(100)),
	}
}

// providers is the key of a portal's providers, with what must hold within and between them.
func providers(into *[]identity.Provider) key {
	all := sections("providers", into, providerKeys)
	take := all.take
	all.take = func(at place) {
		take(at)
		seen := map[string]bool{}
		for i, p := range *into {
			one := place{document: at.document, path: fmt.Sprintf("%s[%d]", at.path, i)}
			if at.isFaulty(one.path) || anyFaultIn(at.faulty, one.path) {
				continue
			}
			if fault := faultOf(p); fault != "" {
				one.wrong("%s", fault)
			} else if seen[p.Name] {
				one.wrong("is called %q, as another one is", p.Name)
			}
			seen[p.Name] = true
		}
	}
	return all
}

func anyFaultIn(faulty map[string]bool, path string) bool {
	for name := range faulty {
		if len(name) > len(path) && name[:len(path)] == path {
			return true
		}
	}
	return false
}

// faultOf tells what contradicts itself in a provider; "" for nothing.
func faultOf(p identity.Provider) string {
	businesses := p.Identifies == identity.Businesses
	switch {
	case (p.OIDC == nil) == (p.SAML == nil):
		return "needs oidc or saml, and not both"
	case businesses && len(p.Levels) == 0:
		return "needs levels: those that are accepted, each by name"
	case businesses && len(p.Match) > 0:
		return "has match, which is for persons"
	case businesses && p.Strength != "":
		return "has strength, which is for persons: of businesses the level tells it"
	case !businesses && (len(p.Levels) > 0 || p.SAML != nil):
		return "has levels or saml, which are for businesses"
	case !businesses && len(p.Match) < 2:
		return "needs match: at least two things that must equal the portal's record of a person"
	case p.OIDC != nil:
		return faultOfOIDC(p, businesses)
	}
	return ""
}

func faultOfOIDC(p identity.Provider, businesses bool) string {
	c := p.OIDC.Claims
	var means []identity.AssuranceLevel
	for _, value := range p.OIDC.Levels {
		means = append(means, value.Level)
	}
	unmeant := func(level identity.AssuranceLevel) bool { return !slices.Contains(means, level) }
	switch {
	case len(means) == 0:
		return "needs oidc.levels: the values of the level's claim that count"
	case businesses && slices.Contains(means, ""):
		return "has a value in oidc.levels that means no level"
	case businesses && slices.ContainsFunc(p.Levels, unmeant):
		return "accepts a level that no value in oidc.levels means"
	case businesses && c.KVKNumber == "":
		return "needs oidc.claims.kvkNumber: the one claim that tells the business"
	case (c.KVKQualifier == "") != (c.KVKQualifierValue == ""), (c.Service == "") != (c.ServiceValue == ""):
		return "has a claim without the value that it must have, or a value without its claim"
	case !businesses && (c.KVKNumber != "" || c.Establishment != "" || c.Intermediary != ""):
		return "has claims of a business, and identifies persons, who speak for none"
	}
	return ""
}

// sections is a key with a list of sections behind it, each with the same keys. None is as good as an empty list.
func sections[T any](name string, into *[]T, keys func(*T) []key) key {
	return key{name: name, take: func(at place) {
		if at.node == nil {
			return
		}
		if at.node.Kind != yaml.SequenceNode {
			at.wrong("is %s; allowed: a list of sections", describe(at.node))
			return
		}
		if len(at.node.Content) > 0 {
			*into = make([]T, len(at.node.Content))
		}
		for i, node := range at.node.Content {
			one := place{at.document, fmt.Sprintf("%s[%d]", at.path, i), node}
			at.lines[one.path] = node.Line
			if node.Kind != yaml.MappingNode {
				one.wrong("is %s; allowed: a section with %s", describe(node), list(names(keys(&(*into)[i]))))
				continue
			}
			one.take(keys(&(*into)[i]))
		}
	}}
}

// sectionIfThere is a section that stands for nothing where it isn't written.
func sectionIfThere[T any](name string, into **T, keys func(*T) []key) key {
	return key{name: name, take: func(at place) {
		if at.node == nil {
			return
		}
		*into = new(T)
		section(name, keys(*into)...).take(at)
	}}
}
