package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var staffInviteCommand = command{
	name: "staff invite", summary: "mail a portal's own people the way in", arguments: "--portal P --email E --name N --role SUPPORT|PORTAL_ADMIN",
	about: `
Invites somebody to a portal's own organisation, whose people work at the support desk. They are mailed a link as soon as
a server is running; where the portal asks for a second factor, they enrol one like everybody else.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		slug := flags.String("portal", "", "the portal's name in paths")
		address := flags.String("email", "", "where the link is mailed to")
		name := flags.String("name", "", "how they are called")
		role := flags.String("role", "", "SUPPORT, or PORTAL_ADMIN, who also manages staff and tokens")
		if err := parse(flags, arguments); err != nil {
			return err
		}
		if err := require(flags, "portal", "email", "name", "role"); err != nil {
			return err
		}
		email, err := identity.ParseEmailAddress(*address)
		if err != nil {
			return misused(flags, "--email is no e-mail address")
		}
		if !identity.UserRole(*role).IsStaff() {
			return misused(flags, "--role is %q; allowed: SUPPORT, PORTAL_ADMIN", *role)
		}
		return inviteStaff(ctx, sh, *slug, email, *name, identity.UserRole(*role))
	},
}

func inviteStaff(ctx context.Context, sh shell, slug string, email identity.EmailAddress, name string, role identity.UserRole) error {
	p, err := readPlan(sh.environ, config.SecretKeys)
	if err != nil {
		return err
	}
	portal, err := pick(p.portals, slug)
	if err != nil {
		return err
	}
	return p.use(ctx, func(h *house) error {
		invitation, err := h.app.InviteStaff(ctx, portal, email, name, role)
		if err != nil {
			return fmt.Errorf("invite: %w", err)
		}
		fmt.Fprintf(sh.stdout, "%s invited as %s; the link works until %s\n", invitation.ID, role, invitation.ExpiresAt.Format(time.RFC3339))
		return nil
	})
}
