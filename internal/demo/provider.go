package demo

import (
	"fmt"
	"net/http"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/demo/broker"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// BrokerSecret is what the portals and the demo's providers share.
const BrokerSecret = "demo"

// Providers serves a stand-in for every provider of the portals that speaks OpenID Connect, at the path of its issuer. It sends
// browsers back to the address that returnURL answers, and nowhere else.
func Providers(portals []identity.Portal, returnURL func(identity.Portal, identity.Provider) string) (http.Handler, error) {
	all, err := readCast()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, portal := range portals {
		for _, row := range portal.Providers {
			if row.OIDC == nil {
				continue
			}
			one, err := broker.New(broker.Options{
				Issuer: row.OIDC.Issuer, ClientSecret: BrokerSecret, RedirectURL: returnURL(portal, row), Now: time.Now,
			})
			if err != nil {
				return nil, fmt.Errorf("provider %s of %s: %w", row.Name, portal.Slug, err)
			}
			path := "/dev/provider/" + portal.Slug + "/" + row.Name
			mux.Handle(path+"/", http.StripPrefix(path, one.Ask(broker.Asking{
				Portal: portal.Name, Row: row, Suggested: all.of(portal.Slug).suggested(),
			})))
		}
	}
	return mux, nil
}

// noCustomer is a KVK number of the trade register's test environment that nobody of the demo has, and intermediary another.
const noCustomer, intermediary = "69599068", "69599084"

// suggested is what somebody could say of themselves at a provider: they are of this household, or of none.
func (h household) suggested() map[string][]string {
	said := map[string][]string{"subject": {"medewerker-1", "medewerker-2"}, "establishment": {""}, "intermediary": {"", intermediary}}
	for _, business := range h.Organisation.Businesses {
		said["kvkNumber"] = append(said["kvkNumber"], string(business.Number))
		for _, establishment := range business.Establishments {
			said["establishment"] = append(said["establishment"], string(establishment))
		}
	}
	said["kvkNumber"] = append(said["kvkNumber"], noCustomer)
	for field, text := range h.Private {
		said[field] = []string{text}
	}
	return said
}
