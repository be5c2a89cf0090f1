package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The secrets of providers are settings whose names say whose they are: SLEUTELBOS_PROVIDER_, the portal's slug, the
// provider's name and what it is, in capitals with underscores: SLEUTELBOS_PROVIDER_AVERO_EHERKENNING_CLIENT_SECRET. With
// _FILE behind it, it names a file that holds the secret.
const providerPrefix = prefix + "PROVIDER_"

// The secrets that a provider can have: of one that speaks OIDC, and of one that speaks SAML, in PEM.
const (
	clientSecret  = "CLIENT_SECRET"
	signingKey    = "SIGNING_KEY"
	decryptionKey = "DECRYPTION_KEY"
)

// ProviderSecrets are the secrets of providers, by the names of their settings.
type ProviderSecrets map[string]Secret

// ClientSecret is the secret of a provider that speaks OIDC.
func (s ProviderSecrets) ClientSecret(portal, provider string) Secret {
	return s[providerSetting(portal, provider, clientSecret)]
}

// ClientSecretSetting is the name of that secret's setting.
func ClientSecretSetting(portal, provider string) string {
	return providerSetting(portal, provider, clientSecret)
}

// SigningKey and DecryptionKey are those of a provider that speaks SAML, in PEM, the newest first.
func (s ProviderSecrets) SigningKey(portal, provider string) Secret {
	return s[providerSetting(portal, provider, signingKey)]
}

// DecryptionKey is what opens what is sealed for us.
func (s ProviderSecrets) DecryptionKey(portal, provider string) Secret {
	return s[providerSetting(portal, provider, decryptionKey)]
}

func providerSetting(portal, provider, what string) string {
	capital := strings.NewReplacer("-", "_")
	return providerPrefix + strings.ToUpper(capital.Replace(portal)+"_"+capital.Replace(provider)) + "_" + what
}

// takeProviderSecrets takes the secrets of providers out of what was stated.
func takeProviderSecrets(stated map[string]string, f *faults) ProviderSecrets {
	secrets := ProviderSecrets{}
	for name := range stated {
		if strings.HasPrefix(name, providerPrefix) && strings.HasSuffix(name, inFile) {
			fromFile(stated, strings.TrimSuffix(name, inFile), f)
			delete(stated, name)
		}
	}
	for name, value := range stated {
		if strings.HasPrefix(name, providerPrefix) {
			value := strings.TrimSpace(value)
			secrets[name] = Secret{&value}
			delete(stated, name)
		}
	}
	return secrets
}

// Check holds the secrets to the providers of the portal files: each has those that it needs, and no secret is for nobody.
// The error joins a *Fault for each.
func (s ProviderSecrets) Check(portals []identity.Portal) error {
	var found faults
	owners := map[string]string{}
	for _, portal := range portals {
		for _, provider := range portal.Providers {
			needed := []string{clientSecret}
			if provider.SAML != nil {
				needed = []string{signingKey, decryptionKey}
			}
			for _, what := range needed {
				name, owner := providerSetting(portal.Slug, provider.Name, what), portal.Slug+"/"+provider.Name
				switch other, taken := owners[name]; {
				case taken:
					found.add(Fault{Setting: name, Text: fmt.Sprintf("would be of both %s and %s; rename one of them", other, owner)})
				case !s[name].IsSet():
					found.add(Fault{Setting: name, Text: "is missing; the portal's provider " + provider.Name + " needs it"})
				}
				owners[name] = owner
			}
		}
	}
	var known []string
	for name := range owners {
		known = append(known, name)
	}
	slices.Sort(known)
	for name := range s {
		if _, owned := owners[name]; !owned {
			text := "is of no provider in the portal files"
			if near, close := nearest(name, known); close {
				text += "; did you mean " + near + "?"
			}
			found.add(Fault{Setting: name, Text: text})
		}
	}
	return errors.Join(found.err())
}
