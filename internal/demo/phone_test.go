package demo_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/demo"
)

func TestTheInboxCatchesTexts(t *testing.T) {
	t.Parallel()
	inbox, err := demo.OpenInbox()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inbox.Close() }()
	settings := map[string]string{}
	for _, setting := range inbox.Twilio() {
		name, value, _ := strings.Cut(setting, "=")
		settings[strings.TrimPrefix(name, "SLEUTELBOS_TWILIO_")] = value
	}
	form := url.Values{"To": {"+31612345678"}, "From": {settings["FROM"]}, "Body": {"123456 is uw code.\n\n@acme.example #123456"}}
	for token, want := range map[string]int{"another": http.StatusUnauthorized, settings["AUTH_TOKEN"]: http.StatusCreated} {
		address := settings["BASE_URL"] + "/2010-04-01/Accounts/" + settings["ACCOUNT_SID"] + "/Messages.json"
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(settings["ACCOUNT_SID"], token)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("status %d, want %d", answer.StatusCode, want)
		}
	}
	kept := inbox.Mails()
	if len(kept) != 1 || kept[0].Medium != "text" || kept[0].To != "+31612345678" || kept[0].Subject != "123456 is uw code." || kept[0].Text != form.Get("Body") {
		t.Errorf("%+v", kept)
	}
}
