package outbox

import (
	"context"
	"sync"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// Couriers bring events to webhook endpoints, one courier to one endpoint, so that one which is slow keeps no other waiting.
// The events stand in the audit log, and no job says that they are to be sent: commits of this process wake the dispatcher,
// and every so often it looks for what others left.
const (
	couriersAtOnce = 16
	webhookRounds  = 5 * time.Second
	webhookPause   = 200 * time.Millisecond
)

// couriers are those of one process.
type couriers struct {
	// news holds one word at most: there may be work.
	news chan struct{}
	// cancel breaks off what is under way.
	cancel context.CancelFunc
	all    sync.WaitGroup

	mutex sync.Mutex
	out   map[identity.ID]bool
	// causes are the traces that the latest events of this process come of, while there are any: the audit log says nothing of
	// traces, so what another process delivers is linked to none.
	causes map[identity.ID]string
}

// mostCauses bounds what is remembered of traces.
const mostCauses = 1000

// hear is told of events that this process has put into audit logs.
func (c *couriers) hear(ctx context.Context, events []identity.AuditEvent) {
	if cause := trace.Cause(ctx); cause != "" {
		c.remember(cause, events)
	}
	c.wake()
}

func (c *couriers) remember(cause string, events []identity.AuditEvent) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.causes == nil || len(c.causes) > mostCauses {
		c.causes = map[identity.ID]string{}
	}
	for _, event := range events {
		c.causes[event.ID] = cause
	}
}

// recall answers the trace that an event comes of; "" for none that is remembered.
func (c *couriers) recall(event identity.ID) string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.causes[event]
}

// wake says that there may be work. It waits for nobody.
func (c *couriers) wake() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// LookForWebhooks has the dispatcher look for work now: for whoever knows that some has fallen due.
func (o *Outbox) LookForWebhooks() { o.couriers.wake() }

// sendOut starts the dispatcher.
func (o *Outbox) sendOut(ctx context.Context) {
	if o.options.Webhooks.Sender == nil {
		return
	}
	ctx, o.couriers.cancel = context.WithCancel(context.WithoutCancel(ctx))
	o.couriers.all.Go(func() { o.dispatch(ctx) })
}

// callBack waits for couriers that are under way, as long as the context lasts, and then breaks them off.
func (o *Outbox) callBack(ctx context.Context) {
	if o.couriers.cancel == nil {
		return
	}
	defer context.AfterFunc(ctx, o.couriers.cancel)()
	o.couriers.all.Wait()
	o.couriers.cancel()
}

// dispatch sends couriers out until Stop.
func (o *Outbox) dispatch(ctx context.Context) {
	rounds := time.NewTicker(webhookRounds)
	defer rounds.Stop()
	for {
		if err := o.round(ctx); err != nil && o.stopping.Err() == nil {
			o.options.Log.Error("looking for webhooks failed", "error", err)
		}
		if !o.pause() {
			return
		}
		select {
		case <-o.stopping.Done():
			return
		case <-rounds.C:
		case <-o.couriers.news:
		}
	}
}

func (o *Outbox) pause() (goesOn bool) {
	wait := o.options.Webhooks.Pause
	if wait == 0 {
		wait = webhookPause
	}
	select {
	case <-o.stopping.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// round sends a courier to each endpoint that is due and has none, as long as there are any.
func (o *Outbox) round(ctx context.Context) error {
	due, err := o.options.DB.DueWebhooks(ctx, 2*couriersAtOnce)
	if err != nil {
		return err
	}
	for _, endpoint := range due {
		if !o.couriers.leave(endpoint.ID) {
			continue
		}
		o.couriers.all.Go(func() {
			err := o.visit(ctx, endpoint)
			if err != nil && ctx.Err() == nil {
				o.options.Log.Error("a webhook endpoint could not be worked", "portal", endpoint.Portal, "endpoint", endpoint.ID, "error", err)
			}
			o.couriers.back(endpoint.ID)
			if err == nil {
				o.couriers.wake() // its turn may be over before its events were
			}
			if idle := o.options.Webhooks.Idle; idle != nil {
				idle()
			}
		})
	}
	return nil
}

// leave notes that a courier is on the way to an endpoint; false where one is, or all are.
func (c *couriers) leave(endpoint identity.ID) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.out[endpoint] || len(c.out) >= couriersAtOnce {
		return false
	}
	c.out[endpoint] = true
	return true
}

func (c *couriers) back(endpoint identity.ID) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.out, endpoint)
}
