package mail

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestAnSMTPURLIsReadAsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Options{
		"smtp://mail.example.nl":                  {Host: "mail.example.nl", Port: 587, Security: StartTLS},
		"smtp://mail.example.nl:2525/":            {Host: "mail.example.nl", Port: 2525, Security: StartTLS},
		"smtps://mail.example.nl":                 {Host: "mail.example.nl", Port: 465, Security: ImplicitTLS},
		"smtp://u%40x.nl:p%2Fw%3A@mail.nl:25":     {Host: "mail.nl", Port: 25, Security: StartTLS, Username: "u@x.nl", Password: "p/w:"},
		"smtp://127.0.0.1:1025?tls=none":          {Host: "127.0.0.1", Port: 1025, Security: NoTLS},
		"smtp://localhost:1025?tls=none":          {Host: "localhost", Port: 1025, Security: NoTLS},
		"smtp://[::1]:1025?tls=none":              {Host: "::1", Port: 1025, Security: NoTLS},
		"smtps://user:word@[2001:db8::1]:465":     {Host: "2001:db8::1", Port: 465, Security: ImplicitTLS, Username: "user", Password: "word"},
		"smtp://user:word@127.0.0.1:1?tls=none":   {Host: "127.0.0.1", Port: 1, Security: NoTLS, Username: "user", Password: "word"},
		"smtp://user:word@mail.example.nl:65535/": {Host: "mail.example.nl", Port: 65535, Security: StartTLS, Username: "user", Password: "word"},
	} {
		got, err := ParseURL(text)
		if err != nil || got.Host != want.Host || got.Port != want.Port || got.Security != want.Security ||
			got.Username != want.Username || got.Password != want.Password {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}

func TestAWrongSMTPURLIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                        "begins with smtp://",
		"mail.example.nl:25":                      "begins with smtp://",
		"http://user:geheim@mail.example.nl":      "begins with smtp://",
		"smtp://user:geheim@":                     "host is missing",
		"smtp://user:geheim@mail.nl:0":            "port is a number",
		"smtp://user:geheim@mail.nl:99999":        "port is a number",
		"smtp://user:ge/heim@mail.nl:25":          "not a URL",
		"smtp://user:geheim%zz@mail.nl:25":        "not a URL",
		"smtp://user@mail.nl":                     "a user and a password",
		"smtp://:geheim@mail.nl":                  "a user and a password",
		"smtp://user:geheim@mail.nl/path":         "can follow host and port",
		"smtp://user:geheim@mail.nl#x":            "can follow host and port",
		"smtp://user:geheim@mail.nl?tls=maybe":    "the only setting",
		"smtp://user:geheim@mail.nl?ssl=1":        "the only setting",
		"smtp://user:geheim@mail.nl?tls=none":     "on this machine",
		"smtp://user:geheim@10.0.0.1?tls=none":    "on this machine",
		"smtp://localhost.evil.nl?tls=none":       "on this machine",
		"smtps://user:geheim@127.0.0.1?tls=none":  "contradict",
		"smtp://127.0.0.1?tls=none&tls=none":      "the only setting",
		"smtp://127.0.0.1?tls=none&password=abcd": "the only setting",
	} {
		_, err := ParseURL(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		} else if strings.Contains(err.Error(), "heim") || strings.Contains(err.Error(), "user:") {
			t.Errorf("%s: the password is in the error: %v", text, err)
		}
	}
}

func TestOptionsPrintWithoutThePassword(t *testing.T) {
	t.Parallel()
	options, err := ParseURL("smtp://postbode:geheim@mail.nl:25")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("mail", "options", options)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("mail", "options", options)
	if said := fmt.Sprintf("%v %+v %#v %s", options, options, options, options) + log.String(); strings.Contains(said, "geheim") ||
		strings.Count(said, "mail.nl:25 (starttls)") != 6 {
		t.Error(said)
	}
}

func TestARefusalsTextIsOneShortLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"no such\r\n user\x00":              "no such user",
		strings.Repeat("é", 200):            strings.Repeat("é", 100) + "…",
		"a" + strings.Repeat("é", 200):      "a" + strings.Repeat("é", 99) + "…",
		"bad link https://x.nl/p#token=abc": "bad link [link]",
		"to <JAN@x.nl> (jan@X.NL) refused":  "to <[hidden]> ([hidden]) refused",
	} {
		if got := shorten(text, []string{"jan@x.nl", ""}); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
