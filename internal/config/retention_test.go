package config_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestPeriodsOfRetentionThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for key, allowed := range map[string]string{
		"removedUsers: 0s": "from 1d to 3650d", "removedOrganisations: 12h": "from 1d to 3650d", "invitations: 4000d": "from 1d to 3650d",
		"links: 366d": "from 1d to 365d", "auditFacts: 29d": "from 30d to 3650d", "sessions: 31d": "from 1d to 30d", "messages: 1h": "from 1d to 365d", "imports: 1d": "from 7d to 365d",
		"webhookDeliveries: 29d": "from 30d to 365d", "idempotencyKeys: 8d": "from 1d to 7d", "removedUsers: forever": "from 1d to 3650d",
	} {
		_, err := config.LoadPortals(folder("acme.yaml", plus("retention: {"+key+"}")))
		if err == nil || !strings.Contains(err.Error(), allowed) {
			t.Errorf("%s: %v", key, err)
		}
	}
	for _, key := range []string{"support: {fourEyes: [eraseUser], notice: [eraseUser]}", "support: {notice: [removeOrganisation]}"} {
		if _, err := config.LoadPortals(folder("acme.yaml", plus(key))); err == nil {
			t.Errorf("%s: who isn't there any more is to be told first", key)
		}
	}
	portals, err := config.LoadPortals(folder("acme.yaml", plus("support: {fourEyes: [eraseUser, resetUserFactors]}")))
	if err != nil || len(portals[0].Support.Notice) != 1 || portals[0].Support.Notice[0] != identity.ResetFactors {
		t.Errorf("under notice by default: %v (%v), want what is under four eyes and can be told", portals, err)
	}
}
