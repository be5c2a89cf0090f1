package app

import (
	"context"
	"io"
	"net/url"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Broker is what a provider is spoken with through, whatever its protocol. It has no memory of requests: what Begin makes is
// kept here, and handed to Finish once.
type Broker interface {
	// Begin makes a request, and the address that the browser is sent to with it.
	Begin(ctx context.Context, now time.Time, random io.Reader) (federation.Request, string, error)
	// Finish answers what the provider says of whoever came back with that.
	Finish(ctx context.Context, request federation.Request, returned url.Values, now time.Time) (identity.Assertion, error)
	// ReturnPath is where the browser comes back, with the request's state in the parameter StateName.
	ReturnPath() string
	StateName() string
}

// selfDescribing is a broker that must be told who we are.
type selfDescribing interface {
	Metadata(now time.Time) ([]byte, error)
}

// Brokers are by the portal's slug and the provider's name.
type Brokers map[string]map[string]Broker

// ProviderMetadata is what one of a portal's providers is told of us, signed; NOT_FOUND where its protocol has no such thing.
func (a *App) ProviderMetadata(ctx context.Context, portal identity.Portal, provider string) ([]byte, error) {
	broker, has := a.brokers[portal.Slug][provider].(selfDescribing)
	if !has {
		return nil, identity.Refuse(identity.NotFound)
	}
	now, err := a.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	return broker.Metadata(now)
}
