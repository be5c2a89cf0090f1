package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/sleutelbos/sleutelbos/internal/export"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var auditVerifyCommand = command{
	name: "audit verify", summary: "was the audit log tampered with?", arguments: "[--portal P [--organisation O] | FILE [--head SEQUENCE:HASH]]",
	about: `
Checks the chain of hashes of every organisation's audit log, or of one portal's, or of one organisation's. It prints a line
for each chain; where one is broken it names the first bad link of it, and ends with 1.

With a FILE it checks an export of one organisation's log, JSON Lines or CSV, and needs neither database nor settings. A head
that was noted down earlier must still be part of the chain. It says what an export that was narrowed by a filter can't prove.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		slug := flags.String("portal", "", "the portal's name in paths; left out: all portals")
		organisation := flags.String("organisation", "", "the organisation's id; left out: all of the portal's")
		head := flags.String("head", "", "a head that was noted down: the sequence, a colon and the hash")
		file, err := parseFile(flags, arguments)
		switch {
		case err != nil:
			return err
		case file != "" && *slug != "":
			return misused(flags, "a file has one organisation's audit log: --portal is for the database's")
		case file != "":
			return verifyFile(sh, file, *head)
		case *head != "":
			return misused(flags, "--head needs a file")
		}
		if *organisation != "" && *slug == "" {
			return misused(flags, "--organisation needs its --portal")
		}
		return verifyAudit(ctx, sh, *slug, identity.ID(*organisation))
	},
}

// parseFile reads flags before and behind the name of a file, and answers the name; "" for none.
func parseFile(flags *flag.FlagSet, arguments []string) (string, error) {
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return "", err
	case err != nil:
		return "", errUsage // the set has told
	case flags.NArg() == 0:
		return "", nil
	}
	return flags.Arg(0), parse(flags, flags.Args()[1:])
}

// verifyFile checks an export.
func verifyFile(sh shell, name, head string) error {
	var noted *export.Noted
	if head != "" {
		parsed, err := export.ParseNoted(head)
		if err != nil {
			return err
		}
		noted = &parsed
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	found, err := export.Verify(file, noted)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(sh.stdout, "%s %s: %s\n", found.Portal, found.Organisation, told(found))
	return nil
}

// told says what a good export proves.
func told(found export.Head) string {
	end := export.Noted{Sequence: found.Sequence, Hash: found.Hash}
	if found.Filtered {
		return fmt.Sprintf("%d events of %d, narrowed by a filter; each is as it was hashed. That none was left out or put in another's"+
			" place, only a complete export can prove.\nhead %s", found.Events, found.Sequence, end)
	}
	return fmt.Sprintf("%d events, unbroken\nhead %s", found.Events, end)
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
