package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"time"
)

// Security is how the connection to the SMTP server is protected.
type Security string

// The ways.
const (
	StartTLS    Security = "starttls" // begins in the clear; nothing is sent before TLS is on, and without it nothing at all
	ImplicitTLS Security = "tls"      // TLS from the first byte (RFC 8314)
	NoTLS       Security = "none"     // for a server on this machine only
)

// Options say where and how to deliver mail. They print without the password.
type Options struct {
	Host     string
	Port     int
	Security Security
	// Username and Password sign in, where the username isn't empty.
	Username, Password string
	// Timeout bounds opening a connection, and then the delivery of each letter; 0: 30 seconds.
	Timeout time.Duration
	// LocalName is how we introduce ourselves (EHLO); empty: this machine's name.
	LocalName string
	// RootCAs are trusted to vouch for the server; nil: the system's.
	RootCAs *x509.CertPool
}

// ParseURL reads what an SMTP setting says:
//
//	smtp://user:password@host:587     STARTTLS is required
//	smtps://user:password@host:465    TLS from the first byte
//	smtp://127.0.0.1:1025?tls=none    no TLS; loopback addresses only
//
// User and password can be left out together, and so can the port. Special characters are written as %XX. Errors never
// show the user or the password.
func ParseURL(text string) (Options, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		// What went wrong quotes the text, and with it the password.
		return Options{}, errors.New("SMTP URL: not a URL; special characters in user and password are written as %XX")
	}
	options := Options{Host: parsed.Hostname(), Username: parsed.User.Username()}
	options.Password, _ = parsed.User.Password()
	if options.Security, err = securityOf(parsed); err != nil {
		return Options{}, err
	}
	switch {
	case options.Host == "":
		return Options{}, errors.New("SMTP URL: the host is missing")
	case parsed.Path != "" && parsed.Path != "/", parsed.Fragment != "":
		return Options{}, errors.New("SMTP URL: nothing but ?tls=none can follow host and port")
	case (options.Username == "") != (options.Password == ""):
		return Options{}, errors.New("SMTP URL: give a user and a password, or neither")
	case options.Security == NoTLS && !isLoopback(options.Host):
		return Options{}, errors.New("SMTP URL: tls=none is for a server on this machine (localhost, 127.0.0.1, ::1) only")
	}
	options.Port, err = portOf(parsed, options.Security)
	return options, err
}

func securityOf(parsed *url.URL) (Security, error) {
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil || len(query) > 1 || len(query["tls"]) > 1 || (len(query) == 1 && query.Get("tls") != "none") {
		return "", errors.New("SMTP URL: the only setting behind the ? is tls=none")
	}
	switch {
	case parsed.Scheme == "smtps" && len(query) == 0:
		return ImplicitTLS, nil
	case parsed.Scheme == "smtp" && len(query) == 0:
		return StartTLS, nil
	case parsed.Scheme == "smtp":
		return NoTLS, nil
	case parsed.Scheme == "smtps":
		return "", errors.New("SMTP URL: smtps and tls=none contradict each other")
	}
	return "", errors.New("SMTP URL: it begins with smtp:// or smtps://")
}

func portOf(parsed *url.URL, security Security) (int, error) {
	if parsed.Port() == "" {
		if security == ImplicitTLS {
			return 465, nil
		}
		return 587, nil
	}
	port, err := strconv.ParseUint(parsed.Port(), 10, 16)
	if err != nil || port == 0 {
		return 0, errors.New("SMTP URL: the port is a number from 1 to 65535")
	}
	return int(port), nil
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}

// String tells where mail goes, without user and password.
func (o Options) String() string {
	return fmt.Sprintf("%s (%s)", net.JoinHostPort(o.Host, strconv.Itoa(o.Port)), o.Security)
}

// GoString is String: not even %#v shows the password.
func (o Options) GoString() string { return o.String() }

// LogValue is String, for logs.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }
