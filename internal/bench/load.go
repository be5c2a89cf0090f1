package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load is requests to one server. They are sent in turn over all connections together.
type load struct {
	address     string
	requests    [][]byte
	connections int
	// expect is in every right answer; answers without it fail the round.
	expect []byte
	next   atomic.Uint64
}

// tally is what came of a round.
type tally struct {
	answers   int
	perSecond float64
	// work is the processor time of an answer.
	work time.Duration
	// slowest is the 99th percentile of the time to answer.
	slowest time.Duration
}

// drive sends requests until the time is up, each connection the next one as soon as the last is answered.
func (l *load) drive(length time.Duration) (tally, error) {
	began := time.Now()
	end := began.Add(length)
	took := make([][]time.Duration, l.connections)
	failed := make([]error, l.connections)
	var all sync.WaitGroup
	for i := range l.connections {
		all.Go(func() { took[i], failed[i] = l.caller(end) })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return tally{}, fmt.Errorf("load %s: %w", l.address, err)
	}
	times := slices.Concat(took...)
	slices.Sort(times)
	return tally{
		answers: len(times), perSecond: float64(len(times)) / time.Since(began).Seconds(),
		slowest: times[len(times)*99/100],
	}, nil
}

func (l *load) caller(end time.Time) ([]time.Duration, error) {
	connection, err := net.Dial("tcp", l.address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(end.Add(time.Minute)); err != nil {
		return nil, err
	}
	line := &caller{Conn: connection, reader: bufio.NewReaderSize(connection, 64<<10)}
	var took []time.Duration
	for began := time.Now(); began.Before(end); {
		answer, err := line.ask(l.requests[l.next.Add(1)%uint64(len(l.requests))])
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(answer, l.expect) {
			return nil, fmt.Errorf("the answer lacks %q: %.300q", l.expect, answer)
		}
		now := time.Now()
		took = append(took, now.Sub(began))
		began = now
	}
	return took, nil
}

// caller is one connection, kept alive. It reads no more of HTTP than these servers say: a status line, headers, and a
// body of Content-Length bytes.
type caller struct {
	net.Conn
	reader *bufio.Reader
	body   []byte
}

var lengthHeader = []byte("Content-Length: ")

// ask sends a request and answers the body, which is good until the next.
func (c *caller) ask(request []byte) ([]byte, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	status, err := c.reader.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	var refusal error
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		refusal = fmt.Errorf("answered %.60q", status)
	}
	length := -1
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if value, found := bytes.CutPrefix(line, lengthHeader); found {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return nil, err
			}
		}
	}
	if refusal != nil {
		return nil, refusal
	}
	return c.read(length)
}

func (c *caller) read(length int) ([]byte, error) {
	if length < 0 {
		return nil, errors.New("the answer doesn't say how long it is")
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	for filled := 0; filled < length; {
		n, err := c.reader.Read(c.body[filled:])
		if err != nil {
			return nil, err
		}
		filled += n
	}
	return c.body, nil
}

// once asks a single request on a connection of its own.
func once(address string, request []byte) ([]byte, error) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		return nil, err
	}
	line := &caller{Conn: connection, reader: bufio.NewReader(connection)}
	return line.ask(request)
}

// post is the text of a POST request of JSON, with a session's cookie where there is a token.
func post(path, token, body string) []byte {
	cookie := ""
	if token != "" {
		cookie = "Cookie: __Host-" + portalSlug + "-session=" + token + "\r\n"
	}
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: application/json\r\n"+
		"User-Agent: bench\r\n%sContent-Length: %d\r\n\r\n%s", path, portalHost, cookie, len(body), body)
}
