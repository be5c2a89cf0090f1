package identity

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// WebhookEndpoint is an address of a partner's to which audit events are sent, one after the other. Its secrets stay in the
// store, sealed.
type WebhookEndpoint struct {
	ID     ID
	Portal string
	// Organisation is the one whose events are sent; WholePortal: those of every customer organisation.
	Organisation ID
	URL          string
	Description  string
	// Actions are those whose events are sent; empty: all.
	Actions   []Action
	CreatedAt time.Time
	// CreatedBy is the user or API token that made it, Owner the user behind it, who hears when it is disabled; "" where the
	// operator made the token: then the main user hears.
	CreatedBy, Owner ID
	// PreviousSecretUntil is until when requests are signed with the secret before this one, too; nil: there is none.
	PreviousSecretUntil *time.Time
	// DisabledAt and DisabledFor are set together.
	DisabledAt  *time.Time
	DisabledFor WebhookDisabling
	// FailedAttempts counts the tries since something was accepted, FailingSince is when the first was made, and
	// NextAttemptAt when the next will be.
	FailedAttempts              int
	FailingSince, NextAttemptAt *time.Time
}

// WebhookDisabling is why an endpoint is disabled.
type WebhookDisabling string

// The reasons.
const (
	WebhookByHand  WebhookDisabling = "BY_HAND"
	WebhookGone    WebhookDisabling = "GONE"    // it answered 410
	WebhookFailing WebhookDisabling = "FAILING" // it accepted nothing for three days
)

// WebhookDelivery is what became of an event at an endpoint.
type WebhookDelivery struct {
	Event ID
	// Organisation and Sequence are the event's place in the audit logs.
	Organisation ID
	Sequence     int64
	Action       Action
	State        WebhookDeliveryState
	// Attempts counts all tries, those for a redelivery included.
	Attempts      int
	LastAttemptAt *time.Time
	// ResponseStatus is that of the last answer, 0 where there was none; Failure says why the last try was none.
	ResponseStatus int
	Failure        WebhookFailure
}

// WebhookDeliveryState is where a delivery stands.
type WebhookDeliveryState string

// The states.
const (
	WebhookPending   WebhookDeliveryState = "PENDING" // to be tried, or tried again
	WebhookDelivered WebhookDeliveryState = "DELIVERED"
	WebhookGivenUp   WebhookDeliveryState = "GIVEN_UP"
)

// WebhookFailure is why a try came to nothing.
type WebhookFailure string

// The failures.
const (
	WebhookUnresolved     WebhookFailure = "NAME_NOT_RESOLVED"
	WebhookAddressRefused WebhookFailure = "ADDRESS_REFUSED" // the name leads to an address that isn't public
	WebhookUnreachable    WebhookFailure = "UNREACHABLE"     // no connection, or one that broke
	WebhookUntrusted      WebhookFailure = "TLS_FAILED"
	WebhookTimedOut       WebhookFailure = "TIMED_OUT"
	WebhookRefused        WebhookFailure = "STATUS" // an answer other than 2xx; redirects are such
	WebhookUnreadable     WebhookFailure = "SECRET_UNREADABLE"
)

// WebhookAttempt is how a try to deliver an event ended.
type WebhookAttempt struct {
	// Status is the answer's; 0: there was none, and Failure says why.
	Status  int
	Failure WebhookFailure
	// RetryAfter is what the receiver asked to wait.
	RetryAfter time.Duration
}

// Accepted tells whether the receiver took the event: it answered 2xx.
func (a WebhookAttempt) Accepted() bool { return a.Failure == "" && a.Status >= 200 && a.Status < 300 }

// MostWebhookEndpoints is how many there may be of one organisation, or of one portal as a whole.
const MostWebhookEndpoints = 20

const (
	longestWebhookURL    = 2000
	longestWebhookNote   = 200
	longestWebhookRewind = 30 * 24 * time.Hour
	webhookPatience      = 3 * 24 * time.Hour
	firstWebhookWait     = 15 * time.Second
	longestWebhookWait   = 4 * time.Hour
	webhookJitter        = 0.2 // of a wait, half of it to either side
	webhookGone          = 410 // RFC 9110, 15.5.11
)

// After is the endpoint after a try, and where the event stands then. jitter, from 0 up to 1, spreads the waits by a tenth
// to either side. A wait doubles with each try, from 15 seconds up to four hours; a receiver that asks for a longer one,
// within those four hours, gets it. The try after which none would come within three days of the first is the last: the
// event is given up and the endpoint disabled. An answer of 410 disables it at once, and the event waits.
func (e WebhookEndpoint) After(attempt WebhookAttempt, now time.Time, jitter float64) (WebhookEndpoint, WebhookDeliveryState) {
	switch {
	case attempt.Accepted():
		return e.rested(), WebhookDelivered
	case attempt.Status == webhookGone:
		return e.Disable(WebhookGone, now), WebhookPending
	}
	e.FailedAttempts++
	if e.FailingSince == nil {
		e.FailingSince = &now
	}
	next := now.Add(webhookWait(e.FailedAttempts, attempt.RetryAfter, jitter))
	if next.Sub(*e.FailingSince) > webhookPatience {
		return e.Disable(WebhookFailing, now), WebhookGivenUp
	}
	e.NextAttemptAt = &next
	return e, WebhookPending
}

func webhookWait(attempts int, asked time.Duration, jitter float64) time.Duration {
	wait := firstWebhookWait
	for range attempts - 1 {
		wait = min(2*wait, longestWebhookWait)
	}
	wait += time.Duration(float64(wait) * webhookJitter * (jitter - 0.5))
	return max(wait, min(asked, longestWebhookWait))
}

func (e WebhookEndpoint) rested() WebhookEndpoint {
	e.FailedAttempts, e.FailingSince, e.NextAttemptAt = 0, nil, nil
	return e
}

// Disable ends sending; one that is disabled already stays so, for its first reason.
func (e WebhookEndpoint) Disable(reason WebhookDisabling, now time.Time) WebhookEndpoint {
	if e.DisabledAt == nil {
		e.DisabledAt, e.DisabledFor = &now, reason
	}
	return e.rested()
}

// Enable goes on where sending stopped.
func (e WebhookEndpoint) Enable() WebhookEndpoint {
	e.DisabledAt, e.DisabledFor = nil, ""
	return e.rested()
}

// Wants tells whether events of that action are sent.
func (e WebhookEndpoint) Wants(action Action) bool {
	return len(e.Actions) == 0 || slices.Contains(e.Actions, action)
}

// Tenant is the wall around the endpoint's work.
func (e WebhookEndpoint) Tenant() Tenant {
	return Tenant{Portal: e.Portal, Organisation: e.Organisation}
}

// Host is all of the endpoint's address that is told anywhere else, with its port; a path can be a secret.
func (e WebhookEndpoint) Host() string {
	address, err := url.Parse(e.URL)
	if err != nil {
		return ""
	}
	return address.Host
}

// EventType is what webhooks call the action: in lower case, the last word behind a point (user.invited). Where there is
// nothing before that word to name, it is the session that it is of.
func (a Action) EventType() string {
	switch a {
	case SignedIn:
		return "session.began"
	case SignedOut:
		return "session.ended"
	}
	name := strings.ToLower(string(a))
	last := strings.LastIndex(name, "_")
	if last < 0 {
		return "session" + "." + name
	}
	return name[:last] + "." + name[last+1:]
}

// freeText are the details of events in which people write what they like: that stays in the audit log.
var freeText = []string{"reason", "ticket"}

// WithoutFreeText leaves the details that people write out of an event: what is sent elsewhere holds ids and names of ours.
func (e AuditEvent) WithoutFreeText() map[string]string {
	details := make(map[string]string, len(e.Details))
	for name, value := range e.Details {
		if !slices.Contains(freeText, name) {
			details[name] = value
		}
	}
	return details
}

// CheckWebhookURL refuses what events can't be sent to: a user's name or a fragment in it, an address that isn't public, the
// ports below 1024 but for 443, and anything but https. Allowed networks, which are for tests and the demo, and they alone may be
// written to by http too, at any port. Where a name leads is looked at each time something is sent.
func CheckWebhookURL(text string, allowed []netip.Prefix, path ...string) error {
	address, err := url.Parse(text)
	refused := Refuse(InvalidInput, path...)
	if err != nil || len(text) > longestWebhookURL || !printable(text) || address.Hostname() == "" || address.User != nil ||
		address.Fragment != "" || address.Opaque != "" {
		return refused
	}
	within := len(allowed) > 0 // a name may lead there
	if literal, err := netip.ParseAddr(address.Hostname()); err == nil {
		within = slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(literal.Unmap()) })
		if !within && !IsPublicAddress(literal) {
			return refused
		}
	}
	switch {
	case address.Scheme == "http" && within:
		return nil
	case address.Scheme != "https", !isWebhookPort(address.Port()):
		return refused
	}
	return nil
}

// isWebhookPort holds a port, which is digits, to 443 and to those that need no privilege.
func isWebhookPort(port string) bool {
	port = strings.TrimLeft(port, "0")
	return port == "" || port == "443" || len(port) == 5 || len(port) == 4 && port >= "1024"
}

// CleanWebhookNote trims a description; at most 200 characters, and it may be empty.
func CleanWebhookNote(text string, path ...string) (string, error) {
	clean := strings.TrimSpace(text)
	if utf8.RuneCountInString(clean) > longestWebhookNote || !printable(clean) {
		return "", Refuse(InvalidInput, path...)
	}
	return clean, nil
}

// CheckWebhookRewind refuses an instant that is still to come, or more than 30 days ago.
func CheckWebhookRewind(since, now time.Time, path ...string) error {
	if since.After(now) || now.Sub(since) > longestWebhookRewind {
		return Refuse(InvalidInput, path...)
	}
	return nil
}

// WebhookOwner is the user who answers for an endpoint that the actor makes.
func (a Actor) WebhookOwner() ID {
	if a.Token != nil {
		return a.Token.CreatedBy
	}
	return a.ID()
}

// SeesWebhooks decides whether the actor may see endpoints of the tenant that their work reaches.
func (a Actor) SeesWebhooks() bool {
	return a.is(ForPortalAdmin) || a.Token != nil && a.Token.Has(WebhooksWrite)
}
