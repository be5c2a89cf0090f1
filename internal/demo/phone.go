package demo

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// The inbox stands in for Twilio's account too: as much of the Messages API as sends a text.
const (
	twilioAccount = "ACdemo"
	twilioToken   = "demo"
	twilioFrom    = "Sleutelbos"
)

const longestForm = 16 << 10 // bytes

// Twilio are the settings that bring texts to the inbox, as the environment has them.
func (i *Inbox) Twilio() []string {
	return []string{
		"SLEUTELBOS_TWILIO_ACCOUNT_SID=" + twilioAccount, "SLEUTELBOS_TWILIO_AUTH_TOKEN=" + twilioToken,
		"SLEUTELBOS_TWILIO_FROM=" + twilioFrom, "SLEUTELBOS_TWILIO_BASE_URL=http://" + i.phones.Addr().String(),
	}
}

// texts serves the API.
func (i *Inbox) texts() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/"+twilioAccount+"/Messages.json", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, longestForm)
		account, token, _ := r.BasicAuth()
		if account != twilioAccount || token != twilioToken || r.ParseForm() != nil {
			http.Error(w, `{"code": 20003, "status": 401}`, http.StatusUnauthorized)
			return
		}
		body := r.PostForm.Get("Body")
		first, _, _ := strings.Cut(body, "\n")
		i.keep(Mail{
			Medium: "text", At: time.Now(), From: r.PostForm.Get("From"), To: r.PostForm.Get("To"), Subject: first, Text: body,
		})
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"sid": "SM" + rand.Text(), "status": "queued"}) // who hangs up needs no answer
	})
	return mux
}
