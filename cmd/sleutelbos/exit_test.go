package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestTheExitCodeSaysWhoMadeTheMistake(t *testing.T) {
	t.Parallel()
	nowhere := "SLEUTELBOS_PORTALS=" + t.TempDir() + "/nowhere"
	for arguments, want := range map[string]int{
		"":                     0,
		"help":                 0,
		"help serve":           0,
		"serve --help":         0,
		"version":              0,
		"help nothing":         2,
		"nothing":              2,
		"portal":               2,
		"portal check":         2,
		"portal check a b":     2,
		"serve now":            2,
		"serve --fast":         2,
		"token create":         2,
		"portal check nowhere": 1,
		"serve":                1,
		"audit verify":         1,
	} {
		var out, faults strings.Builder
		got := execute(context.Background(), shell{&out, &faults, []string{nowhere}}, strings.Fields(arguments))
		if got != want {
			t.Errorf("sleutelbos %s: exit %d, want %d", arguments, got, want)
		}
		if want == 0 && faults.Len() > 0 && arguments != "serve --help" || want > 0 && (faults.Len() == 0 || out.Len() > 0) {
			t.Errorf("sleutelbos %s: on standard output %q, on standard error %q", arguments, out.String(), faults.String())
		}
	}
}

func TestAPortalThatOffersTextsIsNotServedWithoutAnAccountForThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text, err := os.ReadFile("../../portals/default.yaml")
	if err == nil {
		err = os.WriteFile(folder+"/default.yaml", []byte(strings.Replace(string(text), "kinds: [totp]", "kinds: [totp, sms]", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for settings, want := range map[string]string{
		"":                                     "SLEUTELBOS_TWILIO_ACCOUNT_SID is missing; portal default offers sms",
		"ACCOUNT_SID=AC1":                      "SLEUTELBOS_TWILIO_ACCOUNT_SID can't be used: set up texts: the account's SID and its auth token are both needed",
		"ACCOUNT_SID=AC1 AUTH_TOKEN=marker":    "SLEUTELBOS_TWILIO_ACCOUNT_SID can't be used: set up texts: either a sender or a messaging service is needed",
		"AUTH_TOKEN=marker AUTH_TOKEN_FILE=/x": "SLEUTELBOS_TWILIO_AUTH_TOKEN and SLEUTELBOS_TWILIO_AUTH_TOKEN_FILE are both set",
		"ACCOUNT_SID=AC1 AUTH_TOKEN=marker FROM=x BASE_URL=http://elsewhere": "SLEUTELBOS_TWILIO_ACCOUNT_SID can't be used: set up texts: the base URL begins with https://",
	} {
		environ := []string{"SLEUTELBOS_PORTALS=" + folder, "SLEUTELBOS_LISTEN=127.0.0.1:0", "SLEUTELBOS_INTERNAL_LISTEN=127.0.0.1:0"}
		for setting := range strings.FieldsSeq(settings) {
			environ = append(environ, "SLEUTELBOS_TWILIO_"+setting)
		}
		var out, faults strings.Builder
		code := execute(context.Background(), shell{&out, &faults, environ}, []string{"serve"})
		if code != 1 || !strings.Contains(faults.String(), want) || strings.Contains(faults.String(), "marker") {
			t.Errorf("%s: exit %d, %s", settings, code, faults.String())
		}
	}
}

func TestEveryCommandExplainsItselfInWholeSentences(t *testing.T) {
	t.Parallel()
	for _, one := range commands() {
		var out strings.Builder
		if code := execute(context.Background(), shell{stdout: &out, stderr: &out}, append([]string{"help"}, strings.Fields(one.name)...)); code != 0 {
			t.Errorf("help %s: exit %d", one.name, code)
		}
		if text := out.String(); !strings.HasPrefix(text, "usage: sleutelbos "+one.name) || !strings.Contains(text, ".\n") || one.summary == "" {
			t.Errorf("help %s says %q", one.name, text)
		}
	}
}

func TestWorkTakesAWholeNumberOfPaces(t *testing.T) {
	t.Parallel()
	began, worked := time.Now(), false
	if err := steadily(t.Context(), func() error { worked = true; return errUsage }); !errors.Is(err, errUsage) || !worked {
		t.Errorf("worked: %t, error %v", worked, err)
	}
	if took := time.Since(began); took < pace {
		t.Errorf("it came back after %s, so its time tells how long the work took", took)
	}
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if err := steadily(hurried, func() error { return nil }); err != nil {
		t.Error(err)
	}
}
