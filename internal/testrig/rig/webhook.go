package rig

import (
	"context"
	"net/netip"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/webhook"
)

// webhookDice is the seed of the waits between tries, far from those of servers.
const webhookDice = 1 << 33

// thisMachine is the one network that webhooks go to.
var thisMachine = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// webhooks go to this machine.
func (r *Rig) webhooks(settings) outbox.Webhooks {
	return outbox.Webhooks{
		Sender: webhook.NewSender(webhook.Options{Allowed: thisMachine}),
		Random: testrig.Random(webhookDice), Pause: 10 * time.Millisecond, Idle: r.post.tell,
	}
}

// webhooksLeft counts the endpoints that have something to send by now, or are being sent something.
func (r *Rig) webhooksLeft() int {
	r.T.Helper()
	due, err := r.Database.DueWebhooks(context.Background(), 100)
	r.must(err)
	return len(due) + r.queued("webhook_endpoints WHERE claimed_until IS NOT NULL")
}
