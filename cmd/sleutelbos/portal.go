package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var portalCheckCommand = command{
	name: "portal check", summary: "are these portal files right?", arguments: "DIR",
	about: `
Reads every *.yaml in DIR as serve would, with the files that SAML providers name, and tells every fault at once: file and
line, what is wrong, what is allowed. It needs no settings and no database.`,
	run: func(_ context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		if err := parse(flags, arguments, "DIR"); err != nil {
			return err
		}
		portals, err := config.ReadPortals(flags.Arg(0))
		for _, portal := range portals {
			fmt.Fprintf(sh.stdout, "%s: %s, at %s\n", portal.Slug, portal.Name, strings.Join(portal.Hosts, ", "))
		}
		return errors.Join(err, joining{folder: flags.Arg(0), now: time.Now()}.checkDocuments(portals))
	},
}

// pick answers the portal with that name.
func pick(portals []identity.Portal, slug string) (identity.Portal, error) {
	names := make([]string, len(portals))
	for i, portal := range portals {
		if portal.Slug == slug {
			return portal, nil
		}
		names[i] = portal.Slug
	}
	return identity.Portal{}, fmt.Errorf("there is no portal %q; there are: %s", slug, strings.Join(names, ", "))
}
