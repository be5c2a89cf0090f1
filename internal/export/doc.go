// Package export is an organisation's audit log as a file: how it is written, read, and checked where there is no database.
//
// There are two formats. JSON Lines has an object a line: events in the order of the chain, and last the head, the end of the
// chain when the export began. CSV has the same in rows under a row of names; its last row is the head, with «head» for an
// action. A file without the head was cut off.
//
// What an event tells of a person stands in it twice: sealed, which its hash covers, and open, with a hash of its own that the
// event's covers too. So nothing of either can be changed, and an export that was made after the facts were erased, with the
// sealed ones alone, proves itself like one from before.
//
// An export is complete, or narrowed by a filter, and its head says which. A complete one proves itself: its events are
// numbered from 1 without gaps, each holds the hash of the one before, and the last one's is the head's. A filtered one can't
// show that nothing is missing. What neither shows is a chain that was written anew from end to end: for that somebody outside
// must have noted a head.
package export

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Format is how an export is written.
type Format string

// The formats; their names are the endings of files.
const (
	JSONLines Format = "jsonl"
	CSV       Format = "csv"
)

// MediaType is the format's on the Internet.
func (f Format) MediaType() string {
	if f == CSV {
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/jsonl; charset=utf-8"
}

// Head ends an export.
type Head struct {
	identity.AuditHead
	// Portal and Organisation are whose log it is.
	Portal       string
	Organisation identity.ID
	// Events is how many stand before it.
	Events int64
	// Filtered tells that the export was narrowed.
	Filtered bool
}

// Writer writes one export. Close ends it with its head; without that it counts as cut off.
type Writer interface {
	Write(identity.AuditEvent) error
	Close(Head) error
}

// New begins an export.
func New(format Format, to io.Writer) Writer {
	if format == CSV {
		return newCSVWriter(to)
	}
	return newLineWriter(to)
}

// instant is how instants are written: in UTC, with microseconds, as they are hashed.
const instant = "2006-01-02T15:04:05.000000Z"

var errInstant = errors.New("an instant is malformed")

func readInstant(text string) (time.Time, error) {
	at, err := time.Parse(instant, text)
	if err != nil {
		return time.Time{}, errInstant
	}
	return at, nil
}

var errHash = errors.New("a hash is not 64 hexadecimal digits")

func readHash(text string) ([]byte, error) {
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != len(identity.ChainStart()) {
		return nil, errHash
	}
	return hash, nil
}

// readFactsHash reads the hash of facts, where there are any.
func readFactsHash(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return readHash(text)
}

var errSealed = errors.New("sealed facts are not base64")

// readSealed reads sealed facts, where there are any.
func readSealed(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	sealed, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errSealed
	}
	return sealed, nil
}

var errNumber = errors.New("a number is malformed")

func readNumber(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return 0, errNumber
	}
	return number, nil
}
