package identity

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestWhichAddressesArePublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "172.15.255.255": true, "172.32.0.0": true, "2606:4700::1111": true, "100.128.0.1": true,
		"127.0.0.1": false, "127.255.255.254": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false,
		"198.18.0.1": false, "192.0.2.1": false, "::": false, "::1": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false,
		"ff02::1": false, "2001:db8::1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true, "::127.0.0.1": false,
		"2002:7f00:1::": false, "2002:a9fe:a9fe::": false, "2002:808:808::": true, "64:ff9b::10.0.0.1": false, "64:ff9b::8.8.8.8": true,
		"64:ff9b:1::1": false, "2001::1": false, "fe80::1%eth0": false,
	} {
		if got := IsPublicAddress(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %t, want %t", text, got, want)
		}
	}
}

func TestWhereEventsMayBeSent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://partner.example/hook?x=1": true, "https://partner.example:443/": true, "https://partner.example:8443/": true,
		"https://93.184.216.34/": true, "https://partner.example:65535/": true, "https://partner.example:025/": false,
		"http://partner.example/": false, "https://partner.example:25/": false, "https://partner.example:1023/": false,
		"https://u:p@partner.example/": false, "https://partner.example/#x": false, "https:///x": false, "partner.example": false,
		"https://127.0.0.1/": false, "https://[::1]/": false, "https://[::ffff:10.0.0.1]/": false, "ftp://partner.example/": false,
		"https://partner.example/\n": false, "https://partner.example/" + strings.Repeat("x", 2000): false, "": false,
	} {
		if err := CheckWebhookURL(text, nil, "url"); (err == nil) != want {
			t.Errorf("%.60q may be sent to: %v, want %t", text, err, want)
		}
	}
}

func TestPlainHTTPMayBeSentToAllowedNetworksAlone(t *testing.T) {
	t.Parallel()
	allowed := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for text, want := range map[string]bool{
		"http://127.0.0.1:1/": true, "http://[::1]:1/": true, "http://[::ffff:127.0.0.1]:1/": true, "http://localhost:1/": true,
		"https://127.0.0.1:8443/": true, "https://93.184.216.34/": true, "https://partner.example/": true,
		"http://93.184.216.34/": false, "http://[2606:4700::1111]/": false, "http://10.0.0.1/": false, "https://10.0.0.1/": false,
		"http://u:p@127.0.0.1:1/": false,
	} {
		if err := CheckWebhookURL(text, allowed, "url"); (err == nil) != want {
			t.Errorf("%q may be sent to where this machine is allowed: %v, want %t", text, err, want)
		}
	}
}

func TestWhatBecomesOfAnEndpointAfterATry(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)
	failing := WebhookEndpoint{FailedAttempts: 5, FailingSince: &noon}
	for name, row := range map[string]struct {
		attempt WebhookAttempt
		after   time.Duration // since noon
		state   WebhookDeliveryState
		wait    time.Duration
		end     WebhookDisabling
	}{
		"accepted":                     {WebhookAttempt{Status: 200}, time.Hour, WebhookDelivered, 0, ""},
		"accepted without a word":      {WebhookAttempt{Status: 204}, time.Hour, WebhookDelivered, 0, ""},
		"a redirect":                   {WebhookAttempt{Status: 307, Failure: WebhookRefused}, time.Hour, WebhookPending, 8 * time.Minute, ""},
		"refused":                      {WebhookAttempt{Status: 500, Failure: WebhookRefused}, time.Hour, WebhookPending, 8 * time.Minute, ""},
		"unreachable":                  {WebhookAttempt{Failure: WebhookUnreachable}, time.Hour, WebhookPending, 8 * time.Minute, ""},
		"asked to wait":                {WebhookAttempt{Status: 429, Failure: WebhookRefused, RetryAfter: time.Hour}, time.Hour, WebhookPending, time.Hour, ""},
		"asked to wait for too long":   {WebhookAttempt{Status: 429, Failure: WebhookRefused, RetryAfter: 90 * time.Hour}, time.Hour, WebhookPending, 4 * time.Hour, ""},
		"asked to wait not long":       {WebhookAttempt{Status: 503, Failure: WebhookRefused, RetryAfter: time.Second}, time.Hour, WebhookPending, 8 * time.Minute, ""},
		"gone":                         {WebhookAttempt{Status: 410, Failure: WebhookRefused}, time.Hour, WebhookPending, 0, WebhookGone},
		"just within three days":       {WebhookAttempt{Status: 500, Failure: WebhookRefused}, 72*time.Hour - 8*time.Minute, WebhookPending, 8 * time.Minute, ""},
		"no further try in three days": {WebhookAttempt{Status: 500, Failure: WebhookRefused}, 72*time.Hour - 8*time.Minute + 1, WebhookGivenUp, 0, WebhookFailing},
	} {
		now := noon.Add(row.after)
		got, state := failing.After(row.attempt, now, 0.5)
		if state != row.state || got.DisabledFor != row.end || (got.DisabledAt != nil) != (row.end != "") {
			t.Errorf("%s: %s, disabled for %q", name, state, got.DisabledFor)
		}
		if (got.NextAttemptAt != nil) != (row.wait > 0) || row.wait > 0 && got.NextAttemptAt.Sub(now) != row.wait {
			t.Errorf("%s: the next try is at %v, want it after %s", name, got.NextAttemptAt, row.wait)
		}
		if row.wait == 0 && (got.FailedAttempts != 0 || got.FailingSince != nil) {
			t.Errorf("%s: failures stay counted", name)
		}
	}
}

func TestTriesGoOnForThreeDaysAndNoLonger(t *testing.T) {
	t.Parallel()
	began := time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)
	for _, jitter := range []float64{0, 0.5, 0.999} {
		endpoint, state, now, tries := WebhookEndpoint{}, WebhookPending, began, 0
		for state == WebhookPending {
			endpoint, state = endpoint.After(WebhookAttempt{Status: 500, Failure: WebhookRefused}, now, jitter)
			tries++
			if endpoint.NextAttemptAt != nil {
				now = *endpoint.NextAttemptAt
			}
		}
		if lasted := now.Sub(began); lasted > 72*time.Hour || lasted < 67*time.Hour || tries < 20 || tries > 35 {
			t.Errorf("with jitter %v: %d tries in %s", jitter, tries, lasted)
		}
	}
}

func TestEveryActionHasATypeOfItsOwn(t *testing.T) {
	t.Parallel()
	for action, want := range map[Action]string{
		UserInvited: "user.invited", APITokenCreated: "api_token.created", SignedIn: "session.began", SignedOut: "session.ended",
		Reauthenticated: "session.reauthenticated", TwoFactorActivated: "organisation_two_factor.activated",
	} {
		if got := action.EventType(); got != want {
			t.Errorf("%s is called %s, want %s", action, got, want)
		}
	}
	seen := map[string]string{}
	for _, action := range constants(t, "audit.go", "Action") {
		name := Action(action).EventType()
		if seen[name] != "" || strings.Count(name, ".") != 1 {
			t.Errorf("%s is called %s, and so is %q", action, name, seen[name])
		}
		seen[name] = action
	}
}

func TestAWebhookHoldsNothingThatPeopleWrote(t *testing.T) {
	t.Parallel()
	got := AuditEvent{Details: map[string]string{"reason": "Jan belde", "ticket": "T-1", "role": "SUB_USER"}}.WithoutFreeText()
	if len(got) != 1 || got["role"] != "SUB_USER" {
		t.Errorf("it holds %v", got)
	}
}
