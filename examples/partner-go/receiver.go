package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// largestEvent is more than any event has.
const largestEvent = 1 << 20

// subscribe makes an endpoint, and shows its secret. The key comes from the address: run again, within a day, it shows the same.
func (a administration) subscribe(ctx context.Context, address string) error {
	key := "endpoint-" + address
	answer, err := createWebhookEndpoint(ctx, a.client, CreateWebhookEndpointInput{Url: address, Actions: []string{}, IdempotencyKey: &key})
	if err != nil {
		return err
	}
	if err := mendable(answer.CreateWebhookEndpoint.UserErrors); err != nil {
		return err
	}
	fmt.Fprintln(a.out, *answer.CreateWebhookEndpoint.Secret)
	return nil
}

// event is what the receiver reads of one. There are ids in it, and no names: those are asked for through the API.
type event struct {
	Type string
	Data struct {
		OrganisationID string
		Sequence       int64
	}
}

// kept is a line of the journal.
type kept struct {
	ID    string          `json:"id"`
	Event json.RawMessage `json:"event"`
}

// receiver takes webhooks. An event that was kept is answered, and one that is sent again is known by its webhook-id.
type receiver struct {
	verifier *standardwebhooks.Webhook
	out      io.Writer

	mutex   sync.Mutex
	journal *os.File
	had     map[string]bool
}

// listen takes webhooks until it is told to stop.
func listen(ctx context.Context, o options, secret string, out io.Writer) error {
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil || secret == "" {
		return errors.New("SLEUTELBOS_WEBHOOK_SECRET is not the whsec_… that subscribe showed")
	}
	r := &receiver{verifier: verifier, out: out, had: map[string]bool{}}
	if err := r.open(o.journal); err != nil {
		return err
	}
	defer r.journal.Close()
	listener, err := net.Listen("tcp", o.address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening at http://%s/\n", listener.Addr())
	server := &http.Server{Handler: r, ReadTimeout: 15 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background()) // what is under way gets its answer
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// open reads which events were kept by earlier runs.
func (r *receiver) open(file string) (err error) {
	if r.journal, err = os.OpenFile(file, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return err
	}
	lines := bufio.NewScanner(r.journal)
	lines.Buffer(nil, 2*largestEvent)
	for lines.Scan() {
		var line kept
		if json.Unmarshal(lines.Bytes(), &line) == nil { // the last one may be half a line, which nobody was answered for
			r.had[line.ID] = true
		}
	}
	return lines.Err()
}

// ServeHTTP checks, keeps, answers. Only then the work is done: whoever waits for the answer waits no longer than for a disk.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, largestEvent))
	if err != nil || r.verifier.Verify(body, request.Header) != nil {
		http.Error(w, "not from Sleutelbos", http.StatusUnauthorized)
		return
	}
	isNew, err := r.keep(request.Header.Get("webhook-id"), body)
	if err != nil {
		http.Error(w, "not kept", http.StatusInternalServerError) // it is sent again
		return
	}
	w.WriteHeader(http.StatusNoContent)
	if isNew {
		r.handle(body)
	}
}

// keep writes an event down, once.
func (r *receiver) keep(id string, body []byte) (isNew bool, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.had[id] {
		return false, nil
	}
	var line bytes.Buffer
	line.WriteByte('\n') // after half a line of a run that was killed
	if err := json.NewEncoder(&line).Encode(kept{id, body}); err != nil {
		return false, err
	}
	if _, err := r.journal.Write(line.Bytes()); err != nil {
		return false, err
	}
	if err := r.journal.Sync(); err != nil {
		return false, err
	}
	r.had[id] = true
	return true, nil
}

// handle does what an event asks for. Yours goes to a queue that outlives the program; the journal is where it would be filled from.
func (r *receiver) handle(body []byte) {
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		fmt.Fprintln(r.out, "an event that can't be read:", err)
		return
	}
	fmt.Fprintf(r.out, "heard %s, number %d of %s\n", e.Type, e.Data.Sequence, e.Data.OrganisationID)
}
