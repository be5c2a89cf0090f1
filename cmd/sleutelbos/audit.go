package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var auditVerifyCommand = command{
	name: "audit verify", summary: "was the audit log tampered with?", arguments: "[--portal P [--organisation O]]",
	about: `
Checks the chain of hashes of every organisation's audit log, or of one portal's, or of one organisation's. It prints a line
for each chain; where one is broken it names the first bad link of it, and ends with 1.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		slug := flags.String("portal", "", "the portal's name in paths; left out: all portals")
		organisation := flags.String("organisation", "", "the organisation's id; left out: all of the portal's")
		if err := parse(flags, arguments); err != nil {
			return err
		}
		if *organisation != "" && *slug == "" {
			return misused(flags, "--organisation needs its --portal")
		}
		return verifyAudit(ctx, sh, *slug, identity.ID(*organisation))
	},
}

func verifyAudit(ctx context.Context, sh shell, slug string, organisation identity.ID) error {
	p, err := readPlan(sh.environ)
	if err != nil {
		return err
	}
	portals := p.portals
	if slug != "" {
		portal, err := pick(portals, slug)
		if err != nil {
			return err
		}
		portals = []identity.Portal{portal}
	}
	return p.use(ctx, func(h *house) error {
		var broken []error
		for _, portal := range portals {
			broken = append(broken, h.verifyPortal(ctx, sh, portal.Slug, organisation))
		}
		return errors.Join(broken...)
	})
}

// verifyPortal checks each chain of a portal, the others too where one is broken.
func (h *house) verifyPortal(ctx context.Context, sh shell, slug string, organisation identity.ID) error {
	tenants := []identity.Tenant{{Portal: slug, Organisation: organisation}}
	if organisation == "" {
		var err error
		if tenants, err = h.db.TenantsOf(ctx, slug); err != nil {
			return err
		}
	}
	var broken []error
	for _, tenant := range tenants {
		err := h.app.VerifyAudit(ctx, slug, tenant.Organisation, func(id identity.ID, events int64) {
			fmt.Fprintf(sh.stdout, "%s %s: %d events, unbroken\n", slug, id, events)
		})
		if err != nil {
			broken = append(broken, fmt.Errorf("%s %s: %w", slug, tenant.Organisation, err))
		}
	}
	return errors.Join(broken...)
}
