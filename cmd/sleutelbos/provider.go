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

// joining is what the portals' providers are joined with, besides their rows.
type joining struct {
	// folder is where files are whose names begin with no slash: that of the portal files.
	folder    string
	secrets   config.ProviderSecrets
	returnURL returning
	now       time.Time
}

// brokers makes what the portals' providers are spoken with through, and tells all that is wrong with any of them, beside the
// secrets that are missing: those secrets.Check tells.
func (j joining) brokers(portals []identity.Portal) (app.Brokers, error) {
	brokers := app.Brokers{}
	var faults []error
	for _, portal := range portals {
		of := map[string]app.Broker{}
		for _, provider := range portal.Providers {
			broker, err := j.broker(portal, provider)
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

func (j joining) broker(portal identity.Portal, provider identity.Provider) (app.Broker, error) {
	if provider.OIDC != nil {
		return federation.NewRelyingParty(federation.OIDC{
			Provider: provider, ClientSecret: j.secrets.ClientSecret(portal.Slug, provider.Name).Reveal(),
			RedirectURL: j.returnURL(portal, provider),
		})
	}
	documents, err := j.documents(*provider.SAML)
	signing, decryption := j.secrets.SigningKey(portal.Slug, provider.Name), j.secrets.DecryptionKey(portal.Slug, provider.Name)
	if err != nil || !signing.IsSet() || !decryption.IsSet() {
		return nil, err
	}
	return federation.OpenServiceProvider(
		provider, documents, []byte(signing.Reveal()), []byte(decryption.Reveal()), j.returnURL(portal, provider), j.now)
}

// documents reads the files that a row names, and checks them.
func (j joining) documents(row identity.SAMLProvider) (federation.Documents, error) {
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
			file.name = filepath.Join(j.folder, file.name)
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
	return read, read.Check(row.BrokerID, j.now)
}

// checkDocuments tells what is wrong with the files that the portals' providers name.
func (j joining) checkDocuments(portals []identity.Portal) error {
	var faults []error
	for _, portal := range portals {
		for _, provider := range portal.Providers {
			if provider.SAML == nil {
				continue
			}
			if _, err := j.documents(*provider.SAML); err != nil {
				faults = append(faults, faultOf(portal, provider, err))
			}
		}
	}
	return errors.Join(faults...)
}

// returning tells where a provider sends browsers back to.
type returning func(identity.Portal, identity.Provider) string

// toFirstHost sends them to the portal's first host.
func toFirstHost(portal identity.Portal, provider identity.Provider) string {
	return "https://" + portal.Hosts[0] + provider.ReturnPath()
}

// toPath sends them to an origin where each portal has a path.
func toPath(origin string) returning {
	return func(portal identity.Portal, provider identity.Provider) string {
		return origin + "/portals/" + portal.Slug + provider.ReturnPath()
	}
}
