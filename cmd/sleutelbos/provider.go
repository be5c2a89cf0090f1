package main

import (
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// newBrokers makes what the portals' providers are spoken with through.
func newBrokers(portals []identity.Portal, secrets config.ProviderSecrets, returnURL returning) (app.Brokers, error) {
	brokers := app.Brokers{}
	var faults []error
	for _, portal := range portals {
		of := map[string]*federation.RelyingParty{}
		for _, provider := range portal.Providers {
			broker, err := newBroker(portal, provider, secrets, returnURL)
			if err != nil {
				faults = append(faults, &config.Fault{Setting: "portal " + portal.Slug, Text: err.Error()})
			}
			of[provider.Name] = broker
		}
		brokers[portal.Slug] = of
	}
	return brokers, errors.Join(faults...)
}

func newBroker(portal identity.Portal, provider identity.Provider, secrets config.ProviderSecrets, returnURL returning) (*federation.RelyingParty, error) {
	if provider.OIDC == nil || provider.Identifies != identity.Businesses {
		return nil, fmt.Errorf("has provider %s, and so far only businesses by OpenID Connect can be signed in through one", provider.Name)
	}
	return federation.NewRelyingParty(federation.OIDC{
		Provider: provider, ClientSecret: secrets.ClientSecret(portal.Slug, provider.Name).Reveal(),
		RedirectURL: returnURL(portal, provider),
	})
}

// returning tells where a provider sends browsers back to.
type returning func(identity.Portal, identity.Provider) string

// toFirstHost sends them to the portal's first host.
func toFirstHost(portal identity.Portal, provider identity.Provider) string {
	return "https://" + portal.Hosts[0] + identity.FederationPath + provider.Name + identity.ReturnName
}

// toPath sends them to an origin where each portal has a path.
func toPath(origin string) returning {
	return func(portal identity.Portal, provider identity.Provider) string {
		return origin + "/portals/" + portal.Slug + identity.FederationPath + provider.Name + identity.ReturnName
	}
}
