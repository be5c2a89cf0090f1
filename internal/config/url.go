package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

// DatabaseURL leads to a database: "sqlite:" and a file, or "postgres://". It prints without its password.
type DatabaseURL struct{ location }

// UnmarshalText refuses other schemes and a URL that leads nowhere.
func (u *DatabaseURL) UnmarshalText(text []byte) error {
	return u.parse(string(text), "sqlite:var/sleutelbos.db or postgres://user:password@host:5432/name", "sqlite", "postgres", "postgresql")
}

// Kind is "sqlite" or "postgres", or "" where the URL isn't set.
func (u DatabaseURL) Kind() string {
	if u.scheme == "postgresql" {
		return "postgres"
	}
	return u.scheme
}

// SMTPURL leads to a mail server: "smtp://" or "smtps://". It prints without its password. What its query may say is
// package mail's to know.
type SMTPURL struct{ location }

// UnmarshalText refuses other schemes and a URL without a host.
func (u *SMTPURL) UnmarshalText(text []byte) error {
	return u.parse(string(text), "smtp://user:password@host:587 or smtps://user:password@host:465", "smtp", "smtps")
}

// CollectorURL leads to a collector of traces: "https://" or "http://". It prints without its password.
type CollectorURL struct{ location }

// UnmarshalText refuses other schemes and a URL without a host.
func (u *CollectorURL) UnmarshalText(text []byte) error {
	return u.parse(string(text), "https://collector.example:4318 or http://127.0.0.1:4318", "https", "http")
}

// location is a URL that may hold a password. The whole of it stands behind a pointer, so that not even fmt's way around
// methods (an unexported field of somebody else's struct) shows it.
type location struct {
	scheme string
	whole  *string
	shown  string
}

// parse keeps the URL. No fault repeats any of it but the scheme: the rest may be a password in the wrong place.
func (l *location) parse(text, example string, schemes ...string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Scheme == "":
		return errors.New("is no URL; allowed: " + example + ", with the password's own signs percent-encoded")
	case !slices.Contains(schemes, parsed.Scheme):
		return fmt.Errorf("begins with %q; allowed: %s", parsed.Scheme+":", example)
	case !leads(parsed):
		return errors.New("leads nowhere; allowed: " + example)
	}
	*l = location{scheme: parsed.Scheme, whole: &text, shown: show(parsed)}
	return nil
}

// leads tells whether the URL has what its scheme is nothing without: a host, or a file. PostgreSQL's may name a host, or
// the folder of a socket, in its query instead.
func leads(u *url.URL) bool {
	switch u.Scheme {
	case "sqlite":
		return u.Host == "" && u.Opaque+u.Path != ""
	case "postgres", "postgresql":
		return u.Host != "" || u.Query().Get("host") != ""
	}
	return u.Hostname() != ""
}

// show keeps user name, host and path. A query goes altogether: drivers take passwords there too. So does a user name
// that stands alone: it may be a token.
func show(u *url.URL) string {
	bare := *u
	bare.RawQuery, bare.Fragment, bare.RawFragment, bare.ForceQuery = "", "", "", false
	if _, both := u.User.Password(); u.User != nil && !both {
		bare.User = url.User("xxxxx")
	}
	return bare.Redacted()
}

// IsSet tells whether there is a URL.
func (l location) IsSet() bool { return l.whole != nil }

// Reveal is the whole URL, password and all; "" where it isn't set.
func (l location) Reveal() string {
	if l.whole == nil {
		return ""
	}
	return *l.whole
}

// String is the URL without password and query.
func (l location) String() string { return l.shown }

// Format prints String for every verb.
func (l location) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.shown) }

// LogValue logs String.
func (l location) LogValue() slog.Value { return slog.StringValue(l.shown) }

// MarshalText is String; so is JSON.
func (l location) MarshalText() ([]byte, error) { return []byte(strings.ToValidUTF8(l.shown, "")), nil }
