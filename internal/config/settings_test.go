package config_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/config"
)

var aKey = "k1:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))

func TestAnEmptyEnvironmentHasTheDefaults(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string][]string{
		"absent": {"PATH=/bin", "HOME"},
		"empty":  {"SLEUTELBOS_LISTEN=", "SLEUTELBOS_LOG=", "SLEUTELBOS_SECRET_KEYS=", "SLEUTELBOS_TRUSTED_PROXIES="},
	} {
		c, err := config.Load(environ)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := []any{
			c.Listen, c.InternalListen, c.Database.Reveal(), c.System.Reveal(), c.Portals, c.SecretKeys == nil,
			c.SMTP.IsSet(), len(c.TrustedProxies), c.Log.Level(),
		}
		want := []any{
			config.Address("127.0.0.1:8080"), config.Address("127.0.0.1:9090"), "sqlite:var/sleutelbos.db",
			"sqlite:var/sleutelbos.db", "portals", true, false, 0, slog.LevelInfo,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestEverySettingIsRead(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{
		"SLEUTELBOS_LISTEN=:80", "SLEUTELBOS_INTERNAL_LISTEN=[::1]:0",
		"SLEUTELBOS_DATABASE_URL=postgres://app:a%2Fb@db:5432/s?sslmode=verify-full",
		"SLEUTELBOS_DATABASE_SYSTEM_URL=postgresql://system@db/s",
		"SLEUTELBOS_PORTALS=/etc/portals", "SLEUTELBOS_SECRET_KEYS=" + aKey, "SLEUTELBOS_SMTP_URL=smtps://u:p@mail:465",
		"SLEUTELBOS_TRUSTED_PROXIES=10.0.0.0/8, fd00::/8", "SLEUTELBOS_LOG=debug", "SLEUTELBOS_DRAIN=90s", "SLEUTELBOS_OTLP_ENDPOINT=http://c:4318",
		"SLEUTELBOS_TWILIO_ACCOUNT_SID=AC1", "SLEUTELBOS_TWILIO_AUTH_TOKEN=t", "SLEUTELBOS_TWILIO_FROM=+31",
		"SLEUTELBOS_TWILIO_MESSAGING_SERVICE_SID=MG1", "SLEUTELBOS_TWILIO_BASE_URL=https://t",
	}, config.SecretKeys, config.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		c.Listen, c.InternalListen, c.Database.Reveal(), c.Database.Kind(), c.System.Reveal(), c.System.Kind(),
		c.Portals, c.SecretKeys != nil, c.SMTP.Reveal(), []netip.Prefix(c.TrustedProxies), c.Log.Level(), c.Drain.String(), c.Collector.Reveal(),
		c.Twilio.AccountSID, c.Twilio.AuthToken.Reveal(), c.Twilio.From, c.Twilio.MessagingServiceSID, c.Twilio.BaseURL, c.Twilio.IsSet(),
	}
	want := []any{
		config.Address(":80"), config.Address("[::1]:0"), "postgres://app:a%2Fb@db:5432/s?sslmode=verify-full", "postgres",
		"postgresql://system@db/s", "postgres", "/etc/portals", true, "smtps://u:p@mail:465",
		[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		slog.LevelDebug, "1m30s", "http://c:4318", "AC1", "t", "+31", "MG1", "https://t", true,
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestABadSettingIsToldByName(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"SLEUTELBOS_LISTEN=8080":                             `SLEUTELBOS_LISTEN is "8080"; allowed: host:port, such as`,
		"SLEUTELBOS_LISTEN=:http":                            `SLEUTELBOS_LISTEN is ":http"; allowed`,
		"SLEUTELBOS_INTERNAL_LISTEN=h:65536":                 `SLEUTELBOS_INTERNAL_LISTEN is "h:65536"; allowed`,
		"SLEUTELBOS_DATABASE_URL=mysql://db/s":               `SLEUTELBOS_DATABASE_URL begins with "mysql:"; allowed: sqlite:var/sleutelbos.db or postgres://`,
		"SLEUTELBOS_DATABASE_URL=host=db password=marker":    "SLEUTELBOS_DATABASE_URL is no URL; allowed",
		"SLEUTELBOS_DATABASE_URL=postgres://u:mar%ker@db/s":  "SLEUTELBOS_DATABASE_URL is no URL; allowed",
		"SLEUTELBOS_DATABASE_URL=sqlite:":                    "SLEUTELBOS_DATABASE_URL leads nowhere; allowed",
		"SLEUTELBOS_DATABASE_URL=sqlite://var/s.db":          "SLEUTELBOS_DATABASE_URL leads nowhere; allowed",
		"SLEUTELBOS_DATABASE_URL=postgres:///s":              "SLEUTELBOS_DATABASE_URL leads nowhere; allowed",
		"SLEUTELBOS_DATABASE_SYSTEM_URL=postgres://db/s":     "SLEUTELBOS_DATABASE_SYSTEM_URL is of postgres, and SLEUTELBOS_DATABASE_URL of sqlite",
		"SLEUTELBOS_SECRET_KEYS=k1:marker":                   "SLEUTELBOS_SECRET_KEYS can't be used: secret key 1: ",
		"SLEUTELBOS_SECRET_KEYS_FILE=/nowhere/keys":          "SLEUTELBOS_SECRET_KEYS_FILE can't be read: open /nowhere/keys",
		"SLEUTELBOS_SMTP_URL=http://mail":                    `SLEUTELBOS_SMTP_URL begins with "http:"; allowed: smtp://`,
		"SLEUTELBOS_SMTP_URL=smtp:user:marker@mail":          "SLEUTELBOS_SMTP_URL leads nowhere; allowed",
		"SLEUTELBOS_TRUSTED_PROXIES=10.0.0.1":                `SLEUTELBOS_TRUSTED_PROXIES has "10.0.0.1"; allowed: CIDRs`,
		"SLEUTELBOS_TRUSTED_PROXIES=10.0.0.0/8,":             `SLEUTELBOS_TRUSTED_PROXIES has ""; allowed: CIDRs`,
		"SLEUTELBOS_TRUSTED_PROXIES=0.0.0.0/0":               `SLEUTELBOS_TRUSTED_PROXIES has "0.0.0.0/0", which is everybody`,
		"SLEUTELBOS_TRUSTED_PROXIES=10.1.2.3/8":              `SLEUTELBOS_TRUSTED_PROXIES has "10.1.2.3/8", which isn't the beginning of a network; did you mean 10.0.0.0/8?`,
		"SLEUTELBOS_DRAIN=6m":                                `SLEUTELBOS_DRAIN is "6m"; allowed: a duration from 0s to 5m`,
		"SLEUTELBOS_OTLP_ENDPOINT=grpc://u:marker@c":         `SLEUTELBOS_OTLP_ENDPOINT begins with "grpc:"; allowed: https://`,
		"SLEUTELBOS_DRAIN=5":                                 `SLEUTELBOS_DRAIN is "5"; allowed: a duration`,
		"SLEUTELBOS_LOG=loud":                                `SLEUTELBOS_LOG is "loud"; allowed: debug, info, warn, error`,
		"SLEUTELBOS_SMPT_URL=smtp://u:marker@mail":           "SLEUTELBOS_SMPT_URL is unknown; did you mean SLEUTELBOS_SMTP_URL?",
		"SLEUTELBOS_WHATEVER_THIS_WAS_MEANT_TO_SAY_YES=true": "SLEUTELBOS_WHATEVER_THIS_WAS_MEANT_TO_SAY_YES is unknown; allowed: SLEUTELBOS_LISTEN, ",
	} {
		_, err := config.Load([]string{setting})
		if got := errorText(err); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") || strings.Contains(got, "mar%ker") || strings.Contains(got, "marker") {
			t.Errorf("%s:\ngot  %s\nwant %s…, alone, and nothing secret", setting, got, want)
		}
	}
}

func TestAllBadSettingsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"SLEUTELBOS_LOG=loud", "SLEUTELBOS_LISTEN=x", "SLEUTELBOS_LISTN=:80", "SLEUTELBOS_PORTALS=elsewhere"},
		config.SecretKeys, config.SMTP)
	want := `SLEUTELBOS_LISTEN is "x"; allowed: host:port, such as 127.0.0.1:8080, with a port from 0 to 65535
SLEUTELBOS_LISTN is unknown; did you mean SLEUTELBOS_LISTEN?
SLEUTELBOS_LOG is "loud"; allowed: debug, info, warn, error
SLEUTELBOS_SECRET_KEYS is missing; .env.example says what it is for
SLEUTELBOS_SMTP_URL is missing; .env.example says what it is for`
	if diff := cmp.Diff(want, errorText(err)); diff != "" {
		t.Error(diff)
	}
	if c.Portals != "elsewhere" {
		t.Error("what could be read is lost, so the portal files can't be checked in the same go")
	}
}

func TestSecretKeysComeFromAFile(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "SLEUTELBOS_SECRET_KEYS_FILE=" + file
	}
	c, err := config.Load([]string{write(aKey + "\n")}, config.SecretKeys)
	if err != nil || c.SecretKeys == nil {
		t.Errorf("got %v", err)
	}
	_, err = config.Load([]string{write(aKey), "SLEUTELBOS_SECRET_KEYS=" + aKey})
	if got := errorText(err); got != "SLEUTELBOS_SECRET_KEYS and SLEUTELBOS_SECRET_KEYS_FILE are both set; allowed: one of them" {
		t.Errorf("both: got %s", got)
	}
	_, err = config.Load([]string{write(" \n")})
	if got := errorText(err); got != "SLEUTELBOS_SECRET_KEYS_FILE names a file that is empty" {
		t.Errorf("an empty file: got %s", got)
	}
	_, err = config.Load([]string{write("k1:marker,k2:marker")})
	if got := errorText(err); !strings.HasPrefix(got, "SLEUTELBOS_SECRET_KEYS can't be used: ") || strings.ContainsAny(got, "\n") || strings.Contains(got, "marker") {
		t.Errorf("bad keys: got %s", got)
	}
}

func TestAConfigPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{
		"SLEUTELBOS_DATABASE_URL=postgres://app:marker@db/s?password=marker&sslpassword=marker",
		"SLEUTELBOS_DATABASE_SYSTEM_URL=postgres://marker@db/s", "SLEUTELBOS_SMTP_URL=smtp://u:marker@mail:587#marker",
		"SLEUTELBOS_KVK_API_KEY=marker", "SLEUTELBOS_OTLP_ENDPOINT=https://u:marker@c",
		"SLEUTELBOS_SECRET_KEYS=" + aKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("start", "config", c, "database", c.Database)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	inside := struct{ config config.Config }{c}
	printed := []string{logged.String(), string(encoded), fmt.Sprint(c), fmt.Sprint(inside), c.SMTP.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		printed = append(printed, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, inside), fmt.Sprintf(verb, c.Database))
	}
	for _, text := range printed {
		for _, form := range []string{"marker", fmt.Sprintf("%x", "marker"), aKey[3:]} {
			if strings.Contains(text, form) {
				t.Errorf("%s in %s", form, text)
			}
		}
	}
	if got := c.Database.String(); got != "postgres://app:xxxxx@db/s" {
		t.Errorf("what is no secret can't be read either: %s", got)
	}
}
