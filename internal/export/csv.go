package export

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// columns are the names in the first row. Files from before there were facts end with the hash.
var columns = []string{
	"sequence", "id", "at", "portal", "organisation", "action", "actorId", "targetId", "details", "previousHash", "hash",
	"keyId", "sealedFacts", "factsHash", "salt", "userId", "clientAddress", "userAgent", "emailBefore", "emailAfter", "phoneBefore",
	"phoneAfter", "displayNameBefore", "displayNameAfter", "usernameBefore", "usernameAfter",
}

// beforeFacts is how many columns there were then, and where those of facts begin.
const (
	beforeFacts = 11
	factsColumn = 14
)

// headAction stands in the last row where events have their action.
const headAction = "head"

type csvWriter struct {
	to    *csv.Writer
	begun bool
}

func newCSVWriter(to io.Writer) *csvWriter { return &csvWriter{to: csv.NewWriter(to)} }

// Write adds a row.
func (w *csvWriter) Write(e identity.AuditEvent) error {
	return w.row(cellsOf(e))
}

func cellsOf(e identity.AuditEvent) []string {
	cells := []string{
		strconv.FormatInt(e.Sequence, 10), string(e.ID), e.At.UTC().Format(instant), e.Portal, string(e.Organisation), string(e.Action),
		string(e.Actor), string(e.Target), textOf(e.Details), hex.EncodeToString(e.PreviousHash), hex.EncodeToString(e.Hash),
		string(e.KeyID), base64.StdEncoding.EncodeToString(e.SealedFacts), hex.EncodeToString(e.FactsHash),
	}
	return tamed(append(cells, factCells(e.Facts)...)...)
}

// Close adds the last row.
func (w *csvWriter) Close(h Head) error {
	return w.row(headCells(h))
}

func headCells(h Head) []string {
	details := map[string]string{"events": strconv.FormatInt(h.Events, 10), "filtered": strconv.FormatBool(h.Filtered)}
	cells := tamed(strconv.FormatInt(h.Sequence, 10), "", h.At.UTC().Format(instant), h.Portal, string(h.Organisation), headAction,
		"", "", textOf(details), "", hex.EncodeToString(h.Hash))
	return append(cells, make([]string, len(columns)-len(cells))...)
}

// row writes through to what is below, so that whoever counts bytes there counts all of them.
func (w *csvWriter) row(cells []string) error {
	if !w.begun {
		w.begun = true
		if err := w.to.Write(columns); err != nil {
			return err
		}
	}
	if err := w.to.Write(cells); err != nil {
		return err
	}
	w.to.Flush()
	return w.to.Error()
}

func textOf(details map[string]string) string {
	if details == nil {
		details = map[string]string{}
	}
	text, _ := json.Marshal(details) // a map of strings always encodes
	return string(text)
}

// wild is what makes a spreadsheet take a cell for a formula, by its first character (OWASP, CSV injection); and the
// apostrophe that keeps it from that, so that what tame does can be undone.
const wild = "=+-@\t\r\n'"

// tame keeps a spreadsheet from calculating with what somebody typed.
func tame(cell string) string {
	if cell != "" && strings.ContainsRune(wild, rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func tamed(cells ...string) []string {
	for i := range cells {
		cells[i] = tame(cells[i])
	}
	return cells
}

func untame(cell string) string { return strings.TrimPrefix(cell, "'") }

var errRow = errors.New("is not a row of an export")

// readRow reads a row below the names: an event, or the head. A spreadsheet may have quoted cells in another way, but what
// stands in them must be what the export writes.
func readRow(cells []string) (*identity.AuditEvent, *Head, error) {
	if len(cells) != len(columns) && len(cells) != beforeFacts {
		return nil, nil, errRow
	}
	whole := append(slices.Clone(cells), make([]string, len(columns)-len(cells))...)
	event, head, err := decodeRow(slices.Clone(whole))
	switch {
	case err != nil:
		return nil, nil, err
	case head != nil && slices.Equal(headCells(*head), whole), event != nil && slices.Equal(cellsOf(*event), whole):
		return event, head, nil
	}
	return nil, nil, errRow
}

func decodeRow(cells []string) (*identity.AuditEvent, *Head, error) {
	for i := range cells {
		cells[i] = untame(cells[i])
	}
	sequence, noNumber := readNumber(cells[0])
	at, noInstant := readInstant(cells[2])
	hash, noHash := readHash(cells[10])
	var details map[string]string
	if err := errors.Join(noNumber, noInstant, noHash, strictly([]byte(cells[8]), &details)); err != nil {
		return nil, nil, err
	}
	if cells[5] == headAction {
		head, err := headOf(cells, details, identity.AuditHead{Sequence: sequence, At: at, Hash: hash})
		return nil, head, err
	}
	previous, noPrevious := readHash(cells[9])
	sealed, notSealed := readSealed(cells[12])
	factsHash, noFacts := readFactsHash(cells[13])
	return &identity.AuditEvent{
		Sequence: sequence, ID: identity.ID(cells[1]), At: at, Portal: cells[3], Organisation: identity.ID(cells[4]),
		Action: identity.Action(cells[5]), Actor: identity.ID(cells[6]), Target: identity.ID(cells[7]), Details: details,
		PreviousHash: previous, Hash: hash,
		KeyID: identity.ID(cells[11]), SealedFacts: sealed, FactsHash: factsHash, Facts: readFactCells(cells[factsColumn:]),
	}, nil, errors.Join(noPrevious, notSealed, noFacts)
}

func headOf(cells []string, details map[string]string, head identity.AuditHead) (*Head, error) {
	events, noNumber := readNumber(details["events"])
	filtered, err := strconv.ParseBool(details["filtered"])
	if err := errors.Join(noNumber, err); err != nil {
		return nil, errRow
	}
	return &Head{AuditHead: head, Portal: cells[3], Organisation: identity.ID(cells[4]), Events: events, Filtered: filtered}, nil
}

// factCells are the facts of an event in the order of the columns; all are empty where it tells none.
func factCells(f *identity.AuditFacts) []string {
	if f == nil {
		f = &identity.AuditFacts{}
	}
	return []string{
		f.Salt, string(f.User), orEmpty(f.ClientAddress), orEmpty(f.UserAgent), string(orEmpty(f.EmailBefore)), string(orEmpty(f.EmailAfter)),
		orEmpty(f.PhoneBefore), orEmpty(f.PhoneAfter), orEmpty(f.DisplayNameBefore), orEmpty(f.DisplayNameAfter),
		orEmpty(f.UsernameBefore), orEmpty(f.UsernameAfter),
	}
}

func readFactCells(cells []string) *identity.AuditFacts {
	if !slices.ContainsFunc(cells, func(cell string) bool { return cell != "" }) {
		return nil
	}
	return &identity.AuditFacts{
		Salt: cells[0], User: identity.ID(cells[1]), ClientAddress: orNull(cells[2]), UserAgent: orNull(cells[3]),
		EmailBefore: orNull(identity.EmailAddress(cells[4])), EmailAfter: orNull(identity.EmailAddress(cells[5])),
		PhoneBefore: orNull(cells[6]), PhoneAfter: orNull(cells[7]), DisplayNameBefore: orNull(cells[8]), DisplayNameAfter: orNull(cells[9]),
		UsernameBefore: orNull(cells[10]), UsernameAfter: orNull(cells[11]),
	}
}
