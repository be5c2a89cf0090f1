package export

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// line is an event as a line of JSON; a null actor or target is nobody and nothing.
type line struct {
	Sequence     int64             `json:"sequence"`
	ID           identity.ID       `json:"id"`
	At           string            `json:"at"`
	Portal       string            `json:"portal"`
	Organisation identity.ID       `json:"organisation"`
	Action       identity.Action   `json:"action"`
	ActorID      *identity.ID      `json:"actorId"`
	TargetID     *identity.ID      `json:"targetId"`
	Details      map[string]string `json:"details"`
	PreviousHash string            `json:"previousHash"`
	Hash         string            `json:"hash"`
	// An event without facts has none of these; one whose facts were erased has no facts.
	KeyID       *identity.ID         `json:"keyId,omitempty"`
	SealedFacts []byte               `json:"sealedFacts,omitempty"`
	FactsHash   string               `json:"factsHash,omitempty"`
	Facts       *identity.AuditFacts `json:"facts,omitempty"`
}

// headLine is the last line.
type headLine struct {
	Head headJSON `json:"head"`
}

type headJSON struct {
	Sequence     int64       `json:"sequence"`
	Hash         string      `json:"hash"`
	At           string      `json:"at"`
	Portal       string      `json:"portal"`
	Organisation identity.ID `json:"organisation"`
	Events       int64       `json:"events"`
	Filtered     bool        `json:"filtered"`
}

type lineWriter struct{ to *json.Encoder }

func newLineWriter(to io.Writer) lineWriter { return lineWriter{json.NewEncoder(to)} }

// Write adds a line.
func (w lineWriter) Write(e identity.AuditEvent) error {
	details := e.Details
	if details == nil {
		details = map[string]string{}
	}
	return w.to.Encode(line{
		Sequence: e.Sequence, ID: e.ID, At: e.At.UTC().Format(instant), Portal: e.Portal, Organisation: e.Organisation,
		Action: e.Action, ActorID: orNull(e.Actor), TargetID: orNull(e.Target), Details: details,
		PreviousHash: hex.EncodeToString(e.PreviousHash), Hash: hex.EncodeToString(e.Hash),
		KeyID: orNull(e.KeyID), SealedFacts: e.SealedFacts, FactsHash: hex.EncodeToString(e.FactsHash), Facts: e.Facts,
	})
}

// Close adds the last line.
func (w lineWriter) Close(h Head) error {
	return w.to.Encode(headLine{headJSON{
		h.Sequence, hex.EncodeToString(h.Hash), h.At.UTC().Format(instant), h.Portal, h.Organisation, h.Events, h.Filtered,
	}})
}

func orNull[S ~string](text S) *S {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty[S ~string](text *S) S {
	if text == nil {
		return ""
	}
	return *text
}

var (
	errLine   = errors.New("is not a line of an export")
	headBegin = []byte(`{"head":`)
)

// readLine reads a line: an event, or the head. What isn't written as the export writes it is refused, though it may mean the
// same: a member that stands there twice shows one value to people and another to the hash.
func readLine(text []byte) (*identity.AuditEvent, *Head, error) {
	event, head, err := decodeLine(text)
	if err != nil {
		return nil, nil, err
	}
	var again bytes.Buffer
	if head != nil {
		err = newLineWriter(&again).Close(*head)
	} else {
		err = newLineWriter(&again).Write(*event)
	}
	if err != nil || !bytes.Equal(bytes.TrimSuffix(again.Bytes(), []byte("\n")), text) {
		return nil, nil, errLine
	}
	return event, head, nil
}

func decodeLine(text []byte) (*identity.AuditEvent, *Head, error) {
	if bytes.HasPrefix(text, headBegin) {
		head, err := readHeadLine(text)
		return nil, head, err
	}
	var l line
	if err := strictly(text, &l); err != nil {
		return nil, nil, err
	}
	at, failed := readInstant(l.At)
	previous, noPrevious := readHash(l.PreviousHash)
	hash, noHash := readHash(l.Hash)
	factsHash, noFacts := readFactsHash(l.FactsHash)
	if err := errors.Join(failed, noPrevious, noHash, noFacts); err != nil {
		return nil, nil, err
	}
	return &identity.AuditEvent{
		Sequence: l.Sequence, ID: l.ID, At: at, Portal: l.Portal, Organisation: l.Organisation, Action: l.Action,
		Actor: orEmpty(l.ActorID), Target: orEmpty(l.TargetID), Details: l.Details, PreviousHash: previous, Hash: hash,
		KeyID: orEmpty(l.KeyID), SealedFacts: l.SealedFacts, FactsHash: factsHash, Facts: l.Facts,
	}, nil, nil
}

func readHeadLine(text []byte) (*Head, error) {
	var l headLine
	if err := strictly(text, &l); err != nil {
		return nil, err
	}
	at, failed := readInstant(l.Head.At)
	hash, noHash := readHash(l.Head.Hash)
	if err := errors.Join(failed, noHash); err != nil {
		return nil, err
	}
	return &Head{
		AuditHead: identity.AuditHead{Sequence: l.Head.Sequence, Hash: hash, At: at},
		Portal:    l.Head.Portal, Organisation: l.Head.Organisation, Events: l.Head.Events, Filtered: l.Head.Filtered,
	}, nil
}

func strictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(into) != nil {
		return errLine
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errLine
	}
	return nil
}
