package page

import "github.com/sleutelbos/sleutelbos/internal/identity"

// The lists of webhooks.
var (
	WebhookEndpointList = List{"webhook endpoints", 1}
	WebhookDeliveryList = List{"webhook deliveries", 1}
)

type (
	// WebhookEndpointConnection is a part of a list of webhook endpoints.
	WebhookEndpointConnection struct {
		Connection[identity.WebhookEndpoint, WebhookEndpointEdge]
	}
	// WebhookEndpointEdge is a webhook endpoint in a list.
	WebhookEndpointEdge struct {
		Cursor string
		Node   identity.WebhookEndpoint
	}
	// WebhookDeliveryConnection is a part of a list of deliveries.
	WebhookDeliveryConnection struct {
		Connection[identity.WebhookDelivery, WebhookDeliveryEdge]
	}
	// WebhookDeliveryEdge is a delivery in a list.
	WebhookDeliveryEdge struct {
		Cursor string
		Node   identity.WebhookDelivery
	}
)

// WebhookEndpoints makes a connection of a list of webhook endpoints, the latest first.
func WebhookEndpoints(asked Request, slice identity.Slice[identity.WebhookEndpoint], count Count) *WebhookEndpointConnection {
	return &WebhookEndpointConnection{connect(asked, slice, count,
		func(e identity.WebhookEndpoint) identity.Cursor { return identity.Cursor{string(e.ID)} },
		func(cursor string, e identity.WebhookEndpoint) WebhookEndpointEdge {
			return WebhookEndpointEdge{cursor, e}
		})}
}

// WebhookDeliveries makes a connection of a list of deliveries, the latest event first.
func WebhookDeliveries(asked Request, slice identity.Slice[identity.WebhookDelivery], count Count) *WebhookDeliveryConnection {
	return &WebhookDeliveryConnection{connect(asked, slice, count,
		func(d identity.WebhookDelivery) identity.Cursor { return identity.Cursor{string(d.Event)} },
		func(cursor string, d identity.WebhookDelivery) WebhookDeliveryEdge {
			return WebhookDeliveryEdge{cursor, d}
		})}
}
