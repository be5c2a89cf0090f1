package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longestLine bounds a line of a file, in bytes. Events have a few hundred; a reason that somebody typed has at most
// thousands.
const longestLine = 1 << 20

// Noted is a head that somebody wrote down.
type Noted struct {
	Sequence int64
	Hash     []byte
}

var errNoted = errors.New("a head is written as its sequence, a colon and its hash of 64 hexadecimal digits")

// ParseNoted reads «sequence:hash».
func ParseNoted(text string) (Noted, error) {
	number, digits, _ := strings.Cut(text, ":")
	sequence, noNumber := readNumber(number)
	hash, noHash := readHash(digits)
	if noNumber != nil || noHash != nil || sequence == 0 {
		return Noted{}, errNoted
	}
	return Noted{sequence, hash}, nil
}

// String writes it as ParseNoted reads it.
func (n Noted) String() string { return fmt.Sprintf("%d:%s", n.Sequence, hex.EncodeToString(n.Hash)) }

// Verify checks a file, and answers its head. The file needn't fit into memory. A noted head, where one is given, must be an
// event of the chain; the chain may have grown since. What is wrong comes back as an *identity.ChainFault where it can be told
// of one event.
func Verify(file io.Reader, noted *Noted) (Head, error) {
	check := checker{noted: noted}
	for item, err := range read(file) {
		if err == nil {
			err = check.next(item)
		}
		if err != nil {
			return check.head, err
		}
	}
	return check.head, check.end()
}

// item is an event, or the head.
type item struct {
	event *identity.AuditEvent
	head  *Head
}

// checker has what must be known of the items so far.
type checker struct {
	noted  *Noted
	met    bool // the noted head
	before *identity.AuditEvent
	count  int64
	head   Head
	ended  bool
	// gap is the first fault of the chain that a filter would explain.
	gap error
}

func (c *checker) next(i item) error {
	switch {
	case c.ended:
		return errors.New("something stands behind the head")
	case i.head != nil:
		c.head, c.ended = *i.head, true
		return nil
	}
	e := *i.event
	if err := identity.VerifyNext(c.before, e); err != nil {
		if err := c.afterGap(e, err); err != nil {
			return err
		}
	}
	if c.noted != nil && c.noted.Sequence == e.Sequence {
		if c.met = bytes.Equal(c.noted.Hash, e.Hash); !c.met {
			return &identity.ChainFault{Sequence: e.Sequence, Why: "is not the one whose hash was noted"}
		}
	}
	c.before = &e
	c.count++
	return nil
}

// afterGap remembers a gap, which only a filter explains, and checks what can still be checked of the event behind it.
func (c *checker) afterGap(e identity.AuditEvent, fault error) error {
	previous := int64(0)
	if c.before != nil {
		previous = c.before.Sequence
		if e.Portal != c.before.Portal || e.Organisation != c.before.Organisation {
			return &identity.ChainFault{Sequence: e.Sequence, Why: "belongs to another organisation"}
		}
	}
	if c.gap == nil {
		c.gap = fault
	}
	if e.Sequence <= previous+1 {
		return c.gap // the first of what is wrong
	}
	return e.VerifyAlone()
}

// end checks what only the head can tell.
func (c *checker) end() error {
	switch {
	case !c.ended:
		return errors.New("the file ends without the head: it was cut off")
	case !c.head.Filtered && c.gap != nil:
		return c.gap
	case c.head.Events != c.count:
		return fmt.Errorf("the file has %d events, and %d were exported", c.count, c.head.Events)
	}
	if err := c.endOfChain(); err != nil {
		return err
	}
	if c.noted != nil && !c.met {
		return c.missing()
	}
	return nil
}

// endOfChain compares the head with the last event.
func (c *checker) endOfChain() error {
	last := identity.AuditEvent{Portal: c.head.Portal, Organisation: c.head.Organisation, Hash: identity.ChainStart()}
	if c.before != nil {
		last = *c.before
	}
	switch {
	case last.Portal != c.head.Portal || last.Organisation != c.head.Organisation:
		return errors.New("the head belongs to another organisation")
	case last.Sequence > c.head.Sequence:
		return &identity.ChainFault{Sequence: c.head.Sequence + 1, Why: "stands behind the head"}
	case last.Sequence < c.head.Sequence && !c.head.Filtered:
		return &identity.ChainFault{Sequence: last.Sequence + 1, Why: "missing at the end"}
	case last.Sequence == c.head.Sequence && !bytes.Equal(last.Hash, c.head.Hash):
		return &identity.ChainFault{Sequence: last.Sequence, Why: "is not the head's"}
	}
	return nil
}

func (c *checker) missing() error {
	switch {
	case c.noted.Sequence > c.head.Sequence:
		return &identity.ChainFault{Sequence: c.head.Sequence + 1, Why: fmt.Sprintf(
			"missing at the end: a head at %d was noted, and the file's is at %d", c.noted.Sequence, c.head.Sequence)}
	case c.noted.Sequence == c.head.Sequence && bytes.Equal(c.noted.Hash, c.head.Hash):
		return nil
	}
	return fmt.Errorf("the noted head, event %d, was left out of this filtered export: check it against a complete one", c.noted.Sequence)
}

// read goes through a file of either format.
func read(file io.Reader) iter.Seq2[item, error] {
	buffered := bufio.NewReader(file)
	if first, err := buffered.Peek(1); err == nil && first[0] == '{' {
		return readLines(buffered)
	}
	return readRows(buffered)
}

func readLines(file io.Reader) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, longestLine)
		number := 0
		for lines.Scan() {
			number++
			event, head, err := readLine(lines.Bytes())
			if err != nil {
				err = fmt.Errorf("line %d: %w", number, err)
			}
			if !yield(item{event, head}, err) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(item{}, fmt.Errorf("line %d: %w", number+1, err))
		}
	}
}

// byteOrder is what spreadsheets put before UTF-8.
const byteOrder = "\ufeff"

func readRows(file io.Reader) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		rows := csv.NewReader(file)
		rows.ReuseRecord = true
		names, err := rows.Read()
		if err != nil || !areColumns(append([]string{strings.TrimPrefix(names[0], byteOrder)}, names[1:]...)) {
			yield(item{}, errors.New("this is not an export of an audit log"))
			return
		}
		for {
			cells, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var read item
			if err == nil {
				read.event, read.head, err = readRow(cells)
			}
			if err != nil && len(cells) > 0 { // a fault of the format itself names its line
				at, _ := rows.FieldPos(0)
				err = fmt.Errorf("line %d: %w", at, err)
			}
			if !yield(read, err) {
				return
			}
		}
	}
}

// areColumns tells whether these are the names that an export begins with, or one from before there were facts.
func areColumns(names []string) bool {
	return slices.Equal(names, columns) || slices.Equal(names, columns[:beforeFacts])
}
