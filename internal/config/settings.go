package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/sleutelbos/sleutelbos/internal/secret"
)

// Config is what the environment says; .env.example explains each setting. It prints without secrets.
type Config struct {
	// Listen and InternalListen are where the public API and the health checks and metrics are served.
	Listen         Address `env:"SLEUTELBOS_LISTEN" envDefault:"127.0.0.1:8080"`
	InternalListen Address `env:"SLEUTELBOS_INTERNAL_LISTEN" envDefault:"127.0.0.1:9090"`
	// Database is where state lives, as the role that row-level security binds; System is the role of system jobs and of
	// look-ups before the tenant is known. Load makes System the same as Database where it isn't set.
	Database DatabaseURL `env:"SLEUTELBOS_DATABASE_URL" envDefault:"sqlite:var/sleutelbos.db"`
	System   DatabaseURL `env:"SLEUTELBOS_DATABASE_SYSTEM_URL"`
	// Portals is the folder of portal files.
	Portals string `env:"SLEUTELBOS_PORTALS" envDefault:"portals"`
	// SecretKeys seal what the database must not show; nil where none are set.
	SecretKeys *secret.Keyring `env:"SLEUTELBOS_SECRET_KEYS"`
	// SecretKeysFile is the file that SecretKeys were read from; "" where they weren't.
	SecretKeysFile string `env:"SLEUTELBOS_SECRET_KEYS_FILE"`
	// SMTP is the server that takes mail; unset where none is.
	SMTP SMTPURL `env:"SLEUTELBOS_SMTP_URL"`
	// Twilio takes texts; unset where nothing does.
	Twilio Twilio
	// KVKKey opens the trade register; unset where none is asked. KVKBase is where its API is; "": where it is in production.
	KVKKey  Secret `env:"SLEUTELBOS_KVK_API_KEY"`
	KVKBase string `env:"SLEUTELBOS_KVK_BASE_URL"`
	// ProviderSecrets are those of the portals' identification providers; ProviderSecrets.Check holds them to the portal files.
	ProviderSecrets ProviderSecrets `env:"-"`
	// WebhookNetworks are networks that webhooks may go to though they aren't public, and by plain HTTP.
	WebhookNetworks Networks `env:"SLEUTELBOS_WEBHOOK_ALLOWED_NETWORKS"`
	// TrustedProxies are the networks whose forwarding headers count.
	TrustedProxies Networks `env:"SLEUTELBOS_TRUSTED_PROXIES"`
	// Drain is how long a server that was told to stop goes on, so that proxies see it at /readyz and send nothing more.
	Drain Drain `env:"SLEUTELBOS_DRAIN" envDefault:"5s"`
	// Collector takes traces (OTLP over HTTP); unset where nobody collects them.
	Collector CollectorURL `env:"SLEUTELBOS_OTLP_ENDPOINT"`
	// Log is the least level that is logged.
	Log Level `env:"SLEUTELBOS_LOG" envDefault:"info"`
}

// Twilio is the account that texts are sent from.
type Twilio struct {
	AccountSID string `env:"SLEUTELBOS_TWILIO_ACCOUNT_SID"`
	AuthToken  Secret `env:"SLEUTELBOS_TWILIO_AUTH_TOKEN"`
	// AuthTokenFile is the file that AuthToken was read from; "" where it wasn't.
	AuthTokenFile string `env:"SLEUTELBOS_TWILIO_AUTH_TOKEN_FILE"`
	// From is a number or a name, MessagingServiceSID a service that picks one: one of them is set.
	From                string `env:"SLEUTELBOS_TWILIO_FROM"`
	MessagingServiceSID string `env:"SLEUTELBOS_TWILIO_MESSAGING_SERVICE_SID"`
	// BaseURL is where the API is; "": Twilio's own.
	BaseURL string `env:"SLEUTELBOS_TWILIO_BASE_URL"`
}

// IsSet tells whether anything of it is.
func (t Twilio) IsSet() bool {
	return t.AccountSID+t.From+t.MessagingServiceSID+t.BaseURL != "" || t.AuthToken.IsSet()
}

// Settings that a command can require of Load, and to which others' faults belong.
const (
	SecretKeys = "SLEUTELBOS_SECRET_KEYS" // or its _FILE
	SMTP       = "SLEUTELBOS_SMTP_URL"
	TwilioSID  = "SLEUTELBOS_TWILIO_ACCOUNT_SID"

	twilioToken = "SLEUTELBOS_TWILIO_AUTH_TOKEN" // or its _FILE
)

// KVKBase is a setting that another package reads further.
const KVKBase = "SLEUTELBOS_KVK_BASE_URL"

const (
	prefix = "SLEUTELBOS_"
	inFile = "_FILE"
)

// Load reads settings from an environment ("NAME=value", as os.Environ answers) and, besides, from nothing but the file
// that SLEUTELBOS_SECRET_KEYS_FILE names. A setting that is empty counts as one that is absent. The caller names the
// settings that it can't do without.
//
// The error joins a *Fault for everything that is wrong, unknown SLEUTELBOS_ names included. With an error, Config holds
// what could be read, so that the portal files can be checked in the same go.
func Load(environ []string, required ...string) (Config, error) {
	var found faults
	stated := ours(environ)
	ofProviders := takeProviderSecrets(stated, &found)
	found.checkNames(stated, required)
	fromFile(stated, SecretKeys, &found)
	fromFile(stated, twilioToken, &found)

	c := Config{ProviderSecrets: ofProviders}
	err := env.ParseWithOptions(&c, env.Options{Environment: stated, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[secret.Keyring](): parseKeyring,
	}})
	found.addUnreadable(err)
	if !c.System.IsSet() {
		c.System = c.Database
	}
	if c.System.Kind() != c.Database.Kind() {
		found.add(Fault{Setting: "SLEUTELBOS_DATABASE_SYSTEM_URL", Text: fmt.Sprintf(
			"is of %s, and SLEUTELBOS_DATABASE_URL of %s; both must lead to the same database", c.System.Kind(), c.Database.Kind())})
	}
	return c, found.err()
}

// Settings lists the names of all settings.
func Settings() []string {
	fields, err := env.GetFieldParams(&Config{})
	if err != nil {
		panic(fmt.Sprintf("config: the tags of Config: %v", err)) // a mistake in this file, found by every test
	}
	names := make([]string, 0, len(fields))
	for _, field := range fields {
		names = append(names, field.Key)
	}
	return names
}

// ours keeps what is meant for Sleutelbos and says something.
func ours(environ []string) map[string]string {
	stated := env.ToMap(environ)
	for name, value := range stated {
		if !strings.HasPrefix(name, prefix) || value == "" {
			delete(stated, name)
		}
	}
	return stated
}

// checkNames finds names that don't exist, and required ones that are missing.
func (f *faults) checkNames(stated map[string]string, required []string) {
	known := Settings()
	exists := map[string]bool{}
	for _, name := range known {
		exists[name] = true
	}
	for name := range stated {
		if !exists[name] {
			f.add(Fault{Setting: name, Text: unknown(name, known)})
		}
	}
	for _, name := range required {
		if stated[name] == "" && stated[name+inFile] == "" {
			f.add(Fault{Setting: name, Text: "is missing; .env.example says what it is for"})
		}
	}
}

// fromFile replaces a setting by what the file holds that its _FILE names.
func fromFile(stated map[string]string, name string, f *faults) {
	file := stated[name+inFile]
	switch {
	case file == "":
		return
	case stated[name] != "":
		f.add(Fault{Setting: name, Text: "and " + name + inFile + " are both set; allowed: one of them"})
		return
	}
	content, err := os.ReadFile(file)
	switch {
	case err != nil:
		f.add(Fault{Setting: name + inFile, Text: "can't be read: " + err.Error()})
	case strings.TrimSpace(string(content)) == "":
		f.add(Fault{Setting: name + inFile, Text: "names a file that is empty"})
	default:
		stated[name] = string(content)
	}
}

// parseKeyring answers a value, not a pointer: that is what env puts behind the pointer that it made itself.
func parseKeyring(text string) (any, error) {
	ring, err := secret.ParseKeyring(strings.TrimSpace(text))
	if err != nil {
		return secret.Keyring{}, fmt.Errorf("can't be used: %w", err)
	}
	return *ring, nil
}

// addUnreadable takes apart what env collected. It names Go's fields; people know settings.
func (f *faults) addUnreadable(err error) {
	if err == nil {
		return
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		f.add(Fault{Setting: "environment", Text: err.Error()})
		return
	}
	for _, one := range all.Errors {
		var unreadable env.ParseError
		if !errors.As(one, &unreadable) {
			f.add(Fault{Setting: "environment", Text: one.Error()})
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(unreadable.Name)
		text := strings.ReplaceAll(unreadable.Err.Error(), "\n", "; ")
		f.add(Fault{Setting: field.Tag.Get("env"), Text: text})
	}
}
