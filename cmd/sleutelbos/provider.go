package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// newBrokers makes what the portals' providers are spoken with through, and tells all that is wrong with any of them, beside
// the secrets that are missing: those secrets.Check tells. Browsers come back to the portal's first host. Files whose names
// begin with no slash are below the folder.
func newBrokers(folder string, portals []identity.Portal, secrets config.ProviderSecrets, now time.Time) (app.Brokers, error) {
	brokers := app.Brokers{}
	var faults []error
	for _, portal := range portals {
		of := map[string]app.Broker{}
		for _, provider := range portal.Providers {
			broker, err := newBroker(folder, portal, provider, secrets, now)
			if err != nil {
				faults = append(faults, faultOf(portal, provider, err))
			}
			of[provider.Name] = broker
		}
		brokers[portal.Slug] = of
	}
	return brokers, errors.Join(faults...)
}

func faultOf(portal identity.Portal, provider identity.Provider, err error) error {
	return &config.Fault{Setting: "portal " + portal.Slug, Text: fmt.Sprintf("has provider %s, which can't be used: %v", provider.Name, err)}
}

func newBroker(folder string, portal identity.Portal, provider identity.Provider, secrets config.ProviderSecrets, now time.Time) (app.Broker, error) {
	address := "https://" + portal.Hosts[0] + provider.ReturnPath()
	switch {
	case provider.Identifies != identity.Businesses:
		return nil, errors.New("so far only businesses can be signed in through one")
	case provider.OIDC != nil:
		return federation.NewRelyingParty(federation.OIDC{
			Provider: provider, ClientSecret: secrets.ClientSecret(portal.Slug, provider.Name).Reveal(), RedirectURL: address,
		})
	}
	documents, err := readDocuments(folder, *provider.SAML, now)
	signing, decryption := secrets.SigningKey(portal.Slug, provider.Name), secrets.DecryptionKey(portal.Slug, provider.Name)
	if err != nil || !signing.IsSet() || !decryption.IsSet() {
		return nil, err
	}
	return federation.OpenServiceProvider(provider, documents, []byte(signing.Reveal()), []byte(decryption.Reveal()), address, now)
}

// readDocuments reads the files that a row names, and checks them.
func readDocuments(folder string, row identity.SAMLProvider, now time.Time) (federation.Documents, error) {
	var read federation.Documents
	var faults []error
	for _, file := range []struct {
		key, name string
		into      *[]byte
	}{
		{"metadata", row.Metadata, &read.Metadata},
		{"metadataSigners", row.MetadataSigners, &read.Signers},
		{"backChannelRoots", row.BackChannelRoots, &read.Roots},
	} {
		if file.name == "" {
			continue
		}
		if !filepath.IsAbs(file.name) {
			file.name = filepath.Join(folder, file.name)
		}
		content, err := os.ReadFile(file.name)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", file.key, err))
		}
		*file.into = content
	}
	if len(faults) > 0 {
		return read, errors.Join(faults...)
	}
	return read, read.Check(row.BrokerID, now)
}

// checkDocuments tells what is wrong with the files that the portals' providers name.
func checkDocuments(folder string, portals []identity.Portal, now time.Time) error {
	var faults []error
	for _, portal := range portals {
		for _, provider := range portal.Providers {
			if provider.SAML == nil {
				continue
			}
			if _, err := readDocuments(folder, *provider.SAML, now); err != nil {
				faults = append(faults, faultOf(portal, provider, err))
			}
		}
	}
	return errors.Join(faults...)
}
